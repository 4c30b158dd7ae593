/*
 * datetime.h - dates (int32 days since 1970) and timestamps (int64 microseconds since 1970 UTC).
 *
 * The calendar is proleptic Gregorian throughout. Text goes both ways by Spark's cast rules;
 * patterns are datefmt.h's. "local" timestamps (TIMESTAMP_NTZ, or a timestamp moved by
 * tz_utc_to_local) count microseconds as if the wall clock were UTC.
 *
 * Functions return false when the result leaves the type's range or the text is not one.
 * Ownership: nothing is allocated. Threads: all functions are pure, except that a text with a time
 * only ("10:30") takes today's date from the clock.
 */
#ifndef COLUMN_DATETIME_H
#define COLUMN_DATETIME_H

#include "base/str.h"
#include "column/timezone.h"
#include "column/type.h"

#define US_PER_MS INT64_C(1000)
#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE INT64_C(60000000)
#define US_PER_HOUR INT64_C(3600000000)
#define US_PER_DAY INT64_C(86400000000)

#define DATE_TEXT_MAX 16 /* "-5877641-06-23" */
#define TS_TEXT_MAX 36   /* "+294247-01-10 04:00:54.775807" */

typedef struct CivilDate {
    int32_t year; /* 0 is 1 BC */
    uint8_t month, day;
} CivilDate;

/* ---- days and civil dates ---- */
static inline int64_t dt_floor_div(int64_t a, int64_t b) /* b > 0 */
{
    int64_t q = a / b;
    return q - (a % b < 0);
}
int64_t date_from_civil(int64_t year, unsigned month,
                        unsigned day); /* a valid date, |year| < 10^9 */
CivilDate date_to_civil(int64_t days); /* |days| < 2^37 */
bool date_make(int64_t year, int64_t month, int64_t day, int32_t *ret); /* false: no such date */
bool date_is_leap(int64_t year);
unsigned date_month_length(int64_t year, unsigned month);

/* ---- text ---- */
/* CAST(string AS DATE): [+-]yyyy[-[m]m[-[d]d[( |T)anything]]], trimmed, years of 4 to 7 digits. */
bool date_parse(Str s, int32_t *ret);
/* CAST(string AS TIMESTAMP): a date, or date and time, or a time; a zone may follow ("Z", "+1:30",
 * "UTC+3", "Europe/Paris"); without one the text is local to tz. Digits past microseconds drop. */
bool ts_parse(Str s, const TimeZone *tz, int64_t *ret);
/* CAST(string AS TIMESTAMP_NTZ): the zone, if allowed, is checked and dropped. */
bool ts_ntz_parse(Str s, bool allow_zone, int64_t *ret);
/* DATE 'x', TIMESTAMP 'x': epoch, now, today, tomorrow, yesterday with an optional zone behind. */
bool date_parse_special(Str s, const TimeZone *tz, int64_t now_us, int32_t *ret);
bool ts_parse_special(Str s, const TimeZone *tz, int64_t now_us, int64_t *ret);
bool ts_ntz_parse_special(Str s, const TimeZone *tz, int64_t now_us, int64_t *ret_local);
bool ts_text_has_zone(
    Str s); /* a valid timestamp text that names a zone: TIMESTAMP 'x' is LTZ then */

/* "2024-02-29", "+12345-01-01", "-0001-12-31". Each returns the length; no NUL. */
size_t date_format(int32_t days, char buf[static DATE_TEXT_MAX]);
/* "2024-02-29 10:00:00.5": the fraction without trailing zeros. */
size_t ts_local_format(int64_t local_us, char buf[static TS_TEXT_MAX]); /* TIMESTAMP_NTZ */
size_t ts_format(int64_t us, const TimeZone *tz, char buf[static TS_TEXT_MAX]);

/* ---- conversions ---- */
static inline int32_t ts_local_to_date(int64_t local_us)
{
    return (int32_t)dt_floor_div(local_us, US_PER_DAY);
}
static inline int64_t ts_local_us_of_day(int64_t local_us)
{
    int64_t r = local_us % US_PER_DAY;
    return r < 0 ? r + US_PER_DAY : r;
}
int32_t ts_to_date(int64_t us, const TimeZone *tz);
/* As tz_local_to_utc, but in an overlap an offset (seconds) that is possible there is kept: how
 * java.time.ZonedDateTime does arithmetic. */
int64_t ts_resolve_local(const TimeZone *tz, int64_t local_us, int32_t preferred_offset);
bool date_to_ts(int32_t days, const TimeZone *tz, int64_t *ret); /* midnight in tz */
bool date_to_ts_ntz(int32_t days, int64_t *ret);
/* CAST(double AS TIMESTAMP), truncated to µs. false: NaN, or out of range, which ANSI refuses; then
 * *ret is 0 for NaN and the infinities (NULL without ANSI) or the nearest end of the range. */
