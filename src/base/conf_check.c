/*
 * conf_check.c - what a setting takes: its kind as Java reads it, its range, and whether another
 * value than the default is built.
 *
 * The tables are conf.def (kinds), conf_rule.def (ranges), conf_fixed.def (defaults only) and
 * conf_alias.def (old names). All are sorted by key and searched by halves.
 */
#include "base/conf.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

/* ---- numbers with units, as Spark's JavaUtils reads them ---- */

typedef struct Unit {
    const char *name;
    int64_t factor;
} Unit;

/* Digits and a unit, nothing between; a sign before. *unit is empty for a plain number. */
static bool split_unit(Str s, int64_t *number, Str *unit)
{
    size_t i = s.n > 0 && s.p[0] == '-';
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') {
        i++;
    }
    *unit = (Str){s.p + i, s.n - i};
    return parse_i64((Str){s.p, i}, number);
}

static bool find_unit(const Unit *units, size_t n_units, Str name, int64_t *factor)
{
    for (size_t i = 0; i < n_units; i++) {
        if (str_eq_nocase(name, str_of(units[i].name))) {
            *factor = units[i].factor;
            return true;
        }
    }
    return false;
}

/* In `unit` bytes, which a plain number counts too. */
static bool parse_bytes(Str s, int64_t unit, int64_t *ret)
{
    static const Unit units[] = {{"b", 1},
                                 {"k", 1 << 10},
                                 {"kb", 1 << 10},
                                 {"kib", 1 << 10},
                                 {"m", 1 << 20},
                                 {"mb", 1 << 20},
                                 {"mib", 1 << 20},
                                 {"g", 1 << 30},
                                 {"gb", 1 << 30},
                                 {"gib", 1 << 30},
                                 {"t", (int64_t)1 << 40},
                                 {"tb", (int64_t)1 << 40},
                                 {"tib", (int64_t)1 << 40},
                                 {"p", (int64_t)1 << 50},
                                 {"pb", (int64_t)1 << 50},
                                 {"pib", (int64_t)1 << 50}};
    int64_t number, factor = unit, bytes;
    Str name;
    if (!split_unit(str_trim(s), &number, &name) ||
        (name.n > 0 && !find_unit(units, sizeof(units) / sizeof(units[0]), name, &factor)) ||
        number == INT64_MIN || __builtin_mul_overflow(number, factor, &bytes)) {
        return false;
    }
    *ret = bytes / unit;
    return true;
}

/* In units of `unit_us` microseconds, which a plain number counts too. */
static bool parse_time(Str s, int64_t unit_us, int64_t *ret)
{
    static const Unit units[] = {{"us", 1},
                                 {"ms", 1000},
                                 {"s", 1000000},
                                 {"m", 60000000},
                                 {"min", 60000000},
                                 {"h", INT64_C(3600000000)},
                                 {"d", INT64_C(86400000000)}};
    int64_t number, factor = unit_us;
    Str name;
    if (!split_unit(str_trim(s), &number, &name) ||
        (name.n > 0 && !find_unit(units, sizeof(units) / sizeof(units[0]), name, &factor))) {
        return false;
    }
    if (factor < unit_us) {
        *ret = number / (unit_us / factor);
        return true;
    }
    return !__builtin_mul_overflow(number, factor / unit_us, ret);
}

bool conf_parse_bytes(Str s, int64_t *ret)
{
    return parse_bytes(s, 1, ret);
}

bool conf_parse_time_ms(Str s, int64_t *ret)
{
    return parse_time(s, 1000, ret);
}

bool conf_parse_number(ConfKind kind, Str s, int64_t *ret)
{
    switch (kind) {
    case CONF_BYTES:
        return parse_bytes(s, 1, ret);
    case CONF_MIB:
        return parse_bytes(s, 1 << 20, ret);
    case CONF_TIME_MS:
        return parse_time(s, 1000, ret);
    case CONF_TIME_S:
        return parse_time(s, 1000000, ret);
    case CONF_INT:
        return parse_i64(str_trim(s), ret) && *ret >= INT32_MIN && *ret <= INT32_MAX;
    default:
        return parse_i64(str_trim(s), ret);
    }
}

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    FB_ASSERT(c_locale != (locale_t)0);
}

/* Double.parseDouble without its hexadecimal form. */
static bool parse_double(Str s, double *ret)
{
    char buf[64];
    s = str_trim(s);
    size_t sign = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
    Str body = {s.p + sign, s.n - sign};
    if (str_eq(body, STR_LIT("NaN")) || str_eq(body, STR_LIT("Infinity"))) {
        *ret = body.p[0] == 'N' ? (double)NAN
               : s.p[0] == '-'  ? -(double)INFINITY
                                : (double)INFINITY;
        return true;
    }
    if (body.n > 1 && memchr("fFdD", body.p[body.n - 1], 4)) {
        body.n--;
        s.n--;
    }
    if (body.n == 0 || s.n >= sizeof(buf) || !memchr("0123456789.", body.p[0], 11)) {
        return false;
    }
    for (size_t i = 0; i < body.n; i++) {
        if (!memchr("0123456789.eE+-", body.p[i], 15)) {
            return false;
        }
    }
    memcpy(buf, s.p, s.n);
    buf[s.n] = 0;
    pthread_once(&c_locale_once, make_c_locale);
    char *end;
    *ret = strtod_l(buf, &end, c_locale);
    return end == buf + s.n;
}

