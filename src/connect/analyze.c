/*
 * analyze.c - AnalyzePlan: what a client asks about a DataFrame without running it.
 *
 * Two plans mean the same (sameSemantics) if they print alike with their attributes numbered in
 * order of appearance, and read the same things: sources are compared by kind, description and
 * files. That errs to the side of false, as Spark's comparison does.
 */
#include "connect/service_priv.h"

#include "base/vfs.h"

typedef SC(AnalyzePlanResponse) Answer;

typedef struct Ask {
    ConnSession *conn;
    Arena *arena; /* the answer's */
    Convert c;
} Ask;

#define ANSWER(x, name, member)                                                                    \
    do {                                                                                           \
        (x) = ARENA_NEW(a->arena, __typeof__(*(x)));                                               \
        spark__connect__analyze_plan_response__##name##__init(x);                                  \
        out->result_case = SPARK__CONNECT__ANALYZE_PLAN_RESPONSE__RESULT_##member;                 \
    } while (0)

static fb_status resolve(Ask *a, const SC(Plan) * p, PlanTree **ret, fb_error *err)
{
    if (p == NULL || p->op_type_case != SPARK__CONNECT__PLAN__OP_TYPE_ROOT) {
        return err_set(err, ERR_CONNECT_FIELD_EMPTY, "fieldName", "root", "fullName",
                       "spark.connect.Plan", NULL);
    }
    return convert_analyze(&a->c, p->root, ret, err);
}

/* ---- schemas and texts ---- */

static fb_status schema(Ask *a, const SC(Plan) * p, Answer *out, fb_error *err)
{
    PlanTree *t;
    TRY(resolve(a, p, &t, err));
    ANSWER(out->schema, schema, SCHEMA);
    out->schema->schema = type_message(plan_schema(t->plan), a->arena);
    plantree_release(t);
    return FB_OK;
}

static fb_status explain_mode(int in, ExplainMode *ret, fb_error *err)
{
    switch (in) {
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__EXPLAIN__EXPLAIN_MODE__EXPLAIN_MODE_SIMPLE:
        *ret = EXPLAIN_SIMPLE;
        return FB_OK;
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__EXPLAIN__EXPLAIN_MODE__EXPLAIN_MODE_EXTENDED:
        *ret = EXPLAIN_EXTENDED;
        return FB_OK;
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__EXPLAIN__EXPLAIN_MODE__EXPLAIN_MODE_CODEGEN:
        *ret = EXPLAIN_CODEGEN;
        return FB_OK;
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__EXPLAIN__EXPLAIN_MODE__EXPLAIN_MODE_COST:
        *ret = EXPLAIN_COST;
        return FB_OK;
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__EXPLAIN__EXPLAIN_MODE__EXPLAIN_MODE_FORMATTED:
        *ret = EXPLAIN_FORMATTED;
        return FB_OK;
    default:
        return err_set(err, ERR_CONNECT_ENUM, "name", "explain_mode", "number", "0", "fullName",
                       "spark.connect.AnalyzePlanRequest.Explain", NULL);
    }
}

static fb_status explain(Ask *a, const SC(AnalyzePlanRequest__Explain) * in, Answer *out,
                         fb_error *err)
{
    PlanTree *t;
    ExplainMode mode = EXPLAIN_SIMPLE;
    StrBuf text = {0};
    TRY(explain_mode((int)in->explain_mode, &mode, err));
    TRY(resolve(a, in->plan, &t, err));
    fb_status st = session_explain(a->conn->session, t, mode, &text, err);
    plantree_release(t);
    if (st == FB_OK) {
        ANSWER(out->explain, explain, EXPLAIN);
        out->explain->explain_string = arena_strdup(a->arena, strbuf_str(&text).p);
    }
    strbuf_free(&text);
    return st;
}

static fb_status tree_string(Ask *a, const SC(AnalyzePlanRequest__TreeString) * in, Answer *out,
                             fb_error *err)
{
    PlanTree *t;
    StrBuf text = {0};
    TRY(resolve(a, in->plan, &t, err));
    type_tree_string(plan_schema(t->plan), in->has_level ? in->level : 0, &text);
    plantree_release(t);
    ANSWER(out->tree_string, tree_string, TREE_STRING);
    out->tree_string->tree_string = arena_strdup(a->arena, strbuf_str(&text).p);
    strbuf_free(&text);
    return FB_OK;
}

