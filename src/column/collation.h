/*
 * collation.h - collations of strings: their names, and keys by which they compare.
 *
 * A collation is the precision of a string type; 0, UTF8_BINARY, is type_string itself. Two strings
 * compare under a collation as the bytes of their keys do.
 *
 * Ownership: names are static; keys are appended to the caller's buffer. Threads: any; the
 * collators of ICU are opened once and only read then.
 */
#ifndef COLUMN_COLLATION_H
#define COLUMN_COLLATION_H

#include "column/type.h"

/* The string type of a collation by its name in any case. Errors: COLLATION_INVALID_NAME;
 * UNSUPPORTED_FEATURE for those of languages. */
fb_status collation_type(Str name, const Type **ret, fb_error *err);
const char *collation_name(const Type *t);     /* as Spark spells it; t is a string type */
const char *collation_provider(const Type *t); /* "spark" or "icu" */
bool collation_is_lower(const Type *t);        /* UTF8_LCASE: keys are the texts in lower case */
void collation_key(const Type *t, Str s, StrBuf *out);

/* Whether the type is, or holds, a string with another collation than UTF8_BINARY. */
bool type_is_collated(const Type *t);

#endif
