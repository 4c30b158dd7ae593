/*
 * collation.c - collations of strings.
 *
 * UTF8_LCASE compares the lower-case forms, character by character and without regard to context,
 * UNICODE and its kin by the root collation of CLDR: CI leaves case out of account, AI accents.
 * RTRIM drops spaces at the end before. Collations of languages are not built.
 */
#include "column/collation.h"

#include <pthread.h>
#include <stdio.h>
#include <unicode/ucol.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

enum { BASE_BINARY, BASE_LCASE, BASE_UNICODE, CASE_IGNORED = 4, ACCENT_IGNORED = 8, TRIMMED = 16 };
#define BASE 3u
#define N_COLLATIONS 32

/* ---- names ---- */

static const char *const names[N_COLLATIONS] = {
    [BASE_BINARY] = "UTF8_BINARY",
    [BASE_LCASE] = "UTF8_LCASE",
    [BASE_UNICODE] = "UNICODE",
    [BASE_UNICODE | CASE_IGNORED] = "UNICODE_CI",
    [BASE_UNICODE | ACCENT_IGNORED] = "UNICODE_AI",
    [BASE_UNICODE | CASE_IGNORED | ACCENT_IGNORED] = "UNICODE_CI_AI",
    [BASE_BINARY | TRIMMED] = "UTF8_BINARY_RTRIM",
    [BASE_LCASE | TRIMMED] = "UTF8_LCASE_RTRIM",
    [BASE_UNICODE | TRIMMED] = "UNICODE_RTRIM",
    [BASE_UNICODE | CASE_IGNORED | TRIMMED] = "UNICODE_CI_RTRIM",
    [BASE_UNICODE | ACCENT_IGNORED | TRIMMED] = "UNICODE_AI_RTRIM",
    [BASE_UNICODE | CASE_IGNORED | ACCENT_IGNORED | TRIMMED] = "UNICODE_CI_AI_RTRIM"};

const char *collation_name(const Type *t)
{
    return names[t->precision];
}

const char *collation_provider(const Type *t)
{
    return (t->precision & BASE) == BASE_UNICODE ? "icu" : "spark";
}

bool collation_is_lower(const Type *t)
{
    return t->precision == BASE_LCASE;
}

bool type_is_collated(const Type *t)
{
    bool found = t->id == T_STRING && t->precision != 0;
    for (uint32_t i = 0; i < t->n_fields && !found; i++) {
        found = type_is_collated(t->fields[i].type);
    }
    return found;
}

static bool cut_prefix(Str *s, const char *prefix)
{
    Str p = str_of(prefix);
    if (s->n < p.n || !str_eq_nocase((Str){s->p, p.n}, p)) {
        return false;
    }
    *s = (Str){s->p + p.n, s->n - p.n};
    return true;
}

/* "_CI_RTRIM" and the like: each kind once, in any order. */
static bool read_specifiers(Str s, unsigned *id)
{
    static const struct {
        const char *text;
        unsigned kind, bit;
        bool icu;
    } all[] = {{"_CI", 1, CASE_IGNORED, true},
               {"_CS", 1, 0, true},
               {"_AI", 2, ACCENT_IGNORED, true},
               {"_AS", 2, 0, true},
               {"_RTRIM", 4, TRIMMED, false}};
    unsigned seen = 0;
    while (s.n > 0) {
        size_t k = 0;
        while (k < sizeof(all) / sizeof(all[0]) && !cut_prefix(&s, all[k].text)) {
            k++;
        }
        if (k == sizeof(all) / sizeof(all[0]) || (seen & all[k].kind) ||
            (all[k].icu && *id != BASE_UNICODE && (*id & BASE) != BASE_UNICODE)) {
            return false;
        }
        seen |= all[k].kind;
        *id |= all[k].bit;
    }
    return true;
}

static bool read_name(Str name, unsigned *id)
{
    for (unsigned base = BASE_BINARY; base <= BASE_UNICODE; base++) {
        Str rest = name;
        *id = base;
        if (cut_prefix(&rest, names[base])) {
            return read_specifiers(rest, id);
        }
    }
    return false;
}

/* de, de_AI, sr_Cyrl_SRB … begin with a language that ICU knows. */
static bool is_of_language(Str name)
{
    const char *end = memchr(name.p, '_', name.n);
    Str language = {name.p, end ? (size_t)(end - name.p) : name.n};
    for (int32_t i = 0; i < ucol_countAvailable(); i++) {
        Str known = str_of(ucol_getAvailable(i));
        end = memchr(known.p, '_', known.n);
        known.n = end ? (size_t)(end - known.p) : known.n;
        if (str_eq_nocase(known, language)) {
            return true;
        }
    }
    return false;
}

