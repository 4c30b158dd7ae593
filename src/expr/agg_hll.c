/*
 * agg_hll.c - approx_count_distinct: HyperLogLog++ with 512 registers, exactly Spark's.
 *
 * The sketch is that of Heule, Nunkesser and Hall (2013): the first 9 bits of xxhash64(value, 42)
 * choose a register of 6 bits, which keeps the largest number of leading zeros + 1 of the rest; ten
 * registers a word, 52 words, which are the buffer columns MS[0] … MS[51]. Small counts are
 * estimated by linear counting, others up to 5 * 512 corrected by the bias that the authors
 * measured (their appendix; the tables below are its part for precision 9), averaged over the six
 * estimates nearest. That is the default relative error of 0.05; other errors are refused.
 *
 * Ownership: states belong to the caller. Threads: as the group table.
 */
#include "expr/agg_util.h"
#include "expr/fn_hash.h"
#include "expr/fn_util.h"

#include <math.h>

#define HLL_P 9
#define HLL_REGISTERS 512u
#define HLL_BITS 6u
#define HLL_A_WORD 10u
#define HLL_WORDS 52u
#define HLL_LINEAR 400.0 /* linear counting up to here, or a raw estimate of 2.5 m */
#define HLL_NEAREST 6

static const double hll_estimate[] = {
    369.0,     374.8294,  381.2452,  387.6698,  394.1464,  400.2024,  406.8782,  413.6598,
    420.462,   427.2826,  433.7102,  440.7416,  447.9366,  455.1046,  462.285,   469.0668,
    476.306,   483.8448,  491.301,   498.9886,  506.2422,  513.8138,  521.7074,  529.7428,
    537.8402,  545.1664,  553.3534,  561.594,   569.6886,  577.7876,  585.65,    594.228,
    602.8036,  611.1666,  620.0818,  628.0824,  637.2574,  646.302,   655.1644,  664.0056,
    672.3802,  681.7192,  690.5234,  700.2084,  708.831,   718.485,   728.1112,  737.4764,
    746.76,    756.3368,  766.5538,  775.5058,  785.2646,  795.5902,  804.3818,  814.8998,
    824.9532,  835.2062,  845.2798,  854.4728,  864.9582,  875.3292,  886.171,   896.781,
    906.5716,  916.7048,  927.5322,  937.875,   949.3972,  958.3464,  969.7274,  980.2834,
    992.1444,  1003.4264, 1013.0166, 1024.018,  1035.0438, 1046.34,   1057.6856, 1068.9836,
    1079.0312, 1091.677,  1102.3188, 1113.4846, 1124.4424, 1135.739,  1147.1488, 1158.9202,
    1169.406,  1181.5342, 1193.2834, 1203.8954, 1216.3286, 1226.2146, 1239.6684, 1251.9946,
    1262.123,  1275.4338, 1285.7378, 1296.076,  1308.9692, 1320.4964, 1333.0998, 1343.9864,
    1357.7754, 1368.3208, 1380.4838, 1392.7388, 1406.0758, 1416.9098, 1428.9728, 1440.9228,
    1453.9292, 1462.617,  1476.05,   1490.2996, 1500.6128, 1513.7392, 1524.5174, 1536.6322,
    1548.2584, 1562.3766, 1572.423,  1587.1232, 1596.5164, 1610.5938, 1622.5972, 1633.1222,
    1647.7674, 1658.5044, 1671.57,   1683.7044, 1695.4142, 1708.7102, 1720.6094, 1732.6522,
    1747.841,  1756.4072, 1769.9786, 1782.3276, 1797.5216, 1808.3186, 1819.0694, 1834.354,
    1844.575,  1856.2808, 1871.1288, 1880.7852, 1893.9622, 1906.3418, 1920.6548, 1932.9302,
    1945.8584, 1955.473,  1968.8248, 1980.6446, 1995.9598, 2008.349,  2019.8556, 2033.0334,
    2044.0206, 2059.3956, 2069.9174, 2082.6084, 2093.7036, 2106.6108, 2118.9124, 2132.301,
    2144.7628, 2159.8422, 2171.0212, 2183.101,  2193.5112, 2208.052,  2221.3194, 2233.3282,
    2247.295,  2257.7222, 2273.342,  2286.5638, 2299.6786, 2310.8114, 2322.3312, 2335.516,
    2349.874,  2363.5968, 2373.865,  2387.1918, 2401.8328, 2414.8496, 2424.544,  2436.7592,
    2447.1682, 2464.1958, 2474.3438, 2489.0006, 2497.4526, 2513.6586, 2527.19,   2540.7028,
    2553.768,
};
static const double hll_bias[] = {
    368.0,    361.8294, 355.2452, 348.6698, 342.1464, 336.2024, 329.8782, 323.6598, 317.462,
    311.2826, 305.7102, 299.7416, 293.9366, 288.1046, 282.285,  277.0668, 271.306,  265.8448,
    260.301,  254.9886, 250.2422, 244.8138, 239.7074, 234.7428, 229.8402, 225.1664, 220.3534,
    215.594,  210.6886, 205.7876, 201.65,   197.228,  192.8036, 188.1666, 184.0818, 180.0824,
    176.2574, 172.302,  168.1644, 164.0056, 160.3802, 156.7192, 152.5234, 149.2084, 145.831,
    142.485,  139.1112, 135.4764, 131.76,   129.3368, 126.5538, 122.5058, 119.2646, 116.5902,
    113.3818, 110.8998, 107.9532, 105.2062, 102.2798, 99.4728,  96.9582,  94.3292,  92.171,
    89.781,   87.5716,  84.7048,  82.5322,  79.875,   78.3972,  75.3464,  73.7274,  71.2834,
    70.1444,  68.4264,  66.0166,  64.018,   62.0438,  60.34,    58.6856,  57.9836,  55.0312,
    54.677,   52.3188,  51.4846,  49.4424,  47.739,   46.1488,  44.9202,  43.406,   42.5342,
    41.2834,  38.8954,  38.3286,  36.2146,  36.6684,  35.9946,  33.123,   33.4338,  31.7378,
    29.076,   28.9692,  27.4964,  27.0998,  25.9864,  26.7754,  24.3208,  23.4838,  22.7388,
    24.0758,  21.9098,  20.9728,  19.9228,  19.9292,  16.617,   17.05,    18.2996,  15.6128,
    15.7392,  14.5174,  13.6322,  12.2584,  13.3766,  11.423,   13.1232,  9.5164,   10.5938,
    9.5972,   8.1222,   9.7674,   7.5044,   7.57,     6.7044,   6.4142,   6.7102,   5.6094,
    4.6522,   6.841,    3.4072,   3.9786,   3.3276,   5.5216,   3.3186,   2.0694,   4.354,
    1.575,    0.2808,   2.1288,   -0.2148,  -0.0378,  -0.6582,  0.6548,   -0.0698,  0.8584,
    -2.527,   -2.1752,  -3.3554,  -1.0402,  -0.651,   -2.1444,  -1.9666,  -3.9794,  -0.6044,
    -3.0826,  -3.3916,  -5.2964,  -5.3892,  -5.0876,  -4.699,   -5.2372,  -3.1578,  -4.9788,
    -4.899,   -7.4888,  -5.948,   -5.6806,  -6.6718,  -4.705,   -7.2778,  -4.658,   -4.4362,
    -4.3214,  -5.1886,  -6.6688,  -6.484,   -5.126,   -4.4032,  -6.135,   -5.8082,  -4.1672,
    -4.1504,  -7.456,   -7.2408,  -9.8318,  -5.8042,  -8.6562,  -6.9994,  -10.5474, -7.3414,
    -6.81,    -6.2972,  -6.232,
};

