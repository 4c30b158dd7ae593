/*
 * relation_read.c - relations without inputs: reads, tables, rows that the client sent, ranges.
 *
 * Rows come as an Arrow IPC stream in the message, or in artifacts that the client has sent before
 * and names by their SHA-256: either one artifact that is a LocalRelation message (clients up to
 * 4.0), or one for each chunk of rows and one for the schema.
 *
 * A schema beside the data names the columns by position and decides their types (toDF, then to);
 * one that only says what the data say anyway costs nothing.
 */
#include "column/arrow.h"
#include "connect/artifacts.h"
#include "connect/convert.h"
#include "connect/proto_guard.h"

/* ---- reads ---- */

static fb_status named_table(Convert *c, const SC(Read__NamedTable) * in, bool streaming,
                             Plan **ret, fb_error *err)
{
    Plan *p = plan_new(c->arena, P_UNRESOLVED_TABLE, 0);
    const char **parts;
    Str name = str_of(in->unparsed_identifier ? in->unparsed_identifier : "");
    TRY(sql_parse_name(c->arena, (Str){arena_strndup(c->arena, name.p, name.n), name.n}, &parts,
                       &p->n_names, err));
    p->names = parts;
    p->streaming = streaming;
    if (in->n_options) {
        ReadSpec *spec = ARENA_NEW(c->arena, ReadSpec);
        spec->streaming = streaming;
        for (size_t i = 0; i < in->n_options; i++) {
            options_set(&spec->options, c->arena, convert_str(c, in->options[i]->key),
                        convert_str(c, in->options[i]->value));
        }
        p->read = spec;
    }
    *ret = p;
    return FB_OK;
}

static fb_status data_source(Convert *c, const SC(Read__DataSource) * in, bool streaming,
                             Plan **ret, fb_error *err)
{
    if (in->n_predicates) {
        return cstr_eq_nocase(in->format ? in->format : "", "jdbc")
                   ? err_unsupported(err, "the data source jdbc")
                   : err_set(err, ERR_CONNECT_PREDICATES, "format", in->format ? in->format : "",
                             NULL);
    }
    if (in->source_name != NULL && in->source_name[0] != '\0') {
        return err_unsupported(err, "names of streaming sources (%s)", in->source_name);
    }
    if (streaming && in->n_paths > 1) {
        return err_set(err, ERR_CONNECT_STREAM_PATHS, NULL);
    }
    ReadSpec *spec = ARENA_NEW(c->arena, ReadSpec);
    spec->streaming = streaming;
    if (in->format != NULL && in->format[0] != '\0') {
        spec->format = convert_str(c, in->format);
    }
    if (in->schema != NULL && in->schema[0] != '\0') {
        spec->schema = convert_str(c, in->schema);
    }
    for (size_t i = 0; i < in->n_options; i++) {
        options_set(&spec->options, c->arena, convert_str(c, in->options[i]->key),
                    convert_str(c, in->options[i]->value));
    }
    spec->paths = convert_names(c, in->paths, in->n_paths);
    spec->n_paths = (uint32_t)in->n_paths;
    Plan *p = plan_new(c->arena, P_READ, 0);
    p->read = spec;
    p->streaming = streaming;
    *ret = p;
    return FB_OK;
}

fb_status convert_read(Convert *c, const SC(Read) * in, Plan **ret, fb_error *err)
{
    switch (in->read_type_case) {
    case SPARK__CONNECT__READ__READ_TYPE_NAMED_TABLE:
        return named_table(c, in->named_table, in->is_streaming, ret, err);
    case SPARK__CONNECT__READ__READ_TYPE_DATA_SOURCE:
        return data_source(c, in->data_source, in->is_streaming, ret, err);
    default:
        return err_set(err, ERR_CONNECT_ONE_OF_NOT_SET, "name", "read_type", "fullName",
                       "spark.connect.Read", NULL);
    }
}

/* ---- rows ---- */

