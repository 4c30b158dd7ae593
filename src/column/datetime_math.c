/*
 * datetime_math.c - fields, arithmetic and truncation of dates and timestamps.
 *
 * Arithmetic in days and months happens on the local calendar of the zone, and comes back to UTC as
 * java.time.ZonedDateTime does: in an overlap the offset is kept if it is one of the two, in a gap
 * the time moves forward. Names of units and fields are Spark's.
 */
#include "column/datetime.h"

#include <math.h>

/* ---- names ---- */

typedef struct Name {
    const char *text;
    int value;
} Name;

static bool find_name(const Name *names, size_t n, Str s, int *ret)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq_nocase(s, str_of(names[i].text))) {
            *ret = names[i].value;
            return true;
        }
    }
    return false;
}

#define FIND(names, s, ret) find_name(names, sizeof(names) / sizeof(*(names)), s, ret)

bool date_field_of_name(Str name, DateField *ret)
{
    static const Name names[] = {
        {"YEAR", DF_YEAR},
        {"Y", DF_YEAR},
        {"YEARS", DF_YEAR},
        {"YR", DF_YEAR},
        {"YRS", DF_YEAR},
        {"YEAROFWEEK", DF_YEAR_OF_WEEK},
        {"QUARTER", DF_QUARTER},
        {"QTR", DF_QUARTER},
        {"MONTH", DF_MONTH},
        {"MON", DF_MONTH},
        {"MONS", DF_MONTH},
        {"MONTHS", DF_MONTH},
        {"WEEK", DF_WEEK},
        {"W", DF_WEEK},
        {"WEEKS", DF_WEEK},
        {"DAY", DF_DAY},
        {"D", DF_DAY},
        {"DAYS", DF_DAY},
        {"DAYOFWEEK", DF_DAY_OF_WEEK},
        {"DOW", DF_DAY_OF_WEEK},
        {"DAYOFWEEK_ISO", DF_DAY_OF_WEEK_ISO},
        {"DOW_ISO", DF_DAY_OF_WEEK_ISO},
        {"DOY", DF_DAY_OF_YEAR},
        {"HOUR", DF_HOUR},
        {"H", DF_HOUR},
        {"HOURS", DF_HOUR},
        {"HR", DF_HOUR},
        {"HRS", DF_HOUR},
        {"MINUTE", DF_MINUTE},
        {"M", DF_MINUTE},
        {"MIN", DF_MINUTE},
        {"MINS", DF_MINUTE},
        {"MINUTES", DF_MINUTE},
        {"SECOND", DF_SECOND_US},
        {"S", DF_SECOND_US},
        {"SEC", DF_SECOND_US},
        {"SECONDS", DF_SECOND_US},
        {"SECS", DF_SECOND_US},
    };
    int v;
    bool found = FIND(names, name, &v);
    if (found) {
        *ret = (DateField)v;
    }
    return found;
}

bool date_unit_of_name(Str name, DateUnit *ret)
{
    static const Name names[] = {
        {"MICROSECOND", DU_MICROSECOND},
        {"MILLISECOND", DU_MILLISECOND},
        {"SECOND", DU_SECOND},
        {"MINUTE", DU_MINUTE},
        {"HOUR", DU_HOUR},
        {"DAY", DU_DAY},
        {"DD", DU_DAY},
        {"WEEK", DU_WEEK},
        {"MON", DU_MONTH},
        {"MONTH", DU_MONTH},
        {"MM", DU_MONTH},
        {"QUARTER", DU_QUARTER},
        {"YEAR", DU_YEAR},
        {"YYYY", DU_YEAR},
        {"YY", DU_YEAR},
    };
    int v;
    bool found = FIND(names, name, &v);
    if (found) {
        *ret = (DateUnit)v;
    }
    return found;
}

bool date_unit_of_add_name(Str name, DateUnit *ret)
{
    static const Name names[] = {
        {"MICROSECOND", DU_MICROSECOND},
        {"MILLISECOND", DU_MILLISECOND},
        {"SECOND", DU_SECOND},
        {"MINUTE", DU_MINUTE},
        {"HOUR", DU_HOUR},
        {"DAY", DU_DAY},
        {"DAYOFYEAR", DU_DAY},
        {"WEEK", DU_WEEK},
        {"MONTH", DU_MONTH},
        {"QUARTER", DU_QUARTER},
        {"YEAR", DU_YEAR},
    };
    int v;
    bool found = FIND(names, name, &v);
    if (found) {
        *ret = (DateUnit)v;
    }
    return found;
}

