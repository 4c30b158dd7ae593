/*
 * results.c - the rows of a query, as Arrow IPC streams in responses.
 *
 *     schema, arrow_batch × n (at least one, without rows if there are none)
 *
 * row_count has to be the rows of the batch and start_offset their place in the whole. Rows come in
 * batches of at most BATCH_ROWS; small ones, as filters leave them, are gathered first, since each
 * message costs the client more than its rows, unless they are large. A batch whose bytes exceed
 * what a message should have (response.h) is halved, down to one row, which may have DATA_MAX.
 *
 * Memory: gathered rows are copied; nothing is kept of a batch that is sent as it comes. Room for a
 * message is asked for before it is encoded, so that who waits for a client holds only the batch.
 */
#include "column/arrow.h"
#include "column/timezone.h"
#include "connect/service_priv.h"

#define WHOLE_ROWS 1024u               /* batches from here on are sent as they come */
#define GATHER_ROWS BATCH_ROWS         /* gathered rows are sent when they are that many, */
#define GATHER_BYTES ((size_t)4 << 20) /* or take that much memory, or a message's */
#define DATA_MAX ((size_t)64 << 20)    /* bytes of one message's data */
#define MESSAGE_BYTES ((size_t)1024)   /* of a message without data, and as much a column */

typedef struct Results {
    Operation *op;
    const Type *schema;
    const char *time_zone;
    RowSet *gathered; /* NULL: none */
    int64_t n_sent;
    bool any;
} Results;

static fb_status send_data(Results *r, const Batch *b, Str data, size_t taken, fb_error *err)
{
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    SC(ExecutePlanResponse__ArrowBatch)
    batch = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__ARROW_BATCH__INIT;
    batch.has_row_count = true;
    batch.row_count = b->n_rows;
    batch.has_start_offset = true;
    batch.start_offset = r->n_sent;
    batch.has_data = true;
    batch.data = (ProtobufCBinaryData){.len = data.n, .data = (uint8_t *)data.p};
    m.response_type_case = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__RESPONSE_TYPE_ARROW_BATCH;
    m.arrow_batch = &batch;
    r->n_sent += b->n_rows;
    r->any = true;
    return operation_send_taken(r->op, &m, taken, err);
}

static size_t message_max(const Results *r)
{
    return response_pool_message(r->op->conn->server->responses);
}

/* Encodes and sends a batch whose data take about *n bytes; *n becomes what they do take, and if
 * that is more than DATA_MAX nothing is sent. */
static fb_status send_whole(Results *r, const Batch *b, size_t *n, bool *ret_sent, fb_error *err)
{
    StrBuf data = {0};
    size_t room = *n + MESSAGE_BYTES * (1 + (size_t)b->n_cols);
    TRY(operation_take_room(r->op, room, err));
    fb_status st = arrow_ipc_encode(b, r->schema, r->time_zone, &data, err);
    *n = data.n;
    *ret_sent = st == FB_OK && data.n <= DATA_MAX;
    if (*ret_sent) {
        st = send_data(r, b, strbuf_str(&data), room, err);
    } else {
        account_give(r->op->account, room);
    }
    strbuf_free(&data);
    return st;
}

/* Depth: halving ends at one row. */
static fb_status send_batch(Results *r, const Batch *b, fb_error *err)
{
    size_t n = batch_bytes(b, true); /* rows may share long strings, which the message repeats */
    size_t max = b->n_rows > 1 ? message_max(r) : DATA_MAX;
    bool sent = false;
    if (n <= max) {
        TRY(send_whole(r, b, &n, &sent, err));
    }
    if (sent) {
        return FB_OK;
    }
    if (b->n_rows <= 1) {
        return err_unsupported(err, "a row of %zu bytes in a result", n);
    }
    Arena a = {0};
    uint32_t half = b->n_rows / 2;
    Batch lower = batch_slice(b, 0, half, &a);
    Batch upper = batch_slice(b, half, b->n_rows - half, &a);
    fb_status st = send_batch(r, &lower, err);
    if (st == FB_OK) {
        st = send_batch(r, &upper, err);
    }
    arena_free(&a);
    return st;
}

