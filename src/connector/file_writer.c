/*
 * file_writer.c - rows to part files.
 *
 * Each worker has a file of its own for each partition folder it meets, so nothing is locked while
 * rows are formatted. The file's number is that of the partition that the rows are in
 * (exec/partition.h), or the worker's where no partitions are looked at; a worker has one partition
 * at a time, and ends the files of one when the next begins. Partition 0 has a file, be it empty.
 * A worker keeps at most so many open (spark.sql.maxConcurrentOutputFileWriters;
 * where that is not set, OPEN_FILES, and as many as the process may have). The rows of folders
 * beyond are set aside in a sort by partition and folder, which spills; after the last row its
 * output is written, one file at a time. A folder is of one kind or the other from its first row
 * on, so that a file's rows stay in the order in which they came. With maxRecordsPerFile a file
 * that is full is ended and the folder's next one begun.
 *
 * What open files hold in memory is charged to the budget; when that, or HELD_BYTES a worker, does
 * not suffice, the file that holds most lets go. Files are synced when they are ended, folders once
 * at the end.
 */
#include "connector/file_writer.h"

#include "base/clock.h"
#include "base/hash.h"
#include "column/collation.h"
#include "column/timezone.h"
#include "connector/files.h"
#include "connector/part_file.h"
#include "exec/exec_priv.h"

#include <errno.h>
#include <stdlib.h>

#define OPEN_FILES 64                     /* of one worker */
#define HELD_BYTES (INT64_C(256) << 20)   /* of one worker */
#define FREE_BYTES ((size_t)4 << 20)      /* of one worker, not charged: some it must have */
#define FILE_COUNTER_MAX UINT32_C(999999) /* Spark's, of the files of a folder and worker */
#define HIVE_NULL "__HIVE_DEFAULT_PARTITION__"

typedef struct WriterSlot {
    PartFile *files; /* open */
    uint32_t n_files;
    uint32_t partition; /* that it is at */
    bool has_first;     /* a file of partition 0 */
    int64_t held;       /* by them */
    bool full;          /* rows of other folders are set aside from now on */
    Op *rest;           /* the sort that they go to; only with partitions */
    Source *rest_source;
    uint64_t n_rest; /* batches that it got */
    Arena arena;     /* of done */
    WrittenFile *done;
    size_t n_done, cap_done;
    int64_t charged;
} WriterSlot;

struct FileWriter {
    Op op;
    Arena arena;
    PartFormat part;
    uint32_t *columns; /* ordinals in the input of those that are written */
    uint32_t *keys;    /* partition columns' ordinals */
    const char **key_names;
    uint32_t n_columns, n_keys;
    uint32_t max_open;
    int64_t max_records; /* of a file; 0: any number */
    char *root;
    char shared_id[37];
    Exec *x;          /* of the last run; NULL: none yet */
    WriterSlot *slot; /* one a worker */
    uint32_t n_slots;
    Arena list_arena;
    WrittenFile *list;
    size_t n_list;
};

/* ---- files ---- */

/* What the budget is asked for. */
static size_t charged_bytes(const WriterSlot *slot)
{
    size_t n = (size_t)slot->held + slot->arena.allocated;
    return n > FREE_BYTES ? n - FREE_BYTES : 0;
}

static fb_status charge(FileWriter *w, WriterSlot *slot, fb_error *err)
{
    return w->x ? exec_charge(w->x, &slot->charged, charged_bytes(slot), err) : FB_OK;
}

static void drop_files(FileWriter *w, bool remove)
{
    fb_error ignored = {0};
    for (uint32_t i = 0; i < w->n_slots; i++) {
        WriterSlot *slot = &w->slot[i];
        while (slot->files) {
            PartFile *f = slot->files;
            slot->files = f->next;
            part_file_free(f, remove);
        }
        for (size_t k = 0; k < slot->n_done && remove; k++) {
            (void)vfs()->remove(slot->done[k].path, &ignored);
            err_clear(&ignored);
        }
        arena_free(&slot->arena);
        slot->done = NULL;
        slot->n_done = slot->cap_done = 0;
        slot->n_files = 0;
        slot->held = 0;
        slot->full = false;
        slot->partition = UINT32_MAX;
        slot->has_first = false;
        slot->n_rest = 0;
        (void)charge(w, slot, &ignored);
    }
}

