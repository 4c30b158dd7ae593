/*
 * connect_plan.c - fuzz target: requests of Spark Connect clients: the guard, the unpacked message,
 * its conversion to a plan, and the analysis of that.
 *
 * The first byte chooses the message, the rest is its bytes. A session is there, with a view to
 * read; nothing is run but what the conversion itself evaluates. Messages that would read files
 * find none: all files but those of time zones are in memory, where there are none.
 */
#include "connect/convert.h"
#include "connect/proto_guard.h"
#include "support/fuzz.h"

typedef struct Server {
    Engine *engine;
    Session *session;
} Server;

static Server *server(void)
{
    static Server s;
    fb_error err = {0};
    PlanTree *view;
    RowSet *none;

    if (!s.engine) {
        fuzz_put_file(FUZZ_DIR "/.keep", "", 0);
        s.engine = engine_new(1);
        s.session = session_new(s.engine, "fuzz");
        Str sql = STR_LIT("SELECT 1 AS a, 'x' AS b, array(1) AS c, map('k', 2.5) AS d");
        FB_ASSERT(session_sql(s.session, sql, NULL, &view, &none, &err) == FB_OK);
        FB_ASSERT(session_create_view(s.session, "t", view, false, true, &err) == FB_OK);
        plantree_release(view);
    }
    return &s;
}

static void analyze_relation(const SC(Relation) * r)
{
    Arena a = {0};
    Convert c;
    PlanTree *t;
    fb_error err = {0};

    convert_init(&c, &a, NULL, server()->session, NULL);
    fb_status st = convert_analyze(&c, r, &t, &err);
    if (st == FB_OK) {
        StrBuf text = {0};
        plan_explain(t->plan, &text);
        strbuf_free(&text);
        plantree_release(t);
    }
    fuzz_failed(st, &err);
    convert_free(&c);
    arena_free(&a);
}

static void convert_value(const SC(Expression) * e)
{
    Arena a = {0};
    Convert c;
    Expr *expr;
    fb_error err = {0};

    convert_init(&c, &a, NULL, NULL, NULL);
    fuzz_failed(convert_expr(&c, e, &expr, &err), &err);
    convert_free(&c);
    arena_free(&a);
}

/* A type that is understood comes back from the message that is made of it. */
static void convert_data_type(const SC(DataType) * in)
{
    Arena a = {0};
    const Type *t = NULL, *again = NULL;
    fb_error err = {0};

    fb_status st = convert_type(in, &t, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        FB_ASSERT(convert_type(type_message(t, &a), &again, &err) == FB_OK);
        FB_ASSERT(again == t);
    }
    arena_free(&a);
}

static void convert_plan(const SC(Plan) * p)
{
    if (p && p->op_type_case == SPARK__CONNECT__PLAN__OP_TYPE_ROOT && p->root) {
        analyze_relation(p->root);
    }
}

static void convert_message(uint32_t what, const ProtobufCMessage *m)
{
    switch (what) {
    case 0:
        convert_plan(((const SC(ExecutePlanRequest) *)m)->plan);
        break;
    case 1: {
        const SC(AnalyzePlanRequest) *r = (const SC(AnalyzePlanRequest) *)m;
        if (r->analyze_case == SPARK__CONNECT__ANALYZE_PLAN_REQUEST__ANALYZE_SCHEMA && r->schema) {
            convert_plan(r->schema->plan);
        }
        break;
    }
    case 2:
        analyze_relation((const SC(Relation) *)m);
        break;
    case 3:
        convert_value((const SC(Expression) *)m);
        break;
    default:
        convert_data_type((const SC(DataType) *)m);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ProtobufCMessageDescriptor *const messages[] = {
        SC_DESC(execute_plan_request), SC_DESC(analyze_plan_request), SC_DESC(relation),
        SC_DESC(expression), SC_DESC(data_type)};
    FuzzIn in = {data, size};
    Arena a = {0};
    ProtobufCMessage *m = NULL;
    fb_error err = {0};

    if (size > 4096) { /* types live as long as the process */
        return 0;
    }
    uint32_t what = fuzz_choice(&in, 5);
    Str bytes = fuzz_exact(fuzz_rest(&in));
    fb_status st = proto_unpack(messages[what], bytes.p, bytes.n, &a, &m, &err);
    fuzz_failed(st, &err);
    mem_free((void *)(uintptr_t)bytes.p); /* the message does not point into them */
    if (st == FB_OK) {
        convert_message(what, m);
    }
    arena_free(&a);
    return 0;
}