static fb_status ddl_parse(Ask *a, const SC(AnalyzePlanRequest__DDLParse) * in, Answer *out,
                           fb_error *err)
{
    const Type *t;
    TRY(type_from_ddl(str_text(a->arena, in->ddl_string != NULL ? in->ddl_string : ""), &t, err));
    ANSWER(out->ddl_parse, ddlparse, DDL_PARSE);
    out->ddl_parse->parsed = type_message(t, a->arena);
    return FB_OK;
}

static fb_status json_to_ddl(Ask *a, const SC(AnalyzePlanRequest__JsonToDDL) * in, Answer *out,
                             fb_error *err)
{
    const Type *t;
    StrBuf text = {0};
    const char *json = in->json_string != NULL ? in->json_string : "";
    TRY(type_from_json(str_of(json), &t, err));
    if (t->id != T_STRUCT) {
        return err_set(err, ERR_CONNECT_SCHEMA_NO_STRUCT, "inputSchema", json, "dataType",
                       "no struct", NULL);
    }
    type_ddl(t, &text);
    ANSWER(out->json_to_ddl, json_to_ddl, JSON_TO_DDL);
    out->json_to_ddl->ddl_string = arena_strdup(a->arena, strbuf_str(&text).p);
    strbuf_free(&text);
    return FB_OK;
}

/* ---- properties ---- */

static fb_status is_local(Ask *a, const SC(Plan) * p, Answer *out, fb_error *err)
{
    PlanTree *t;
    TRY(resolve(a, p, &t, err));
    ANSWER(out->is_local, is_local, IS_LOCAL);
    out->is_local->has_is_local = true;
    out->is_local->is_local = t->plan->kind == P_LOCAL;
    plantree_release(t);
    return FB_OK;
}

static fb_status is_streaming(Ask *a, const SC(Plan) * p, Answer *out, fb_error *err)
{
    PlanTree *t;
    TRY(resolve(a, p, &t, err));
    ANSWER(out->is_streaming, is_streaming, IS_STREAMING);
    out->is_streaming->has_is_streaming = true;
    out->is_streaming->is_streaming = t->plan->streaming;
    plantree_release(t);
    return FB_OK;
}

typedef struct Files {
    Arena *arena;
    char **v;
    size_t n, cap;
    fb_status st;
    fb_error *err;
} Files;

static void add_file(void *arg, const char *path)
{
    Files *f = arg;
    char *uri = vfs_uri_of_path(f->arena, path);
    for (size_t i = 0; i < f->n; i++) {
        if (strcmp(f->v[i], uri) == 0) {
            return;
        }
    }
    if (f->n == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 16;
        char **v = ARENA_ARRAY(f->arena, char *, cap);
        if (f->n) {
            memcpy(v, f->v, f->n * sizeof(*v));
        }
        f->v = v;
        f->cap = cap;
    }
    f->v[f->n++] = uri;
}

static bool collect_files(void *arg, const Plan *p)
{
    Files *f = arg;
    if (p->relation != NULL && p->relation->vt->input_files != NULL) {
        f->st = p->relation->vt->input_files(p->relation, add_file, f, f->err);
    }
    return f->st == FB_OK;
}

static fb_status input_files(Ask *a, const SC(Plan) * p, Answer *out, fb_error *err)
{
    PlanTree *t;
    Files f = {.arena = a->arena, .err = err};
    TRY(resolve(a, p, &t, err));
    f.st = check_batch(t->plan, err);
    if (f.st == FB_OK) {
        plan_visit(t->plan, collect_files, &f);
    }
    plantree_release(t);
    TRY(f.st);
    ANSWER(out->input_files, input_files, INPUT_FILES);
    out->input_files->n_files = f.n;
    out->input_files->files = f.v;
    return FB_OK;
}

/* ---- sameSemantics ---- */

