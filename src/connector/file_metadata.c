/*
 * file_metadata.c - the values of _metadata, as Spark's FileFormat has them. All but the number of
 * the row are constants of a range, and so is the struct unless it has that number.
 */
#include "connector/file_metadata.h"

enum { FILE_PATH, FILE_NAME, FILE_SIZE, BLOCK_START, BLOCK_LENGTH, MODIFIED, ROW_INDEX };

const Type *file_metadata_schema(const FormatVt *format, const Type *schema, Arena *a)
{
    Field fields[] = {
        {"file_path", type_string, false, NULL},
        {"file_name", type_string, false, NULL},
        {"file_size", type_long, false, NULL},
        {"file_block_start", type_long, false, NULL},
        {"file_block_length", type_long, false, NULL},
        {"file_modification_time", type_timestamp, false, NULL},
        {"row_index", type_long, true, NULL},
    };
    const char *name = "_metadata";
    while (type_field_index(schema, str_of(name), false) >= 0) {
        name = arena_printf(a, "_%s", name);
    }
    const char *metadata =
        arena_printf(a, "{\"__file_source_metadata_col\":true,\"__metadata_col\":\"%s\"}", name);
    Field column = {name, type_struct(fields, format->counts_rows ? 7 : 6), false, metadata};
    return type_struct(&column, 1);
}

bool file_metadata_counts(const Type *hidden)
{
    return hidden->fields[0].type->n_fields > ROW_INDEX;
}

static void put_text(Vec *v, const char *p)
{
    VEC_DATA(View, v)[0] = view_of(p, strlen(p));
}

void file_metadata_column(const Type *hidden, const FileEntry *file, const FileRange *range,
                          int64_t row, uint32_t n, Arena *a, Vec *out)
{
    const Type *t = hidden->fields[0].type;
    bool counts = file_metadata_counts(hidden);
    vec_init_const(out, t, counts ? 1 : n, a);
    if (counts) {
        vec_init(out, t, n, a);
    }
    for (uint32_t k = 0; k < t->n_fields; k++) {
        Vec *v = &out->child[k];
        vec_init_const(v, t->fields[k].type, n, a);
        switch (k) {
        case FILE_PATH: /* "file:/a": with one slash, unlike input_file_name() */
            put_text(v, arena_printf(a, "file:%s", file->uri + strlen("file://")));
            break;
        case FILE_NAME:
            put_text(v, vfs_basename(file->uri));
            break;
        case FILE_SIZE:
            VEC_DATA(int64_t, v)[0] = file->size;
            break;
        case BLOCK_START:
            VEC_DATA(int64_t, v)[0] = range->from;
            break;
        case BLOCK_LENGTH:
            VEC_DATA(int64_t, v)[0] = range->to - range->from;
            break;
        case MODIFIED:
            VEC_DATA(int64_t, v)[0] = file->mtime_ms * 1000;
            break;
        default:
            vec_init(v, type_long, n, a);
            for (uint32_t i = 0; i < n; i++) {
                VEC_DATA(int64_t, v)[i] = row + i;
            }
            break;
        }
    }
}