static void add_done(WriterSlot *slot, const PartFile *f)
{
    if (slot->n_done == slot->cap_done) {
        slot->cap_done = slot->cap_done ? slot->cap_done * 2 : 8;
        WrittenFile *grown = ARENA_ARRAY(&slot->arena, WrittenFile, slot->cap_done);
        if (slot->n_done) {
            memcpy(grown, slot->done, slot->n_done * sizeof(*grown));
        }
        slot->done = grown;
    }
    slot->done[slot->n_done++] = (WrittenFile){.path = arena_strdup(&slot->arena, f->path),
                                               .folder = arena_strdup(&slot->arena, f->folder),
                                               .name = arena_strdup(&slot->arena, f->name),
                                               .size = f->size};
}

/* Ends the first of the open files. After a failure it is still open. */
static fb_status end_file(WriterSlot *slot, fb_error *err)
{
    PartFile *f = slot->files;
    int64_t held = part_file_held(f);
    TRY(part_file_finish(f, err));
    add_done(slot, f);
    slot->held -= held;
    slot->files = f->next;
    slot->n_files--;
    part_file_free(f, false);
    return FB_OK;
}

static fb_status open_file(FileWriter *w, WriterSlot *slot, uint32_t partition, const char *folder,
                           uint64_t hash, uint32_t counter, fb_error *err)
{
    PartFile *f;
    if (counter > FILE_COUNTER_MAX) {
        return err_internal(err, "a task makes more than %u files of one folder", FILE_COUNTER_MAX);
    }
    TRY(part_file_open(&w->part, partition, folder, hash, counter, &f, err));
    f->next = slot->files;
    slot->files = f;
    slot->n_files++;
    slot->has_first |= partition == 0 || !w->op.in_parts;
    slot->held += part_file_held(f);
    return FB_OK;
}

/* Brings the file of the folder to the front of the open ones; false: it has none. */
static bool find_file(WriterSlot *slot, const char *folder, uint64_t hash)
{
    for (PartFile **at = &slot->files; *at; at = &(*at)->next) {
        PartFile *f = *at;
        if (f->hash == hash && strcmp(f->folder, folder) == 0) {
            *at = f->next;
            f->next = slot->files;
            slot->files = f;
            return true;
        }
    }
    return false;
}

/* The files of the partition that a worker was at are whole when it comes to another one. */
static fb_status move_to_partition(WriterSlot *slot, uint32_t partition, fb_error *err)
{
    while (slot->files && slot->partition != partition) {
        TRY(end_file(slot, err));
    }
    slot->full = slot->full && slot->partition == partition;
    slot->partition = partition;
    return FB_OK;
}

/* The same, opening one if there may be one more; *ret false: its rows are to be set aside. */
static fb_status want_file(FileWriter *w, WriterSlot *slot, const char *folder, uint64_t hash,
                           bool *ret, fb_error *err)
{
    fb_error failed = {0};
    *ret = find_file(slot, folder, hash);
    if (*ret || slot->full) {
        return FB_OK;
    }
    slot->full = w->n_keys && slot->n_files >= w->max_open;
    if (slot->full) {
        return FB_OK;
    }
    *ret = open_file(w, slot, slot->partition, folder, hash, 0, &failed) == FB_OK;
    if (!*ret && slot->n_files > 0 && (failed.os_error == EMFILE || failed.os_error == ENFILE)) {
        slot->full = true; /* one at a time there is a descriptor for each */
        err_clear(&failed);
        return FB_OK;
    }
    if (!*ret) {
        err_move(err, &failed);
        return FB_ERR;
    }
    return FB_OK;
}

/* Rows for the first of the open files, or more of that folder. */
static fb_status write_rows(FileWriter *w, WriterSlot *slot, const Batch *b, Arena *a,
                            fb_error *err)
{
    for (uint32_t from = 0, n; from < b->n_rows; from += n) {
        PartFile *f = slot->files;
        if (w->max_records > 0 && f->n_rows >= w->max_records) {
            char *folder = arena_strdup(a, f->folder);
            uint64_t hash = f->hash;
            uint32_t counter = f->counter + 1, partition = f->part;
            TRY(end_file(slot, err));
            TRY(open_file(w, slot, partition, folder, hash, counter, err));
            f = slot->files;
        }
        int64_t room = w->max_records > 0 ? w->max_records - f->n_rows : b->n_rows;
        n = b->n_rows - from < room ? b->n_rows - from : (uint32_t)room;
        int64_t held = part_file_held(f);
        Batch part = n == b->n_rows ? *b : batch_slice(b, from, n, a);
        TRY(part_file_write(f, &part, err));
        slot->held += part_file_held(f) - held;
    }
    return FB_OK;
}