#define HLL_POINTS ((int)(sizeof(hll_estimate) / sizeof(hll_estimate[0])))

static size_t hll_size(const Expr *agg)
{
    (void)agg;
    return HLL_WORDS * sizeof(uint64_t);
}

static uint32_t hll_buffers(const Expr *agg, Field *fields)
{
    static const char names[HLL_WORDS][8] = {
        "MS[0]",  "MS[1]",  "MS[2]",  "MS[3]",  "MS[4]",  "MS[5]",  "MS[6]",  "MS[7]",  "MS[8]",
        "MS[9]",  "MS[10]", "MS[11]", "MS[12]", "MS[13]", "MS[14]", "MS[15]", "MS[16]", "MS[17]",
        "MS[18]", "MS[19]", "MS[20]", "MS[21]", "MS[22]", "MS[23]", "MS[24]", "MS[25]", "MS[26]",
        "MS[27]", "MS[28]", "MS[29]", "MS[30]", "MS[31]", "MS[32]", "MS[33]", "MS[34]", "MS[35]",
        "MS[36]", "MS[37]", "MS[38]", "MS[39]", "MS[40]", "MS[41]", "MS[42]", "MS[43]", "MS[44]",
        "MS[45]", "MS[46]", "MS[47]", "MS[48]", "MS[49]", "MS[50]", "MS[51]",
    };
    (void)agg;
    for (uint32_t k = 0; k < HLL_WORDS; k++) {
        fields[k] = (Field){.name = names[k], .type = type_long, .nullable = true};
    }
    return HLL_WORDS;
}