bool ts_from_f64(double seconds, int64_t *ret);
double ts_to_f64(int64_t us); /* CAST(timestamp AS DOUBLE) */
/* make_timestamp: seconds with fraction in µs (0..60000000; 60 s rolls over as Spark does). */
bool ts_make_local(int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute,
                   int64_t second_us, int64_t *ret_local);

/* ---- fields ---- */
typedef enum DateField {
    DF_YEAR,
    DF_YEAR_OF_WEEK, /* ISO */
    DF_QUARTER,
    DF_MONTH,
    DF_WEEK, /* ISO, Monday first */
    DF_DAY,
    DF_DAY_OF_WEEK,     /* Sunday 1 … Saturday 7 */
    DF_DAY_OF_WEEK_ISO, /* Monday 1 … Sunday 7 */
    DF_WEEKDAY,         /* Monday 0 … Sunday 6 */
    DF_DAY_OF_YEAR,
    DF_HOUR,
    DF_MINUTE,
    DF_SECOND,    /* whole */
    DF_SECOND_US, /* second with fraction, in µs: extract(SECOND) as decimal(8,6) unscaled */
    DF_COUNT
} DateField;
/* Names of EXTRACT and date_part ("year", "y", "mon", "dow_iso"…), any case; DF_SECOND_US for
 * "second". false: not a field (INVALID_EXTRACT_FIELD). */
bool date_field_of_name(Str name, DateField *ret);
int32_t date_field(DateField f, int32_t days); /* up to DF_DAY_OF_YEAR; time fields give 0 */
int32_t ts_local_field(DateField f, int64_t local_us); /* all */

/* ---- arithmetic ---- */
bool date_add_days(int32_t days, int32_t n, int32_t *ret);
bool date_add_months(int32_t days, int32_t months, int32_t *ret);  /* day clipped to the month's */
bool date_add_interval(int32_t days, IntervalCal v, int32_t *ret); /* v.micros must be 0 */
int32_t date_last_day(int32_t days);
/* "MO", "mon", "MONDAY" -> the number that date_next_day() takes (1970-01-01, a Thursday, is 0). */
bool date_day_of_week_of_name(Str name, unsigned *ret);
int32_t date_next_day(int32_t days, unsigned day_of_week); /* the first such day after days */

/* Local calendar arithmetic with the zone's rules; NTZ: pass tz_utc(). */
bool ts_add_days(int64_t us, int32_t days, const TimeZone *tz, int64_t *ret);
bool ts_add_months(int64_t us, int32_t months, const TimeZone *tz, int64_t *ret);
/* A day-time interval: its whole days on the local calendar, the rest as elapsed time. */
bool ts_add_day_time(int64_t us, int64_t interval_us, const TimeZone *tz, int64_t *ret);
bool ts_add_interval(int64_t us, IntervalCal v, const TimeZone *tz, int64_t *ret);
/* months_between; round_off = to 8 digits. */
double ts_months_between(int64_t us1, int64_t us2, bool round_off, const TimeZone *tz);

/* Units of trunc, date_trunc, timestampadd, timestampdiff; ordered. */
typedef enum DateUnit {
    DU_MICROSECOND,
    DU_MILLISECOND,
    DU_SECOND,
    DU_MINUTE,
    DU_HOUR,
    DU_DAY,
    DU_WEEK, /* starts on Monday */
    DU_MONTH,
    DU_QUARTER,
    DU_YEAR
} DateUnit;
/* date_trunc's names: "YEAR" "YYYY" "YY" "QUARTER" "MON" "WEEK" "DAY" "DD" "HOUR"…; trunc takes
 * those of DU_WEEK and above. false: unknown (result NULL). */
bool date_unit_of_name(Str name, DateUnit *ret);
/* timestampadd/timestampdiff's: "YEAR" "QUARTER" "DAYOFYEAR"…;
 * INVALID_PARAMETER_VALUE.DATETIME_UNIT else. */
bool date_unit_of_add_name(Str name, DateUnit *ret);
bool date_trunc(int32_t days, DateUnit unit, int32_t *ret); /* unit >= DU_WEEK */
bool ts_trunc(int64_t us, DateUnit unit, const TimeZone *tz, int64_t *ret);
bool ts_add_unit(int64_t us, DateUnit unit, int64_t n, const TimeZone *tz, int64_t *ret);
int64_t ts_diff_unit(int64_t start_us, int64_t end_us, DateUnit unit, const TimeZone *tz);

#endif
