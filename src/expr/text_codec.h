/*
 * text_codec.h - texts that hold values: what from_json, to_csv and their like need of the formats.
 *
 * The formats are above this layer. A format fills a TextCodec, the session hands the table of them
 * to the analyzer (Catalog), and binding a call finds it in its BindCtx. At binding the options of
 * the call become the codec's own form; the first row opens a reader or writer, which the thread
 * keeps for later batches where it can (eval_keep()).
 *
 * Ownership: parsed options live in the plan's arena and are only read. Readers and writers are
 * their maker's; what they produce is in the arena given to each call, or in what was read.
 * Threads: one at a time uses a reader or writer.
 */
#ifndef EXPR_TEXT_CODEC_H
#define EXPR_TEXT_CODEC_H

#include "base/conf.h"
#include "base/options.h"
#include "expr/expr.h"

typedef enum TextUse {
    TEXT_READ,  /* from_json, from_csv */
    TEXT_WRITE, /* to_json, to_csv */
    TEXT_INFER  /* schema_of_json, schema_of_csv */
} TextUse;

typedef struct TextCodec {
    /* Unknown options are ignored; bad ones, modes that the function has not
     * (PARSE_MODE_UNSUPPORTED) and those that are not supported are refused. */
    fb_status (*options)(const Options *o, const Conf *conf, TextUse use, Arena *a,
                         const void **ret, fb_error *err);
    /* Whether values of the type can be read (INVALID_CORRUPT_RECORD_TYPE, or what is not
     * supported) or written. */
    fb_status (*check)(const void *options, const Type *type, TextUse use, fb_error *err);
    fb_status (*reader_new)(const void *options, const Type *type, const struct TimeZone *tz,
                            void **ret, fb_error *err);
    /* out, of n rows and flat, from the first n texts; null where those are. */
    fb_status (*read)(void *reader, const Vec *texts, uint32_t n, Arena *a, Vec *out,
                      fb_error *err);
    void (*reader_free)(void *reader);
    fb_status (*writer_new)(const void *options, const Type *type, const struct TimeZone *tz,
                            void **ret, fb_error *err);
    /* The texts of the first n values into out, flat; null where those are. */
    fb_status (*write)(void *writer, const Vec *values, uint32_t n, Arena *a, Vec *out,
                       fb_error *err);
    void (*writer_free)(void *writer);
    /* The type of the value that the text holds. */
    fb_status (*infer)(const void *options, Str text, const Type **ret, fb_error *err);
} TextCodec;

/* Parts of JSON texts, for n rows; null where there is none. out is flat, in the arena. */
typedef struct JsonQueries {
    void (*get)(const Vec *texts, const Vec *paths, uint32_t n, Arena *a, Vec *out);
    /* out[k]: the fields of names[k]. */
    void (*tuple)(const Vec *texts, const Vec *names, uint32_t n_names, uint32_t n, Arena *a,
                  Vec *out);
    void (*length)(const Vec *texts, uint32_t n, Arena *a, Vec *out); /* int, of arrays */
    void (*keys)(const Vec *texts, uint32_t n, Arena *a, Vec *out);   /* array<string> */
} JsonQueries;

typedef struct TextCodecs {
    const TextCodec *json, *csv;
    const JsonQueries *queries;
} TextCodecs;

#endif