/* Keeps what the slot's files hold within bounds. */
static fb_status settle(FileWriter *w, WriterSlot *slot, fb_error *err)
{
    int64_t before;
    do {
        if (slot->held <= HELD_BYTES && exec_fits(w->x, &slot->charged, charged_bytes(slot))) {
            return FB_OK;
        }
        PartFile *most = slot->files;
        for (PartFile *f = slot->files; f; f = f->next) {
            most = part_file_held(f) > part_file_held(most) ? f : most;
        }
        before = slot->held;
        if (most) {
            slot->held -= part_file_held(most);
            TRY(part_file_relieve(most, err));
            slot->held += part_file_held(most);
        }
    } while (slot->held < before);
    return charge(w, slot, err);
}

/* ---- partitions ---- */

/* "a=1/b=x" of a row. */
static void folder_of(const FileWriter *w, const Batch *b, uint32_t row, StrBuf *out)
{
    StrBuf value = {0};
    strbuf_clear(out);
    for (uint32_t k = 0; k < w->n_keys; k++) {
        const Vec *v = &b->col[w->keys[k]];
        if (k) {
            strbuf_putc(out, '/');
        }
        files_escape(str_of(w->key_names[k]), out);
        strbuf_putc(out, '=');
        strbuf_clear(&value);
        if (vec_is_valid(v, row)) {
            vec_value_text(v, row, w->part.tz, &value);
        }
        if (value.n) {
            files_escape(strbuf_str(&value), out);
        } else {
            strbuf_puts(out, HIVE_NULL);
        }
    }
    strbuf_free(&value);
}

/* The rows of a batch by folder, in the worker's arena. */
typedef struct Folders {
    uint32_t n;
    char **name;
    uint64_t *hash;
    uint32_t *start; /* of group g in rows; start[n] is the number of rows */
    uint32_t *rows;  /* ascending in each group */
} Folders;

/* Number of the folder; a new one is added. slot: open addressing, of group + 1. */
static uint32_t group_of(Folders *f, Str folder, uint32_t *slot, uint32_t mask, Arena *a)
{
    uint64_t hash = hash_bytes(folder.p, folder.n, 0);
    uint32_t k = (uint32_t)hash & mask;
    while (slot[k]) {
        uint32_t g = slot[k] - 1;
        if (f->hash[g] == hash && str_eq(str_of(f->name[g]), folder)) {
            return g;
        }
        k = (k + 1) & mask;
    }
    f->hash[f->n] = hash;
    f->name[f->n] = arena_strndup(a, folder.p, folder.n);
    slot[k] = ++f->n;
    return f->n - 1;
}

static void group_rows(const FileWriter *fw, const Batch *b, Folders *f, Arena *a)
{
    uint32_t n = b->n_rows, mask = 1;
    while (mask < 2 * n) {
        mask = 2 * mask + 1;
    }
    uint32_t *slot = ARENA_ARRAY(a, uint32_t, (size_t)mask + 1);
    uint32_t *group = arena_alloc(a, mem_mul(n, sizeof(*group)));
    StrBuf text = {0};
    *f = (Folders){.name = arena_alloc(a, mem_mul(n, sizeof(*f->name))),
                   .hash = arena_alloc(a, mem_mul(n, sizeof(*f->hash))),
                   .rows = arena_alloc(a, mem_mul(n, sizeof(*f->rows)))};
    for (uint32_t i = 0; i < n; i++) {
        folder_of(fw, b, i, &text);
        group[i] = group_of(f, strbuf_str(&text), slot, mask, a);
    }
    strbuf_free(&text);
    uint32_t *fill = ARENA_ARRAY(a, uint32_t, (size_t)f->n + 1);
    f->start = ARENA_ARRAY(a, uint32_t, (size_t)f->n + 1);
    for (uint32_t i = 0; i < n; i++) {
        f->start[group[i] + 1]++;
    }
    for (uint32_t g = 0; g < f->n; g++) {
        f->start[g + 1] += f->start[g];
        fill[g] = f->start[g];
    }
    for (uint32_t i = 0; i < n; i++) {
        f->rows[fill[group[i]]++] = i;
    }
}

