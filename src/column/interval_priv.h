/* interval_priv.h - shared by interval.c and interval_ansi.c. */
#ifndef COLUMN_INTERVAL_PRIV_H
#define COLUMN_INTERVAL_PRIV_H

#include "base/str.h"

/* Seconds with their fraction, without trailing zeros: "4.5", "-0.000001", "04.5". |us| < 1 hour.
 */
void interval_put_seconds(StrBuf *out, int64_t us, bool two_digits);

#endif
