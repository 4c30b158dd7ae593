/*
 * op_sample.c - df.sample and TABLESAMPLE: a part of the rows, by chance.
 *
 * As Spark's SampleExec, row for row for a given seed: without replacement a row is taken when a
 * number of the partition's xorshift generator, seeded by the seed and the partition's number, is
 * in [lower, upper); with replacement it is taken as often as a Poisson number of mean
 * upper - lower says, from a WELL generator whose seed is the partition's of a row of seeds. For
 * small means that number is the count of uniform numbers whose product stays above e^-mean.
 */
#include "exec/partition.h"

#include "base/random.h"

#include <math.h>

/* What a worker has of the partition that it is at. */
typedef struct SampleState {
    bool begun;
    uint32_t partition;
    XorShift plain;
    Well *well;
} SampleState;

typedef struct SampleOp {
    Op op;
    double lower, upper;
    bool with_replacement;
    int64_t seed;
    SampleState *state; /* one a worker */
    uint32_t n_states;
} SampleOp;

static fb_status sample_open(Op *op, Exec *x, fb_error *err)
{
    SampleOp *s = (SampleOp *)op;
    (void)err;
    if (!s->state) {
        s->n_states = x->n_workers;
        s->state = mem_zalloc(mem_mul(x->n_workers, sizeof(*s->state)));
    }
    for (uint32_t w = 0; w < s->n_states; w++) {
        s->state[w].begun = false;
    }
    return FB_OK;
}

static int64_t seed_of_partition(int64_t seed, uint32_t partition)
{
    JavaRandom r;
    java_random_seed(&r, seed);
    int64_t own = java_random_long(&r);
    for (uint32_t p = 0; p < partition; p++) {
        own = java_random_long(&r);
    }
    return own;
}

static SampleState *state_of(SampleOp *s, const Worker *w)
{
    SampleState *t = &s->state[w->id];
    uint32_t p = w->eval.partition;
    if (t->begun && t->partition == p) {
        return t;
    }
    t->begun = true;
    t->partition = p;
    if (s->with_replacement) {
        t->well = t->well ? t->well : mem_alloc(sizeof(*t->well));
        well_seed(t->well, seed_of_partition(s->seed, p));
    } else {
        xorshift_seed(&t->plain, (int64_t)((uint64_t)s->seed + p));
    }
    return t;
}

static uint32_t poisson(Well *r, double mean, double limit)
{
    uint32_t n = 0;
    double product = 1;
    while (n < 1000 * mean) {
        product *= well_double(r);
        if (product < limit) {
            return n;
        }
        n++;
    }
    return n;
}

static fb_status emit_rows(Op *op, Worker *w, const Batch *b, const uint32_t *rows, uint32_t n,
                           fb_error *err)
{
    Batch out;
    if (n == 0) {
        return FB_OK;
    }
    batch_gather(&out, b, rows, n, &w->arena);
    out.seq = b->seq;
    return op_emit(op, w, &out, err);
}

/* A row can be taken many times: what is taken leaves in batches of ordinary size. */
static fb_status push_repeated(SampleOp *s, SampleState *t, Worker *w, const Batch *b,
                               fb_error *err)
{
    double mean = s->upper - s->lower, limit = exp(-mean);
    uint32_t *rows = arena_alloc(&w->arena, BATCH_ROWS * sizeof(*rows));
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->n_rows && mean > 0; i++) {
        for (uint32_t k = poisson(t->well, mean, limit); k > 0; k--) {
            rows[n++] = i;
            if (n == BATCH_ROWS) {
                ArenaMark mark = arena_mark(&w->arena);
                TRY(emit_rows(&s->op, w, b, rows, n, err));
                arena_rewind(&w->arena, mark);
                n = 0;
            }
        }
    }
    return emit_rows(&s->op, w, b, rows, n, err);
}

static fb_status sample_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    SampleOp *s = (SampleOp *)op;
    SampleState *t = state_of(s, w);
    if (s->with_replacement) {
        return push_repeated(s, t, w, b, err);
    }
    if (s->upper - s->lower <= 0) { /* takes nothing, and no number either */
        return FB_OK;
    }
    uint32_t *rows = arena_alloc(&w->arena, mem_mul(b->n_rows + 1, sizeof(*rows)));
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->n_rows; i++) {
        double x = xorshift_double(&t->plain);
        rows[n] = i;
        n += x >= s->lower && x < s->upper;
    }
    return emit_rows(op, w, b, rows, n, err);
}

static void sample_free(Op *op)
{
    SampleOp *s = (SampleOp *)op;
    for (uint32_t w = 0; w < s->n_states; w++) {
        mem_free(s->state[w].well);
    }
    mem_free(s->state);
    mem_free(s);
}

Op *op_sample(double lower, double upper, bool with_replacement, int64_t seed)
{
    static const OpVt vt = {
        .name = "Sample", .open = sample_open, .push = sample_push, .free = sample_free};
    SampleOp *s = mem_zalloc(sizeof(*s));
    s->op.vt = &vt;
    s->op.by_part = true;
    s->lower = lower;
    s->upper = upper;
    s->with_replacement = with_replacement;
    s->seed = seed;
    return &s->op;
}
