/*
 * error.c - the table of error conditions, and how an fb_error is filled from it.
 *
 * errors.def becomes one row a condition. A message is put together once, when the error is set, in
 * the form of Spark's SparkThrowableHelper: "[CONDITION] text SQLSTATE: xxxxx", without the last
 * part for a condition that has no state, and the text alone for the conditions that Spark numbers
 * rather than names (_LEGACY_ERROR_TEMP_1234) or that have none. A parameter's value is inserted as
 * it is and not searched again, so that a value that looks like "<name>" stays what it is.
 *
 * Ownership: all strings of an fb_error are its own copies. Threads: an fb_error belongs to one
 * thread at a time; the table is constant.
 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ERR_PARAMS_MAX 32 /* Spark's longest list has 8 */

typedef struct ErrRow {
    const char *condition, *sqlstate;
    ErrClass cls;
    const char *text;
} ErrRow;

static const ErrRow err_rows[ERR_COUNT] = {
    [ERR_NONE] = {"", NULL, EC_SPARK, ""},
#define ERR(id, condition, sqlstate, cls, text) [ERR_##id] = {condition, sqlstate, cls, text},
#include "base/errors.def"
#undef ERR
};

/* Each class with its superclasses, the most specific first, as a JVM would list them. */
#define ROOTS "java.lang.Exception", "java.lang.Throwable", "java.lang.Object", NULL
#define RUNTIME_ROOTS "java.lang.RuntimeException", ROOTS
#define SPARK "org.apache.spark."
#define CHAIN(...) ((const char *const[]){__VA_ARGS__})

static const char *const *const err_class_chains[] = {
    [EC_ANALYSIS] = CHAIN(SPARK "sql.AnalysisException", ROOTS),
    [EC_PARSE] =
        CHAIN(SPARK "sql.catalyst.parser.ParseException", SPARK "sql.AnalysisException", ROOTS),
    [EC_STREAMING_QUERY] = CHAIN(SPARK "sql.streaming.StreamingQueryException", ROOTS),
    [EC_ILLEGAL_ARGUMENT] = CHAIN(SPARK "SparkIllegalArgumentException",
                                  "java.lang.IllegalArgumentException", RUNTIME_ROOTS),
    [EC_ARITHMETIC] =
        CHAIN(SPARK "SparkArithmeticException", "java.lang.ArithmeticException", RUNTIME_ROOTS),
    [EC_NUMBER_FORMAT] =
        CHAIN(SPARK "SparkNumberFormatException", "java.lang.NumberFormatException",
              "java.lang.IllegalArgumentException", RUNTIME_ROOTS),
    [EC_DATE_TIME] =
        CHAIN(SPARK "SparkDateTimeException", "java.time.DateTimeException", RUNTIME_ROOTS),
    [EC_ARRAY_INDEX] = CHAIN(SPARK "SparkArrayIndexOutOfBoundsException",
                             "java.lang.ArrayIndexOutOfBoundsException",
                             "java.lang.IndexOutOfBoundsException", RUNTIME_ROOTS),
    [EC_UNSUPPORTED] = CHAIN(SPARK "SparkUnsupportedOperationException",
                             "java.lang.UnsupportedOperationException", RUNTIME_ROOTS),
    [EC_NO_SUCH_ELEMENT] = CHAIN(SPARK "SparkNoSuchElementException",
                                 "java.util.NoSuchElementException", RUNTIME_ROOTS),
    [EC_RUNTIME] = CHAIN(SPARK "SparkRuntimeException", RUNTIME_ROOTS),
    [EC_SPARK] = CHAIN(SPARK "SparkException", ROOTS),
    [EC_FILE_NOT_FOUND] = CHAIN(SPARK "SparkFileNotFoundException", "java.io.FileNotFoundException",
                                "java.io.IOException", ROOTS),
    [EC_CLASS_NOT_FOUND] =
        CHAIN(SPARK "SparkClassNotFoundException", "java.lang.ClassNotFoundException",
              "java.lang.ReflectiveOperationException", ROOTS),
    [EC_ILLEGAL_STATE] =
        CHAIN(SPARK "SparkIllegalStateException", "java.lang.IllegalStateException", RUNTIME_ROOTS),
    [EC_PYTHON] = CHAIN(SPARK "api.python.PythonException", RUNTIME_ROOTS),
    [EC_CONCURRENT] = CHAIN(SPARK "SparkConcurrentModificationException",
                            "java.util.ConcurrentModificationException", RUNTIME_ROOTS),
    [EC_CONNECT_PLAN] = CHAIN(SPARK "sql.connect.common.InvalidPlanInput", ROOTS),
    [EC_UPGRADE] = CHAIN(SPARK "SparkUpgradeException", RUNTIME_ROOTS),
};

