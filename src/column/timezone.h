/*
 * timezone.h - time zones with Java's names and rules.
 *
 * Names: IANA regions ("Europe/Berlin"), Java's short ids ("PST", "JST"), "Z", "UTC", "GMT", "UT",
 * offsets "+1", "+01", "+01:00", "-013000", "UTC+3", "GMT-01:30", and Spark's "+1:2".
 * Offsets come from the TZif files of /usr/share/zoneinfo; beyond their table the POSIX rule of
 * the file's footer goes on. Local times in a gap move forward by its length, in an overlap the
 * earlier offset (summer time) is taken, as java.time does.
 *
 * Ownership: a TimeZone lives as long as the process; handles are shared freely, equal ids are the
 *            same pointer.
 * Threads:   everything may be called from any thread.
 */
#ifndef COLUMN_TIMEZONE_H
#define COLUMN_TIMEZONE_H

#include "base/error.h"

typedef struct TimeZone TimeZone;

/* The zone, or NULL when Java's ZoneId.of (with SHORT_IDS, and Spark's fixes) refuses the name.
 * A look-up in a table under a lock: not for inner loops. */
const TimeZone *tz_find(Str name);
/* The same with an error: INVALID_TIMEZONE. */
fb_status tz_get(Str name, const TimeZone **ret, fb_error *err);
const TimeZone *tz_utc(void);
/* The machine's zone: $TZ, else /etc/localtime's target, else UTC. Java's default zone. */
const TimeZone *tz_system(void);

/* ZoneId.getId(): "Europe/Berlin", "Z", "+01:00", "UTC+03:00". */
const char *tz_id(const TimeZone *tz);
/* Always the same offset (seconds). */
bool tz_is_fixed(const TimeZone *tz, int32_t *ret_offset);

/* Seconds east of UTC at a moment (seconds since 1970 UTC). */
int32_t tz_offset_at(const TimeZone *tz, int64_t utc_seconds);
/* The offset that a local time has; gap and overlap as said above (in a gap: the offset before). */
int32_t tz_offset_at_local(const TimeZone *tz, int64_t local_seconds);

/* Whole microsecond times. Saturate at the ends of int64. */
int64_t tz_utc_to_local(const TimeZone *tz, int64_t us);
int64_t tz_local_to_utc(const TimeZone *tz, int64_t local_us);
/* from_utc_timestamp, to_utc_timestamp, convert_timezone: the local time of from, read in to. */
int64_t tz_convert(const TimeZone *from, const TimeZone *to, int64_t us);

/* For loops: remembers the span in which the last offset holds. Zero it, set tz; one per thread. */
typedef struct TzCursor {
    const TimeZone *tz;
    int64_t from, to; /* UTC seconds, [from, to) */
    int32_t offset;
} TzCursor;
void tz_cursor_seek(TzCursor *c, int64_t utc_seconds);
static inline TzCursor tz_cursor(const TimeZone *tz)
{
    return (TzCursor){.tz = tz};
}
static inline int64_t tz_cursor_to_local(TzCursor *c, int64_t us)
{
    int64_t sec = us / 1000000 - (us % 1000000 < 0);
    if (__builtin_expect(sec < c->from || sec >= c->to, 0)) {
        tz_cursor_seek(c, sec);
    }
    int64_t r;
    return __builtin_add_overflow(us, (int64_t)c->offset * 1000000, &r)
               ? (c->offset < 0 ? INT64_MIN : INT64_MAX)
               : r;
}

/* What text forms need: whether daylight saving is on, and the zone's English names. */
bool tz_is_dst_at(const TimeZone *tz, int64_t utc_seconds);
/* "CET"/"CEST", "PST"/"PDT"… (long: "Central European Standard Time") as Java prints for 'z'. */
void tz_display_name(const TimeZone *tz, int64_t utc_seconds, bool is_long, StrBuf *out);

#endif