static inline uint64_t *hll_words(uint8_t *state)
{
    return (uint64_t *)(void *)state;
}

static inline void hll_add(uint64_t *words, uint64_t hash)
{
    uint32_t index = (uint32_t)(hash >> (64 - HLL_P));
    /* The bit set below what is left of the hash bounds the count. */
    uint64_t rest = hash << HLL_P | UINT64_C(1) << (HLL_P - 1);
    uint64_t zeros = (uint64_t)__builtin_clzll(rest) + 1;
    uint32_t shift = HLL_BITS * (index % HLL_A_WORD);
    uint64_t *word = &words[index / HLL_A_WORD];
    if (zeros > (*word >> shift & 63)) {
        *word = (*word & ~(UINT64_C(63) << shift)) | zeros << shift;
    }
}

static fb_status hll_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                            uint32_t n, fb_error *err)
{
    (void)agg;
    (void)err;
    uint64_t *hash = arena_alloc(cx->eval->arena, mem_mul(n ? n : 1, sizeof(uint64_t)));
    for (uint32_t i = 0; i < n; i++) {
        hash[i] = 42;
    }
    vec_xxhash64(&args[0], n, hash);
    bool nulls = vec_may_have_nulls(&args[0]);
    for (uint32_t i = 0; i < n; i++) {
        if (!nulls || vec_is_valid(&args[0], i)) {
            hll_add(hll_words(state[i]), hash[i]);
        }
    }
    return FB_OK;
}

static fb_status hll_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into, uint8_t *const *from,
                           uint32_t n, fb_error *err)
{
    (void)cx;
    (void)agg;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t *a = hll_words(into[i]);
        const uint64_t *b = hll_words(from[i]);
        for (uint32_t w = 0; w < HLL_WORDS; w++) {
            uint64_t merged = 0;
            for (uint32_t shift = 0; shift < HLL_BITS * HLL_A_WORD; shift += HLL_BITS) {
                uint64_t x = a[w] >> shift & 63, y = b[w] >> shift & 63;
                merged |= (x > y ? x : y) << shift;
            }
            a[w] = merged;
        }
    }
    return FB_OK;
}

/* The mean bias at the six measured estimates nearest to e. */
static double hll_bias_at(double e)
{
    int at = 0, low, high;
    while (at < HLL_POINTS && hll_estimate[at] < e) {
        at++;
    }
    low = MAX_OF(at - HLL_NEAREST + 1, 0);
    high = MIN_OF(low + HLL_NEAREST, HLL_POINTS);
    while (high < HLL_POINTS && fabs(e - hll_estimate[high]) < fabs(e - hll_estimate[low])) {
        low++;
        high++;
    }
    double sum = 0;
    for (int i = low; i < high; i++) {
        sum += hll_bias[i];
    }
    return sum / (high - low);
}