static const ErrRow *err_row(ErrId id)
{
    FB_ASSERT((unsigned)id < ERR_COUNT);
    return &err_rows[id];
}

static const ErrParam *err_param(const fb_error *e, Str key)
{
    for (size_t i = 0; i < e->n_params; i++) {
        if (str_eq(str_of(e->params[i].key), key)) {
            return &e->params[i];
        }
    }
    return NULL;
}

/* Appends text with each <name> of a known parameter replaced; any other '<' is kept. */
static void err_substitute(StrBuf *b, const char *text, const fb_error *e)
{
    for (const char *p = text; *p != '\0';) {
        const char *close = *p == '<' ? strchr(p, '>') : NULL;
        const ErrParam *param = NULL;
        if (close != NULL) {
            param = err_param(e, (Str){p + 1, (size_t)(close - p - 1)});
        }
        if (param != NULL) {
            strbuf_puts(b, param->value);
            p = close + 1;
        } else {
            strbuf_putc(b, *p++);
        }
    }
}

/* Bytes of the UTF-8 character at s, of which n are there; 0 when it is none. */
static size_t utf8_length(const unsigned char *s, size_t n)
{
    size_t len = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (len == 0 || len > n || s[0] > 0xF4) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool too_long = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool no_character = (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF4 && s[1] > 0x8F);
    return too_long || no_character ? 0 : len;
}

static char *err_build_message(const fb_error *e)
{
    const ErrRow *row = err_row(e->id);
    StrBuf b = {0};
    if (row->condition[0] != '\0' &&
        !str_has_prefix(str_of(row->condition), STR_LIT("_LEGACY_ERROR_"))) {
        strbuf_printf(&b, "[%s] ", row->condition);
    }
    err_substitute(&b, row->text, e);
    if (row->sqlstate != NULL) {
        strbuf_printf(&b, " SQLSTATE: %s", row->sqlstate);
    }
    return strbuf_take(&b);
}

/* Bytes that a client must be able to read, whatever file they come from: each that is no UTF-8
 * becomes U+FFFD. */
static char *valid_text(const char *s)
{
    StrBuf b = {0};
    size_t n = strlen(s);
    strbuf_puts(&b, "");
    for (size_t i = 0; i < n;) {
        size_t len = utf8_length((const unsigned char *)s + i, n - i);
        if (len == 0) {
            strbuf_puts(&b, "\xEF\xBF\xBD");
            i++;
        } else {
            strbuf_append(&b, s + i, len);
            i += len;
        }
    }
    return strbuf_take(&b);
}

static void err_fill(fb_error *e, ErrId id, va_list ap)
{
    ErrParam params[ERR_PARAMS_MAX];
    size_t n = 0;
    for (const char *key; n < ERR_PARAMS_MAX && (key = va_arg(ap, const char *)) != NULL; n++) {
        const char *value = va_arg(ap, const char *);
        params[n].key = mem_strdup(key);
        params[n].value = valid_text(value != NULL ? value : "null");
    }
    *e = (fb_error){.id = id, .n_params = n, .start = -1, .stop = -1};
    if (n > 0) {
        e->params = mem_alloc(n * sizeof(params[0]));
        memcpy(e->params, params, n * sizeof(params[0]));
    }
    e->message = err_build_message(e);
}

fb_status err_set(fb_error *e, ErrId id, ...)
{
    if (e == NULL || err_is_set(e)) {
        return FB_ERR;
    }
    va_list ap;
    va_start(ap, id);
    err_fill(e, id, ap);
    va_end(ap);
    return FB_ERR;
}

