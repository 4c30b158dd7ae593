/*
 * timezone.c - zones by name, and offsets by UTC or local time.
 *
 * A zone is a list of spans, each with an offset and with the UTC second and the local second at
 * which it starts. The list comes from the transitions of the TZif file (RFC 8536, the 64-bit
 * block), continued for 400 years by the POSIX rule of its footer. The Gregorian calendar, weekdays
 * included, repeats after 400 years, so every later time is folded back into those years and one
 * table serves all times.
 *
 * The local start of a span is its UTC start plus the larger of the offsets before and after: in a
 * gap and in an overlap the offset before holds, which is what java.time.ZonedDateTime.ofLocal
 * does (it moves a time in a gap forward by the gap, and takes the earlier offset in an overlap).
 *
 * Names that are offsets become fixed zones with the normalised id that Java gives them. Region
 * names are file names; those that Java's own data leaves out are refused.
 *
 * Ownership and threads: zones are kept in one process-wide table behind a mutex, are never freed
 * and never change, but for two hints (the span found last) that are relaxed atomics.
 */
#include "column/timezone.h"
#include "base/vfs.h"
#include "column/datetime.h"
#include "column/timezone_priv.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define ZONEINFO_DIR "/usr/share/zoneinfo/"
#define NAME_MAX_LEN 64    /* the longest region name has 32 bytes */
#define FILE_MAX (1 << 20) /* the largest TZif file has 4 kB */
#define SPANS_MAX 4096     /* table of the file and 2 x 402 of the rule */
#define FOLD_YEARS 400
#define FOLD_SECONDS INT64_C(12622780800)
#define OFFSET_MAX (18 * 3600)

typedef struct Span {
    int64_t utc, local; /* first second, INT64_MIN for the first span */
    int32_t offset;
    bool is_dst;
    bool file_dst;    /* as the file has it */
    bool is_negative; /* the file calls it dst, but it is the smaller offset */
} Span;

struct TimeZone {
    struct TimeZone *next; /* in the registry */
    uint32_t n;
    Span *span;
    int64_t fold_at; /* times from here on are taken modulo FOLD_SECONDS; INT64_MAX: never */
    _Atomic uint32_t utc_hint, local_hint;
    char id[NAME_MAX_LEN + 1];
};

typedef struct Registry {
    pthread_mutex_t lock;
    TimeZone *zones;
} Registry;

static Registry registry = {PTHREAD_MUTEX_INITIALIZER, NULL};

/* ---- the POSIX rule in the footer ---- */

typedef struct RuleDay {
    char kind; /* M: month.week.day, J: 1..365 without Feb 29, 0: 0..365 */
    int32_t month, week, day;
    int32_t time; /* seconds after midnight, may be negative or beyond a day */
} RuleDay;

typedef struct Rule {
    int32_t std, dst; /* seconds east */
    bool has_dst;
    RuleDay start, end; /* of the time with dst */
} Rule;

typedef struct Scanner {
    const char *p, *end;
} Scanner;

static bool skip_char(Scanner *s, char c)
{
    if (s->p < s->end && *s->p == c) {
        s->p++;
        return true;
    }
    return false;
}

static bool scan_number(Scanner *s, int32_t max, int32_t *ret)
{
    int32_t v = 0;
    const char *start = s->p;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9' && v <= max) {
        v = v * 10 + (*s->p++ - '0');
    }
    *ret = v;
    return s->p > start && v <= max;
}

/* [+-]h[h[h]][:mm[:ss]] in seconds, without regard to what the sign means. */
static bool scan_time(Scanner *s, int32_t *ret)
{
    int32_t h, m = 0, sec = 0;
    bool negative = skip_char(s, '-');
    if (!negative) {
        skip_char(s, '+');
    }
    if (!scan_number(s, 167, &h) || (skip_char(s, ':') && !scan_number(s, 59, &m)) ||
        (skip_char(s, ':') && !scan_number(s, 59, &sec))) {
        return false;
    }
    *ret = (h * 3600 + m * 60 + sec) * (negative ? -1 : 1);
    return true;
}

static bool scan_abbreviation(Scanner *s)
{
    const char *start = s->p;
    if (skip_char(s, '<')) {
        while (s->p < s->end && *s->p != '>') {
            s->p++;
        }
        return skip_char(s, '>');
    }
    while (s->p < s->end && ((*s->p | 32) >= 'a' && (*s->p | 32) <= 'z')) {
        s->p++;
    }
    return s->p > start;
}