static int64_t hll_count(const uint64_t *words)
{
    double inverse = 0, empty = 0, m = HLL_REGISTERS;
    for (uint32_t k = 0; k < HLL_REGISTERS; k++) {
        uint32_t shift = HLL_BITS * (k % HLL_A_WORD);
        uint32_t zeros = (uint32_t)(words[k / HLL_A_WORD] >> shift & 63);
        /* 1 << zeros is an int in Spark's reckoning: it wraps at 32. */
        inverse += 1.0 / (double)(int32_t)(1u << (zeros & 31));
        empty += zeros == 0;
    }
    double alpha = 0.7213 / (1.0 + 1.079 / m);
    double e = alpha * m * m / inverse;
    if (empty > 0) {
        double linear = m * log(m / empty);
        if (linear <= HLL_LINEAR || e <= 2.5 * m) {
            return (int64_t)floor(linear + 0.5);
        }
    }
    if (e < 5.0 * m) {
        e -= hll_bias_at(e);
    }
    return (int64_t)floor(e + 0.5);
}

static fb_status hll_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                            Vec *out, fb_error *err)
{
    (void)agg;
    (void)err;
    int64_t *data = agg_alloc(cx, out, n);
    out->valid = NULL;
    for (uint32_t i = 0; i < n; i++) {
        data[i] = hll_count(hll_words(state[i]));
    }
    return FB_OK;
}

static fb_status hll_store(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n, Vec *out,
                           fb_error *err)
{
    (void)agg;
    (void)err;
    for (uint32_t k = 0; k < HLL_WORDS; k++) {
        uint64_t *data = agg_alloc(cx, &out[k], n);
        out[k].valid = NULL;
        for (uint32_t i = 0; i < n; i++) {
            data[i] = hll_words(state[i])[k];
        }
    }
    return FB_OK;
}

static fb_status hll_load(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *cols,
                          uint32_t n, fb_error *err)
{
    (void)cx;
    (void)agg;
    (void)err;
    for (uint32_t k = 0; k < HLL_WORDS; k++) {
        for (uint32_t i = 0; i < n; i++) {
            hll_words(state[i])[k] = vec_is_valid(&cols[k], i) ? VEC_AT(uint64_t, &cols[k], i) : 0;
        }
    }
    return FB_OK;
}

const AggDef agg_hll = {hll_size,   hll_buffers, hll_update, hll_merge,
                        hll_finish, hll_store,   hll_load};

static bool hll_has_map(const Type *t)
{
    bool found = t->id == T_MAP;
    for (uint32_t k = 0; !found && k < t->n_fields; k++) {
        found = hll_has_map(t->fields[k].type);
    }
    return found;
}

/* The second argument, a number, goes; it does not show in the name either. */
static fb_status hll_error(BindCtx *cx, Expr *call, fb_error *err)
{
    Vec v;
    const Expr *e = call->args[1];
    bool number = e->kind == E_LITERAL && type_is_numeric(e->type) && vec_is_valid(e->value, 0);
    if (!number || type_is_integral(e->type)) {
        return err_set(err, ERR_SECOND_ARGUMENT_NOT_DOUBLE, NULL);
    }
    TRY(bind_fold(cx, bind_cast_expr(cx, call->args[1], type_double), &v, err));
    double p = ceil(2.0 * log(1.106 / VEC_AT(double, &v, 0)) / log(2.0));
    if (p != HLL_P) {
        return err_unsupported(err, "%s with another relative error than 0.05", call->name);
    }
    call->n_args = 1;
    return FB_OK;
}

fb_status bind_approx_count_distinct(BindCtx *cx, Expr *call, fb_error *err)
{
    if (call->n_args == 2) {
        TRY(hll_error(cx, call, err));
    }
    if (hll_has_map(call->args[0]->type)) {
        return err_unsupported(err, "%s of maps", call->name);
    }
    call->type = type_long;
    call->nullable = false;
    return FB_OK;
}