static fb_status send_gathered(Results *r, fb_error *err)
{
    RowSet *rows = r->gathered;
    if (rows == NULL) {
        return FB_OK;
    }
    Arena a = {0};
    Batch all = {.n_rows = (uint32_t)rows->n_rows, .n_cols = rows->schema->n_fields};
    Vec *parts = ARENA_ARRAY(&a, Vec, rows->n_batches);
    all.col = ARENA_ARRAY(&a, Vec, all.n_cols);
    for (uint32_t c = 0; c < all.n_cols; c++) {
        for (uint32_t i = 0; i < rows->n_batches; i++) {
            parts[i] = rows->batches[i].col[c];
        }
        vec_concat(&all.col[c], parts, rows->n_batches, &a);
    }
    fb_status st = send_batch(r, &all, err);
    arena_free(&a);
    rowset_release(rows);
    r->gathered = NULL;
    return st;
}

static fb_status take_batch(void *arg, const Batch *b, fb_error *err)
{
    Results *r = arg;
    if (b->n_rows == 0) {
        return FB_OK;
    }
    size_t most = message_max(r) < GATHER_BYTES ? message_max(r) : GATHER_BYTES;
    if (b->n_rows >= WHOLE_ROWS || batch_bytes(b, true) > most) {
        TRY(send_gathered(r, err));
        return send_batch(r, b, err);
    }
    if (r->gathered == NULL) {
        r->gathered = rowset_new(r->schema);
    }
    rowset_append(r->gathered, b);
    if (r->gathered->n_rows >= GATHER_ROWS || r->gathered->arena.allocated >= most) {
        return send_gathered(r, err);
    }
    return FB_OK;
}

static fb_status send_schema(Operation *op, const Type *schema, fb_error *err)
{
    Arena a = {0};
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    m.schema = type_message(schema, &a);
    fb_status st = operation_send(op, &m, err);
    arena_free(&a);
    return st;
}

static fb_status send_empty(Results *r, fb_error *err)
{
    Arena a = {0};
    Batch none = {.n_cols = r->schema->n_fields};
    none.col = ARENA_ARRAY(&a, Vec, none.n_cols);
    for (uint32_t c = 0; c < none.n_cols; c++) {
        VecBuilder *b = vecb_new(&a, r->schema->fields[c].type);
        vecb_finish(b, &none.col[c]);
    }
    fb_status st = send_batch(r, &none, err);
    arena_free(&a);
    return st;
}

fb_status session_time_zone(Session *s, Arena *a, const char **ret, fb_error *err)
{
    const TimeZone *tz = tz_system();
    const char *zone = conf_get(session_conf(s), "spark.sql.session.timeZone", a);
    if (zone != NULL) {
        TRY(tz_get(str_of(zone), &tz, err));
    }
    *ret = zone != NULL ? zone : tz_id(tz);
    return FB_OK;
}

fb_status send_plan(Operation *op, const PlanTree *t, fb_error *err)
{
    Arena a = {0};
    Results r = {.op = op, .schema = plan_schema(t->plan)};
    fb_status st = session_time_zone(op->conn->session, &a, &r.time_zone, err);
    TRY_DONE(st);
    TRY_DONE(check_batch(t->plan, err));
    TRY_DONE(send_schema(op, r.schema, err));
    TRY_DONE(session_run(op->conn->session, t, &op->cancel, take_batch, &r, err));
    TRY_DONE(send_gathered(&r, err));
    if (!r.any) {
        TRY_DONE(send_empty(&r, err));
    }
done:
    rowset_release(r.gathered);
    arena_free(&a);
    return st;
}

fb_status rows_message(Session *s, const RowSet *rows, Arena *a, SC(LocalRelation) * ret,
                       fb_error *err)
{
    const char *zone;
    StrBuf data = {0}, json = {0};
    TRY(session_time_zone(s, a, &zone, err));
    Batch all = {.n_rows = (uint32_t)rows->n_rows, .n_cols = rows->schema->n_fields};
    all.col = ARENA_ARRAY(a, Vec, all.n_cols);
    Vec *parts = ARENA_ARRAY(a, Vec, rows->n_batches);
    for (uint32_t c = 0; c < all.n_cols; c++) {
        for (uint32_t i = 0; i < rows->n_batches; i++) {
            parts[i] = rows->batches[i].col[c];
        }
        if (rows->n_batches) {
            vec_concat(&all.col[c], parts, rows->n_batches, a);
        } else {
            vecb_finish(vecb_new(a, rows->schema->fields[c].type), &all.col[c]);
        }
    }
    fb_status st = arrow_ipc_encode(&all, rows->schema, zone, &data, err);
    if (st == FB_OK) {
        type_json(rows->schema, &json);
        ret->has_data = true;
        ret->data.len = data.n;
        ret->data.data = (uint8_t *)arena_bytes(a, data.p, data.n);
        ret->schema = strbuf_arena(&json, a);
    }
    strbuf_free(&data);
    return st;
}