fb_status err_set_cause(fb_error *e, fb_error *cause, ErrId id, ...)
{
    if (e == NULL || (e != cause && err_is_set(e))) {
        if (cause != NULL) {
            err_clear(cause);
        }
        return FB_ERR;
    }
    fb_error *owned = NULL;
    if (cause != NULL && err_is_set(cause)) {
        owned = mem_alloc(sizeof(*owned));
        *owned = *cause;
        *cause = (fb_error){0};
    }
    va_list ap;
    va_start(ap, id);
    err_fill(e, id, ap);
    va_end(ap);
    e->cause = owned;
    return FB_ERR;
}

fb_status err_errno(fb_error *e, int errnum, const char *action, const char *path)
{
    char number[32];
    const char *reason = strerrordesc_np(errnum); /* never translated, unlike strerror() */
    if (reason == NULL) {
        snprintf(number, sizeof(number), "error %d", errnum);
        reason = number;
    }
    bool first = e != NULL && !err_is_set(e);
    (void)err_set(e, ERR_IO, "action", action, "path", path, "reason", reason, NULL);
    if (first) {
        e->os_error = errnum;
    }
    return FB_ERR;
}

bool err_is_shortage(const fb_error *e)
{
    for (; e != NULL; e = e->cause) {
        if (e->id == ERR_UNABLE_TO_ACQUIRE_MEMORY || e->id == ERR_SPILL_OUT_OF_MEMORY) {
            return true;
        }
        switch (e->os_error) {
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ENOSPC:
        case EDQUOT:
        case ELIBACC:
            return true;
        default:
            break;
        }
    }
    return false;
}

static fb_status err_format(fb_error *e, ErrId id, const char *key, const char *fmt, va_list ap)
{
    char stack[512];
    char *heap = NULL;
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(stack, sizeof(stack), fmt, ap);
    if (n >= 0 && (size_t)n >= sizeof(stack)) {
        heap = mem_alloc((size_t)n + 1);
        vsnprintf(heap, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    err_set(e, id, key, heap != NULL ? heap : stack, NULL);
    mem_free(heap);
    return FB_ERR;
}

fb_status err_internal(fb_error *e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    err_format(e, ERR_INTERNAL_ERROR, "message", fmt, ap);
    va_end(ap);
    return FB_ERR;
}

fb_status err_unsupported(fb_error *e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    err_format(e, ERR_UNSUPPORTED_FEATURE, "feature", fmt, ap);
    va_end(ap);
    return FB_ERR;
}

void err_append(fb_error *e, const char *text)
{
    StrBuf b = {0};
    strbuf_puts(&b, e->message);
    strbuf_puts(&b, text);
    mem_free(e->message);
    e->message = strbuf_take(&b);
}

void err_clear(fb_error *e)
{
    fb_error *cause = NULL;
    for (fb_error *x = e; x != NULL; x = cause) {
        cause = x->cause;
        for (size_t i = 0; i < x->n_params; i++) {
            mem_free(x->params[i].key);
            mem_free(x->params[i].value);
        }
        mem_free(x->params);
        mem_free(x->message);
        mem_free(x->fragment);
        mem_free(x->summary);
        if (x != e) {
            mem_free(x);
        }
    }
    *e = (fb_error){0};
}

void err_move(fb_error *to, fb_error *from)
{
    FB_ASSERT(!err_is_set(to));
    *to = *from;
    *from = (fb_error){0};
}

const char *err_condition(ErrId id)
{
    return err_row(id)->condition;
}

const char *err_sqlstate(ErrId id)
{
    return err_row(id)->sqlstate;
}

ErrClass err_class(ErrId id)
{
    return err_row(id)->cls;
}

const char *const *err_class_chain(ErrClass c)
{
    FB_ASSERT((unsigned)c < sizeof(err_class_chains) / sizeof(err_class_chains[0]));
    FB_ASSERT(err_class_chains[c] != NULL); /* a class was added without its chain */
    return err_class_chains[c];
}

const char *err_class_name(ErrClass c)
{
    return err_class_chain(c)[0];
}

void fb_assert_fail(const char *cond, const char *file, int line)
{
    fprintf(stderr, "forebay: %s:%d: broken invariant: %s\n", file, line, cond);
    abort();
}
