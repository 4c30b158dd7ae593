/*
 * random.c - published generators, seeded as the JVM's libraries seed them.
 *
 * MT19937 and WELL19937c are written from their papers; what is particular here is how a 64-bit
 * seed becomes their state (two words, through MT's init_by_array, or by WELL's filling recurrence)
 * and how doubles and bounded integers are taken from them.
 */
#include "base/random.h"

#include <stddef.h>

/* ---- xorshift ---- */

static uint32_t rotl32(uint32_t x, int r)
{
    return x << r | x >> (32 - r);
}

static uint32_t mix_word(uint32_t h, uint32_t k)
{
    k *= 0xcc9e2d51u;
    k = rotl32(k, 15);
    k *= 0x1b873593u;
    h ^= k;
    return rotl32(h, 13) * 5 + 0xe6546b64u;
}

/* Murmur3_x86_32 of the seed's eight bytes, most significant first. */
static uint32_t hash_seed(uint64_t seed, uint32_t h)
{
    h = mix_word(h, __builtin_bswap32((uint32_t)(seed >> 32)));
    h = mix_word(h, __builtin_bswap32((uint32_t)seed));
    h ^= 8;
    h ^= h >> 16;
    h *= 0x85ebca6bu;
    h ^= h >> 13;
    h *= 0xc2b2ae35u;
    return h ^ h >> 16;
}

void xorshift_seed(XorShift *r, int64_t seed)
{
    uint32_t low = hash_seed((uint64_t)seed, 0x3c074a61u);
    uint32_t high = hash_seed((uint64_t)seed, low);
    *r = (XorShift){.state = (uint64_t)high << 32 | low};
}

int32_t xorshift_below(XorShift *r, int32_t bound)
{
    uint32_t bits = xorshift_bits(r, 31);
    uint32_t n = (uint32_t)bound;
    if ((n & (n - 1)) == 0) {
        return (int32_t)((uint64_t)n * bits >> 31);
    }
    uint32_t value = bits % n;
    while (bits - value + (n - 1) > INT32_MAX) { /* the last, incomplete round of 0..n */
        bits = xorshift_bits(r, 31);
        value = bits % n;
    }
    return (int32_t)value;
}

/* ---- java.util.Random ---- */

#define JAVA_FACTOR UINT64_C(0x5DEECE66D)
#define JAVA_MASK ((UINT64_C(1) << 48) - 1)

void java_random_seed(JavaRandom *r, int64_t seed)
{
    r->state = ((uint64_t)seed ^ JAVA_FACTOR) & JAVA_MASK;
}

static uint32_t java_word(JavaRandom *r)
{
    r->state = (r->state * JAVA_FACTOR + 0xB) & JAVA_MASK;
    return (uint32_t)(r->state >> 16);
}

int64_t java_random_long(JavaRandom *r)
{
    uint64_t high = (uint64_t)java_word(r) << 32;
    return (int64_t)(high + (uint64_t)(int64_t)(int32_t)java_word(r));
}

/* ---- MT19937 ---- */

#define MT_SHIFT 397u

void twister_seed(Twister *t, int64_t seed)
{
    const uint32_t key[2] = {(uint32_t)((uint64_t)seed >> 32), (uint32_t)seed};
    uint32_t *w = t->word, i = 1, j = 0;
    w[0] = 19650218u;
    for (uint32_t k = 1; k < MT_WORDS; k++) {
        w[k] = 1812433253u * (w[k - 1] ^ w[k - 1] >> 30) + k;
    }
    for (uint32_t k = 0; k < MT_WORDS; k++) {
        w[i] = (w[i] ^ (w[i - 1] ^ w[i - 1] >> 30) * 1664525u) + key[j] + j;
        j = (j + 1) % 2;
        if (++i == MT_WORDS) {
            w[0] = w[MT_WORDS - 1];
            i = 1;
        }
    }
    for (uint32_t k = 0; k < MT_WORDS - 1; k++) {
        w[i] = (w[i] ^ (w[i - 1] ^ w[i - 1] >> 30) * 1566083941u) - i;
        if (++i == MT_WORDS) {
            w[0] = w[MT_WORDS - 1];
            i = 1;
        }
    }
    w[0] = 0x80000000u;
    t->at = MT_WORDS;
}

static void twist(Twister *t)
{
    uint32_t *w = t->word;
    for (uint32_t k = 0; k < MT_WORDS; k++) {
        uint32_t y = (w[k] & 0x80000000u) | (w[(k + 1) % MT_WORDS] & 0x7fffffffu);
        w[k] = w[(k + MT_SHIFT) % MT_WORDS] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
    }
    t->at = 0;
}

static uint32_t twister_word(Twister *t)
{
    if (t->at == MT_WORDS) {
        twist(t);
    }
    uint32_t y = t->word[t->at++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

int64_t twister_long(Twister *t)
{
    uint64_t high = (uint64_t)twister_word(t) << 32;
    return (int64_t)(high | twister_word(t));
}

int32_t twister_below(Twister *t, int32_t bound)
{
    uint32_t n = (uint32_t)bound;
    if ((n & (n - 1)) == 0) {
        return (int32_t)((uint64_t)n * (twister_word(t) >> 1) >> 31);
    }
    for (;;) {
        uint32_t bits = twister_word(t) >> 1, value = bits % n;
        if (bits - value + (n - 1) <= INT32_MAX) {
            return (int32_t)value;
        }
    }
}

/* ---- WELL19937c ---- */

void well_seed(Well *g, int64_t seed)
{
    g->word[0] = (uint32_t)((uint64_t)seed >> 32);
    g->word[1] = (uint32_t)seed;
    for (uint32_t i = 2; i < WELL_WORDS; i++) {
        /* The words are taken as signed, and shifted so. */
        int64_t l = (int32_t)g->word[i - 2];
        g->word[i] = (uint32_t)(UINT64_C(1812433253) * (uint64_t)(l ^ l >> 30) + i);
    }
    g->at = 0;
}

static uint32_t well_word(Well *g)
{
    uint32_t *v = g->word, i = g->at;
    uint32_t before = (i + WELL_WORDS - 1) % WELL_WORDS, two = (i + WELL_WORDS - 2) % WELL_WORDS;
    uint32_t m1 = v[(i + 70) % WELL_WORDS], m2 = v[(i + 179) % WELL_WORDS];
    uint32_t m3 = v[(i + 449) % WELL_WORDS];
    uint32_t z0 = (0x80000000u & v[before]) ^ (0x7fffffffu & v[two]);
    uint32_t z1 = (v[i] ^ v[i] << 25) ^ (m1 ^ m1 >> 27);
    uint32_t z2 = m2 >> 9 ^ (m3 ^ m3 >> 1);
    uint32_t z3 = z1 ^ z2;
    uint32_t z4 = z0 ^ (z1 ^ z1 << 9) ^ (z2 ^ z2 << 21) ^ (z3 ^ z3 >> 21);
    v[i] = z3;
    v[before] = z4;
    v[two] &= 0x80000000u;
    g->at = before;
    z4 ^= z4 << 7 & 0xe46e1700u;
    return z4 ^ (z4 << 15 & 0x9b868000u);
}

double well_double(Well *g)
{
    uint64_t high = (uint64_t)(well_word(g) >> 6) << 26;
    return (double)(high | well_word(g) >> 6) * 0x1p-52;
}
