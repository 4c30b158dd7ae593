/*
 * coerce.c - which type two types meet in, and what is cast without being asked.
 *
 * This follows Spark's AnsiTypeCoercion (spark.sql.ansi.enabled, the default) and TypeCoercion
 * (legacy). In both, two types have a tightest common type (no information is lost), and by wider
 * rules a common decimal, and a type to which a string is promoted. Where they differ:
 *
 *     float with an integer      ANSI: double               legacy: float
 *     string with an integer     ANSI: bigint               legacy: string (comparing: the
 * integer's) string with a fraction     ANSI: double               legacy: string (comparing:
 * double) string with another type   ANSI: that type            legacy: string (comparing: that
 * type)
 *
 * Arrays, maps and structs meet element by element. Nullability is widened, and a map's key may not
 * become nullable by it.
 *
 * Recursion: by the depth of types, which is bounded where they are parsed.
 */
#include "expr/coerce.h"

#include "expr/kernel.h"

typedef const Type *(*CommonFn)(EvalMode mode, const Type *a, const Type *b);

static bool is_interval(const Type *t)
{
    return t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT || t->id == T_INTERVAL_CAL;
}

/* AtomicType of Spark: everything but void, the calendar interval, and nested types. */
static bool is_atomic(const Type *t)
{
    return t->id != T_NULL && t->id != T_INTERVAL_CAL && !type_is_nested(t);
}

DecType coerce_decimal_for(const Type *t)
{
    switch (t->id) {
    case T_BYTE:
        return (DecType){3, 0};
    case T_SHORT:
        return (DecType){5, 0};
    case T_INT:
        return (DecType){10, 0};
    case T_LONG:
        return (DecType){20, 0};
    case T_FLOAT:
        return (DecType){14, 7};
    case T_DOUBLE:
        return (DecType){30, 15};
    default:
        FB_ASSERT(t->id == T_DECIMAL);
        return dec_type_of(t);
    }
}

DecType coerce_decimal_of_literal(const Expr *e)
{
    return (DecType){(uint8_t)dec_precision(literal_int(e)), 0};
}

static bool decimal_holds(const Type *d, const Type *integral)
{
    return d->precision - d->scale >= coerce_decimal_for(integral).p;
}

static const Type *common_datetime(const Type *a, const Type *b)
{
    if (a->id == T_TIMESTAMP || b->id == T_TIMESTAMP) {
        return type_timestamp;
    }
    return type_timestamp_ntz; /* of a date and a timestamp_ntz: equal types never get here */
}

static const Type *common_numeric(EvalMode mode, const Type *a, const Type *b)
{
    if (a->id == T_DECIMAL && b->id == T_DECIMAL) {
        return NULL;
    }
    if (a->id == T_DECIMAL) {
        return type_is_integral(b) && decimal_holds(a, b) ? a : NULL;
    }
    if (b->id == T_DECIMAL) {
        return type_is_integral(a) && decimal_holds(b, a) ? b : NULL;
    }
    const Type *wide =
        a->id > b->id ? a : b; /* TypeIds of numbers are in the order of precedence */
    return mode == EVAL_ANSI && wide->id == T_FLOAT ? type_double : wide;
}

static const Type *common_struct(EvalMode mode, const Type *a, const Type *b, CommonFn common)
{
    if (a->n_fields != b->n_fields) {
        return NULL;
    }
    Field *fields = mem_alloc(mem_mul(a->n_fields + 1, sizeof(*fields)));
    const Type *t = NULL;
    uint32_t i = 0;
    for (; i < a->n_fields; i++) {
        const Field *fa = &a->fields[i], *fb = &b->fields[i];
        const Type *ft =
            cstr_eq_nocase(fa->name, fb->name) ? common(mode, fa->type, fb->type) : NULL;
        if (!ft) {
            break;
        }
        bool nullable = fa->nullable || fb->nullable || cast_forces_null(fa->type, ft, mode) ||
                        cast_forces_null(fb->type, ft, mode);
        fields[i] = (Field){fa->name, ft, nullable, NULL};
    }
    if (i == a->n_fields) {
        t = type_struct(fields, i);
    }
    mem_free(fields);
    return t;
}