bool date_day_of_week_of_name(Str name, unsigned *ret)
{
    static const Name names[] = {
        {"SU", 3}, {"SUN", 3}, {"SUNDAY", 3},   {"MO", 4}, {"MON", 4}, {"MONDAY", 4},
        {"TU", 5}, {"TUE", 5}, {"TUESDAY", 5},  {"WE", 6}, {"WED", 6}, {"WEDNESDAY", 6},
        {"TH", 0}, {"THU", 0}, {"THURSDAY", 0}, {"FR", 1}, {"FRI", 1}, {"FRIDAY", 1},
        {"SA", 2}, {"SAT", 2}, {"SATURDAY", 2},
    };
    int v;
    bool found = FIND(names, name, &v);
    if (found) {
        *ret = (unsigned)v;
    }
    return found;
}

/* ---- fields ---- */

static inline int32_t floor_mod(int64_t a, int32_t b)
{
    int32_t r = (int32_t)(a % b);
    return r < 0 ? r + b : r;
}

static int32_t day_of_year(int32_t days, CivilDate d)
{
    return (int32_t)(days - date_from_civil(d.year, 1, 1)) + 1;
}

/* ISO: the week belongs to the year of its Thursday. */
static int32_t week_of(int32_t days, int32_t *ret_year)
{
    int64_t thursday = (int64_t)days - floor_mod((int64_t)days + 3, 7) + 3;
    CivilDate d = date_to_civil(thursday);
    *ret_year = d.year;
    return (int32_t)((thursday - date_from_civil(d.year, 1, 1)) / 7) + 1;
}

int32_t date_field(DateField f, int32_t days)
{
    CivilDate d = date_to_civil(days);
    int32_t year, week;
    switch (f) {
    case DF_YEAR:
        return d.year;
    case DF_QUARTER:
        return (d.month - 1) / 3 + 1;
    case DF_MONTH:
        return d.month;
    case DF_DAY:
        return d.day;
    case DF_YEAR_OF_WEEK:
        week_of(days, &year);
        return year;
    case DF_WEEK:
        week = week_of(days, &year);
        return week;
    case DF_DAY_OF_WEEK:
        return floor_mod((int64_t)days + 4, 7) + 1;
    case DF_DAY_OF_WEEK_ISO:
        return floor_mod((int64_t)days + 3, 7) + 1;
    case DF_WEEKDAY:
        return floor_mod((int64_t)days + 3, 7);
    case DF_DAY_OF_YEAR:
        return day_of_year(days, d);
    case DF_HOUR:
    case DF_MINUTE:
    case DF_SECOND:
    case DF_SECOND_US:
    case DF_COUNT:
        break;
    }
    return 0;
}

int32_t ts_local_field(DateField f, int64_t local_us)
{
    int64_t us = ts_local_us_of_day(local_us);
    switch (f) {
    case DF_HOUR:
        return (int32_t)(us / US_PER_HOUR);
    case DF_MINUTE:
        return (int32_t)(us / US_PER_MINUTE % 60);
    case DF_SECOND:
        return (int32_t)(us / US_PER_SECOND % 60);
    case DF_SECOND_US:
        return (int32_t)(us % US_PER_MINUTE);
    default:
        return date_field(f, ts_local_to_date(local_us));
    }
}

/* ---- dates ---- */

bool date_add_days(int32_t days, int32_t n, int32_t *ret)
{
    return !__builtin_add_overflow(days, n, ret);
}

/* The day number after months, in 64 bits. */
static int64_t plus_months(int64_t days, int32_t months)
{
    if (months == 0) {
        return days;
    }
    CivilDate d = date_to_civil(days);
    int64_t m = (int64_t)d.year * 12 + d.month - 1 + months;
    int64_t year = dt_floor_div(m, 12);
    unsigned month = (unsigned)(m - year * 12) + 1;
    unsigned last = date_month_length(year, month);
    return date_from_civil(year, month, d.day < last ? d.day : last);
}

bool date_add_months(int32_t days, int32_t months, int32_t *ret)
{
    int64_t v = plus_months(days, months);
    *ret = (int32_t)v;
    return v == *ret;
}

bool date_add_interval(int32_t days, IntervalCal v, int32_t *ret)
{
    int64_t r = plus_months(days, v.months) + v.days;
    *ret = (int32_t)r;
    return v.micros == 0 && r == *ret;
}

int32_t date_last_day(int32_t days)
{
    CivilDate d = date_to_civil(days);
    return (int32_t)((int64_t)days + date_month_length(d.year, d.month) - d.day);
}