static bool scan_rule_day(Scanner *s, RuleDay *d)
{
    *d = (RuleDay){.time = 7200};
    if (!skip_char(s, ',')) {
        return false;
    }
    if (skip_char(s, 'M')) {
        d->kind = 'M';
        if (!scan_number(s, 12, &d->month) || !skip_char(s, '.') || !scan_number(s, 5, &d->week) ||
            !skip_char(s, '.') || !scan_number(s, 6, &d->day) || d->month < 1 || d->week < 1) {
            return false;
        }
    } else {
        d->kind = skip_char(s, 'J') ? 'J' : '0';
        if (!scan_number(s, 365, &d->day) || (d->kind == 'J' && d->day < 1)) {
            return false;
        }
    }
    return !skip_char(s, '/') || scan_time(s, &d->time);
}

static bool scan_rule(Str text, Rule *r)
{
    Scanner s = {text.p, text.p + text.n};
    *r = (Rule){0};
    if (!scan_abbreviation(&s) || !scan_time(&s, &r->std)) {
        return false;
    }
    r->std = -r->std; /* POSIX counts west */
    if (s.p == s.end) {
        return true;
    }
    r->has_dst = true;
    r->dst = r->std + 3600;
    if (!scan_abbreviation(&s)) {
        return false;
    }
    if (s.p < s.end && *s.p != ',') {
        if (!scan_time(&s, &r->dst)) {
            return false;
        }
        r->dst = -r->dst;
    }
    return scan_rule_day(&s, &r->start) && scan_rule_day(&s, &r->end) && s.p == s.end;
}

/* Local seconds since 1970 at which the rule's day and time come in a year. */
static int64_t rule_seconds(const RuleDay *d, int64_t year)
{
    int64_t day;
    if (d->kind == 'M') {
        int64_t first = date_from_civil(year, (unsigned)d->month, 1);
        int32_t dow = (int32_t)(((first + 4) % 7 + 7) % 7); /* Sunday 0 */
        int32_t in_month = 1 + (d->day - dow + 7) % 7 + 7 * (d->week - 1);
        if (in_month > (int32_t)date_month_length(year, (unsigned)d->month)) {
            in_month -= 7;
        }
        day = first + in_month - 1;
    } else {
        day = date_from_civil(year, 1, 1) + d->day;
        if (d->kind == 'J') {
            day += date_is_leap(year) && d->day > 59 ? 0 : -1;
        }
    }
    return day * 86400 + d->time;
}

/* ---- the table ---- */

/*
 * is_dst as the file has it. Where winter is the special time (Ireland), Java turns the two round:
 * a special time with a smaller offset becomes the normal one, and what follows it the special one.
 */
static void add_span(TimeZone *z, int64_t utc, int32_t offset, bool is_dst)
{
    const Span *last = &z->span[z->n - 1];
    if (z->n == SPANS_MAX || utc <= last->utc ||
        (last->offset == offset && last->file_dst == is_dst)) {
        return;
    }
    bool is_negative = is_dst && !last->file_dst && offset < last->offset;
    bool shown = is_negative ? false : is_dst || (last->is_negative && offset > last->offset);
    int32_t larger = offset > last->offset ? offset : last->offset;
    z->span[z->n++] = (Span){utc, utc + larger, offset, shown, is_dst, is_negative};
}

