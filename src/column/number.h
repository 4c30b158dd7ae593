/*
 * number.h - text <-> numbers as Spark's casts, CSV and JSON do it.
 *
 * Parsing follows UTF8String.toLong and Java's Double.parseDouble; printing follows Java 17's
 * Long/Double/Float.toString (so 1.0E7, 2.0E-4, 1.17549435E-38). Nothing depends on the locale.
 *
 * Ownership: nothing is allocated; texts go into the caller's buffer and are not NUL-terminated.
 * Threads:   all functions are pure.
 */
#ifndef COLUMN_NUMBER_H
#define COLUMN_NUMBER_H

#include "base/str.h"

#define NUM_I64_TEXT_MAX 20 /* "-9223372036854775808" */
#define NUM_F64_TEXT_MAX 26 /* "-2.2250738585072014E-308" is 24 */
#define NUM_F32_TEXT_MAX 16 /* "-1.17549435E-38" */

/*
 * Integers. White space (bytes 0..32 and 127) around is skipped, a sign may lead. allow_fraction
 * is Spark's non-ANSI cast: "1.9" gives 1, the digits after the point only have to be digits.
 * false: not a number, or out of the type's range.
 */
bool num_parse_i64(Str s, bool allow_fraction, int64_t *ret);
bool num_parse_i32(Str s, bool allow_fraction, int32_t *ret);
bool num_parse_i16(Str s, bool allow_fraction, int16_t *ret);
bool num_parse_i8(Str s, bool allow_fraction, int8_t *ret);

/*
 * Floating point, as CAST(string AS DOUBLE | FLOAT): Java's grammar (white space around, "1e3",
 * "1.", ".5", "1d", "1F", "0x1.8p1", "NaN", "Infinity") and Spark's words in any case: inf, +inf,
 * infinity, nan... Correctly rounded; too large gives infinity, too small zero.
 */
bool num_parse_f64(Str s, double *ret);
bool num_parse_f32(Str s, float *ret);
/* Java's grammar only, without Spark's extra words: what CSV uses for its columns. */
bool num_parse_f64_java(Str s, double *ret);
bool num_parse_f32_java(Str s, float *ret);
/* The double nearest to (-1)^negative * digits * 10^exp10, for readers that scan digits
 * themselves. false when it can't be decided from these 19 digits (never for digits that are the
 * whole number); call num_parse_f64_java on the text then. */
bool num_make_f64(uint64_t digits, int32_t exp10, bool negative, double *ret);

/* Boolean, as CAST(string AS BOOLEAN): t true y yes 1, f false n no 0, any case, trimmed. */
bool num_parse_bool(Str s, bool *ret);

/* Each returns the number of bytes written. */
size_t num_format_u64(uint64_t v, char buf[static NUM_I64_TEXT_MAX]);
size_t num_format_i64(int64_t v, char buf[static NUM_I64_TEXT_MAX]);
size_t num_format_f64(double v, char buf[static NUM_F64_TEXT_MAX]);
size_t num_format_f32(float v, char buf[static NUM_F32_TEXT_MAX]);

/* The shortest decimal digits that read back as v (finite, > 0): v ~ digits * 10^*exp10. */
uint64_t num_shortest_f64(double v, int32_t *exp10);
uint64_t num_shortest_f32(float v, int32_t *exp10);

/* Of the *n decimal digits 0.d1d2… * 10^*point the first keep stay, none if it is negative; up: as
 * the next number of that many digits. */
void num_cut_digits(char *d, int32_t *n, int32_t *point, int64_t keep, bool up);

#endif
