/*
 * fn_misc.c - what a session or the moment gives: current_user, current_database, current_catalog,
 * version,
 * spark_partition_id, uuid, rand, randn.
 *
 * rand and randn have no seed here: Spark's seeded sequences go on through a partition, from batch
 * to batch, and a kernel has no such memory; a seed is refused.
 */
#include "base/clock.h"
#include "expr/fn_util.h"

#include <math.h>

/* Every row the same text. */
static void text_all(EvalCtx *cx, const char *text, uint32_t n, Vec *out)
{
    View *data = kernel_alloc(cx, out);
    View v = view_of(text ? text : "", text ? strlen(text) : 0);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = v;
    }
}

KERNEL(fn_current_user)
{
    text_all(cx, cx->user, n, out);
    return FB_OK;
}

KERNEL(fn_current_database)
{
    text_all(cx, cx->database, n, out);
    return FB_OK;
}

KERNEL(fn_current_catalog)
{
    text_all(cx, "spark_catalog", n, out);
    return FB_OK;
}

KERNEL(fn_version)
{
    text_all(cx, "4.3.0 forebay-" FOREBAY_VERSION, n, out);
    return FB_OK;
}

BINDER(bind_text)
{
    call->type = type_string;
    call->nullable = false;
    return FB_OK;
}

KERNEL(fn_spark_partition_id)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (int32_t)cx->partition;
    }
    return FB_OK;
}

BINDER(bind_spark_partition_id)
{
    call->name = "SPARK_PARTITION_ID";
    call->type = type_int;
    call->nullable = false;
    return FB_OK;
}

KERNEL(fn_uuid)
{
    View *data = kernel_alloc(cx, out);
    char *bytes = arena_alloc(cx->arena, mem_mul(n ? n : 1, 37));
    for (uint32_t i = 0; i < n; i++) {
        uuid_new(bytes + (size_t)i * 37);
        data[i] = view_of(bytes + (size_t)i * 37, 36);
    }
    return FB_OK;
}

/* ---- rand, randn ---- */

typedef struct SplitMix {
    uint64_t state;
} SplitMix;

static uint64_t next_u64(SplitMix *r)
{
    uint64_t z = r->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static double next_unit(SplitMix *r) /* [0, 1) */
{
    return (double)(next_u64(r) >> 11) * 0x1p-53;
}

KERNEL(fn_rand)
{
    double *data = kernel_alloc(cx, out);
    SplitMix r = {random_u64()};
    for (uint32_t i = 0; i < n; i++) {
        data[i] = next_unit(&r);
    }
    return FB_OK;
}

KERNEL(fn_randn)
{
    double *data = kernel_alloc(cx, out);
    SplitMix r = {random_u64()};
    for (uint32_t i = 0; i < n; i++) { /* Box and Muller */
        double u = 1.0 - next_unit(&r), angle = 2.0 * M_PI * next_unit(&r);
        data[i] = sqrt(-2.0 * log(u)) * cos(angle);
    }
    return FB_OK;
}

BINDER(bind_rand)
{
    if (call->n_args == 1) {
        return err_unsupported(err, "%s with a seed", call->name);
    }
    call->type = type_double;
    call->nullable = false;
    return FB_OK;
}
