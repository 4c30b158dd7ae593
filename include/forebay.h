/*
 * forebay.h - the C API of Forebay, an engine for Spark Structured Streaming jobs.
 *
 * A program opens a session, makes frames (by SQL, from files, from Arrow data), and takes their
 * rows as an Arrow C stream, writes them to files, or starts streaming queries on them. Settings,
 * options, SQL, error conditions and checkpoints are those of Apache Spark.
 *
 *     fb_error *err = fb_error_new();
 *     fb_session *s;
 *     fb_frame *f;
 *     struct ArrowArrayStream rows;
 *     if (fb_session_open(NULL, &s, err) == FB_OK &&
 *         fb_sql(s, "SELECT id FROM range(3)", &f, err) == FB_OK &&
 *         fb_frame_stream(f, &rows, err) == FB_OK) { ... rows.get_next(&rows, &batch) ... }
 *
 * Results. Functions that can fail return fb_status and take a fb_error last, which may be NULL. On
 *     FB_OK the ret_ parameters are set; on FB_ERR they are untouched and the error says why.
 * Ownership. What a ret_ parameter gives is the caller's: end it with the free function of its
 * type, texts with fb_free(). Everything passed in is copied or used before the function returns,
 *     but an ArrowArrayStream passed in is moved: the function releases it, also when it fails.
 *     Frames and queries may outlive fb_session_close(); NULL is fine for all free functions.
 * Threads. Every function may be called from any thread; one fb_error belongs to one thread at a
 * time, an ArrowArrayStream too. Nothing here may be called after fork() in the child. Text is
 * UTF-8. Option lists are arrays of key, value, key, value, ..., NULL; a NULL list is empty. Keys
 * of options are compared without case.
 */
#ifndef FOREBAY_H
#define FOREBAY_H

#include <stdint.h>

#if defined(__GNUC__)
#define FB_API __attribute__((visibility("default")))
#else
#define FB_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the Arrow C data and stream interfaces, as their specification has them ---- */

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4
struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};
struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};
#endif
#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};
#endif

/* ---- results and errors ---- */

/* What every call that can fail returns. */
typedef enum fb_status {
    FB_OK = 0,  /* done */
    FB_ERR = 1, /* failed; the fb_error says why */
    FB_STOP = 2 /* internal: the consumer wants no more rows; never leaves the library */
} fb_status;

/* Why a call failed: Spark's error condition, SQLSTATE, message and cause. */
typedef struct fb_error fb_error;

/* An empty error. Each call that takes it forgets what was in it before. */
FB_API fb_error *fb_error_new(void);
FB_API void fb_error_free(fb_error *err);
/* "[DIVIDE_BY_ZERO] Division by zero. ... SQLSTATE: 22012", with the place in the SQL text if there
 * is one; "" when nothing failed. All texts are borrowed until the next call that takes err. */
FB_API const char *fb_error_message(const fb_error *err);
/* The name of the condition: "DIVIDE_BY_ZERO"; "" when nothing failed. */
FB_API const char *fb_error_condition(const fb_error *err);
/* Five characters, or NULL: the condition has none. */
FB_API const char *fb_error_sqlstate(const fb_error *err);
/* The i-th parameter of the message, from 0: 1, or 0 when there are not so many. */
FB_API int fb_error_parameter(const fb_error *err, uint32_t i, const char **ret_key,
                              const char **ret_value);
/* What led to this error, borrowed; NULL: nothing. A failed query's error has the batch's as cause.
 */
FB_API const fb_error *fb_error_cause(const fb_error *err);

/* Ends a text that a function returned. */
FB_API void fb_free(void *text);
/* "0.1.0" */
FB_API const char *fb_version(void);

/* ---- sessions ---- */

/* An engine (worker threads, memory budget) and a session of it: settings, temporary views,
 * queries. */
typedef struct fb_session fb_session;

/* settings: key, value, ..., NULL. Static ones count here only: spark.master ("local[4]": as many
 * workers; "local[*]" or absent: one a core that the process may use), spark.forebay.memory.limit
 * ("2g"; absent: 60 % of the machine or the cgroup).
 * Errors: INVALID_CONF_VALUE.* */
FB_API fb_status fb_session_open(const char *const *settings, fb_session **ret, fb_error *err);
/* Stops the session's queries and waits for them. Frames and queries that are left stay valid as
 * objects: a frame can still be run. */
FB_API void fb_session_close(fb_session *s);
/* Errors: INVALID_CONF_VALUE.*, CANNOT_MODIFY_STATIC_CONFIG. Unknown keys can be set and read. */
FB_API fb_status fb_conf_set(fb_session *s, const char *key, const char *value, fb_error *err);
/* The setting or its default, to be freed; NULL: neither. */
FB_API char *fb_conf_get(fb_session *s, const char *key);

/* ---- frames ---- */

/* A plan with known columns: what Spark calls a DataFrame. It never changes, and runs each time
 * that its rows are asked for. */
typedef struct fb_frame fb_frame;

/* One statement. A query is analysed, not run; a command (CREATE TEMPORARY VIEW, SET, SHOW ...)
 * runs at once, and the frame holds its result. Errors: PARSE_SYNTAX_ERROR,
 * TABLE_OR_VIEW_NOT_FOUND, UNRESOLVED_COLUMN.* and the like. */
FB_API fb_status fb_sql(fb_session *s, const char *sql, fb_frame **ret, fb_error *err);
/* Files as a table. format: "json", "csv", "text"; NULL: spark.sql.sources.default. schema: "a INT,
 * b STRING" or Spark's JSON form; NULL: inferred. path: a folder, file or glob; NULL: option
 * "path". Errors: PATH_NOT_FOUND, DATA_SOURCE_NOT_FOUND, UNABLE_TO_INFER_SCHEMA. */
