/* hash.h - the engine's own hash, and Spark's Murmur3 that decides partitions. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *data, size_t n,
                    uint64_t seed); /* XXH3 for long input, a short multiply-mix below 16 bytes */
static inline uint64_t hash_u64(uint64_t x, uint64_t seed)
{
    x ^= seed;
    x *= 0x9E3779B97F4A7C15ull;
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93ull;
    x ^= x >> 29;
    return x;
}

/* Murmur3_x86_32 as org.apache.spark.unsafe.hash.Murmur3_x86_32: the tail bytes are mixed one by
 * one, sign-extended, which differs from the standard. */
uint32_t murmur3_int(uint32_t v, uint32_t seed);
uint32_t murmur3_long(uint64_t v, uint32_t seed);
uint32_t murmur3_bytes(const void *data, size_t n, uint32_t seed);
static inline uint32_t murmur3_partition(uint32_t h, uint32_t n) /* pmod of the signed hash */
{
    int32_t r = (int32_t)h % (int32_t)n;
    return (uint32_t)(r < 0 ? r + (int32_t)n : r);
}

uint32_t crc32_bytes(const void *p, size_t n, uint32_t crc); /* CRC-32 of zlib */

#endif