/* The text with each "#number" replaced by its order of appearance. */
static void renumber(Str in, StrBuf *out)
{
    struct {
        uint64_t *v;
        size_t n, cap;
    } ids = {0};
    for (size_t i = 0; i < in.n; i++) {
        strbuf_putc(out, in.p[i]);
        if (in.p[i] != '#') {
            continue;
        }
        uint64_t id = 0;
        size_t digits = 0;
        while (i + 1 < in.n && in.p[i + 1] >= '0' && in.p[i + 1] <= '9' && digits < 18) {
            id = id * 10 + (uint64_t)(in.p[++i] - '0');
            digits++;
        }
        size_t k = 0;
        while (k < ids.n && ids.v[k] != id) {
            k++;
        }
        if (digits && k == ids.n) {
            if (ids.n == ids.cap) {
                ids.cap = ids.cap ? ids.cap * 2 : 64;
                ids.v = mem_realloc(ids.v, mem_mul(ids.cap, sizeof(*ids.v)));
            }
            ids.v[ids.n++] = id;
        }
        if (digits) {
            strbuf_printf(out, "%zu", k);
        }
    }
    mem_free(ids.v);
}

typedef struct Leaves {
    StrBuf *out;
    Files files;
} Leaves;

/* Rows that a request holds are made anew each time: they are told apart by what is in them. */
static void add_rows(const RowSet *rows, Arena *a, StrBuf *out)
{
    uint64_t all = 0;
    for (uint32_t b = 0; b < rows->n_batches; b++) {
        const Batch *batch = &rows->batches[b];
        uint64_t *h = ARENA_ARRAY(a, uint64_t, batch->n_rows);
        for (uint32_t c = 0; c < batch->n_cols; c++) {
            vec_hash(&batch->col[c], batch->n_rows, h);
        }
        for (uint32_t i = 0; i < batch->n_rows; i++) {
            all = all * UINT64_C(0x9E3779B97F4A7C15) + h[i];
        }
    }
    strbuf_printf(out, "\n%llu rows %llx", (unsigned long long)rows->n_rows,
                  (unsigned long long)all);
    type_json(rows->schema, out);
}

static bool add_leaf(void *arg, const Plan *p)
{
    Leaves *l = arg;
    if (p->rows != NULL) {
        add_rows(p->rows, l->files.arena, l->out);
    }
    if (p->relation != NULL) {
        strbuf_printf(l->out, "\n%s %s", p->relation->vt->kind,
                      p->relation->description ? p->relation->description : "");
        type_json(p->relation->schema, l->out);
    }
    return collect_files(&l->files, p);
}

static fb_status canonical(Ask *a, const SC(Plan) * p, StrBuf *ret, fb_error *err)
{
    PlanTree *t;
    StrBuf text = {0};
    TRY(resolve(a, p, &t, err));
    Leaves l = {.out = &text, .files = {.arena = a->arena, .err = err}};
    plan_explain(t->plan, &text);
    plan_visit(t->plan, add_leaf, &l);
    plantree_release(t);
    for (size_t i = 0; i < l.files.n; i++) {
        strbuf_printf(&text, "\n%s", l.files.v[i]);
    }
    renumber(strbuf_str(&text), ret);
    strbuf_free(&text);
    return l.files.st;
}

static fb_status same_semantics(Ask *a, const SC(AnalyzePlanRequest__SameSemantics) * in,
                                Answer *out, fb_error *err)
{
    StrBuf one = {0}, other = {0};
    fb_status st = canonical(a, in->target_plan, &one, err);
    if (st == FB_OK) {
        st = canonical(a, in->other_plan, &other, err);
    }
    if (st == FB_OK) {
        ANSWER(out->same_semantics, same_semantics, SAME_SEMANTICS);
        out->same_semantics->has_result = true;
        out->same_semantics->result = str_eq(strbuf_str(&one), strbuf_str(&other));
    }
    strbuf_free(&one);
    strbuf_free(&other);
    return st;
}

static fb_status semantic_hash(Ask *a, const SC(Plan) * p, Answer *out, fb_error *err)
{
    StrBuf text = {0};
    fb_status st = canonical(a, p, &text, err);
    if (st == FB_OK) {
        ANSWER(out->semantic_hash, semantic_hash, SEMANTIC_HASH);
        out->semantic_hash->has_result = true;
        out->semantic_hash->result =
            (int32_t)murmur3_bytes(strbuf_str(&text).p, strbuf_str(&text).n, 42);
    }
    strbuf_free(&text);
    return st;
}

/* ---- caching ---- */