FB_API fb_status fb_read(fb_session *s, const char *format, const char *schema, const char *path,
                         const char *const *options, fb_frame **ret, fb_error *err);
/* The same as a stream, for fb_write_stream(); also format "socket" (options "host", "port"). Views
 * of it make streaming frames out of SQL. Files need a schema. */
FB_API fb_status fb_read_stream(fb_session *s, const char *format, const char *schema,
                                const char *path, const char *const *options, fb_frame **ret,
                                fb_error *err);
/* The rows of a stream, which is read to its end, copied and released.
 * Errors: UNSUPPORTED_ARROWTYPE, and what the stream's get_last_error says as ARROW_STREAM_FAILED.
 */
FB_API fb_status fb_frame_from_stream(fb_session *s, struct ArrowArrayStream *rows, fb_frame **ret,
                                      fb_error *err);
FB_API void fb_frame_free(fb_frame *f);

/* 1: its rows come from a stream, so that only fb_write_stream() can run it. */
FB_API int fb_frame_is_streaming(const fb_frame *f);
/* A struct of the columns; the caller releases it. Timestamps carry the session's time zone. */
FB_API fb_status fb_frame_schema(const fb_frame *f, struct ArrowSchema *ret, fb_error *err);
/* Runs the frame and gives its rows, in order, as batches of up to 4,096 rows. The run is over when
 * this returns; the stream does not need the session. Errors: those of the expressions that fail.
 */
FB_API fb_status fb_frame_stream(const fb_frame *f, struct ArrowArrayStream *ret, fb_error *err);
/* The table that Spark's show() prints. truncate: cut values to so many characters, 0: whole. */
FB_API fb_status fb_frame_show(const fb_frame *f, int64_t n_rows, int64_t truncate, char **ret,
                               fb_error *err);
/* Makes or replaces the temporary view of that name. Errors: TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS. */
FB_API fb_status fb_frame_create_view(const fb_frame *f, const char *name, fb_error *err);
/* Writes files into a folder. mode: "append", "overwrite", "ignore", "errorifexists" (NULL).
 * partition_by: column names, NULL at the end. Errors: PATH_ALREADY_EXISTS, INVALID_SAVE_MODE. */
FB_API fb_status fb_write(const fb_frame *f, const char *format, const char *path, const char *mode,
                          const char *const *partition_by, const char *const *options,
                          fb_error *err);

/* ---- streaming queries ---- */

/* A run of a streaming query, on a thread of its own. */
typedef struct fb_query fb_query;

typedef enum fb_trigger {
    FB_TRIGGER_INTERVAL = 0,     /* every interval_ms; 0: as soon as the last batch is done */
    FB_TRIGGER_ONCE = 1,         /* one batch of all there is, then the end */
    FB_TRIGGER_AVAILABLE_NOW = 2 /* all there is at the start, in batches as options limit them */
} fb_trigger;

/* Begin with FB_STREAM_SPEC_INIT and set what is needed. Fields are only ever added at the end;
 * size tells the library how many there are. */
typedef struct fb_stream_spec {
    uint64_t size;           /* sizeof(fb_stream_spec) */
    const char *format;      /* "json", "csv", "text", "console", "memory", "noop" */
    const char *path;        /* folder of a file sink, or NULL */
    const char *output_mode; /* "append" (NULL), "update", "complete" */
    const char *name;        /* or NULL; memory: also the view that shows the rows */
    fb_trigger trigger;
    int64_t interval_ms;
    const char *const *options;      /* "checkpointLocation" and others */
    const char *const *partition_by; /* column names, NULL at the end; or NULL */
} fb_stream_spec;
#define FB_STREAM_SPEC_INIT                                                                        \
    {                                                                                              \
        sizeof(fb_stream_spec), 0, 0, 0, 0, FB_TRIGGER_INTERVAL, 0, 0, 0                           \
    }

/* Starts writing a streaming frame. With the checkpoint of an earlier run it goes on where that one
 * ended, exactly once for file sinks; another query that runs on the same checkpoint is stopped
 * first. Errors: STREAMING_OUTPUT_MODE.*, _LEGACY_ERROR_TEMP_1298 (no checkpointLocation),
 * WRITE_STREAM_NOT_ALLOWED (the frame is no stream) and others that are known before the first
 * batch. */
FB_API fb_status fb_write_stream(const fb_frame *f, const fb_stream_spec *spec, fb_query **ret,
                                 fb_error *err);
/* Gives the handle back; the query goes on. */
FB_API void fb_query_free(fb_query *q);
/* The same for all runs on one checkpoint; borrowed from the query. */
FB_API const char *fb_query_id(const fb_query *q);
FB_API const char *fb_query_run_id(const fb_query *q);
FB_API int fb_query_is_active(const fb_query *q);
/* Waits until the query has ended, at most timeout_ms (negative: for ever). *ret_ended (may be
 * NULL): 1 or 0. Errors: STREAM_FAILED when the query failed; the reason is its cause. */
FB_API fb_status fb_query_await(fb_query *q, int64_t timeout_ms, int *ret_ended, fb_error *err);
/* Waits until all that is there now is processed. Errors: STREAM_FAILED. */
FB_API fb_status fb_query_process_all_available(fb_query *q, fb_error *err);
/* Ends the query and waits for it. A batch that was cut off runs again at the next start. */
FB_API fb_status fb_query_stop(fb_query *q, fb_error *err);
/* The last progress as Spark's JSON, to be freed; NULL: no batch has run yet. */
FB_API char *fb_query_progress(fb_query *q);
/* {"message":"Waiting for next trigger","isDataAvailable":false,"isTriggerActive":false}; to be
 * freed. */
FB_API char *fb_query_status(fb_query *q);

#ifdef __cplusplus
}
#endif
#endif
