/*
 * datetime.c - civil dates, and dates and timestamps from and to text.
 *
 * Days to civil date and back: C. Neri, L. Schneider, "Euclidean affine functions and their
 * application to calendar algorithms" (2022): the year starts in March, and two multiplications
 * replace the divisions. The text rules are those of Spark's stringToDate and parseTimestampString;
 * texts of the usual width (yyyy-MM-dd, yyyy-MM-ddTHH:mm:ss) are read at fixed places first.
 */
#include "column/datetime.h"
#include "base/clock.h"
#include "column/number.h"
#include "column/timezone_priv.h"

#include <math.h>

/* ---- the calendar ---- */

/* A whole number of 400-year cycles that makes all int32 years of interest positive. */
#define CYCLES 3670
#define CYCLE_DAYS 146097
#define CYCLE_YEARS 400
#define EPOCH_SHIFT 719468 /* days from 0000-03-01 to 1970-01-01 */

static const uint8_t month_days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

bool date_is_leap(int64_t year)
{
    return (year & 3) == 0 && (year % 100 != 0 || (year & 15) == 0);
}

unsigned date_month_length(int64_t year, unsigned month)
{
    return month_days[month - 1] + (month == 2 && date_is_leap(year) ? 1u : 0u);
}

int64_t date_from_civil(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = dt_floor_div(year, CYCLE_YEARS);
    int64_t yoe = year - era * CYCLE_YEARS;
    int64_t doy = (int64_t)((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1);
    return era * CYCLE_DAYS + yoe * 365 + yoe / 4 - yoe / 100 + doy - EPOCH_SHIFT;
}

/* Days since 0000-03-01 plus CYCLES cycles, below 2^30. */
static CivilDate civil_of_shifted(uint32_t n)
{
    uint32_t n1 = 4 * n + 3;
    uint32_t century = n1 / CYCLE_DAYS;
    uint32_t n2 = n1 % CYCLE_DAYS / 4 * 4 + 3;
    uint64_t p2 = (uint64_t)2939745 * n2;
    uint32_t year = 100 * century + (uint32_t)(p2 >> 32);
    uint32_t day_of_year = (uint32_t)p2 / 2939745 / 4;
    uint32_t n3 = 2141 * day_of_year + 197913;
    uint32_t month = n3 >> 16, day = (n3 & 0xFFFF) / 2141;
    bool next = day_of_year >= 306;
    return (CivilDate){(int32_t)year - CYCLES * CYCLE_YEARS + next,
                       (uint8_t)(next ? month - 12 : month), (uint8_t)(day + 1)};
}

CivilDate date_to_civil(int64_t days)
{
    int64_t n = days + EPOCH_SHIFT + (int64_t)CYCLES * CYCLE_DAYS;
    if (n >= 0 && n < 1 << 30) {
        return civil_of_shifted((uint32_t)n);
    }
    int64_t cycle = dt_floor_div(days, CYCLE_DAYS);
    CivilDate d = date_to_civil(days - cycle * CYCLE_DAYS);
    d.year += (int32_t)(cycle * CYCLE_YEARS);
    return d;
}

bool date_make(int64_t year, int64_t month, int64_t day, int32_t *ret)
{
    if (month < 1 || month > 12 || day < 1 || year < -999999999 || year > 999999999 ||
        day > date_month_length(year, (unsigned)month)) {
        return false;
    }
    int64_t v = date_from_civil(year, (unsigned)month, (unsigned)day);
    *ret = (int32_t)v;
    return v == *ret;
}

/* ---- reading ---- */

static inline bool is_digit(char c)
{
    return (unsigned)(unsigned char)c - '0' <= 9;
}

static inline bool is_space_or_control(char c)
{
    return (unsigned char)c <= 32 || c == 127;
}

static Str trim_all(Str s)
{
    while (s.n > 0 && is_space_or_control(*s.p)) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_space_or_control(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

/* Two digits; sets bit 8 or above when they are none. */
static inline unsigned pair_at(const char *p)
{
    unsigned a = (unsigned)(unsigned char)p[0] - '0', b = (unsigned)(unsigned char)p[1] - '0';
    return a > 9 || b > 9 ? 256 : a * 10 + b;
}

/* yyyy-MM-dd at fixed places, with a check of all of it. */
static inline bool fixed_date(const char *p, int64_t *ret_days)
{
    unsigned century = pair_at(p), year = pair_at(p + 2), month = pair_at(p + 5),
             day = pair_at(p + 8);
    if (p[4] != '-' || p[7] != '-' || (century | year | month | day) >= 256) {
        return false;
    }
    year += century * 100;
    if (month - 1 > 11 || day - 1 > 30 || (day > 28 && day > date_month_length(year, month))) {
        return false;
    }
    *ret_days = date_from_civil(year, month, day);
    return true;
}

bool date_parse(Str s, int32_t *ret)
{
    int64_t days;
    if (s.n == 10 && fixed_date(s.p, &days)) {
        *ret = (int32_t)days;
        return true;
    }
    s = trim_all(s);
    const char *p = s.p, *end = s.p + s.n;
    if (p == end) {
        return false;
    }
    int32_t sign = *p == '-' ? -1 : 1;
    p += *p == '-' || *p == '+';
    int32_t part[3] = {1, 1, 1};
    int i = 0;
    for (;; i++) {
        int32_t v = 0;
        int digits = 0, max = i == 0 ? 7 : 2;
        while (p < end && is_digit(*p) && digits <= max) {
            v = v * 10 + (*p++ - '0');
            digits++;
        }
        if (digits > max || digits < (i == 0 ? 4 : 1)) {
            return false;
        }
        part[i] = v;
        if (p == end) {
            break;
        }
        if (i == 2) {
            if (*p != ' ' && *p != 'T') {
                return false;
            }
            break; /* whatever follows a complete date and a separator is not looked at */
        }
        if (*p++ != '-') {
            return false;
        }
    }
    return date_make(sign * part[0], part[1], part[2], ret);
}

enum { TS_YEAR, TS_MONTH, TS_DAY, TS_HOUR, TS_MINUTE, TS_SECOND, TS_MICROS, TS_PARTS };

typedef struct TsText {
    int32_t part[TS_PARTS];
    bool time_only;
    Str zone; /* p NULL: none */
} TsText;

/* Digits of one part; *ret_digits counts them. Fractions keep six. */
static int32_t scan_part(const char **pp, const char *end, bool fraction, size_t *ret_digits)
{
    const char *p = *pp;
    int64_t v = 0;
    while (p < end && is_digit(*p)) {
        if (p - *pp < (fraction ? 6 : 9)) {
            v = v * 10 + (*p - '0');
        }
        p++;
    }
    *ret_digits = (size_t)(p - *pp);
    *pp = p;
    return (int32_t)v;
}

/* The part after the seconds: .fraction and zone. */
static bool scan_ts_tail(const char *p, const char *end, TsText *t)
{
    if (p < end && *p == '.') {
        p++;
        size_t digits;
        int32_t v = scan_part(&p, end, true, &digits);
        for (; digits < 6; digits++) {
            v *= 10;
        }
        t->part[TS_MICROS] = v;
    }
    if (p < end) {
        t->zone = (Str){p, (size_t)(end - p)};
    }
    return true;
}

static bool scan_ts(Str s, TsText *t)
{
    *t = (TsText){.part = {1, 1, 1, 0, 0, 0, 0}};
    const char *start = s.p;
    s = trim_all(s);
    const char *p = s.p, *end = s.p + s.n;
    if (p == end) {
        return false;
    }
    bool has_sign = *p == '-' || *p == '+';
    bool negative = *p == '-';
    p += has_sign;
    int i = TS_YEAR;
    if (p == start && *p == 'T') { /* not behind white space: Spark's quirk */
        t->time_only = true;
        i = TS_HOUR;
        p++;
    }
    for (;; i++) {
        size_t digits;
        int32_t v = scan_part(&p, end, false, &digits);
        char c = p < end ? *p : 0;
        if (i == TS_YEAR && c == ':' && !has_sign) {
            t->time_only = true;
            i = TS_HOUR;
        }
        if (i == TS_YEAR ? digits < 4 || digits > 6 : digits < 1 || digits > 2) {
            return false;
        }
        t->part[i] = v;
        if (i == TS_SECOND) {
            break;
        }
        if (p == end) {
            break;
        }
        bool ok = i <= TS_MONTH ? c == '-' : i == TS_DAY ? c == ' ' || c == 'T' : c == ':';
        if (!ok) {
            return false;
        }
        p++;
    }
    if (negative) {
        t->part[TS_YEAR] = -t->part[TS_YEAR];
    }
    return scan_ts_tail(p, end, t);
}

/* The offset that the text names, or its zone. */
static bool find_zone(Str name, bool *ret_fixed, int32_t *ret_offset, const TimeZone **ret)
{
    while (name.n > 0 && (unsigned char)*name.p <= ' ') { /* Java's trim; the end is trimmed */
        name.p++;
        name.n--;
    }
    *ret_fixed = tz_parse_offset(name, ret_offset);
    if (!*ret_fixed) {
        *ret = tz_find(name);
    }
    return *ret_fixed || *ret;
}

static bool us_of_time(const int32_t part[TS_PARTS], int64_t *ret)
{
    if (part[TS_HOUR] > 23 || part[TS_MINUTE] > 59 || part[TS_SECOND] > 59) {
        return false;
    }
    *ret = part[TS_HOUR] * US_PER_HOUR + part[TS_MINUTE] * US_PER_MINUTE +
           part[TS_SECOND] * US_PER_SECOND + part[TS_MICROS];
    return true;
}

/* days * US_PER_DAY + us - offset, without overflow on the way. */
static bool join_us(int64_t days, int64_t us_of_day, int32_t offset, int64_t *ret)
{
    __int128 v = (__int128)days * US_PER_DAY + us_of_day - offset * US_PER_SECOND;
    *ret = (int64_t)v;
    return v == *ret;
}

/* Local to UTC when the local time itself may lie a little outside int64. */
static bool join_in_zone(int64_t days, int64_t us_of_day, const TimeZone *tz, int64_t *ret)
{
    int64_t seconds = days * 86400 + us_of_day / US_PER_SECOND;
    return join_us(days, us_of_day, tz_offset_at_local(tz, seconds), ret);
}

static bool ts_parse_slow(Str s, const TimeZone *tz, int64_t *ret)
{
    TsText t;
    if (!scan_ts(s, &t)) {
        return false;
    }
    bool fixed = false;
    int32_t offset = 0;
    if (t.zone.p && !find_zone(t.zone, &fixed, &offset, &tz)) {
        return false;
    }
    int64_t us_of_day;
    if (!us_of_time(t.part, &us_of_day)) {
        return false;
    }
    int32_t days;
    if (t.time_only) {
        int64_t now = clock_now_us();
        days = fixed ? ts_local_to_date(now + offset * US_PER_SECOND) : ts_to_date(now, tz);
    } else if (!date_make(t.part[TS_YEAR], t.part[TS_MONTH], t.part[TS_DAY], &days)) {
        return false;
    }
    return fixed ? join_us(days, us_of_day, offset, ret) : join_in_zone(days, us_of_day, tz, ret);
}

/*
 * yyyy-MM-dd[ T]HH:mm:ss at fixed places, then .digits, then nothing, Z or +hh:mm. false: not of
 * this shape (it may still be a timestamp). *ret_has_offset: a zone was there.
 */
static inline bool fixed_ts(Str s, int64_t *ret_local, bool *ret_has_offset, int32_t *ret_offset)
{
    const char *p = s.p;
    int64_t days;
    if (s.n < 19 || (p[10] != 'T' && p[10] != ' ') || p[13] != ':' || p[16] != ':' ||
        !fixed_date(p, &days)) {
        return false;
    }
    unsigned h = pair_at(p + 11), m = pair_at(p + 14), sec = pair_at(p + 17);
    if (h > 23 || m > 59 || sec > 59) {
        return false;
    }
    const char *end = s.p + s.n;
    p += 19;
    uint32_t fraction = 0;
    if (p < end && *p == '.') {
        uint32_t unit = 100000;
        for (p++; p < end && is_digit(*p); p++) {
            fraction += (uint32_t)(*p - '0') * unit;
            unit /= 10;
        }
    }
    *ret_local = days * US_PER_DAY + (int64_t)(h * 3600 + m * 60 + sec) * US_PER_SECOND + fraction;
    *ret_offset = 0;
    *ret_has_offset = p < end;
    if (p == end || (end - p == 1 && *p == 'Z')) {
        return true;
    }
    if (end - p != 6 || (*p != '+' && *p != '-') || p[3] != ':') {
        return false;
    }
    h = pair_at(p + 1);
    m = pair_at(p + 4);
    if (h > 18 || m > 59 || (h == 18 && m > 0)) {
        return false;
    }
    int32_t offset = (int32_t)(h * 3600 + m * 60);
    *ret_offset = *p == '-' ? -offset : offset;
    return true;
}

bool ts_parse(Str s, const TimeZone *tz, int64_t *ret)
{
    int64_t local;
    bool has_offset;
    int32_t offset;
    if (fixed_ts(s, &local, &has_offset, &offset)) {
        *ret = has_offset ? local - offset * US_PER_SECOND : tz_local_to_utc(tz, local);
        return true;
    }
    return ts_parse_slow(s, tz, ret);
}

bool ts_ntz_parse(Str s, bool allow_zone, int64_t *ret)
{
    bool has_offset;
    int32_t offset;
    if (fixed_ts(s, ret, &has_offset, &offset)) {
        return allow_zone || !has_offset;
    }
    TsText t;
    int64_t us_of_day;
    int32_t days;
    if (!scan_ts(s, &t) || t.time_only || (t.zone.p && !allow_zone)) {
        return false;
    }
    bool fixed;
    const TimeZone *tz;
    if ((t.zone.p && !find_zone(t.zone, &fixed, &offset, &tz)) || !us_of_time(t.part, &us_of_day) ||
        !date_make(t.part[TS_YEAR], t.part[TS_MONTH], t.part[TS_DAY], &days)) {
        return false;
    }
    return join_us(days, us_of_day, 0, ret);
}

bool ts_text_has_zone(Str s)
{
    TsText t;
    bool fixed;
    int32_t offset;
    const TimeZone *tz;
    return scan_ts(s, &t) && t.zone.p && find_zone(t.zone, &fixed, &offset, &tz);
}

/* ---- the words of typed literals ---- */

typedef enum SpecialWord {
    SW_NONE,
    SW_EPOCH,
    SW_NOW,
    SW_TODAY,
    SW_TOMORROW,
    SW_YESTERDAY
} SpecialWord;

static SpecialWord special_word(Str s)
{
    static const char *const words[] = {"epoch", "now", "today", "tomorrow", "yesterday"};
    s = str_trim(s);
    size_t n = 0;
    while (n < s.n && (s.p[n] | 32) >= 'a' && (s.p[n] | 32) <= 'z') {
        n++;
    }
    Str zone = {s.p + n, s.n - n};
    while (zone.n > 0 && (*zone.p == ' ' || *zone.p == '\t')) {
        zone.p++;
        zone.n--;
    }
    for (int i = 0; i < 5; i++) {
        if (str_eq_nocase((Str){s.p, n}, str_of(words[i]))) {
            SpecialWord w = (SpecialWord)(SW_EPOCH + i);
            return zone.n == 0 || (w != SW_NOW && tz_find(zone)) ? w : SW_NONE;
        }
    }
    return SW_NONE;
}

bool date_parse_special(Str s, const TimeZone *tz, int64_t now_us, int32_t *ret)
{
    int32_t today = ts_to_date(now_us, tz);
    switch (special_word(s)) {
    case SW_EPOCH:
        *ret = 0;
        return true;
    case SW_NOW:
    case SW_TODAY:
        *ret = today;
        return true;
    case SW_TOMORROW:
        *ret = today + 1;
        return true;
    case SW_YESTERDAY:
        *ret = today - 1;
        return true;
    case SW_NONE:
        break;
    }
    return false;
}

bool ts_parse_special(Str s, const TimeZone *tz, int64_t now_us, int64_t *ret)
{
    SpecialWord w = special_word(s);
    int32_t days;
    if (w == SW_EPOCH || w == SW_NOW) {
        *ret = w == SW_NOW ? now_us : 0;
        return true;
    }
    return date_parse_special(s, tz, now_us, &days) && date_to_ts(days, tz, ret);
}

bool ts_ntz_parse_special(Str s, const TimeZone *tz, int64_t now_us, int64_t *ret_local)
{
    SpecialWord w = special_word(s);
    int32_t days;
    if (w == SW_EPOCH || w == SW_NOW) {
        *ret_local = w == SW_NOW ? tz_utc_to_local(tz, now_us) : 0;
        return true;
    }
    return date_parse_special(s, tz, now_us, &days) && date_to_ts_ntz(days, ret_local);
}

/* ---- printing ---- */

static inline void put_pair(char *p, unsigned v)
{
    p[0] = (char)('0' + v / 10);
    p[1] = (char)('0' + v % 10);
}

static char *put_date(char *p, CivilDate d)
{
    if (d.year >= 0 && d.year <= 9999) {
        put_pair(p, (unsigned)d.year / 100);
        put_pair(p + 2, (unsigned)d.year % 100);
        p += 4;
    } else {
        *p++ = d.year < 0 ? '-' : '+';
        uint64_t year = (uint64_t)(d.year < 0 ? -(int64_t)d.year : d.year);
        char digits[NUM_I64_TEXT_MAX];
        size_t n = num_format_u64(year, digits);
        for (size_t i = n; i < 4; i++) {
            *p++ = '0';
        }
        memcpy(p, digits, n);
        p += n;
    }
    *p++ = '-';
    put_pair(p, d.month);
    p[2] = '-';
    put_pair(p + 3, d.day);
    return p + 5;
}

size_t date_format(int32_t days, char buf[static DATE_TEXT_MAX])
{
    return (size_t)(put_date(buf, date_to_civil(days)) - buf);
}

static size_t put_ts(int64_t days, int64_t us_of_day, char *buf)
{
    char *p = put_date(buf, date_to_civil(days));
    unsigned seconds = (unsigned)(us_of_day / US_PER_SECOND);
    unsigned fraction = (unsigned)(us_of_day % US_PER_SECOND);
    *p = ' ';
    put_pair(p + 1, seconds / 3600);
    p[3] = ':';
    put_pair(p + 4, seconds / 60 % 60);
    p[6] = ':';
    put_pair(p + 7, seconds % 60);
    p += 9;
    if (fraction) {
        *p++ = '.';
        put_pair(p, fraction / 10000);
        put_pair(p + 2, fraction / 100 % 100);
        put_pair(p + 4, fraction % 100);
        p += 6;
        while (p[-1] == '0') {
            p--;
        }
    }
    return (size_t)(p - buf);
}

size_t ts_local_format(int64_t local_us, char buf[static TS_TEXT_MAX])
{
    return put_ts(dt_floor_div(local_us, US_PER_DAY), ts_local_us_of_day(local_us), buf);
}

size_t ts_format(int64_t us, const TimeZone *tz, char buf[static TS_TEXT_MAX])
{
    int64_t offset = tz_offset_at(tz, dt_floor_div(us, US_PER_SECOND)) * US_PER_SECOND;
    int64_t days = dt_floor_div(us, US_PER_DAY);
    int64_t us_of_day = ts_local_us_of_day(us) + offset; /* the local time may leave int64 */
    int64_t carry = dt_floor_div(us_of_day, US_PER_DAY);
    return put_ts(days + carry, us_of_day - carry * US_PER_DAY, buf);
}

/* ---- conversions ---- */

int32_t ts_to_date(int64_t us, const TimeZone *tz)
{
    return ts_local_to_date(tz_utc_to_local(tz, us));
}

bool date_to_ts(int32_t days, const TimeZone *tz, int64_t *ret)
{
    int32_t offset = tz_offset_at_local(tz, (int64_t)days * 86400);
    int64_t utc = (int64_t)days * 86400 - offset;
    if (tz_offset_at(tz, utc) != offset) { /* midnight is in a gap: the day starts behind it */
        TzCursor c = tz_cursor(tz);
        tz_cursor_seek(&c, utc);
        utc = c.from;
    }
    return !__builtin_mul_overflow(utc, US_PER_SECOND, ret);
}

bool date_to_ts_ntz(int32_t days, int64_t *ret)
{
    return !__builtin_mul_overflow((int64_t)days, US_PER_DAY, ret);
}

bool ts_from_f64(double seconds, int64_t *ret)
{
    double us = seconds * 1e6;
    *ret = 0;
    if (isnan(seconds) || isinf(seconds)) {
        return false;
    }
    if (us >= 0x1p63 || us < -0x1p63) {
        *ret = us < 0 ? INT64_MIN : INT64_MAX;
        return false;
    }
    *ret = (int64_t)us;
    return true;
}

double ts_to_f64(int64_t us)
{
    return (double)us / 1e6;
}

bool ts_make_local(int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute,
                   int64_t second_us, int64_t *ret_local)
{
    int32_t days;
    if (!date_make(year, month, day, &days) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second_us < 0 || second_us > 60 * US_PER_SECOND) {
        return false;
    }
    return join_us(days, hour * US_PER_HOUR + minute * US_PER_MINUTE + second_us, 0, ret_local);
}