static fb_status persist(Ask *a, const SC(AnalyzePlanRequest__Persist) * in, fb_error *err)
{
    PlanTree *t;
    StorageLevel level = convert_storage_level(in->storage_level);
    TRY(convert_analyze(&a->c, in->relation, &t, err));
    fb_status st = session_cache(a->conn->session, t, &level, err);
    plantree_release(t);
    return st;
}

static fb_status unpersist(Ask *a, const SC(AnalyzePlanRequest__Unpersist) * in, fb_error *err)
{
    PlanTree *t;
    TRY(convert_analyze(&a->c, in->relation, &t, err));
    (void)session_uncache(a->conn->session, t->plan);
    plantree_release(t);
    return FB_OK;
}

static fb_status storage_level(Ask *a, const SC(Relation) * r, SC(StorageLevel) * *ret,
                               fb_error *err)
{
    PlanTree *t;
    StorageLevel level = {.replication = 1};
    TRY(convert_analyze(&a->c, r, &t, err));
    (void)session_is_cached(a->conn->session, t->plan, &level);
    plantree_release(t);
    SC(StorageLevel) *m = ARENA_NEW(a->arena, SC(StorageLevel));
    spark__connect__storage_level__init(m);
    m->has_use_disk = m->use_disk = level.disk;
    m->has_use_memory = m->use_memory = level.memory;
    m->has_use_off_heap = m->use_off_heap = level.off_heap;
    m->has_deserialized = m->deserialized = level.deserialized;
    m->has_replication = true;
    m->replication = level.replication;
    *ret = m;
    return FB_OK;
}

static fb_status caching(Ask *a, const SC(AnalyzePlanRequest) * in, Answer *out, fb_error *err)
{
    SC(StorageLevel) * level;
    switch (in->analyze_case) {
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_PERSIST:
        TRY(persist(a, in->persist, err));
        ANSWER(out->persist, persist, PERSIST);
        return FB_OK;
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_UNPERSIST:
        TRY(unpersist(a, in->unpersist, err));
        ANSWER(out->unpersist, unpersist, UNPERSIST);
        return FB_OK;
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_GET_STORAGE_LEVEL:
        TRY(storage_level(a, in->get_storage_level->relation, &level, err));
        ANSWER(out->get_storage_level, get_storage_level, GET_STORAGE_LEVEL);
        out->get_storage_level->storage_level = level;
        return FB_OK;
    default: {
        const char *name = arena_printf(a->arena, "%d", (int)in->analyze_case);
        return err_set(err, ERR_CONNECT_ANALYZE_METHOD, "other", name, NULL);
    }
    }
}

/* ---- dispatch ---- */

static fb_status answer(Ask *a, const SC(AnalyzePlanRequest) * in, Answer *out, fb_error *err)
{
    switch (in->analyze_case) {
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_SCHEMA:
        return schema(a, in->schema->plan, out, err);
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_EXPLAIN:
        return explain(a, in->explain, out, err);
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_TREE_STRING:
        return tree_string(a, in->tree_string, out, err);
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_IS_LOCAL:
        return is_local(a, in->is_local->plan, out, err);
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_IS_STREAMING:
        return is_streaming(a, in->is_streaming->plan, out, err);
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_INPUT_FILES:
        return input_files(a, in->input_files->plan, out, err);
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_SPARK_VERSION:
        ANSWER(out->spark_version, spark_version, SPARK_VERSION);
        out->spark_version->version = (char *)CONNECT_SPARK_VERSION;
        return FB_OK;
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_DDL_PARSE:
        return ddl_parse(a, in->ddl_parse, out, err);
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_SAME_SEMANTICS:
        return same_semantics(a, in->same_semantics, out, err);
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_SEMANTIC_HASH:
        return semantic_hash(a, in->semantic_hash->plan, out, err);
    case SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_JSON_TO_DDL:
        return json_to_ddl(a, in->json_to_ddl, out, err);
    default:
        return caching(a, in, out, err);
    }
}

fb_status answer_analyze(ConnSession *s, const SC(AnalyzePlanRequest) * in, Arena *arena,
                         SC(AnalyzePlanResponse) * out, fb_error *err)
{
    Ask a = {.conn = s, .arena = arena};
    convert_init(&a.c, arena, s, s->session, NULL);
    fb_status st = answer(&a, in, out, err);
    convert_free(&a.c);
    return st;
}