/* Continues the table for 400 years and a bit. */
static void extend_by_rule(TimeZone *z, const Rule *r)
{
    if (!r->has_dst) {
        if (z->n == 1) {
            z->span[0].offset = r->std;
        }
        return;
    }
    int64_t last = z->n > 1 ? z->span[z->n - 1].utc : 0;
    int64_t year = date_to_civil(dt_floor_div(last, 86400)).year;
    z->fold_at = date_from_civil(year + 2, 1, 1) * 86400;
    for (int64_t y = year; y <= year + FOLD_YEARS + 2; y++) {
        int64_t on = rule_seconds(&r->start, y) - r->std;
        int64_t off = rule_seconds(&r->end, y) - r->dst;
        if (on < off) {
            add_span(z, on, r->dst, true);
            add_span(z, off, r->std, false);
        } else {
            add_span(z, off, r->std, false);
            add_span(z, on, r->dst, true);
        }
    }
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const uint8_t *p)
{
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* The six counts of a TZif header. */
typedef struct Counts {
    uint32_t is_ut, is_std, leap, time, type, chars;
} Counts;

#define TZIF_HEADER 44u

static bool read_header(const uint8_t *p, size_t n, Counts *c)
{
    if (n < TZIF_HEADER || memcmp(p, "TZif", 4) != 0 || p[4] < '2') {
        return false;
    }
    *c = (Counts){be32(p + 20), be32(p + 24), be32(p + 28),
                  be32(p + 32), be32(p + 36), be32(p + 40)};
    return c->is_ut < 1000 && c->is_std < 1000 && c->leap < 1000 && c->time < SPANS_MAX / 2 &&
           c->type > 0 && c->type < 1000 && c->chars < 10000;
}

static size_t block_size(const Counts *c, size_t time_size)
{
    return c->time * (time_size + 1) + c->type * 6u + c->chars + c->leap * (time_size + 4) +
           c->is_std + c->is_ut;
}

static bool parse_tzif(TimeZone *z, const uint8_t *p, size_t n)
{
    Counts c;
    if (!read_header(p, n, &c)) {
        return false;
    }
    size_t skip = TZIF_HEADER + block_size(&c, 4);
    if (skip > n || !read_header(p + skip, n - skip, &c)) {
        return false;
    }
    p += skip + TZIF_HEADER;
    n -= skip + TZIF_HEADER;
    size_t size = block_size(&c, 8);
    if (size > n) {
        return false;
    }
    const uint8_t *index = p + 8 * (size_t)c.time, *types = index + c.time;
    for (uint32_t i = 0; i < c.type; i++) {
        int32_t offset = (int32_t)be32(types + 6 * i);
        if (offset < -OFFSET_MAX || offset > OFFSET_MAX) {
            return false;
        }
    }
    z->span[0] = (Span){.utc = INT64_MIN, .local = INT64_MIN, .offset = (int32_t)be32(types)};
    z->n = 1;
    for (uint32_t i = 0; i < c.time; i++) {
        int64_t t = be64(p + 8 * (size_t)i);
        if (index[i] >= c.type || t < -(INT64_C(1) << 60) || t > INT64_C(1) << 40) {
            return false;
        }
        const uint8_t *type = types + 6 * (size_t)index[i];
        add_span(z, t, (int32_t)be32(type), type[4] != 0);
    }
    Str footer = {(const char *)p + size, n - size};
    if (footer.n < 2 || footer.p[0] != '\n' || footer.p[footer.n - 1] != '\n') {
        return false;
    }
    footer = (Str){footer.p + 1, footer.n - 2};
    Rule rule;
    if (footer.n > 0) {
        if (!scan_rule(footer, &rule)) {
            return false;
        }
        extend_by_rule(z, &rule);
    }
    return true;
}

static TimeZone *new_zone(const char *id, uint32_t room)
{
    TimeZone *z = mem_zalloc(sizeof(*z));
    memcpy(z->id, id, strlen(id));
    z->span = mem_zalloc(mem_mul(room, sizeof(Span)));
    z->n = 1;
    z->span[0].utc = z->span[0].local = INT64_MIN;
    z->fold_at = INT64_MAX;
    return z;
}

static void free_zone(TimeZone *z)
{
    mem_free(z->span);
    mem_free(z);
}

static TimeZone *fixed_zone(const char *id, int32_t offset)
{
    TimeZone *z = new_zone(id, 1);
    z->span[0].offset = offset;
    return z;
}

/* Region names: a letter, then letters, digits and ~ / . _ + -; no way out of the folder. */
static bool is_region_name(const char *id)
{
    static const char *const refused[] = {"EST",   "MST",   "HST",       "ROC",       "Factory",
                                          "GMT+0", "GMT-0", "localtime", "posixrules"};
    if (strlen(id) < 2 || strstr(id, "//") || strstr(id, "/.") || id[strlen(id) - 1] == '/' ||
        strncmp(id, "posix/", 6) == 0 || strncmp(id, "right/", 6) == 0) {
        return false;
    }
    for (const char *p = id; *p; p++) {
        bool letter = (*p | 32) >= 'a' && (*p | 32) <= 'z';
        if (!letter && (p == id || !strchr("0123456789~/._+-", *p))) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        if (strcmp(id, refused[i]) == 0) {
            return false;
        }
    }
    return true;
}

/*
 * Regions that Java's data, without the "backzone" history that Debian builds in, has as links: the
 * file that holds what Java shows for them before 1970. Sorted by id.
 */
static const struct {
    const char *id, *file;
} links[] = {
    {"Africa/Accra", "Africa/Abidjan"},
    {"Africa/Addis_Ababa", "Africa/Nairobi"},
    {"Africa/Asmara", "Africa/Nairobi"},
    {"Africa/Bamako", "Africa/Abidjan"},
    {"Africa/Bangui", "Africa/Lagos"},
    {"Africa/Banjul", "Africa/Abidjan"},
    {"Africa/Blantyre", "Africa/Maputo"},
    {"Africa/Brazzaville", "Africa/Lagos"},
    {"Africa/Bujumbura", "Africa/Maputo"},
    {"Africa/Conakry", "Africa/Abidjan"},
    {"Africa/Dakar", "Africa/Abidjan"},
    {"Africa/Dar_es_Salaam", "Africa/Nairobi"},
    {"Africa/Djibouti", "Africa/Nairobi"},
    {"Africa/Douala", "Africa/Lagos"},
    {"Africa/Freetown", "Africa/Abidjan"},
    {"Africa/Gaborone", "Africa/Maputo"},
    {"Africa/Harare", "Africa/Maputo"},
    {"Africa/Kampala", "Africa/Nairobi"},
    {"Africa/Kigali", "Africa/Maputo"},
    {"Africa/Kinshasa", "Africa/Lagos"},
    {"Africa/Libreville", "Africa/Lagos"},
    {"Africa/Lome", "Africa/Abidjan"},
    {"Africa/Luanda", "Africa/Lagos"},
    {"Africa/Lubumbashi", "Africa/Maputo"},
    {"Africa/Lusaka", "Africa/Maputo"},
    {"Africa/Malabo", "Africa/Lagos"},
    {"Africa/Maseru", "Africa/Johannesburg"},
    {"Africa/Mbabane", "Africa/Johannesburg"},
    {"Africa/Mogadishu", "Africa/Nairobi"},
    {"Africa/Niamey", "Africa/Lagos"},
    {"Africa/Nouakchott", "Africa/Abidjan"},
    {"Africa/Ouagadougou", "Africa/Abidjan"},
    {"Africa/Porto-Novo", "Africa/Lagos"},
    {"America/Anguilla", "America/Puerto_Rico"},
    {"America/Antigua", "America/Puerto_Rico"},
    {"America/Aruba", "America/Puerto_Rico"},
    {"America/Atikokan", "America/Panama"},
    {"America/Blanc-Sablon", "America/Puerto_Rico"},
    {"America/Cayman", "America/Panama"},
    {"America/Creston", "America/Phoenix"},
    {"America/Curacao", "America/Puerto_Rico"},
    {"America/Dominica", "America/Puerto_Rico"},
    {"America/Grenada", "America/Puerto_Rico"},
    {"America/Guadeloupe", "America/Puerto_Rico"},
    {"America/Montserrat", "America/Puerto_Rico"},
    {"America/Nassau", "America/Toronto"},
    {"America/Port_of_Spain", "America/Puerto_Rico"},
    {"America/St_Kitts", "America/Puerto_Rico"},
    {"America/St_Lucia", "America/Puerto_Rico"},
    {"America/St_Thomas", "America/Puerto_Rico"},
    {"America/St_Vincent", "America/Puerto_Rico"},
    {"America/Tortola", "America/Puerto_Rico"},
    {"Antarctica/DumontDUrville", "Pacific/Port_Moresby"},
    {"Antarctica/McMurdo", "Pacific/Auckland"},
    {"Antarctica/Syowa", "Asia/Riyadh"},
    {"Asia/Aden", "Asia/Riyadh"},
    {"Asia/Bahrain", "Asia/Qatar"},
    {"Asia/Brunei", "Asia/Kuching"},
    {"Asia/Kuala_Lumpur", "Asia/Singapore"},
    {"Asia/Kuwait", "Asia/Riyadh"},
    {"Asia/Muscat", "Asia/Dubai"},
    {"Asia/Phnom_Penh", "Asia/Bangkok"},
    {"Asia/Vientiane", "Asia/Bangkok"},
    {"Atlantic/Reykjavik", "Africa/Abidjan"},
    {"Atlantic/St_Helena", "Africa/Abidjan"},
    {"CET", "Europe/Brussels"},
    {"CST6CDT", "America/Chicago"},
    {"EET", "Europe/Athens"},
    {"EST5EDT", "America/New_York"},
    {"Europe/Amsterdam", "Europe/Brussels"},
    {"Europe/Copenhagen", "Europe/Berlin"},
    {"Europe/Guernsey", "Europe/London"},
    {"Europe/Isle_of_Man", "Europe/London"},
    {"Europe/Jersey", "Europe/London"},
    {"Europe/Ljubljana", "Europe/Belgrade"},
    {"Europe/Luxembourg", "Europe/Brussels"},
    {"Europe/Monaco", "Europe/Paris"},
    {"Europe/Oslo", "Europe/Berlin"},
    {"Europe/Sarajevo", "Europe/Belgrade"},
    {"Europe/Skopje", "Europe/Belgrade"},
    {"Europe/Stockholm", "Europe/Berlin"},
    {"Europe/Vaduz", "Europe/Zurich"},
    {"Europe/Zagreb", "Europe/Belgrade"},
    {"Indian/Antananarivo", "Africa/Nairobi"},
    {"Indian/Christmas", "Asia/Bangkok"},
    {"Indian/Cocos", "Asia/Yangon"},
    {"Indian/Comoro", "Africa/Nairobi"},
    {"Indian/Kerguelen", "Indian/Maldives"},
    {"Indian/Mahe", "Asia/Dubai"},
    {"Indian/Mayotte", "Africa/Nairobi"},
    {"Indian/Reunion", "Asia/Dubai"},
    {"MET", "Europe/Brussels"},
    {"MST7MDT", "America/Denver"},
    {"PST8PDT", "America/Los_Angeles"},
    {"Pacific/Chuuk", "Pacific/Port_Moresby"},
    {"Pacific/Funafuti", "Pacific/Tarawa"},
    {"Pacific/Majuro", "Pacific/Tarawa"},
    {"Pacific/Midway", "Pacific/Pago_Pago"},
    {"Pacific/Pohnpei", "Pacific/Guadalcanal"},
    {"Pacific/Saipan", "Pacific/Guam"},
    {"Pacific/Wake", "Pacific/Tarawa"},
    {"Pacific/Wallis", "Pacific/Tarawa"},
    {"SystemV/AST4", "Etc/GMT+4"},
    {"SystemV/CST6", "Etc/GMT+6"},
    {"SystemV/EST5", "Etc/GMT+5"},
    {"SystemV/HST10", "Etc/GMT+10"},
    {"SystemV/MST7", "Etc/GMT+7"},
    {"SystemV/PST8", "Etc/GMT+8"},
    {"SystemV/YST9", "Etc/GMT+9"},
    {"WET", "Europe/Lisbon"},
};

static const char *file_of_region(const char *id)
{
    for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
        if (strcmp(links[i].id, id) == 0) {
            return links[i].file;
        }
    }
    return id;
}

