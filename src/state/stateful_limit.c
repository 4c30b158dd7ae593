/*
 * stateful_limit.c - LIMIT over rows that only ever come in addition: the first n of the stream.
 *
 * The state is one number, the rows that have gone through, in partition 0 under a key of one void
 * column. The operator is no breaker: rows pass it in input order, on one worker, until the number
 * is reached. The rest of the batch is not read, unless an operator below counts rows. A batch that
 * lets no row through writes an empty delta.
 *
 * Crash story: the number counts from the version that the batch began with, so a batch that runs
 * again lets the same rows through. Source mirrored: StreamingGlobalLimitExec of Spark 4.3.
 */
#include "state/stateful.h"

#include "base/clock.h"
#include "exec/exec_priv.h"

#include <endian.h>

#define NOT_LOADED (-1)
#define ROW_BYTES 16 /* an UnsafeRow of one column: 8 bytes of null bits, its word */

typedef struct StateLimit {
    Op op;
    StatefulOp handle;
    int64_t limit;
    bool may_stop; /* reading may end with the last row that goes through */
    const Conf *conf;
    const char *state_dir;
    uint32_t op_id, n_partitions;
    StateStore *store;
    int64_t version; /* that before is of; NOT_LOADED */
    int64_t before;  /* rows that went through up to it; -1: no row in the state */
    int64_t seen;    /* and with this batch */
    const Type *key_schema, *value_schema;
    StatefulMetrics metrics;
} StateLimit;

static StateLimit *of_handle(const StatefulOp *h)
{
    return (StateLimit *)((char *)(uintptr_t)h - offsetof(StateLimit, handle));
}

static int64_t known(int64_t n)
{
    return n < 0 ? 0 : n;
}

/* ---- rows ---- */

static fb_status limit_open(Op *op, Exec *x, fb_error *err)
{
    StateLimit *l = (StateLimit *)op;
    (void)x;
    (void)err;
    l->seen = l->before;
    return FB_OK;
}

static fb_status limit_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    StateLimit *l = (StateLimit *)op;
    int64_t seen = known(l->seen), room = l->limit > seen ? l->limit - seen : 0;
    if (room > 0 && b->n_rows > 0) {
        Batch part = *b;
        if (part.n_rows > room) {
            part = batch_slice(b, 0, (uint32_t)room, &w->arena);
            part.seq = b->seq;
        }
        l->seen = seen + part.n_rows;
        TRY(op_emit(op, w, &part, err));
    }
    return l->may_stop && room <= b->n_rows ? FB_STOP : FB_OK;
}

static fb_status limit_finish(Op *op, Exec *x, fb_error *err)
{
    StateLimit *l = (StateLimit *)op;
    (void)x;
    (void)err;
    l->metrics.rows_total = l->seen >= 0;
    l->metrics.rows_updated = l->seen != l->before;
    return FB_OK;
}

/* ---- state ---- */

static fb_status load_row(void *arg, const uint8_t *key, size_t n_key, const uint8_t *value,
                          size_t n_value, fb_error *err)
{
    StateLimit *l = arg;
    uint64_t word;
    (void)key;
    if (n_key != ROW_BYTES || n_value != ROW_BYTES) {
        return err_set(err, ERR_CANNOT_LOAD_STATE_STORE_VALUE_ROW_FORMAT_VALIDATION_FAILURE, "msg",
                       "the state of a limit is one number", NULL);
    }
    memcpy(&word, value + ROW_BYTES / 2, sizeof(word));
    l->before = (int64_t)le64toh(word);
    return FB_OK;
}

static void put_row(const StateLimit *l, int64_t n)
{
    uint64_t key[2] = {htole64(1), 0}, value[2] = {0, htole64((uint64_t)n)};
    state_store_put(l->store, key, sizeof(key), value, sizeof(value));
}