/* By what the rows set aside are sorted: partition and folder. */
#define REST_KEY "%010u%s"
#define REST_DIGITS 10

/* Rows for the sort: what is written, and the key. rows: ordinals, of group[k] each. */
static fb_status put_aside(FileWriter *fw, Worker *w, const Batch *data, const uint32_t *rows,
                           const View *folders, uint32_t n, fb_error *err)
{
    WriterSlot *slot = &fw->slot[w->id];
    Batch part;
    batch_gather(&part, data, rows, n, &w->arena);
    Vec *col = ARENA_ARRAY(&w->arena, Vec, fw->n_columns + 1);
    memcpy(col, part.col, fw->n_columns * sizeof(Vec));
    vec_init(&col[fw->n_columns], type_string, n, &w->arena);
    memcpy(VEC_DATA(View, &col[fw->n_columns]), folders, n * sizeof(View));
    part.col = col;
    part.n_cols = fw->n_columns + 1;
    part.seq = slot->n_rest++;
    return slot->rest->vt->push(slot->rest, w, &part, err);
}

/* Splits the batch by folder: rows of one folder are gathered and written together. */
static fb_status write_partitioned(FileWriter *fw, Worker *w, const Batch *b, const Batch *data,
                                   fb_error *err)
{
    Folders f;
    group_rows(fw, b, &f, &w->arena);
    uint32_t *aside = arena_alloc(&w->arena, mem_mul(b->n_rows, sizeof(*aside)));
    View *names = arena_alloc(&w->arena, mem_mul(b->n_rows, sizeof(*names)));
    uint32_t n_aside = 0;
    WriterSlot *slot = &fw->slot[w->id];
    for (uint32_t g = 0; g < f.n; g++) {
        uint32_t n = f.start[g + 1] - f.start[g];
        const uint32_t *rows = f.rows + f.start[g];
        bool has;
        TRY(want_file(fw, slot, f.name[g], f.hash[g], &has, err));
        if (!has) {
            const char *key = arena_printf(&w->arena, REST_KEY, slot->partition, f.name[g]);
            View name = view_of(key, strlen(key));
            for (uint32_t i = 0; i < n; i++) {
                names[n_aside] = name;
                aside[n_aside++] = rows[i];
            }
            continue;
        }
        Batch part;
        batch_gather(&part, data, rows, n, &w->arena);
        TRY(write_rows(fw, slot, &part, &w->arena, err));
    }
    return n_aside ? put_aside(fw, w, data, aside, names, n_aside, err) : FB_OK;
}

typedef struct RestRun {
    FileWriter *fw;
    uint32_t worker;
} RestRun;

/* A batch of what was set aside, in order of its folders: the last row may be of the next batch's
 * first folder, whose file stays open. */
static fb_status take_sorted(void *to, Worker *w, Batch *b, fb_error *err)
{
    const RestRun *r = to;
    FileWriter *fw = r->fw;
    WriterSlot *slot = &fw->slot[r->worker];
    Batch data = {.n_rows = b->n_rows, .n_cols = fw->n_columns, .col = b->col};
    Vec names;
    if (exec_is_cancelled(fw->x)) {
        return FB_STOP;
    }
    vec_flatten(&names, &b->col[fw->n_columns], &w->arena);
    for (uint32_t from = 0, to_row; from < b->n_rows; from = to_row) {
        Str key = view_str(&VEC_AT(View, &names, from));
        to_row = from + 1;
        while (to_row < b->n_rows && str_eq(view_str(&VEC_AT(View, &names, to_row)), key)) {
            to_row++;
        }
        int64_t partition = 0;
        (void)parse_i64((Str){key.p, REST_DIGITS}, &partition);
        const char *name = arena_strndup(&w->arena, key.p + REST_DIGITS, key.n - REST_DIGITS);
        if (slot->files &&
            (slot->files->part != partition || strcmp(slot->files->folder, name) != 0)) {
            TRY(end_file(slot, err));
        }
        if (!slot->files) {
            uint64_t hash = hash_bytes(name, key.n - REST_DIGITS, 0);
            TRY(open_file(fw, slot, (uint32_t)partition, name, hash, 0, err));
        }
        Batch part = batch_slice(&data, from, to_row - from, &w->arena);
        TRY(write_rows(fw, slot, &part, &w->arena, err));
    }
    return settle(fw, slot, err);
}