static TimeZone *load_region(const char *id)
{
    if (!is_region_name(id)) {
        return NULL;
    }
    char path[sizeof(ZONEINFO_DIR) + NAME_MAX_LEN];
    memcpy(path, ZONEINFO_DIR, sizeof(ZONEINFO_DIR) - 1);
    const char *file = file_of_region(id);
    memcpy(path + sizeof(ZONEINFO_DIR) - 1, file, strlen(file) + 1);
    fb_error err = {0};
    VfsStat st;
    char *bytes = NULL;
    size_t n = 0;
    TimeZone *z = NULL;
    if (vfs()->stat(path, &st, &err) == FB_OK && st.exists && !st.is_dir && st.size <= FILE_MAX &&
        vfs_read_file(path, &bytes, &n, &err) == FB_OK) {
        z = new_zone(id, SPANS_MAX);
        if (parse_tzif(z, (const uint8_t *)bytes, n)) {
            z->span = mem_realloc(z->span, mem_mul(z->n, sizeof(Span)));
        } else {
            free_zone(z);
            z = NULL;
        }
    }
    mem_free(bytes);
    err_clear(&err);
    return z;
}

/* ---- names ---- */

static bool two_digits(const char *p, int32_t *ret)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9') {
        return false;
    }
    *ret = (p[0] - '0') * 10 + (p[1] - '0');
    return true;
}

