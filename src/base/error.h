/*
 * error.h - why something failed, in Spark's terms.
 *
 * A function that can fail returns fb_status and takes an fb_error* last (never NULL inside the
 * engine). err_set() fills it from a row of errors.def and returns FB_ERR, so that
 *     return err_set(err, ERR_DIVIDE_BY_ZERO, "config", "\"spark.sql.ansi.enabled\"", NULL);
 * is the usual form. The first failure wins: setting an error that is already set keeps the old
 * one.
 *
 * Ownership: an fb_error owns its strings; err_clear() frees them. A zeroed one is empty.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/str.h"
#include "forebay.h"

/* The Java class that PySpark maps to an exception class of its own. */
typedef enum ErrClass {
    EC_ANALYSIS,        /* org.apache.spark.sql.AnalysisException */
    EC_PARSE,           /* org.apache.spark.sql.catalyst.parser.ParseException */
    EC_STREAMING_QUERY, /* org.apache.spark.sql.streaming.StreamingQueryException */
    EC_ILLEGAL_ARGUMENT,
    EC_ARITHMETIC,
    EC_NUMBER_FORMAT,
    EC_DATE_TIME,
    EC_ARRAY_INDEX,
    EC_UNSUPPORTED,
    EC_NO_SUCH_ELEMENT,
    EC_RUNTIME, /* org.apache.spark.SparkRuntimeException */
    EC_SPARK,   /* org.apache.spark.SparkException */
    EC_FILE_NOT_FOUND,
    EC_CLASS_NOT_FOUND,
    EC_ILLEGAL_STATE,
    EC_PYTHON,
    EC_CONCURRENT,   /* org.apache.spark.SparkConcurrentModificationException */
    EC_CONNECT_PLAN, /* org.apache.spark.sql.connect.common.InvalidPlanInput */
    EC_UPGRADE       /* org.apache.spark.SparkUpgradeException */
} ErrClass;

typedef enum ErrId {
    ERR_NONE,
#define ERR(id, condition, sqlstate, cls, text) ERR_##id,
#include "base/errors.def"
#undef ERR
    ERR_COUNT
} ErrId;

typedef struct ErrParam {
    char *key, *value;
} ErrParam;

struct fb_error {
    ErrId id;
    int os_error;  /* errno of err_errno(), else 0 */
    char *message; /* "[CONDITION] text SQLSTATE: xxxxx", as Spark's getMessage() */
    ErrParam *params;
    size_t n_params;
    int start, stop;  /* position in the SQL text, bytes [start, stop); -1 when none */
    char *fragment;   /* the SQL text at fault, or NULL */
    int line, column; /* of start: from 1, and from 0 in code points; line is 0 when none */
    int first, last; /* start and the last character's index, in code points, as Spark's contexts */
    char *summary;   /* "== SQL (line 1, position 8) ==", the lines at fault, marks; or NULL */
    bool point;      /* a parser stopped there: a place without extent, and no query context */
    fb_error *cause; /* owned, or NULL */
};

/* Key, value, key, value, …, NULL: the parameters of the condition. Always returns FB_ERR. */
fb_status err_set(fb_error *e, ErrId id, ...) __attribute__((sentinel));
/* As err_set with a cause whose content is moved into e. */
fb_status err_set_cause(fb_error *e, fb_error *cause, ErrId id, ...) __attribute__((sentinel));
/* An operating system failure: errno, what was tried, and on which file. */
fb_status err_errno(fb_error *e, int errnum, const char *action, const char *path);
/* Whether e or a cause of it is a lack of the process or the machine (descriptors, memory, room on
 * disk, a library): never the fault of the file that it was met at. */
bool err_is_shortage(const fb_error *e);
/* An invariant that does not hold: INTERNAL_ERROR with a formatted text. */
fb_status err_internal(fb_error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Something that Spark has and Forebay does not have yet: UNSUPPORTED_FEATURE that names it. */
fb_status err_unsupported(fb_error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds the place, if none is set: bytes [start, stop) of the whole statement sql. */
void err_where(fb_error *e, int start, int stop, Str sql);
/* Forgets the place, for one that says more. */
void err_unplace(fb_error *e);
/* The message with the place, as Spark's getMessage() has it for the error's class. */
char *err_text(const fb_error *e, Arena *a);
/* Text that follows the message, such as the plan at fault; no parameter holds it. */
void err_append(fb_error *e, const char *text);
void err_clear(fb_error *e);
void err_move(fb_error *to, fb_error *from); /* to must be empty */
const char *err_condition(ErrId id);         /* "CAST_INVALID_INPUT"; "" when it has none */
const char *err_sqlstate(ErrId id);          /* "22018" or NULL */
ErrClass err_class(ErrId id);
const char *err_class_name(ErrClass c); /* full Java class name */
/* The same with its superclasses up to java.lang.Object, NULL at the end. */
const char *const *err_class_chain(ErrClass c);
static inline bool err_is_set(const fb_error *e)
{
    return e->id != ERR_NONE;
}

#define TRY(expr)                                                                                  \
    do {                                                                                           \
        fb_status try_status_ = (expr);                                                            \
        if (__builtin_expect(try_status_ != FB_OK, 0)) {                                           \
            return try_status_;                                                                    \
        }                                                                                          \
    } while (0)
/* The same inside a function that cleans up at label done; needs a variable fb_status st. */
#define TRY_DONE(expr)                                                                             \
    do {                                                                                           \
        st = (expr);                                                                               \
        if (__builtin_expect(st != FB_OK, 0)) {                                                    \
            goto done;                                                                             \
        }                                                                                          \
    } while (0)

/* A broken invariant that must never be: prints the place and ends the process. */
#define FB_ASSERT(cond)                                                                            \
    do {                                                                                           \
        if (__builtin_expect(!(cond), 0)) {                                                        \
            fb_assert_fail(#cond, __FILE__, __LINE__);                                             \
        }                                                                                          \
    } while (0)
_Noreturn void fb_assert_fail(const char *cond, const char *file, int line);

#endif