static const Type *common_nested(EvalMode mode, const Type *a, const Type *b, CommonFn common)
{
    if (a->id != b->id || !type_is_nested(a)) {
        return NULL;
    }
    if (a->id == T_STRUCT) {
        return common_struct(mode, a, b, common);
    }
    uint32_t last = a->n_fields - 1;
    const Field *va = &a->fields[last], *vb = &b->fields[last];
    const Type *v = common(mode, va->type, vb->type);
    if (!v) {
        return NULL;
    }
    bool nullable = va->nullable || vb->nullable || cast_forces_null(va->type, v, mode) ||
                    cast_forces_null(vb->type, v, mode);
    if (a->id == T_ARRAY) {
        return type_array(v, nullable);
    }
    const Type *ka = a->fields[0].type, *kb = b->fields[0].type;
    const Type *k = common(mode, ka, kb);
    if (!k || cast_forces_null(ka, k, mode) || cast_forces_null(kb, k, mode)) {
        return NULL;
    }
    return type_map(k, v, nullable);
}

const Type *coerce_tightest(EvalMode mode, const Type *a, const Type *b)
{
    if (a == b) {
        return a;
    }
    if (a->id == T_NULL || b->id == T_NULL) {
        return a->id == T_NULL ? b : a;
    }
    if (type_is_udt(a) || type_is_udt(b)) {
        return NULL;
    }
    if (type_is_numeric(a) && type_is_numeric(b)) {
        return common_numeric(mode, a, b);
    }
    if (type_is_datetime(a) && type_is_datetime(b)) {
        return common_datetime(a, b);
    }
    if (a->id == b->id && (a->id == T_INTERVAL_YM || a->id == T_INTERVAL_DT)) {
        uint8_t first = MIN_OF(a->precision, b->precision), last = MAX_OF(a->scale, b->scale);
        return a->id == T_INTERVAL_YM ? type_interval_ym(first, last)
                                      : type_interval_dt(first, last);
    }
    return common_nested(mode, a, b, coerce_tightest);
}

static const Type *common_decimal(const Type *a, const Type *b)
{
    if ((a->id != T_DECIMAL && b->id != T_DECIMAL) || !type_is_numeric(a) || !type_is_numeric(b)) {
        return NULL;
    }
    if (a->id == T_FLOAT || a->id == T_DOUBLE || b->id == T_FLOAT || b->id == T_DOUBLE) {
        return type_double;
    }
    DecType d = dec_type_wider(coerce_decimal_for(a), coerce_decimal_for(b));
    return type_decimal(d.p, d.s);
}

/* s is a string. */
static const Type *promote_string(EvalMode mode, const Type *s, const Type *other)
{
    if (mode != EVAL_ANSI) {
        bool textual = is_atomic(other) && other->id != T_BINARY && other->id != T_BOOLEAN;
        return textual ? s : NULL;
    }
    if (type_is_integral(other)) {
        return type_long;
    }
    if (type_is_fractional(other)) {
        return type_double;
    }
    return is_atomic(other) && !is_interval(other) ? other : NULL;
}

static const Type *common_string(EvalMode mode, const Type *a, const Type *b)
{
    if (a->id == T_STRING && b->id == T_STRING) {
        return NULL; /* of two collations */
    }
    if (a->id == T_STRING) {
        return promote_string(mode, a, b);
    }
    return b->id == T_STRING ? promote_string(mode, b, a) : NULL;
}

static const Type *wider_with_strings(EvalMode mode, const Type *a, const Type *b)
{
    const Type *t = coerce_tightest(mode, a, b);
    if (type_is_udt(a) || type_is_udt(b)) {
        return t;
    }
    t = t ? t : common_decimal(a, b);
    t = t ? t : common_string(mode, a, b);
    return t ? t : common_nested(mode, a, b, wider_with_strings);
}