/* ---- the operator ---- */

static fb_status writer_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    FileWriter *fw = (FileWriter *)op;
    WriterSlot *slot = &fw->slot[w->id];
    bool has;
    if (b->n_rows == 0) {
        return FB_OK;
    }
    /* Formatted text grows in a buffer, which doubles; encoders make more of it on their way. */
    if (!arena_has_room(&w->arena, batch_bytes(b, true) * (fw->part.format->encoder ? 4 : 3))) {
        return arena_check(&w->arena, err);
    }
    TRY(move_to_partition(slot, w->eval.partition, err));
    if (!fw->n_keys) {
        TRY(want_file(fw, slot, "", 0, &has, err));
        TRY(write_rows(fw, slot, b, &w->arena, err));
        return settle(fw, slot, err);
    }
    Batch data = {.n_rows = b->n_rows, .n_cols = fw->n_columns};
    data.col = ARENA_ARRAY(&w->arena, Vec, fw->n_columns);
    for (uint32_t c = 0; c < fw->n_columns; c++) {
        data.col[c] = b->col[fw->columns[c]];
    }
    TRY(write_partitioned(fw, w, b, &data, err));
    return settle(fw, slot, err);
}

/* The sort of each worker, by the folder behind the columns. */
static void make_sorts(FileWriter *fw, Exec *x)
{
    const Type *schema = fw->part.schema;
    const Type **types = ARENA_ARRAY(&x->arena, const Type *, fw->n_columns + 1);
    Expr **orders = ARENA_ARRAY(&x->arena, Expr *, 1);
    Expr *folder = expr_new(&x->arena, E_COLUMN, 0);
    folder->type = type_string;
    folder->column = fw->n_columns;
    orders[0] = expr_new(&x->arena, E_SORT_ORDER, 1);
    orders[0]->type = type_string;
    orders[0]->args[0] = folder;
    orders[0]->nulls_first = true;
    for (uint32_t c = 0; c < fw->n_columns; c++) {
        types[c] = schema->fields[c].type;
    }
    types[fw->n_columns] = type_string;
    for (uint32_t i = 0; i < fw->n_slots; i++) {
        fw->slot[i].rest =
            op_sort(x, orders, 1, types, fw->n_columns + 1, &fw->slot[i].rest_source);
    }
}

static fb_status writer_open(Op *op, Exec *x, fb_error *err)
{
    FileWriter *fw = (FileWriter *)op;
    if (!fw->slot) {
        fw->x = x;
        fw->n_slots = x->n_workers;
        fw->slot = mem_zalloc(mem_mul(x->n_workers, sizeof(*fw->slot)));
        if (fw->n_keys) {
            make_sorts(fw, x);
        }
    }
    for (uint32_t i = 0; i < fw->n_slots; i++) {
        fw->slot[i].partition = UINT32_MAX;
    }
    for (uint32_t i = 0; i < fw->n_slots && fw->n_keys; i++) {
        TRY(fw->slot[i].rest->vt->open(fw->slot[i].rest, x, err));
    }
    return FB_OK;
}

/* Ends the files of a worker, then writes what it set aside. */
static fb_status finish_slot(FileWriter *fw, uint32_t i, fb_error *err)
{
    WriterSlot *slot = &fw->slot[i];
    while (slot->files) {
        TRY(end_file(slot, err));
    }
    if (slot->n_rest) {
        RestRun r = {fw, i};
        Source *src = slot->rest_source;
        TRY(slot->rest->vt->finish(slot->rest, fw->x, err));
        TRY(src->vt->begin(src, 1, err));
        TRY(src->vt->produce(src, &fw->x->workers[i], take_sorted, &r, err));
        if (slot->files) {
            TRY(end_file(slot, err));
        }
        TRY(slot->rest->vt->open(slot->rest, fw->x, err)); /* forgets the rows */
    }
    return charge(fw, slot, err);
}

