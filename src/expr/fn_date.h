/*
 * fn_date.h - shared by the date and timestamp functions.
 */
#ifndef EXPR_FN_DATE_H
#define EXPR_FN_DATE_H

#include "base/arena.h"

/* What java.time says of a date that does not exist: "Invalid date 'FEBRUARY 30'". */
char *date_range_message(Arena *a, int64_t year, int64_t month, int64_t day);

#endif
