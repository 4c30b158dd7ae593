/*
 * decimal.h - Spark's decimal(p, s), p <= 38, on 128-bit unscaled integers.
 *
 * A value is its unscaled integer; precision and scale come from the type. |value| < 10^p always
 * holds for values of a column. Scales are 0..38 throughout.
 *
 * Ownership: nothing is allocated. Threads: all functions are pure.
 */
#ifndef COLUMN_DECIMAL_H
#define COLUMN_DECIMAL_H

#include "base/str.h"

typedef __int128 int128_t;
typedef unsigned __int128 uint128_t;

#define DEC_MAX_PRECISION 38
#define DEC_TEXT_MAX 48 /* sign, 39 digits, point, or sign, digits, point and "E-38" */
#define DEC_BYTES_MAX 16

typedef struct DecType {
    uint8_t p, s;
} DecType;

/* What parsing or converting can say. */
typedef enum DecStatus {
    DEC_OK,
    DEC_INVALID,     /* not a number: CAST_INVALID_INPUT */
    DEC_OVERFLOW,    /* does not fit precision p: NUMERIC_VALUE_OUT_OF_RANGE */
    DEC_OUT_OF_RANGE /* more than 38 digits before the point: NUMERIC_OUT_OF_SUPPORTED_RANGE */
} DecStatus;

typedef enum DecRound { DEC_HALF_UP, DEC_HALF_EVEN, DEC_FLOOR, DEC_CEILING, DEC_DOWN } DecRound;

extern const uint128_t dec_pow10[DEC_MAX_PRECISION + 1];

/* |v| < 10^p */
static inline bool dec_fits(int128_t v, int p)
{
    return v < (int128_t)dec_pow10[p] && v > -(int128_t)dec_pow10[p];
}
int dec_precision(int128_t v); /* decimal digits of |v|; 1 for 0 */

/* ---- text ---- */
/* CAST(string AS DECIMAL(p,s)): BigDecimal's grammar with an exponent, trimmed, HALF_UP. */
DecStatus dec_parse(Str s, DecType t, int128_t *ret);
/* The number as it stands, with the type it needs (literals, inference): "1.50" is (3,2), "1E3"
 * is (4,0), ".05" is (2,2). DEC_OVERFLOW when it needs more than 38 digits. */
DecStatus dec_parse_natural(Str s, int128_t *ret, DecType *ret_type);
/* BigDecimal.toPlainString: CAST to string under ANSI, CSV, JSON, show(). Returns the length. */
size_t dec_format(int128_t v, int scale, char buf[static DEC_TEXT_MAX]);
/* BigDecimal.toString: "1E-7", "0E-18": CAST to string without ANSI, str(literal). */
size_t dec_format_sci(int128_t v, int scale, char buf[static DEC_TEXT_MAX]);

/* ---- converting; false = does not fit ---- */
bool dec_rescale(int128_t v, int from_scale, DecType to, DecRound mode, int128_t *ret);
/* Rounds at 10^-digits (digits may be negative: 10^-digits = hundreds…) and gives it as `to`. */
bool dec_round(int128_t v, int scale, int digits, DecType to, DecRound mode, int128_t *ret);
bool dec_from_i64(int64_t v, DecType to, int128_t *ret);
/* Through the shortest decimal text of v, as Spark; HALF_UP. NaN and infinities: false. */
bool dec_from_f64(double v, DecType to, int128_t *ret);
bool dec_from_f32(float v, DecType to, int128_t *ret);
double dec_to_f64(int128_t v, int scale); /* correctly rounded */
float dec_to_f32(int128_t v, int scale);
bool dec_to_i64(int128_t v, int scale, int64_t *ret); /* truncates; false outside int64 */
/* truncated towards zero, wrapped to 64 bits: Spark's non-ANSI BigDecimal.longValue */
int64_t dec_to_i64_wrap(int128_t v, int scale);

/* Two's complement, big endian, minimal: BigInteger.toByteArray. Returns the length (>= 1). */
size_t dec_to_bytes(int128_t v, uint8_t buf[static DEC_BYTES_MAX]);
/* Any length >= 1; false when the value needs more than 128 bits. */
bool dec_from_bytes(const uint8_t *p, size_t n, int128_t *ret);

/* ---- comparing ---- */
int dec_cmp(int128_t a, int scale_a, int128_t b, int scale_b); /* exact: -1, 0, 1 */

/* ---- arithmetic: Spark's result types (DecimalPrecision) ---- */
/* keep_scale: spark.sql.decimalOperations.allowPrecisionLoss = false. */
DecType dec_type_add(DecType a, DecType b, bool keep_scale); /* also of - */
DecType dec_type_mul(DecType a, DecType b, bool keep_scale);
DecType dec_type_div(DecType a, DecType b, bool keep_scale);
DecType dec_type_mod(DecType a, DecType b, bool keep_scale); /* % and pmod */
DecType dec_type_idiv(DecType a, DecType b,
                      bool keep_scale); /* type DIV computes in; result is bigint */
DecType dec_type_wider(DecType a,
                       DecType b);       /* common type of both: max integral digits, max scale */
DecType dec_type_bounded(int p, int s);  /* DecimalType.bounded */
DecType dec_type_adjusted(int p, int s); /* adjustPrecisionScale */

/* Results HALF_UP at the scale of r; false = does not fit r. A zero divisor is the caller's to
 * test. */
bool dec_add(int128_t a, int sa, int128_t b, int sb, DecType r, int128_t *ret);
bool dec_sub(int128_t a, int sa, int128_t b, int sb, DecType r, int128_t *ret);
bool dec_mul(int128_t a, int sa, int128_t b, int sb, DecType r, int128_t *ret);
bool dec_div(int128_t a, int sa, int128_t b, int sb, DecType r, int128_t *ret);
bool dec_mod(int128_t a, int sa, int128_t b, int sb, DecType r, int128_t *ret); /* sign of a */
/* The low 64 bits of the truncated quotient, as Spark's DIV; false: it is 10^38 or more. */
bool dec_idiv(int128_t a, int sa, int128_t b, int sb, int64_t *ret);

#endif