/* Java's ZoneOffset.of: Z, +h, +hh, +hh:mm, +hhmm, +hh:mm:ss, +hhmmss; at most 18 hours. */
static bool java_offset(Str s, int32_t *ret)
{
    if (s.n == 1 && s.p[0] == 'Z') {
        *ret = 0;
        return true;
    }
    if (s.n < 2 || (s.p[0] != '+' && s.p[0] != '-')) {
        return false;
    }
    const char *p = s.p + 1;
    int32_t h = 0, m = 0, sec = 0;
    bool ok = false;
    switch (s.n) {
    case 2:
        h = p[0] - '0';
        ok = h >= 0 && h <= 9;
        break;
    case 3:
        ok = two_digits(p, &h);
        break;
    case 5:
        ok = two_digits(p, &h) && two_digits(p + 2, &m);
        break;
    case 6:
        ok = two_digits(p, &h) && p[2] == ':' && two_digits(p + 3, &m);
        break;
    case 7:
        ok = two_digits(p, &h) && two_digits(p + 2, &m) && two_digits(p + 4, &sec);
        break;
    case 9:
        ok = two_digits(p, &h) && p[2] == ':' && two_digits(p + 3, &m) && p[5] == ':' &&
             two_digits(p + 6, &sec);
        break;
    default:
        break;
    }
    int32_t total = h * 3600 + m * 60 + sec;
    if (!ok || m > 59 || sec > 59 || total > OFFSET_MAX) {
        return false;
    }
    *ret = s.p[0] == '-' ? -total : total;
    return true;
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/*
 * What Spark does to a name before Java sees it: the first "+h:" becomes "+0h:", a "+hh:m" at the
 * end "+hh:0m". buf takes the result, at most two bytes longer.
 */
static Str spark_offset_fixes(Str s, char buf[static NAME_MAX_LEN + 3])
{
    memcpy(buf, s.p, s.n);
    size_t n = s.n;
    for (size_t i = 0; i + 2 < n; i++) {
        if ((buf[i] == '+' || buf[i] == '-') && is_digit(buf[i + 1]) && buf[i + 2] == ':') {
            memmove(buf + i + 2, buf + i + 1, n - i - 1);
            buf[i + 1] = '0';
            n++;
            break;
        }
    }
    if (n >= 5) {
        const char *t = buf + n - 5;
        if ((t[0] == '+' || t[0] == '-') && is_digit(t[1]) && is_digit(t[2]) && t[3] == ':' &&
            is_digit(t[4])) {
            buf[n] = buf[n - 1];
            buf[n - 1] = '0';
            n++;
        }
    }
    buf[n] = 0;
    return (Str){buf, n};
}

bool tz_parse_offset(Str s, int32_t *ret)
{
    if (java_offset(s, ret)) {
        return true;
    }
    if (s.n < 4 || s.n > 10 || (s.p[0] != '+' && s.p[0] != '-')) {
        return false;
    }
    char buf[NAME_MAX_LEN + 3];
    return java_offset(spark_offset_fixes(s, buf), ret);
}

void tz_offset_id(int32_t offset, char buf[static 10])
{
    if (offset == 0) {
        memcpy(buf, "Z", 2);
        return;
    }
    int32_t a = offset < 0 ? -offset : offset;
    int32_t part[3] = {a / 3600, a / 60 % 60, a % 60};
    char *p = buf;
    *p++ = offset < 0 ? '-' : '+';
    for (int i = 0; i < (part[2] ? 3 : 2); i++) {
        if (i > 0) {
            *p++ = ':';
        }
        *p++ = (char)('0' + part[i] / 10);
        *p++ = (char)('0' + part[i] % 10);
    }
    *p = 0;
}

/* java.time.ZoneId.SHORT_IDS */
static const struct {
    char alias[4];
    const char *id;
} short_ids[] = {
    {"ACT", "Australia/Darwin"},
    {"AET", "Australia/Sydney"},
    {"AGT", "America/Argentina/Buenos_Aires"},
    {"ART", "Africa/Cairo"},
    {"AST", "America/Anchorage"},
    {"BET", "America/Sao_Paulo"},
    {"BST", "Asia/Dhaka"},
    {"CAT", "Africa/Harare"},
    {"CNT", "America/St_Johns"},
    {"CST", "America/Chicago"},
    {"CTT", "Asia/Shanghai"},
    {"EAT", "Africa/Addis_Ababa"},
    {"ECT", "Europe/Paris"},
    {"EST", "-05:00"},
    {"HST", "-10:00"},
    {"IET", "America/Indiana/Indianapolis"},
    {"IST", "Asia/Kolkata"},
    {"JST", "Asia/Tokyo"},
    {"MIT", "Pacific/Apia"},
    {"MST", "-07:00"},
    {"NET", "Asia/Yerevan"},
    {"NST", "Pacific/Auckland"},
    {"PLT", "Asia/Karachi"},
    {"PNT", "America/Phoenix"},
    {"PRT", "America/Puerto_Rico"},
    {"PST", "America/Los_Angeles"},
    {"SST", "Pacific/Guadalcanal"},
    {"VST", "Asia/Ho_Chi_Minh"},
};

/* The id that Java gives the zone. *ret_fixed: it is an offset; else a region or a prefix alone.
 * false: no id. */
static bool java_id(Str name, char id[static NAME_MAX_LEN + 3], bool *ret_fixed,
                    int32_t *ret_offset)
{
    if (name.n == 0 || name.n > NAME_MAX_LEN || memchr(name.p, 0, name.n)) {
        return false;
    }
    Str s = spark_offset_fixes(name, id);
    for (size_t i = 0; i < sizeof(short_ids) / sizeof(*short_ids); i++) {
        if (str_eq(s, str_of(short_ids[i].alias))) {
            s = str_of(short_ids[i].id);
            memcpy(id, s.p, s.n + 1);
            s.p = id;
            break;
        }
    }
    *ret_fixed = true;
    if (s.n == 1 || *s.p == '+' || *s.p == '-') {
        if (!java_offset(s, ret_offset)) {
            return false;
        }
        tz_offset_id(*ret_offset, id);
        return true;
    }
    size_t prefix = str_has_prefix(s, STR_LIT("UTC")) || str_has_prefix(s, STR_LIT("GMT")) ? 3
                    : str_has_prefix(s, STR_LIT("UT"))                                     ? 2
                                                                                           : 0;
    if (prefix > 0 && s.n == prefix) {
        *ret_offset = 0;
        return true;
    }
    if (prefix > 0 && (s.p[prefix] == '+' || s.p[prefix] == '-')) {
        if (!java_offset((Str){s.p + prefix, s.n - prefix}, ret_offset)) {
            return false;
        }
        if (*ret_offset == 0) {
            id[prefix] = 0;
        } else {
            tz_offset_id(*ret_offset, id + prefix);
        }
        return true;
    }
    *ret_fixed = false;
    return s.n <= NAME_MAX_LEN;
}

const TimeZone *tz_find(Str name)
{
    char id[NAME_MAX_LEN + 3 + 10];
    bool fixed = false;
    int32_t offset = 0;
    if (!java_id(name, id, &fixed, &offset)) {
        return NULL;
    }
    pthread_mutex_lock(&registry.lock);
    TimeZone *z = registry.zones;
    while (z && strcmp(z->id, id) != 0) {
        z = z->next;
    }
    if (!z) {
        z = fixed ? fixed_zone(id, offset) : load_region(id);
        if (z) {
            z->next = registry.zones;
            registry.zones = z;
        }
    }
    pthread_mutex_unlock(&registry.lock);
    return z;
}

fb_status tz_get(Str name, const TimeZone **ret, fb_error *err)
{
    *ret = tz_find(name);
    if (*ret) {
        return FB_OK;
    }
    StrBuf text = {0};
    strbuf_append(&text, name.p, name.n);
    err_set(err, ERR_INVALID_TIMEZONE, "timeZone", strbuf_str(&text).p, NULL);
    strbuf_free(&text);
    return FB_ERR;
}

static Span utc_span = {.utc = INT64_MIN, .local = INT64_MIN};
static const TimeZone utc_zone = {.n = 1, .span = &utc_span, .fold_at = INT64_MAX, .id = "UTC"};

const TimeZone *tz_utc(void)
{
    return &utc_zone;
}

const TimeZone *tz_system(void)
{
    const char *name = getenv("TZ");
    const TimeZone *z = NULL;
    if (name && *name) {
        name += *name == ':';
        z = tz_find(str_of(name));
    }
    char target[512];
    ssize_t n = z ? 0 : readlink("/etc/localtime", target, sizeof(target) - 1);
    if (n > 0) {
        target[n] = 0;
        const char *region = strstr(target, "zoneinfo/");
        z = region ? tz_find(str_of(region + 9)) : NULL;
    }
    return z ? z : tz_utc();
}

const char *tz_id(const TimeZone *tz)
{
    return tz->id;
}

bool tz_is_fixed(const TimeZone *tz, int32_t *ret_offset)
{
    *ret_offset = tz->span[0].offset;
    return tz->n == 1;
}

/* ---- looking up ---- */

static inline int64_t fold(const TimeZone *tz, int64_t seconds)
{
    if (seconds >= tz->fold_at) {
        seconds -= (seconds - tz->fold_at) / FOLD_SECONDS * FOLD_SECONDS;
    }
    return seconds;
}

static const Span *find_utc(const TimeZone *tz, int64_t t)
{
    const Span *s = tz->span;
    uint32_t lo = 0, n = tz->n;
    while (n > 1) {
        uint32_t half = n / 2;
        lo = s[lo + half].utc <= t ? lo + half : lo;
        n -= half;
    }
    return s + lo;
}

static const Span *find_local(const TimeZone *tz, int64_t t)
{
    const Span *s = tz->span;
    uint32_t lo = 0, n = tz->n;
    while (n > 1) {
        uint32_t half = n / 2;
        lo = s[lo + half].local <= t ? lo + half : lo;
        n -= half;
    }
    return s + lo;
}

/* The hints are read and written without order: any value below n is a valid one. */
static inline const Span *span_at_utc(const TimeZone *tz, int64_t t)
{
    uint32_t hint = atomic_load_explicit(&tz->utc_hint, memory_order_relaxed);
    const Span *s = tz->span + hint;
    if (s->utc <= t && (hint + 1 == tz->n || t < s[1].utc)) {
        return s;
    }
    s = find_utc(tz, t);
    atomic_store_explicit(&((TimeZone *)(uintptr_t)tz)->utc_hint, (uint32_t)(s - tz->span),
                          memory_order_relaxed);
    return s;
}

static inline const Span *span_at_local(const TimeZone *tz, int64_t t)
{
    uint32_t hint = atomic_load_explicit(&tz->local_hint, memory_order_relaxed);
    const Span *s = tz->span + hint;
    if (s->local <= t && (hint + 1 == tz->n || t < s[1].local)) {
        return s;
    }
    s = find_local(tz, t);
    atomic_store_explicit(&((TimeZone *)(uintptr_t)tz)->local_hint, (uint32_t)(s - tz->span),
                          memory_order_relaxed);
    return s;
}

int32_t tz_offset_at(const TimeZone *tz, int64_t utc_seconds)
{
    return tz->n == 1 ? tz->span[0].offset : span_at_utc(tz, fold(tz, utc_seconds))->offset;
}

int32_t tz_offset_at_local(const TimeZone *tz, int64_t local_seconds)
{
    return tz->n == 1 ? tz->span[0].offset : span_at_local(tz, fold(tz, local_seconds))->offset;
}

bool tz_is_dst_at(const TimeZone *tz, int64_t utc_seconds)
{
    return span_at_utc(tz, fold(tz, utc_seconds))->is_dst;
}

void tz_cursor_seek(TzCursor *c, int64_t utc_seconds)
{
    int64_t t = fold(c->tz, utc_seconds), shift = utc_seconds - t;
    const Span *s = span_at_utc(c->tz, t);
    bool last = s + 1 == c->tz->span + c->tz->n;
    c->from = s->utc == INT64_MIN ? INT64_MIN : s->utc + shift;
    c->to = last ? INT64_MAX : s[1].utc + shift;
    c->offset = s->offset;
}

static int64_t add_saturated(int64_t us, int64_t seconds)
{
    int64_t r;
    if (__builtin_add_overflow(us, seconds * US_PER_SECOND, &r)) {
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    }
    return r;
}

int64_t tz_utc_to_local(const TimeZone *tz, int64_t us)
{
    return add_saturated(us, tz_offset_at(tz, dt_floor_div(us, US_PER_SECOND)));
}

int64_t tz_local_to_utc(const TimeZone *tz, int64_t local_us)
{
    return add_saturated(local_us, -tz_offset_at_local(tz, dt_floor_div(local_us, US_PER_SECOND)));
}

int64_t tz_convert(const TimeZone *from, const TimeZone *to, int64_t us)
{
    return tz_local_to_utc(to, tz_utc_to_local(from, us));
}
