/* timezone_priv.h - what datetime.c and datefmt*.c share with timezone.c. */
#ifndef COLUMN_TIMEZONE_PRIV_H
#define COLUMN_TIMEZONE_PRIV_H

#include "column/timezone.h"

/* Java's ZoneOffset.of with Spark's fixes ("+1:2"), "Z" included; no lock, no table. */
bool tz_parse_offset(Str s, int32_t *ret_seconds);
/* "Z", "+01:00", "-18:00:01"; NUL-terminated. */
void tz_offset_id(int32_t offset_seconds, char buf[static 10]);

#endif