/* ---- tables ---- */

typedef enum RuleKind { RULE_RANGE, RULE_WITHIN, RULE_OPTIONS, RULE_ONE_OF } RuleKind;

typedef struct ConfRule {
    const char *key;
    RuleKind kind;
    int64_t least, most;
    double from, to;
    bool open;
    const char *options; /* "A, B" */
} ConfRule;

static const ConfRule rules[] = {
#define RANGE(k, lo, hi) {.key = k, .kind = RULE_RANGE, .least = lo, .most = hi},
#define WITHIN(k, lo, hi, o)                                                                       \
    {.key = k, .kind = RULE_WITHIN, .from = (double)(lo), .to = (double)(hi), .open = o},
#define OPTIONS(k, o) {.key = k, .kind = RULE_OPTIONS, .options = o},
#define ONE_OF(k, o) {.key = k, .kind = RULE_ONE_OF, .options = o},
#include "base/conf_rule.def"
#undef RANGE
#undef WITHIN
#undef OPTIONS
#undef ONE_OF
};

/* A key, and what its table says about it. */
typedef struct Note {
    const char *key, *since, *deflt, *text;
} Note;

static const Note fixed[] = {
#define FIXED(k) {.key = k},
#include "base/conf_fixed.def"
#undef FIXED
};

#define FALLBACK(k, other)
#define DEPRECATED(k, since, advice)
#define NO_EFFECT(k)
#define REMOVED(k, since, deflt, why)
static const Note fallbacks[] = {
#undef FALLBACK
#define FALLBACK(k, other) {.key = k, .text = other},
#include "base/conf_alias.def"
#undef FALLBACK
#define FALLBACK(k, other)
};
static const Note deprecated[] = {
#undef DEPRECATED
#define DEPRECATED(k, v, advice) {.key = k, .since = v, .text = advice},
#include "base/conf_alias.def"
#undef DEPRECATED
#define DEPRECATED(k, v, advice)
};
static const Note no_effect[] = {
#undef NO_EFFECT
#define NO_EFFECT(k) {.key = k},
#include "base/conf_alias.def"
#undef NO_EFFECT
#define NO_EFFECT(k)
};
static const Note removed[] = {
#undef REMOVED
#define REMOVED(k, v, d, why) {.key = k, .since = v, .deflt = d, .text = why},
#include "base/conf_alias.def"
};

static int compare_key(const void *key, const void *row)
{
    return strcmp(key, *(const char *const *)row); /* the key is each table's first member */
}

#define FIND(table, key)                                                                           \
    bsearch(key, table, sizeof(table) / sizeof((table)[0]), sizeof((table)[0]), compare_key)

const char *conf_fallback(const char *key)
{
    const Note *n = FIND(fallbacks, key);
    return n ? n->text : NULL;
}

const char *conf_warning(const char *key, Arena *a)
{
    const Note *n = FIND(no_effect, key);
    if (n) {
        return arena_printf(a, "The configuration '%s' has no effect on Spark Connect", key);
    }
    n = FIND(deprecated, key);
    return n ? arena_printf(a, "The setting '%s' is deprecated since Spark %s. %s", key, n->since,
                            n->text)
             : NULL;
}

/* ---- values ---- */

static const char *kind_name(ConfKind kind)
{
    static const char *const names[] = {[CONF_STRING] = "string",
                                        [CONF_BOOL] = "boolean",
                                        [CONF_INT] = "int",
                                        [CONF_LONG] = "long",
                                        [CONF_DOUBLE] = "double",
                                        [CONF_BYTES] = "bytes in BYTE",
                                        [CONF_MIB] = "bytes in MiB",
                                        [CONF_TIME_MS] = "time in MILLISECONDS",
                                        [CONF_TIME_S] = "time in SECONDS"};
    return names[kind];
}

typedef struct Value {
    ConfKind kind;
    int64_t number; /* of the whole-number kinds */
    double fraction;
    bool flag;
} Value;

static bool read_value(ConfKind kind, const char *text, Value *ret)
{
    *ret = (Value){.kind = kind};
    switch (kind) {
    case CONF_STRING:
        return true;
    case CONF_BOOL:
        return parse_bool(str_trim(str_of(text)), &ret->flag);
    case CONF_DOUBLE:
        return parse_double(str_of(text), &ret->fraction);
    default:
        return conf_parse_number(kind, str_of(text), &ret->number);
    }
}