fb_status collation_type(Str name, const Type **ret, fb_error *err)
{
    unsigned id;
    if (read_name(name, &id)) {
        *ret = type_collated((uint8_t)id);
        return FB_OK;
    }
    char text[128];
    snprintf(text, sizeof(text), "%.*s", (int)(name.n < 100 ? name.n : 100), name.p);
    if (is_of_language(name)) {
        return err_unsupported(err, "the collation %s", text);
    }
    bool utf8 = name.n > 0 && (*name.p == 'u' || *name.p == 'U') && name.n > 2 &&
                ascii_lower(name.p[1]) == 't';
    return err_set(err, ERR_COLLATION_INVALID_NAME, "collationName", text, "proposals",
                   utf8 ? "UTF8_BINARY, UTF8_LCASE" : "UNICODE, UNICODE_CI, UTF8_LCASE", NULL);
}

/* ---- keys ---- */

static UCollator *collators[N_COLLATIONS];
static pthread_mutex_t collators_lock = PTHREAD_MUTEX_INITIALIZER;

/* Without regard to accents case is a level of its own. */
static UCollator *collator_open(unsigned id)
{
    UErrorCode status = U_ZERO_ERROR;
    UCollator *c = ucol_open("", &status);
    bool ci = id & CASE_IGNORED, ai = id & ACCENT_IGNORED;
    FB_ASSERT(U_SUCCESS(status));
    ucol_setStrength(c, ai ? UCOL_PRIMARY : ci ? UCOL_SECONDARY : UCOL_TERTIARY);
    ucol_setAttribute(c, UCOL_CASE_LEVEL, ai && !ci ? UCOL_ON : UCOL_OFF, &status);
    FB_ASSERT(U_SUCCESS(status));
    return c;
}

static const UCollator *collator_of(unsigned id)
{
    pthread_mutex_lock(&collators_lock);
    if (!collators[id]) {
        collators[id] = collator_open(id);
    }
    const UCollator *c = collators[id];
    pthread_mutex_unlock(&collators_lock);
    return c;
}

static void put_sort_key(unsigned id, Str s, StrBuf *out)
{
    UChar few[128], *units = few;
    int32_t n = 0;
    UErrorCode status = U_ZERO_ERROR;
    FB_ASSERT(s.n <= INT32_MAX);
    if (s.n > 128) { /* never more units than bytes */
        units = mem_alloc(mem_mul(s.n, sizeof(UChar)));
    }
    u_strFromUTF8WithSub(units, (int32_t)(s.n > 128 ? s.n : 128), &n, s.p, (int32_t)s.n, 0xFFFD,
                         NULL, &status);
    const UCollator *c = collator_of(id & ~(unsigned)TRIMMED);
    strbuf_reserve(out, s.n * 3 + 16);
    size_t free_bytes = out->cap - out->n - 1;
    int32_t room = free_bytes < INT32_MAX ? (int32_t)free_bytes : INT32_MAX;
    int32_t need = ucol_getSortKey(c, units, n, (uint8_t *)out->p + out->n, room);
    if (need > room) {
        strbuf_reserve(out, (size_t)need + 1);
        need = ucol_getSortKey(c, units, n, (uint8_t *)out->p + out->n, need);
    }
    out->n += need > 0 ? (size_t)need - 1 : 0; /* without its NUL */
    if (units != few) {
        mem_free(units);
    }
}

/* One character in lower case, whatever is around it: a sigma is a sigma at the end of a word. */
static void put_lower(UChar32 c, StrBuf *out)
{
    uint8_t utf8[U8_MAX_LENGTH];
    int32_t n = 0;
    UBool failed = false;
    if (c == 0x130) { /* i with dot above: i, and the dot */
        strbuf_puts(out, "i\xCC\x87");
        return;
    }
    c = c == 0x3C2 ? 0x3C3 : u_tolower(c);
    U8_APPEND(utf8, n, U8_MAX_LENGTH, (uint32_t)c, failed);
    FB_ASSERT(!failed);
    strbuf_append(out, utf8, (size_t)n);
}

static void put_lower_case(Str s, StrBuf *out)
{
    strbuf_reserve(out, s.n + 1);
    for (size_t i = 0; i < s.n;) {
        if ((unsigned char)s.p[i] < 0x80) {
            strbuf_putc(out, ascii_lower(s.p[i++]));
            continue;
        }
        size_t n = utf8_sequence(s.p + i, s.n - i);
        if (n == 0) {
            strbuf_putc(out, s.p[i++]);
            continue;
        }
        int32_t at = 0;
        UChar32 c;
        U8_NEXT_UNSAFE(s.p + i, at, c);
        put_lower(c, out);
        i += n;
    }
}

void collation_key(const Type *t, Str s, StrBuf *out)
{
    unsigned id = t->precision;
    while ((id & TRIMMED) && s.n > 0 && s.p[s.n - 1] == ' ') {
        s.n--;
    }
    if ((id & BASE) == BASE_UNICODE) {
        put_sort_key(id, s, out);
    } else if ((id & BASE) == BASE_LCASE) {
        put_lower_case(s, out);
    } else {
        strbuf_append(out, s.p, s.n);
    }
}
