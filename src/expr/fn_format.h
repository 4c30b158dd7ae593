/*
 * fn_format.h - between the two files of format_string: what a format specifier says.
 */
#ifndef EXPR_FN_FORMAT_H
#define EXPR_FN_FORMAT_H

#include "expr/fn_util.h"

typedef struct FormatSpec {
    bool left, alternate, plus, space, zero, group, paren;
    int32_t width, precision; /* -1: none */
    int32_t index;            /* from 1; 0 the next; -1 the same as before */
    char conversion;          /* in lower case */
    bool upper;
    Str text; /* as it was written, for messages */
} FormatSpec;

typedef struct Format {
    EvalCtx *cx;
    const Vec *args; /* [0] is the format */
    uint32_t n_args, row;
    uint32_t next, last; /* argument numbers */
    StrBuf *out;
} Format;

fb_status fmt_bad(Str spec, fb_error *err);
/* The text, cut to the precision and padded to the width, counting as Java does. */
fb_status fmt_text(Format *f, const FormatSpec *s, Str text, fb_error *err);
/* The value of v in the row, which may be null. */
fb_status fmt_value(Format *f, const FormatSpec *s, const Vec *v, fb_error *err);

#endif