typedef struct FinishRun {
    FileWriter *fw;
    fb_error *errors;
    fb_status *status; /* one a worker */
} FinishRun;

static void finish_worker(void *arg, uint32_t worker)
{
    const FinishRun *r = arg;
    if (worker < r->fw->n_slots) {
        r->status[worker] = finish_slot(r->fw, worker, &r->errors[worker]);
        arena_reset(&r->fw->x->workers[worker].arena);
    }
}

static fb_status writer_finish(Op *op, Exec *x, fb_error *err)
{
    FileWriter *fw = (FileWriter *)op;
    uint32_t busy = 0, n = fw->n_slots;
    FinishRun r = {.fw = fw,
                   .errors = mem_zalloc(mem_mul(n, sizeof(*r.errors))),
                   .status = mem_zalloc(mem_mul(n, sizeof(*r.status)))};
    for (uint32_t i = 0; i < n; i++) {
        busy += fw->slot[i].files != NULL;
    }
    if (busy > 1) {
        pool_run(x->pool, finish_worker, &r);
    }
    fb_status st = FB_OK;
    for (uint32_t i = 0; i < n; i++) {
        if (busy <= 1) {
            finish_worker(&r, i);
        }
        if (st != FB_ERR && r.status[i] != FB_OK) {
            st = r.status[i];
            if (st == FB_ERR) {
                err_move(err, &r.errors[i]);
            }
        }
        err_clear(&r.errors[i]);
    }
    mem_free(r.errors);
    mem_free(r.status);
    return st;
}

static void writer_free(Op *op)
{
    FileWriter *fw = (FileWriter *)op;
    drop_files(fw, false);
    for (uint32_t i = 0; i < fw->n_slots; i++) {
        if (fw->slot[i].rest) {
            fw->slot[i].rest->vt->free(fw->slot[i].rest);
        }
    }
    mem_free(fw->slot);
    mem_free(fw->root);
    arena_free(&fw->arena);
    arena_free(&fw->list_arena);
    pthread_mutex_destroy(&fw->part.lock);
    mem_free(fw);
}

/* ---- around a run ---- */

fb_status file_writer_start(FileWriter *w, const char *root, bool shared_id, fb_error *err)
{
    drop_files(w, false);
    arena_reset(&w->list_arena);
    w->n_list = 0;
    mem_free(w->root);
    w->root = mem_strdup(root);
    w->part.root = w->root;
    uuid_new(w->shared_id);
    w->part.shared_id = shared_id ? w->shared_id : NULL;
    return vfs_make_dirs(root, err);
}

static fb_status make_empty_file(FileWriter *w, fb_error *err)
{
    if (!w->slot) {
        w->n_slots = 1;
        w->slot = mem_zalloc(sizeof(*w->slot));
    }
    TRY(open_file(w, &w->slot[0], 0, "", 0, 0, err));
    return end_file(&w->slot[0], err);
}

fb_status file_writer_finish(FileWriter *w, const WrittenFile **ret, size_t *ret_n, fb_error *err)
{
    size_t n = 0;
    bool has_first = w->n_keys > 0;
    for (uint32_t i = 0; i < w->n_slots; i++) {
        n += w->slot[i].n_done;
        has_first |= w->slot[i].has_first;
    }
    if (!has_first) {
        TRY(make_empty_file(w, err));
        n++;
    }
    w->list = ARENA_ARRAY(&w->list_arena, WrittenFile, n);
    for (uint32_t i = 0; i < w->n_slots; i++) {
        for (size_t k = 0; k < w->slot[i].n_done; k++) {
            const WrittenFile *f = &w->slot[i].done[k];
            w->list[w->n_list++] = (WrittenFile){.path = arena_strdup(&w->list_arena, f->path),
                                                 .folder = arena_strdup(&w->list_arena, f->folder),
                                                 .name = arena_strdup(&w->list_arena, f->name),
                                                 .size = f->size};
        }
    }
    drop_files(w, false);
    *ret = w->list;
    *ret_n = w->n_list;
    return FB_OK;
}

