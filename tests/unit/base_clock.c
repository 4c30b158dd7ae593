/* Clock and randomness. */
#include "base/clock.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_clock(void **state)
{
    (void)state;
    int64_t real = clock_now_us();
    assert_true(real > 1700000000000000); /* after 2023 */
    int64_t mono = clock_mono_us();
    assert_true(clock_mono_us() >= mono);
    clock_set_manual(1732608638123456);
    assert_true(clock_now_us() == 1732608638123456);
    assert_true(clock_now_ms() == 1732608638123);
    assert_true(clock_mono_us() == 1732608638123456);
    clock_set_manual(0);
    assert_true(clock_now_us() == 0);
    clock_set_manual(-5);
    assert_true(clock_now_us() >= real);
}

static void test_uuid(void **state)
{
    (void)state;
    char a[37];
    char b[37];
    for (int round = 0; round < 100; round++) {
        uuid_new(a);
        uuid_new(b);
        assert_int_equal(strlen(a), 36);
        assert_string_not_equal(a, b);
        for (int i = 0; i < 36; i++) {
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                assert_int_equal(a[i], '-');
            } else {
                assert_non_null(strchr("0123456789abcdef", a[i]));
            }
        }
        assert_int_equal(a[14], '4');
        assert_non_null(strchr("89ab", a[19]));
    }
}

/* As java.util.UUID.fromString() of Java 17. */
static void test_uuid_parse(void **state)
{
    static const char *const wrong[] = {
        "",
        "hello",
        "1-1-1-1",
        "1-1-1-1-1-1",
        "1-1-1-1-",
        "-1-1-1-1",
        "1--1-1-1",
        "1-1-1-1-g",
        "88d8b2bb-c765-4e28-8cf3-5d521916b9940",
        "11111111111111111-1-1-1-1",
        "1-1-1-1- 1",
    };
    char out[37];
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(uuid_parse(str_of(wrong[i]), out));
    }
    assert_true(uuid_parse(STR_LIT("88D8B2BB-c765-4e28-8cf3-5d521916b994"), out));
    assert_string_equal(out, "88d8b2bb-c765-4e28-8cf3-5d521916b994");
    assert_true(uuid_parse(STR_LIT("1-a-1-1-1"), out));
    assert_string_equal(out, "00000001-000a-0001-0001-000000000001");
    assert_true(uuid_parse(STR_LIT("123456789ab-1-1-1-1"), out)); /* the low digits count */
    assert_string_equal(out, "456789ab-0001-0001-0001-000000000001");
}

static void test_random(void **state)
{
    (void)state;
    uint64_t ones = 0;
    uint64_t zeros = 0;
    for (int i = 0; i < 64; i++) {
        uint64_t v = random_u64();
        ones |= v;
        zeros |= ~v;
    }
    assert_true(ones == UINT64_MAX && zeros == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_uuid),
        cmocka_unit_test(test_uuid_parse),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
