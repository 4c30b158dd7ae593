/*
 * csv_convert.h - fields of a column to values of its type.
 */
#ifndef FORMAT_CSV_CONVERT_H
#define FORMAT_CSV_CONVERT_H

#include "format/csv_split.h"

/* What texts of values need to be understood. Threads: one thread uses it. */
typedef struct CsvText {
    const CsvOptions *o;
    const TimeZone *tz;
    bool tz_fixed;
    int64_t tz_offset_us;
    bool odd_words;              /* nanValue and the like look like numbers */
    DateFmt *date, *ts, *ts_ntz; /* NULL: CAST's forms */
} CsvText;

/* Compiles the patterns that types of the schema need. */
fb_status csv_text_init(CsvText *t, const CsvOptions *o, const TimeZone *tz, const Type *schema,
                        fb_error *err);
void csv_text_free(CsvText *t);

/*
 * Rows [row, row + n) of v from n fields; row is a multiple of 64, v has its data and validity. Bit
 * i of bad is set when field i is no value of the type; it is null then. All fields have
 * CSV_PADDING readable bytes behind them, if padded is set.
 */
void csv_convert(const CsvText *t, const CsvField *f, uint32_t n, bool padded, Vec *v, uint32_t row,
                 uint64_t *bad);
/* Whether the field is null: empty without quotes, or nullValue. */
static inline bool csv_field_is_null(const CsvOptions *o, const CsvField *f)
{
    return !f->p ||
           (f->n == o->null_value.n && (f->n == 0 || memcmp(f->p, o->null_value.p, f->n) == 0));
}

/* Single values, as the inference of schemas tries them. */
bool csv_parse_long(Str s, int64_t *ret);    /* Long.parseLong */
bool csv_parse_boolean(Str s, uint8_t *ret); /* true, false; any case */
/* java.math.BigDecimal without its commas, in buf; false: it is none for sure. */
#define CSV_DECIMAL_MAX 256
bool csv_decimal_text(Str s, char buf[static CSV_DECIMAL_MAX], Str *ret);

#endif