void file_writer_discard(FileWriter *w)
{
    fb_error ignored = {0};
    for (size_t i = 0; i < w->n_list; i++) {
        (void)vfs()->remove(w->list[i].path, &ignored);
        err_clear(&ignored);
    }
    w->n_list = 0;
    drop_files(w, true);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

fb_status file_writer_sync_folders(const char *root, const WrittenFile *f, size_t n, fb_error *err)
{
    Arena a = {0};
    size_t n_dirs = 0, most = 1;
    for (size_t i = 0; i < n; i++) {
        most++;
        for (const char *p = f[i].folder; *p; p++) {
            most += *p == '/';
        }
    }
    /* A folder's own name is in the one above it. */
    const char **dirs = ARENA_ARRAY(&a, const char *, most);
    dirs[n_dirs++] = "";
    for (size_t i = 0; i < n; i++) {
        for (const char *end = f[i].folder; *end;) {
            end = strchrnul(end + 1, '/');
            dirs[n_dirs++] = arena_strndup(&a, f[i].folder, (size_t)(end - f[i].folder));
        }
    }
    qsort(dirs, n_dirs, sizeof(*dirs), by_name);
    fb_status st = FB_OK;
    for (size_t i = n_dirs; i-- > 0 && st == FB_OK;) { /* from the deepest up */
        if (i == 0 || strcmp(dirs[i], dirs[i - 1]) != 0) {
            st = vfs_settle(*dirs[i] ? vfs_join(&a, root, dirs[i]) : root, err);
        }
    }
    arena_free(&a);
    return st;
}

/* ---- making ---- */

/* A batch and a stream are told of it by conditions of their own. */
static fb_status no_such_key(const FileWriteSpec *spec, const char *name, fb_error *err)
{
    StrBuf b = {0};
    fb_status st;
    if (spec->streaming) {
        for (uint32_t i = 0; i < spec->schema->n_fields; i++) {
            strbuf_printf(&b, "%s%s", i ? ", " : "", spec->schema->fields[i].name);
        }
        st = err_set(err, ERR_LEGACY_1196, "columnType", "Partition", "columnName", name,
                     "validColumnNames", b.p ? b.p : "", NULL);
    } else {
        type_simple_string(spec->schema, &b);
        st = err_set(err, ERR_LEGACY_1155, "col", name, "schemaCatalog", b.p ? b.p : "", NULL);
    }
    strbuf_free(&b);
    return st;
}

/* The values have to be told by the names of folders. */
static fb_status check_key_type(const Type *t, fb_error *err)
{
    if (!type_is_nested(t) && t->id != T_INTERVAL_CAL && !type_is_collated(t)) {
        return FB_OK;
    }
    StrBuf b = {0};
    strbuf_putc(&b, '"');
    type_sql(t, &b);
    strbuf_putc(&b, '"');
    fb_status st = err_set(err, ERR_INVALID_PARTITION_COLUMN_DATA_TYPE, "type", b.p, NULL);
    strbuf_free(&b);
    return st;
}

static fb_status split_columns(FileWriter *w, const FileWriteSpec *spec, fb_error *err)
{
    const Type *in = spec->schema;
    Field *fields = ARENA_ARRAY(&w->arena, Field, in->n_fields);
    w->columns = ARENA_ARRAY(&w->arena, uint32_t, in->n_fields);
    w->keys = ARENA_ARRAY(&w->arena, uint32_t, spec->n_partition_by);
    w->key_names = ARENA_ARRAY(&w->arena, const char *, spec->n_partition_by);
    bool *is_key = ARENA_ARRAY(&w->arena, bool, in->n_fields);
    Field *keys = ARENA_ARRAY(&w->arena, Field, spec->n_partition_by);
    for (uint32_t k = 0; k < spec->n_partition_by; k++) {
        int c = type_field_index(in, str_of(spec->partition_by[k]), false);
        if (c < 0) {
            return no_such_key(spec, spec->partition_by[k], err);
        }
        TRY(check_key_type(in->fields[c].type, err));
        if (strchr(in->fields[c].name, CSTR_NUL)) {
            return err_unsupported(err, "a folder with the character NUL in its name");
        }
        keys[k] = in->fields[c];
        w->keys[k] = (uint32_t)c;
        /* A folder is called as partitionBy spells the column, a stream's as the column is. */
        w->key_names[k] =
            spec->streaming ? in->fields[c].name : arena_strdup(&w->arena, spec->partition_by[k]);
        is_key[c] = true;
    }
    TRY(type_check_names(type_struct(keys, spec->n_partition_by), false, false, err));
    w->n_keys = spec->n_partition_by;
    w->part.in_folders = w->n_keys > 0;
    for (uint32_t c = 0; c < in->n_fields; c++) {
        if (!is_key[c]) {
            w->columns[w->n_columns] = c;
            fields[w->n_columns++] = in->fields[c];
        }
    }
    if (w->n_columns == 0 && w->n_keys) {
        return err_set(err, ERR_ALL_PARTITION_COLUMNS_NOT_ALLOWED, NULL);
    }
    w->part.schema = type_struct(fields, w->n_columns);
    return FB_OK;
}

/* What options and settings say of the number of files. */
static fb_status set_limits(FileWriter *w, const Options *o, const Conf *conf, fb_error *err)
{
    const char *given = options_get(o, "maxRecordsPerFile");
    int64_t open = conf_get_int(conf, "spark.sql.maxConcurrentOutputFileWriters");
    w->max_records = conf_get_int(conf, "spark.sql.files.maxRecordsPerFile");
    w->max_open = open > 0 && open <= INT32_MAX ? (uint32_t)open : OPEN_FILES;
    if (given && !parse_i64(str_of(given), &w->max_records)) {
        return err_set(err, ERR_INVALID_OPTION_NUMBER, "option", "maxRecordsPerFile", "value",
                       given, NULL);
    }
    return FB_OK;
}

/* The codec of formats that do not compress by themselves, and what their files are called. */
static fb_status set_codec(FileWriter *w, const Options *options, fb_error *err)
{
    const char *codec = options_get(options, "compression");
    if (!codec) {
        codec = options_get(options, "codec");
    }
    const char *ext = codec_extension(codec);
    if (!ext) {
        return err_set(err, ERR_CODEC_NOT_AVAILABLE, "codecName", codec, "availableCodecs",
                       "none, uncompressed, gzip, deflate, zstd", NULL);
    }
    w->part.codec = *ext ? arena_strdup(&w->arena, codec) : NULL;
    const char *extension = options_get(options, "extension");
    w->part.extension = extension && strcmp(w->part.format->name, "csv") == 0
                            ? arena_printf(&w->arena, ".%s%s", extension, ext)
                            : arena_printf(&w->arena, "%s%s", w->part.format->extension, ext);
    return FB_OK;
}

static fb_status set_up(FileWriter *w, const FileWriteSpec *spec, const Conf *conf, fb_error *err)
{
    const char *zone = options_get(spec->options, "timeZone");
    TRY(set_limits(w, spec->options, conf, err));
    w->part.format = format_lookup(spec->format);
    w->part.tz = tz_system();
    if (zone || spec->time_zone) {
        TRY(tz_get(str_of(zone ? zone : spec->time_zone), &w->part.tz, err));
    }
    if (!w->part.format->extension_of) {
        TRY(set_codec(w, spec->options, err));
    }
    TRY(type_check_names(spec->schema, conf_get_bool(conf, "spark.sql.caseSensitive"), true, err));
    TRY(split_columns(w, spec, err));
    TRY(w->part.format->options(spec->options, conf, true, &w->arena, &w->part.options, err));
    if (w->part.format->extension_of) {
        w->part.extension = w->part.format->extension_of(w->part.options);
    }
    return w->part.format->check_schema
               ? w->part.format->check_schema(w->part.options, w->part.schema, true, err)
               : FB_OK;
}

fb_status file_writer_new(const FileWriteSpec *spec, const Conf *conf, FileWriter **ret,
                          Op **ret_op, fb_error *err)
{
    static const OpVt vt = {.name = "WriteFiles",
                            .open = writer_open,
                            .push = writer_push,
                            .finish = writer_finish,
                            .free = writer_free};
    FileWriter *w = mem_zalloc(sizeof(*w));
    w->op.vt = &vt;
    w->op.likes_parts = true;
    pthread_mutex_init(&w->part.lock, NULL);
    fb_status st = set_up(w, spec, conf, err);
    if (st != FB_OK) {
        writer_free(&w->op);
        return st;
    }
    *ret = w;
    *ret_op = &w->op;
    return FB_OK;
}