static const Type *wider_without_strings(EvalMode mode, const Type *a, const Type *b)
{
    const Type *t = coerce_tightest(mode, a, b);
    if (type_is_udt(a) || type_is_udt(b)) {
        return t;
    }
    t = t ? t : common_decimal(a, b);
    return t ? t : common_nested(mode, a, b, wider_without_strings);
}

const Type *coerce_wider(EvalMode mode, const Type *a, const Type *b, bool strings)
{
    return strings ? wider_with_strings(mode, a, b) : wider_without_strings(mode, a, b);
}

const Type *coerce_compare(EvalMode mode, const Type *a, const Type *b)
{
    if (mode != EVAL_ANSI && (a->id == T_STRING) != (b->id == T_STRING)) {
        const Type *other = a->id == T_STRING ? b : a;
        if (other->id == T_DECIMAL) {
            return type_double;
        }
        if (other->id == T_NULL) {
            return type_string;
        }
        return is_atomic(other) && !is_interval(other) ? other : NULL;
    }
    const Type *t = coerce_tightest(mode, a, b);
    t = t ? t : common_decimal(a, b);
    return t ? t : common_string(mode, a, b); /* no strings inside arrays and structs */
}

/* canANSIStoreAssign, which ANSI mode also takes for implicit casts. */
static bool store_assignable(const Type *from, const Type *to)
{
    if (from->id == T_NULL || type_same(from, to)) {
        return true;
    }
    if (type_is_numeric(from) && type_is_numeric(to)) {
        return true;
    }
    if (to->id == T_STRING) {
        return is_atomic(from) || from->id == T_INTERVAL_CAL;
    }
    if (type_is_datetime(from) && type_is_datetime(to)) {
        return true;
    }
    if (from->id != to->id) {
        return false;
    }
    if (from->id == T_INTERVAL_YM || from->id == T_INTERVAL_DT) {
        return true;
    }
    if (!type_is_nested(from) || from->n_fields != to->n_fields) {
        return false;
    }
    for (uint32_t i = 0; i < from->n_fields; i++) {
        const Field *f = &from->fields[i], *t = &to->fields[i];
        if ((f->nullable && !t->nullable) || !store_assignable(f->type, t->type)) {
            return false;
        }
    }
    return true;
}

static bool implicit_ansi(const Type *from, const Type *to)
{
    if (from->id == T_STRING && is_atomic(to)) {
        return !is_interval(to);
    }
    return store_assignable(from, to);
}

static bool implicit_legacy(const Type *from, const Type *to)
{
    if (from->id == T_NULL || (type_is_numeric(from) && type_is_numeric(to))) {
        return true;
    }
    if (type_is_datetime(from) && type_is_datetime(to)) {
        return true;
    }
    if (from->id == T_STRING) {
        return type_is_numeric(to) || type_is_datetime(to) || to->id == T_BINARY;
    }
    if (to->id == T_STRING) {
        return is_atomic(from);
    }
    if (from->id != to->id || !type_is_nested(from) || from->n_fields != to->n_fields) {
        return false;
    }
    for (uint32_t i = 0; i < from->n_fields; i++) {
        const Field *f = &from->fields[i], *t = &to->fields[i];
        if ((f->nullable && !t->nullable) || !coerce_implicit(EVAL_LEGACY, f->type, t->type)) {
            return false;
        }
    }
    return from->id != T_STRUCT;
}

bool coerce_implicit(EvalMode mode, const Type *from, const Type *to)
{
    if (from == to || type_same(from, to)) {
        return true;
    }
    if (type_is_udt(from) || type_is_udt(to)) {
        return from->id == T_NULL;
    }
    return mode == EVAL_ANSI ? implicit_ansi(from, to) : implicit_legacy(from, to);
}
