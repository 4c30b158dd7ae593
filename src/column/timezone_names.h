/* timezone_names.h - reading the names of zones at the start of a text (datefmt_parse.c). */
#ifndef COLUMN_TIMEZONE_NAMES_H
#define COLUMN_TIMEZONE_NAMES_H

#include "base/str.h"

typedef enum TzNameKind { TZ_NAME_ID, TZ_NAME_SHORT, TZ_NAME_LONG } TzNameKind;

/* The id of the longest region id, or name of the kind, that s starts with, in any case; its
 * length in *ret_n. NULL: none. */
const char *tz_name_prefix(Str s, TzNameKind kind, size_t *ret_n);

#endif
