/*
 * type_priv.h - what the files of type*.c share.
 */
#ifndef COLUMN_TYPE_PRIV_H
#define COLUMN_TYPE_PRIV_H

#include "column/type.h"

#include <jansson.h>

/* Bound of recursion over types made from outside bytes: deeper ones are refused. */
#define TYPE_MAX_DEPTH 100

/* A JSON string, as Jackson writes it: UTF-8 kept, control characters escaped. */
void type_put_json_string(StrBuf *out, Str s);
/* Appends a JSON value in the canonical form of metadata; false when it is nested too deep. */
bool metadata_put_value(const json_t *v, int depth, StrBuf *out);
/* The text under a key of a metadata object (NULL: {}); false when there is none or no text. */
bool metadata_get_string(const char *metadata, const char *key, StrBuf *ret);
/* "long", "decimal(10,2)", "interval day to second": DataType.typeName of types without fields. */
void type_put_name(const Type *t, StrBuf *out);

#endif
