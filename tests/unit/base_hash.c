/* Hashes: Spark's Murmur3 against values recorded from Spark 4.3, CRC-32 against its check value,
 * the engine's own hash for distribution and for staying inside its input. */
#include "base/arena.h"
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#define SEED 42u

static int32_t of_bytes(const void *p, size_t n)
{
    return (int32_t)murmur3_bytes(p, n, SEED);
}

static int32_t of_text(const char *s)
{
    return of_bytes(s, strlen(s));
}

static int32_t of_double(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof(bits));
    return (int32_t)murmur3_long(bits, SEED);
}

static void test_murmur3_scalars(void **state)
{
    (void)state;
    assert_int_equal((int32_t)murmur3_int(1, SEED), -559580957);
    assert_int_equal((int32_t)murmur3_int(0, SEED), 933211791);
    assert_int_equal((int32_t)murmur3_long(1, SEED), -1712319331);
    assert_int_equal((int32_t)murmur3_long(UINT64_MAX, SEED), -939490007);
    assert_int_equal((int32_t)murmur3_long(0, SEED), -1670924195);
    assert_int_equal(of_double(1.5), 1290763749);
    float f = 1.5f;
    uint32_t bits;
    memcpy(&bits, &f, sizeof(bits));
    assert_int_equal((int32_t)murmur3_int(bits, SEED), -221251528);
    assert_int_equal((int32_t)murmur3_long(0x7ff8000000000000ull, SEED), -1281358385);
    assert_int_equal((int32_t)murmur3_int(19723, SEED), -456589419); /* date 2024-01-01 */
    assert_int_equal((int32_t)murmur3_long(1704067200000000ull, SEED), 1545358984);
    assert_int_equal((int32_t)murmur3_long(125, SEED), 1910520950); /* 1.25 */
}

static void test_murmur3_bytes(void **state)
{
    (void)state;
    assert_int_equal(of_text(""), 142593372);
    assert_int_equal(of_text("a"), 1485273170);
    assert_int_equal(of_text("ab"), -97053317);
    assert_int_equal(of_text("abc"), 1322437556);
    assert_int_equal(of_text("abcd"), -396302900);
    assert_int_equal(of_text("abcde"), 814637928);
    assert_int_equal(of_text("\xC3\xA9"), 2119106806); /* é: tail bytes are sign-extended */
    assert_int_equal(of_bytes("\x01\x02", 2), 1964783052);
    assert_int_equal(of_bytes("\x7d", 1), -1153375511); /* decimal(20,2) 1.25 */
    assert_int_equal(of_bytes("\x83", 1), -342901333);  /* -1.25 */
    assert_int_equal(of_bytes("\0", 1), -783713497);    /* decimal(38,0) 0 */
}

static void test_murmur3_chained(void **state)
{
    (void)state;
    uint32_t h = murmur3_bytes("hello", 5, murmur3_int(1, SEED));
    assert_int_equal((int32_t)h, -1505279299); /* struct(1, 'hello') */
    h = murmur3_int(4, murmur3_int(2, murmur3_int(1, SEED)));
    assert_int_equal((int32_t)h, 2029771627); /* array(1, 2, null, 4) */
    h = murmur3_int(14, murmur3_int(3, murmur3_long(14706700000ull, SEED)));
    assert_int_equal((int32_t)h, -1493581024); /* interval 14 months 3 days 04:05:06.7 */
    assert_int_equal(murmur3_partition((uint32_t)-262600135, 3), 2);
    assert_int_equal(murmur3_partition(7, 3), 1);
    assert_int_equal(murmur3_partition((uint32_t)INT32_MIN, 200), 152);
    assert_int_equal(murmur3_partition((uint32_t)-200, 200), 0);
}

static void test_crc32(void **state)
{
    (void)state;
    assert_true(crc32_bytes("123456789", 9, 0) == 0xCBF43926u);
    assert_true(crc32_bytes("6789", 4, crc32_bytes("12345", 5, 0)) == 0xCBF43926u);
    assert_true(crc32_bytes(NULL, 0, 7) == 7);
}

/* Each length at the very end of a heap block: AddressSanitizer sees a load past either end. */
static void test_hash_bytes_stays_inside(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 300; n++) {
        char *p = mem_zalloc(n);
        uint64_t zero = hash_bytes(p, n, 1);
        assert_true(hash_bytes(p, n, 1) == zero);
        for (size_t i = 0; i < n; i++) {
            p[i] = 1; /* every byte counts */
            assert_true(hash_bytes(p, n, 1) != zero);
            p[i] = 0;
        }
        assert_true(hash_bytes(p, n, 2) != zero);
        if (n > 0) {
            assert_true(hash_bytes(p, n - 1, 1) != zero);
        }
        mem_free(p);
    }
}

/* Short decimal numbers into 2^16 buckets by the low and by the high bits: with a uniform hash the
 * sum of squares of 2^18 keys' bucket counts is 2^18 * (1 + 4) within a per cent. */
static void spread(unsigned shift, int length)
{
    enum { BUCKETS = 1 << 16, KEYS = 1 << 18 };
    uint32_t *count = mem_zalloc(BUCKETS * sizeof(*count));
    for (uint32_t i = 0; i < KEYS; i++) {
        char key[16] = "................";
        uint32_t v = i;
        for (int d = length - 1; d >= 0 && v > 0; d--, v /= 10) {
            key[d] = (char)('0' + v % 10);
        }
        count[hash_bytes(key, (size_t)length, 0) >> shift & (BUCKETS - 1)]++;
    }
    double sum = 0;
    for (int i = 0; i < BUCKETS; i++) {
        sum += (double)count[i] * count[i];
    }
    double ratio = sum / ((double)KEYS * 5);
    assert_true(ratio > 0.99 && ratio < 1.01);
    mem_free(count);
}

static void test_hash_bytes_spreads(void **state)
{
    (void)state;
    for (int length = 6; length <= 16; length++) {
        spread(0, length);
        spread(24, length);
        spread(48, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_murmur3_scalars),         cmocka_unit_test(test_murmur3_bytes),
        cmocka_unit_test(test_murmur3_chained),         cmocka_unit_test(test_crc32),
        cmocka_unit_test(test_hash_bytes_stays_inside), cmocka_unit_test(test_hash_bytes_spreads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
