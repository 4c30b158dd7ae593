/*
 * parquet_convert.c - columns that Arrow read, as columns of the types wanted.
 *
 * Most have the engine's layout already and only get another type (timestamps with or without a
 * zone, string and binary). Numbers are widened or cut as Spark's reader does, decimals get more
 * digits after the point, fields of structs are put in the order wanted and missing ones become
 * null. Nothing is copied that can be shared.
 *
 * What fits was decided by parquet_pick.c; a pair of types that is not expected here is a bug.
 */
#include "column/datetime.h"
#include "format/parquet_priv.h"

static fb_status unexpected(const Type *got, const Type *want, fb_error *err)
{
    StrBuf a = {0}, b = {0};

    type_simple_string(got, &a);
    type_simple_string(want, &b);
    fb_status st =
        err_unsupported(err, "a Parquet column that Arrow reads as %s and not as %s", a.p, b.p);
    strbuf_free(&a);
    strbuf_free(&b);
    return st;
}

/* Value i of a column of integers of any width, or of decimals without its point. */
static inline int128_t whole_at(const Vec *v, uint32_t i)
{
    switch (v->type->id) {
    case T_BYTE:
        return VEC_AT(int8_t, v, i);
    case T_SHORT:
        return VEC_AT(int16_t, v, i);
    case T_INT:
    case T_DATE:
        return VEC_AT(int32_t, v, i);
    case T_DECIMAL:
        return VEC_AT(int128_t, v, i);
    default:
        return VEC_AT(int64_t, v, i);
    }
}

static bool is_whole(const Type *t)
{
    return type_is_integral(t) || type_is_datetime(t) || t->id == T_DECIMAL;
}

/* Whole numbers into data of the type wanted, times scale. Values of null rows may be anything. */
static bool put_whole(const Vec *v, const Type *want, int128_t scale, Vec *out)
{
    for (uint32_t i = 0; i < v->len; i++) {
        int128_t x = whole_at(v, i);
        switch (want->id) {
        case T_BYTE:
            VEC_DATA(int8_t, out)[i] = (int8_t)x;
            break;
        case T_SHORT:
            VEC_DATA(int16_t, out)[i] = (int16_t)x;
            break;
        case T_INT:
        case T_DATE:
        case T_INTERVAL_YM:
            VEC_DATA(int32_t, out)[i] = (int32_t)x;
            break;
        case T_LONG:
        case T_INTERVAL_DT:
            VEC_DATA(int64_t, out)[i] = (int64_t)x;
            break;
        case T_TIMESTAMP_NTZ:
            VEC_DATA(int64_t, out)[i] = (int64_t)x * US_PER_DAY;
            break;
        case T_DOUBLE:
            VEC_DATA(double, out)[i] = (double)x;
            break;
        case T_DECIMAL:
            VEC_DATA(int128_t, out)
            [i] = (int128_t)((unsigned __int128)x * (unsigned __int128)scale);
            break;
        default:
            return false;
        }
    }
    return true;
}

/* Same width and meaning of the bytes. */
static bool only_relabels(const Type *got, const Type *want)
{
    bool times = (got->id == T_TIMESTAMP || got->id == T_TIMESTAMP_NTZ) &&
                 (want->id == T_TIMESTAMP || want->id == T_TIMESTAMP_NTZ);

    return times || (type_is_view(got) && type_is_view(want)) ||
           (got->id == want->id && got->id != T_DECIMAL);
}

/* 1582-10-15, from where the calendars agree; 1900, from where their time zones do as well. */
#define FIRST_COMMON_DAY (-141427)
#define FIRST_COMMON_US (INT64_C(-2208988800) * 1000000)

static fb_status check_calendar(const Vec *v, fb_error *err)
{
    for (uint32_t i = 0; i < v->len; i++) {
        bool old = v->type->id == T_DATE ? VEC_AT(int32_t, v, i) < FIRST_COMMON_DAY
                                         : VEC_AT(int64_t, v, i) < FIRST_COMMON_US;
        if (old && vec_is_valid(v, i)) {
            return err_unsupported(err, "dates before 1582-10-15 and timestamps before 1900 in "
                                        "Parquet files with the Julian calendar");
        }
    }
    return FB_OK;
}

static fb_status convert_flat(const Type *want, const Vec *v, Arena *a, Vec *out, fb_error *err)
{
    const Type *got = v->type;

    if (got == want || only_relabels(got, want)) {
        *out = *v;
        out->type = want;
        return FB_OK;
    }
    if (got->id == T_NULL) {
        vec_init_null(out, want, v->len, a);
        return FB_OK;
    }
    vec_init(out, want, v->len, a);
    out->valid = v->valid;
    if (got->id == T_FLOAT && want->id == T_DOUBLE) {
        for (uint32_t i = 0; i < v->len; i++) {
            VEC_DATA(double, out)[i] = (double)VEC_AT(float, v, i);
        }
        return FB_OK;
    }
    int128_t scale = 1;
    if (want->id == T_DECIMAL) {
        for (int k = got->id == T_DECIMAL ? got->scale : 0; k < want->scale; k++) {
            scale *= 10;
        }
    }
    if (!is_whole(got) || !put_whole(v, want, scale, out)) {
        return unexpected(got, want, err);
    }
    return FB_OK;
}

static fb_status convert_struct(const Pick *pick, const Vec *v, Arena *a, Vec *out, fb_error *err)
{
    for (uint32_t k = 0; k < pick->type->n_fields; k++) {
        const Pick *part = &pick->child[k];
        Vec nulls;
        int at = part->name ? type_field_index(v->type, str_of(part->name), true) : -1;
        if (part->name && at < 0) {
            return unexpected(v->type, pick->type, err);
        }
        if (at >= 0) {
            TRY(parquet_convert(part, &v->child[at], a, &out->child[k], err));
        } else {
            vec_init_null(&nulls, part->type, v->len, a);
            vec_flatten(&out->child[k], &nulls, a);
        }
    }
    return FB_OK;
}

fb_status parquet_convert(const Pick *pick, const Vec *v, Arena *a, Vec *out, fb_error *err)
{
    const Type *want = pick->type;

    if (!type_is_nested(want)) {
        TRY(convert_flat(want, v, a, out, err));
        return pick->old_calendar ? check_calendar(out, err) : FB_OK;
    }
    if (v->type->id != want->id) {
        return unexpected(v->type, want, err);
    }
    *out = *v;
    out->type = want;
    out->child = ARENA_ARRAY(a, Vec, want->n_fields);
    if (want->id == T_STRUCT) {
        return convert_struct(pick, v, a, out, err);
    }
    for (uint32_t k = 0; k < want->n_fields; k++) {
        TRY(parquet_convert(&pick->child[k], &v->child[k], a, &out->child[k], err));
    }
    return FB_OK;
}