static fb_status handle_prepare(StatefulOp *h, int64_t version, bool first, fb_error *err)
{
    StateLimit *l = of_handle(h);
    if (first) {
        StateStoreInfo info = {.name = "default", .key = l->key_schema, .value = l->value_schema};
        TRY(state_operator_check(l->state_dir, l->op_id, "globalLimit", l->n_partitions, &info, 1,
                                 version > 0, err));
    }
    if (l->version == version) {
        l->metrics.cache_hits++;
        return FB_OK;
    }
    l->metrics.cache_misses += version > 0;
    l->before = -1;
    l->version = NOT_LOADED;
    TRY(state_store_load(l->store, version, load_row, l, err));
    l->version = version;
    return FB_OK;
}

static fb_status handle_commit(StatefulOp *h, fb_error *err)
{
    StateLimit *l = of_handle(h);
    int64_t began = clock_mono_us();
    state_store_begin(l->store, l->version);
    if (l->seen != l->before) {
        put_row(l, l->seen);
    }
    TRY(state_store_commit(l->store, err));
    l->before = l->seen;
    l->version++;
    l->metrics.commit_ms = (clock_mono_us() - began) / 1000;
    return FB_OK;
}

static void handle_abort(StatefulOp *h)
{
    StateLimit *l = of_handle(h);
    l->version = NOT_LOADED;
    state_store_abort(l->store);
}

static void handle_metrics(const StatefulOp *h, StatefulMetrics *out)
{
    const StateLimit *l = of_handle(h);
    *out = l->metrics;
    out->operator_name = "globalLimit";
    out->n_partitions = l->n_partitions;
    out->n_stores = 1;
    out->memory_bytes = (int64_t)sizeof(*l);
}

static fb_status handle_maintain(StatefulOp *h, fb_error *err)
{
    const StateLimit *l = of_handle(h);
    int64_t min_deltas =
        conf_get_int(l->conf, "spark.sql.streaming.stateStore.minDeltasForSnapshot");
    if (l->version <= 0 || !state_store_snapshot_due(l->store, min_deltas)) {
        return FB_OK;
    }
    state_snapshot_begin(l->store);
    if (l->before >= 0) {
        put_row(l, l->before);
    }
    TRY(state_snapshot_commit(l->store, err));
    return state_store_cleanup(
        l->store, conf_get_int(l->conf, "spark.sql.streaming.minBatchesToRetain"), err);
}

/* ---- making and freeing ---- */

static void limit_free(Op *op)
{
    StateLimit *l = (StateLimit *)op;
    if (l->store) {
        state_store_close(l->store);
    }
    mem_free(l);
}

fb_status stateful_limit(Exec *x, int64_t limit, bool may_stop, const StatefulSpec *spec,
                         Op **ret_op, StatefulOp **ret, fb_error *err)
{
    static const OpVt vt = {.name = "StreamingGlobalLimit",
                            .open = limit_open,
                            .push = limit_push,
                            .finish = limit_finish,
                            .free = limit_free};
    static const StatefulVt handle_vt = {handle_prepare, handle_commit, handle_abort,
                                         handle_metrics, handle_maintain};
    TRY(stateful_check_conf(spec->conf, err));
    StateLimit *l = mem_zalloc(sizeof(*l));
    Field key = {.name = "key", .type = type_null, .nullable = true};
    Field value = {.name = "value", .type = type_long, .nullable = true};
    l->op.vt = &vt;
    l->op.one_worker = true;
    l->handle.vt = &handle_vt;
    l->limit = limit;
    l->may_stop = may_stop;
    l->conf = spec->conf;
    l->state_dir = arena_strdup(&x->arena, spec->state_dir);
    l->op_id = spec->op_id;
    l->n_partitions = spec->n_partitions;
    l->version = NOT_LOADED;
    l->key_schema = type_struct(&key, 1);
    l->value_schema = type_struct(&value, 1);
    const char *codec =
        conf_get(l->conf, "spark.sql.streaming.stateStore.compression.codec", &x->arena);
    fb_status st = state_store_open(l->state_dir, l->op_id, 0, NULL, codec, &l->store, err);
    if (st != FB_OK) {
        limit_free(&l->op);
        return st;
    }
    *ret_op = &l->op;
    *ret = &l->handle;
    return FB_OK;
}
