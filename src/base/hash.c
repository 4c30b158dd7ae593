/*
 * hash.c - the engine's own hash of bytes, Spark's Murmur3, and CRC-32.
 *
 * hash_bytes(): 4 to 16 bytes are covered by four loads of 4 bytes that overlap as the length asks
 * and stay inside the input, 1 to 3 by single bytes; one branch between the two is all, because
 * words of mixed lengths would make any more of them miss. Two 64 x 64 -> 128 bit multiplications,
 * folded, mix (the way of wyhash). Longer input goes to XXH3. The values never leave the process
 * and may change with the version.
 *
 * murmur3_*(): org.apache.spark.unsafe.hash.Murmur3_x86_32. Its values are on disk: they decide in
 * which partition of a checkpoint a key lives. The bytes behind the last whole word are mixed one
 * by one, each sign-extended to an int, which is Spark's hashUnsafeBytes and not the standard.
 */
#include "base/hash.h"

#include <string.h>
#include <zlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are loaded as they lie");

#define HASH_K0 0xA0761D6478BD642Full
#define HASH_K1 0xE7037ED1A0B428DBull

static inline uint32_t load_u32(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

uint64_t hash_bytes(const void *data, size_t n, uint64_t seed)
{
    const unsigned char *p = data;
    uint64_t a = 0;
    uint64_t b = 0;
    if (__builtin_expect(n > 16, 0)) {
        return XXH3_64bits_withSeed(p, n, seed);
    }
    if (n >= 4) {
        size_t inner = n >> 3 << 2;
        a = (uint64_t)load_u32(p) << 32 | load_u32(p + inner);
        b = (uint64_t)load_u32(p + n - 4) << 32 | load_u32(p + n - 4 - inner);
    } else if (n > 0) {
        a = (uint64_t)p[0] | (uint64_t)p[n >> 1] << 8 | (uint64_t)p[n - 1] << 16;
    }
    unsigned __int128 m = (unsigned __int128)(a ^ HASH_K1) * (b ^ HASH_K0 ^ seed);
    m = (unsigned __int128)((uint64_t)m ^ HASH_K0 ^ n) * ((uint64_t)(m >> 64) ^ HASH_K1);
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint32_t rotl32(uint32_t x, int r)
{
    return x << r | x >> (32 - r);
}

static inline uint32_t murmur3_mix(uint32_t h, uint32_t k)
{
    k = rotl32(k * 0xCC9E2D51u, 15) * 0x1B873593u;
    return rotl32(h ^ k, 13) * 5 + 0xE6546B64u;
}

static inline uint32_t murmur3_finish(uint32_t h, uint32_t n)
{
    h ^= n;
    h ^= h >> 16;
    h *= 0x85EBCA6Bu;
    h ^= h >> 13;
    h *= 0xC2B2AE35u;
    h ^= h >> 16;
    return h;
}

uint32_t murmur3_int(uint32_t v, uint32_t seed)
{
    return murmur3_finish(murmur3_mix(seed, v), 4);
}

uint32_t murmur3_long(uint64_t v, uint32_t seed)
{
    return murmur3_finish(murmur3_mix(murmur3_mix(seed, (uint32_t)v), (uint32_t)(v >> 32)), 8);
}

uint32_t murmur3_bytes(const void *data, size_t n, uint32_t seed)
{
    const unsigned char *p = data;
    uint32_t h = seed;
    size_t i = 0;
    for (; n - i >= 4; i += 4) {
        h = murmur3_mix(h, load_u32(p + i));
    }
    for (; i < n; i++) {
        h = murmur3_mix(h, (uint32_t)(int32_t)(signed char)p[i]);
    }
    return murmur3_finish(h, (uint32_t)n);
}

uint32_t crc32_bytes(const void *p, size_t n, uint32_t crc)
{
    return n == 0 ? crc : (uint32_t)crc32_z(crc, p, n);
}