int32_t date_next_day(int32_t days, unsigned day_of_week)
{
    return (int32_t)((int64_t)days + 1 + floor_mod((int64_t)day_of_week - 1 - days, 7));
}

bool date_trunc(int32_t days, DateUnit unit, int32_t *ret)
{
    CivilDate d = date_to_civil(days);
    int64_t v;
    switch (unit) {
    case DU_WEEK:
        v = (int64_t)days - floor_mod((int64_t)days + 3, 7);
        break;
    case DU_MONTH:
        v = (int64_t)days - d.day + 1;
        break;
    case DU_QUARTER:
        v = date_from_civil(d.year, (unsigned)(d.month - 1) / 3 * 3 + 1, 1);
        break;
    case DU_YEAR:
        v = date_from_civil(d.year, 1, 1);
        break;
    default:
        return false;
    }
    *ret = (int32_t)v;
    return v == *ret;
}

/* ---- timestamps ---- */

/* A UTC time and a local time split into days and µs of the day (0 … US_PER_DAY - 1), since both
 * may leave int64 on the way to a result that does not. */
typedef struct Moment {
    int64_t days, us;
} Moment;

typedef struct Local {
    int64_t days, us;
    int32_t offset; /* seconds, of the moment it was made from */
} Local;

static Moment moment_of(int64_t us)
{
    return (Moment){dt_floor_div(us, US_PER_DAY), ts_local_us_of_day(us)};
}

static bool us_of_moment(Moment m, int64_t *ret)
{
    __int128 v = (__int128)m.days * US_PER_DAY + m.us;
    *ret = (int64_t)v;
    return v == *ret;
}

static Moment shift(Moment m, int64_t us)
{
    m.days += dt_floor_div(us, US_PER_DAY);
    m.us += ts_local_us_of_day(us);
    if (m.us >= US_PER_DAY) {
        m.days++;
        m.us -= US_PER_DAY;
    }
    return m;
}

static Local to_local(Moment m, const TimeZone *tz)
{
    int32_t offset = tz_offset_at(tz, m.days * 86400 + m.us / US_PER_SECOND);
    m = shift(m, offset * US_PER_SECOND);
    return (Local){m.days, m.us, offset};
}

static Local local_of(int64_t us, const TimeZone *tz)
{
    return to_local(moment_of(us), tz);
}

static int32_t resolve_offset(const TimeZone *tz, int64_t local_seconds, int32_t preferred)
{
    int32_t offset = tz_offset_at_local(tz, local_seconds);
    if (offset != preferred && tz_offset_at(tz, local_seconds - preferred) == preferred) {
        return preferred;
    }
    return offset;
}

static Moment to_utc(Local l, const TimeZone *tz)
{
    int32_t offset = resolve_offset(tz, l.days * 86400 + l.us / US_PER_SECOND, l.offset);
    return shift((Moment){l.days, l.us}, -offset * US_PER_SECOND);
}

int64_t ts_resolve_local(const TimeZone *tz, int64_t local_us, int32_t preferred_offset)
{
    Moment m = moment_of(local_us);
    int64_t r;
    if (!us_of_moment(to_utc((Local){m.days, m.us, preferred_offset}, tz), &r)) {
        return local_us < 0 ? INT64_MIN : INT64_MAX;
    }
    return r;
}

static Moment add_calendar(Moment m, int32_t months, int64_t days, const TimeZone *tz)
{
    if (months != 0) {
        Local l = to_local(m, tz);
        l.days = plus_months(l.days, months);
        m = to_utc(l, tz);
    }
    if (days != 0) {
        Local l = to_local(m, tz);
        l.days += days;
        m = to_utc(l, tz);
    }
    return m;
}

bool ts_add_days(int64_t us, int32_t days, const TimeZone *tz, int64_t *ret)
{
    return us_of_moment(add_calendar(moment_of(us), 0, days, tz), ret);
}

bool ts_add_months(int64_t us, int32_t months, const TimeZone *tz, int64_t *ret)
{
    return us_of_moment(add_calendar(moment_of(us), months, 0, tz), ret);
}

bool ts_add_interval(int64_t us, IntervalCal v, const TimeZone *tz, int64_t *ret)
{
    return us_of_moment(shift(add_calendar(moment_of(us), v.months, v.days, tz), v.micros), ret);
}

bool ts_add_day_time(int64_t us, int64_t interval_us, const TimeZone *tz, int64_t *ret)
{
    int64_t days = interval_us / US_PER_DAY;
    Moment m = add_calendar(moment_of(us), 0, days, tz);
    return us_of_moment(shift(m, interval_us % US_PER_DAY), ret);
}