/* JSON or DDL; a type that is no struct stands for one column named value. */
static fb_status schema_of(Str text, const Type **ret, fb_error *err)
{
    const Type *t;
    text = str_trim(text);
    bool json = text.n && (text.p[0] == '{' || text.p[0] == '"');
    TRY(json ? type_from_json(text, &t, err) : type_from_ddl(text, &t, err));
    if (t->id != T_STRUCT) {
        Field f = {.name = "value", .type = t, .nullable = true};
        t = type_struct(&f, 1);
    }
    *ret = t;
    return FB_OK;
}

static fb_status with_schema(Convert *c, RowSet *rows, const Type *schema, Plan **ret,
                             fb_error *err)
{
    const Type *have = rows->schema;
    Plan *p = convert_rows(c, rows);
    *ret = p;
    if (have == schema) {
        return FB_OK;
    }
    if (have->n_fields != schema->n_fields) {
        return err_set(err, ERR_ASSIGNMENT_ARITY_MISMATCH, "numExpr",
                       arena_printf(c->arena, "%u", schema->n_fields), "numTarget",
                       arena_printf(c->arena, "%u", have->n_fields), NULL);
    }
    Plan *named = plan_new(c->arena, P_TO_DF, 1, p);
    const char **names = ARENA_ARRAY(c->arena, const char *, schema->n_fields);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        names[i] = schema->fields[i].name;
    }
    named->names = names;
    named->n_names = schema->n_fields;
    *ret = plan_new(c->arena, P_TO_SCHEMA, 1, named);
    (*ret)->type = schema;
    return FB_OK;
}

fb_status convert_local(Convert *c, const SC(LocalRelation) * in, Plan **ret, fb_error *err)
{
    const Type *schema = NULL;
    RowSet *rows;
    if (in->schema != NULL && in->schema[0] != '\0') {
        TRY(schema_of(str_text(c->arena, in->schema), &schema, err));
    }
    if (!in->has_data || in->data.len == 0) {
        if (schema == NULL) {
            return err_set(err, ERR_CONNECT_NO_SCHEMA, NULL);
        }
        *ret = convert_rows(c, rowset_new(schema));
        return FB_OK;
    }
    TRY(arrow_ipc_decode(in->data.data, in->data.len, &rows, err));
    return with_schema(c, rows, schema != NULL ? schema : rows->schema, ret, err);
}

static fb_status no_artifact(Convert *c, ErrId id, const char *hash, fb_error *err)
{
    const char *session = c->session ? session_id(c->session) : "";
    return err_set(err, id, "hash", hash != NULL ? hash : "", "sessionUUID", session, NULL);
}

fb_status convert_cached_local(Convert *c, const char *hash, Plan **ret, fb_error *err)
{
    Blob *b = c->conn && hash ? artifacts_get(c->conn, hash) : NULL;
    if (b == NULL) {
        return no_artifact(c, ERR_CONNECT_NO_CACHED_RELATION, hash, err);
    }
    Arena a = {0};
    ProtobufCMessage *m;
    fb_status st = proto_unpack(SC_DESC(local_relation), b->bytes, b->n, &a, &m, err);
    if (st == FB_OK) {
        st = convert_local(c, (const SC(LocalRelation) *)m, ret, err);
    }
    arena_free(&a);
    blob_release(b);
    return st;
}

static void append_rows(RowSet *to, const RowSet *from)
{
    for (uint32_t i = 0; i < from->n_batches; i++) {
        rowset_append(to, &from->batches[i]);
    }
}

