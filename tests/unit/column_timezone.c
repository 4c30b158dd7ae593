/* Time zones against java.time: ids, offsets both ways, names (column_timezone.inc). */
#include "column/timezone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>

typedef struct IdRow {
    const char *name, *id; /* NULL: refused */
} IdRow;

typedef struct OffsetRow {
    const char *zone;
    int64_t utc;
    int32_t offset;
    int64_t local, local_as_utc;
    bool dst;
} OffsetRow;

#include "column_timezone.inc"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void test_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(id_rows); i++) {
        const TimeZone *z = tz_find(str_of(id_rows[i].name));
        if ((z != NULL) != (id_rows[i].id != NULL)) {
            fail_msg("'%s' %s", id_rows[i].name, z ? "found" : "refused");
        }
        if (z) {
            assert_string_equal(tz_id(z), id_rows[i].id);
            assert_ptr_equal(z, tz_find(str_of(id_rows[i].name)));
        }
    }
    const TimeZone *z;
    fb_error err = {0};
    assert_int_equal(tz_get(STR_LIT("Mars/Base"), &z, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), "INVALID_TIMEZONE");
    err_clear(&err);
    int32_t offset;
    assert_true(tz_is_fixed(tz_find(STR_LIT("UTC-3")), &offset));
    assert_int_equal(offset, -10800);
    assert_false(tz_is_fixed(tz_find(STR_LIT("Europe/Berlin")), &offset));
    assert_null(tz_find((Str){"UTC\0x", 5}));
    assert_non_null(tz_system());
}

static void test_offsets(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(offset_rows); i++) {
        const OffsetRow *r = &offset_rows[i];
        const TimeZone *z = tz_find(str_of(r->zone));
        assert_int_equal(tz_offset_at(z, r->utc), r->offset);
        assert_int_equal(r->local - tz_offset_at_local(z, r->local), r->local_as_utc);
        assert_int_equal(tz_is_dst_at(z, r->utc), r->dst);
        assert_int_equal(tz_local_to_utc(z, r->local * 1000000 + 7), r->local_as_utc * 1000000 + 7);
        TzCursor c = tz_cursor(z);
        assert_int_equal(tz_cursor_to_local(&c, r->utc * 1000000 - 1),
                         tz_utc_to_local(z, r->utc * 1000000 - 1));
        assert_int_equal(tz_cursor_to_local(&c, r->utc * 1000000), (r->utc + r->offset) * 1000000);
        assert_true(c.from <= r->utc && r->utc < c.to);
    }
}

/* The hints of a zone are shared: any thread may leave any of them. */
static void *look_up(void *arg)
{
    const TimeZone *z = tz_find(STR_LIT("America/New_York"));
    int64_t sum = 0;
    uint64_t s = (uint64_t)(uintptr_t)arg * 2654435761u + 1;
    for (int i = 0; i < 20000; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        int64_t t = (int64_t)(s >> 29);
        int32_t offset = tz_offset_at(z, t);
        sum += offset != -18000 && offset != -14400;
        sum += tz_find(i % 2 ? STR_LIT("+01:30") : STR_LIT("Asia/Tokyo")) == NULL;
    }
    return sum == 0 ? NULL : arg;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t t[4];
    for (uintptr_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&t[i], NULL, look_up, (void *)(i + 1)), 0);
    }
    for (int i = 0; i < 4; i++) {
        void *failed;
        pthread_join(t[i], &failed);
        assert_null(failed);
    }
}

static void expect_name(const char *zone, int64_t at, bool is_long, const char *want)
{
    StrBuf b = {0};
    tz_display_name(tz_find(str_of(zone)), at, is_long, &b);
    assert_string_equal(strbuf_str(&b).p, want);
    strbuf_free(&b);
}

static void test_names(void **state)
{
    (void)state;
    expect_name("Europe/Berlin", 1700000000, false, "CET");
    expect_name("Europe/Berlin", 1690000000, false, "CEST");
    expect_name("America/Los_Angeles", 1690000000, true, "Pacific Daylight Time");
    expect_name("Asia/Kolkata", 0, true, "India Standard Time");
    expect_name("+01:00", 0, true, "+01:00");
    expect_name("UTC", 0, false, "UTC");
}

static void test_ends_saturate(void **state)
{
    (void)state;
    const TimeZone *east = tz_find(STR_LIT("+18")), *west = tz_find(STR_LIT("-18"));
    assert_true(tz_utc_to_local(east, INT64_MAX) == INT64_MAX);
    assert_true(tz_utc_to_local(west, INT64_MIN) == INT64_MIN);
    assert_true(tz_local_to_utc(east, INT64_MIN) == INT64_MIN);
    assert_int_equal(tz_convert(tz_utc(), east, 0), -INT64_C(64800000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),           cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_names),         cmocka_unit_test(test_threads),
        cmocka_unit_test(test_ends_saturate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