double ts_months_between(int64_t us1, int64_t us2, bool round_off, const TimeZone *tz)
{
    Local l1 = local_of(us1, tz), l2 = local_of(us2, tz);
    CivilDate d1 = date_to_civil(l1.days), d2 = date_to_civil(l2.days);
    double months = (double)((int64_t)d1.year * 12 + d1.month - (int64_t)d2.year * 12 - d2.month);
    bool last1 = d1.day == date_month_length(d1.year, d1.month);
    bool last2 = d2.day == date_month_length(d2.year, d2.month);
    if (d1.day == d2.day || (last1 && last2)) {
        return months;
    }
    int64_t start1 = us1, start2 = us2;
    if (!date_to_ts((int32_t)l1.days, tz, &start1) || !date_to_ts((int32_t)l2.days, tz, &start2)) {
        start1 = us1 - l1.us;
        start2 = us2 - l2.us;
    }
    int64_t seconds = (int64_t)(d1.day - d2.day) * 86400 + (us1 - start1) / US_PER_SECOND -
                      (us2 - start2) / US_PER_SECOND;
    double diff = months + (double)seconds / (31.0 * 86400);
    return round_off ? floor(diff * 1e8 + 0.5) / 1e8 : diff;
}

bool ts_trunc(int64_t us, DateUnit unit, const TimeZone *tz, int64_t *ret)
{
    static const int64_t sizes[] = {1,           US_PER_MS, US_PER_SECOND, US_PER_MINUTE,
                                    US_PER_HOUR, US_PER_DAY};
    int64_t size = unit <= DU_DAY ? sizes[unit] : 0;
    if (unit <= DU_SECOND) {
        int64_t rest = us % size;
        return !__builtin_sub_overflow(us, rest < 0 ? rest + size : rest, ret);
    }
    Local l = local_of(us, tz);
    if (unit <= DU_DAY) {
        l.us -= l.us % size;
        return us_of_moment(to_utc(l, tz), ret);
    }
    int32_t days;
    if (l.days != (int32_t)l.days || !date_trunc((int32_t)l.days, unit, &days)) {
        return false;
    }
    if (tz_offset_at(tz, (int64_t)days * 86400 - l.offset) != l.offset) {
        return date_to_ts(days, tz, ret);
    }
    return us_of_moment(shift((Moment){days, 0}, -l.offset * US_PER_SECOND), ret);
}

bool ts_add_unit(int64_t us, DateUnit unit, int64_t n, const TimeZone *tz, int64_t *ret)
{
    static const int64_t sizes[] = {1, US_PER_MS, US_PER_SECOND, US_PER_MINUTE, US_PER_HOUR};
    static const int32_t months[] = {1, 3, 12};
    if (unit <= DU_HOUR) {
        int64_t v;
        return !__builtin_mul_overflow(n, sizes[unit], &v) && !__builtin_add_overflow(us, v, ret);
    }
    int32_t count;
    if (unit <= DU_WEEK) {
        return !__builtin_mul_overflow(n, unit == DU_WEEK ? 7 : 1, &count) &&
               ts_add_days(us, count, tz, ret);
    }
    return !__builtin_mul_overflow(n, months[unit - DU_MONTH], &count) &&
           ts_add_months(us, count, tz, ret);
}

int64_t ts_diff_unit(int64_t start_us, int64_t end_us, DateUnit unit, const TimeZone *tz)
{
    Local a = local_of(start_us, tz), b = local_of(end_us, tz);
    if (unit <= DU_HOUR) {
        static const int64_t sizes[] = {1, US_PER_MS, US_PER_SECOND, US_PER_MINUTE, US_PER_HOUR};
        __int128 diff = (__int128)(b.days - a.days) * US_PER_DAY + b.us - a.us;
        return (int64_t)(diff / sizes[unit]);
    }
    if (b.days > a.days && b.us < a.us) { /* a day that is not complete does not count */
        b.days--;
    } else if (b.days < a.days && b.us > a.us) {
        b.days++;
    }
    if (unit == DU_DAY || unit == DU_WEEK) {
        return (b.days - a.days) / (unit == DU_WEEK ? 7 : 1);
    }
    CivilDate d1 = date_to_civil(a.days), d2 = date_to_civil(b.days);
    int64_t p1 = ((int64_t)d1.year * 12 + d1.month - 1) * 32 + d1.day;
    int64_t p2 = ((int64_t)d2.year * 12 + d2.month - 1) * 32 + d2.day;
    int64_t months = (p2 - p1) / 32;
    return unit == DU_MONTH ? months : unit == DU_QUARTER ? months / 3 : months / 12;
}