static bool is_option(const char *options, Str value)
{
    for (const char *p = options; *p;) {
        size_t n = strcspn(p, ",");
        if (str_eq_nocase((Str){p, n}, value)) {
            return true;
        }
        p += n;
        p += strspn(p, ", ");
    }
    return false;
}

/* A whole number as Spark repeats it in a refusal: with its unit. */
static void show_number(ConfKind kind, int64_t n, StrBuf *out)
{
    switch (kind) {
    case CONF_BYTES:
        strbuf_printf(out, "%lldb", (long long)n);
        break;
    case CONF_TIME_MS:
        strbuf_printf(out, "%lldms", (long long)n);
        break;
    case CONF_TIME_S:
        strbuf_printf(out, "%lld000ms", (long long)n);
        break;
    default:
        strbuf_printf(out, "%lld", (long long)n);
        break;
    }
}

static void describe_range(const ConfRule *r, StrBuf *out)
{
    if (r->kind == RULE_ONE_OF) {
        strbuf_printf(out, "It has to be one of %s.", r->options);
    } else if (r->kind == RULE_WITHIN) {
        strbuf_printf(out, "It has to be in %c%g, %g%c.", r->open ? '(' : '[', r->from, r->to,
                      r->open ? ')' : ']');
    } else if (r->least == 1 && r->most == INT64_MAX) {
        strbuf_printf(out, "The value of %s must be positive", r->key);
    } else if (r->most == INT64_MAX) {
        strbuf_printf(out, "It has to be at least %lld.", (long long)r->least);
    } else if (r->least == INT64_MIN) {
        strbuf_printf(out, "It has to be at most %lld.", (long long)r->most);
    } else {
        strbuf_printf(out, "It has to be between %lld and %lld.", (long long)r->least,
                      (long long)r->most);
    }
}

static bool follows(const ConfRule *r, const Value *v, const char *text)
{
    switch (r->kind) {
    case RULE_RANGE:
        return v->number >= r->least && v->number <= r->most;
    case RULE_WITHIN:
        return r->open ? v->fraction > r->from && v->fraction < r->to
                       : v->fraction >= r->from && v->fraction <= r->to;
    default:
        return is_option(r->options, str_of(text));
    }
}

static fb_status check_rule(const char *key, const char *text, const Value *v, fb_error *err)
{
    const ConfRule *r = FIND(rules, key);
    if (!r || follows(r, v, text)) {
        return FB_OK;
    }
    if (r->kind == RULE_OPTIONS) {
        return err_set(err, ERR_INVALID_CONF_VALUE_OUT_OF_RANGE_OF_OPTIONS, "confName", key,
                       "confValue", text, "confOptions", r->options, NULL);
    }
    StrBuf shown = {0}, requirement = {0};
    if (r->kind == RULE_RANGE) {
        show_number(v->kind, v->number, &shown);
    } else {
        strbuf_puts(&shown, text);
    }
    describe_range(r, &requirement);
    fb_status st = err_set(err, ERR_INVALID_CONF_VALUE_REQUIREMENT, "confName", key, "confValue",
                           shown.p, "confRequirement", requirement.p, NULL);
    strbuf_free(&shown);
    strbuf_free(&requirement);
    return st;
}

/* Another value than the default of a setting that only its default is built of. */
static fb_status check_fixed(const char *key, const char *text, const Value *v, fb_error *err)
{
    const ConfDef *def = conf_def(key);
    if (!FIND(fixed, key)) {
        return FB_OK;
    }
    Value d;
    bool same =
        def && def->deflt && read_value(def->kind, def->deflt, &d) &&
        (def->kind == CONF_STRING ? str_eq_nocase(str_of(text), str_of(def->deflt))
                                  : d.number == v->number && d.flag == v->flag &&
                                        !(d.fraction < v->fraction) && !(d.fraction > v->fraction));
    return same ? FB_OK : err_unsupported(err, "the setting %s=%s", key, text);
}

fb_status conf_check_value(const char *key, const char *value, fb_error *err)
{
    const ConfDef *def = conf_def(key);
    const Note *gone = FIND(removed, key);
    Value v = {0};
    if (gone && strcmp(value, gone->deflt) != 0) {
        return err_set(err, ERR_CONF_REMOVED, "configName", key, "version", gone->since, "comment",
                       gone->text, NULL);
    }
    if (def && !read_value(def->kind, value, &v)) {
        return err_set(err, ERR_INVALID_CONF_VALUE_TYPE_MISMATCH, "confName", key, "confValue",
                       value, "confType", kind_name(def->kind), NULL);
    }
    TRY(check_rule(key, value, &v, err));
    return check_fixed(key, value, &v, err);
}