/* The rows of all chunks, which have one schema. */
static fb_status chunk_rows(Convert *c, const SC(ChunkedCachedLocalRelation) * in, RowSet **ret,
                            fb_error *err)
{
    RowSet *all = NULL;
    fb_status st = FB_OK;
    for (size_t i = 0; i < in->n_datahashes && st == FB_OK; i++) {
        RowSet *rows = NULL;
        Blob *b = c->conn ? artifacts_get(c->conn, in->datahashes[i]) : NULL;
        if (b == NULL) {
            st = no_artifact(c, ERR_CONNECT_NO_CHUNKED_RELATION, in->datahashes[i], err);
            break;
        }
        st = arrow_ipc_decode(b->bytes, b->n, &rows, err);
        blob_release(b);
        if (st != FB_OK) {
            break;
        }
        if (all == NULL) {
            all = rows;
            continue;
        }
        if (rows->schema != all->schema) {
            st = err_set(err, ERR_CONNECT_CANNOT_PARSE, "errorMsg",
                         "the chunks of a local relation differ in their schemas", NULL);
        } else {
            append_rows(all, rows);
        }
        rowset_release(rows);
    }
    if (st != FB_OK) {
        rowset_release(all);
        return st;
    }
    *ret = all;
    return FB_OK;
}

fb_status convert_chunked_local(Convert *c, const SC(ChunkedCachedLocalRelation) * in, Plan **ret,
                                fb_error *err)
{
    const Type *schema = NULL;
    RowSet *rows;
    if (in->schemahash != NULL && in->schemahash[0] != '\0') {
        Blob *b = c->conn ? artifacts_get(c->conn, in->schemahash) : NULL;
        if (b == NULL) {
            return no_artifact(c, ERR_CONNECT_NO_CHUNKED_RELATION, in->schemahash, err);
        }
        fb_status st = schema_of((Str){(const char *)b->bytes, b->n}, &schema, err);
        blob_release(b);
        TRY(st);
    }
    if (in->n_datahashes == 0) {
        return err_set(err, ERR_CONNECT_CHUNKED_NO_DATA, NULL);
    }
    TRY(chunk_rows(c, in, &rows, err));
    return with_schema(c, rows, schema != NULL ? schema : rows->schema, ret, err);
}

/*
 * A DataFrame that is kept under an id: a table name that no SQL text can give, since none of its
 * parts is empty. The session's catalog knows it (catalog_view).
 */
fb_status convert_cached_remote(Convert *c, const char *id, Plan **ret, fb_error *err)
{
    PlanTree *t = c->session && id ? session_cached_plan(c->session, id) : NULL;
    if (t == NULL) {
        return err_set(err, ERR_CONNECT_NO_DATAFRAME, "dfId", id ? id : "", "sessionId",
                       c->session ? session_id(c->session) : "", NULL);
    }
    plantree_release(t);
    Plan *p = plan_new(c->arena, P_UNRESOLVED_TABLE, 0);
    const char **names = ARENA_ARRAY(c->arena, const char *, 2);
    names[0] = "";
    names[1] = convert_str(c, id);
    p->names = names;
    p->n_names = 2;
    *ret = p;
    return FB_OK;
}

/* ---- made of nothing ---- */

fb_status convert_range(Convert *c, const SC(Range) * in, Plan **ret, fb_error *err)
{
    if (in->step == 0) {
        return err_set(err, ERR_LEGACY_REQUIREMENT, "message", "step (0) cannot be 0", NULL);
    }
    Plan *p = plan_new(c->arena, P_RANGE, 0);
    p->range_start = in->has_start ? in->start : 0;
    p->range_end = in->end;
    p->range_step = in->step;
    p->n = in->has_num_partitions ? in->num_partitions : 0;
    p->by_name = in->has_num_partitions;
    *ret = p;
    return FB_OK;
}

fb_status convert_table_function(Convert *c, const SC(UnresolvedTableValuedFunction) * in,
                                 Plan **ret, fb_error *err)
{
    Plan *p = plan_new(c->arena, P_UNRESOLVED_TVF, 0);
    p->name = convert_str(c, in->function_name);
    TRY(convert_exprs(c, in->arguments, in->n_arguments, &p->exprs, err));
    p->n_exprs = (uint32_t)in->n_arguments;
    *ret = p;
    return FB_OK;
}
