/*
 * random.h - the generators of Spark's seeded functions and samples, number for number.
 *
 *   XorShift   Marsaglia's 64-bit xorshift over a hashed seed, with java.util.Random's ways of
 *              making values from it: rand and kin, samples without replacement
 *   JavaRandom the 48-bit linear congruence of java.util.Random: seeds of partitions
 *   Twister    MT19937 (Matsumoto, Nishimura): uuid, shuffle
 *   Well       WELL19937c (Panneton, L'Ecuyer, Matsumoto): samples with replacement
 *
 * Plain values without memory of their own; a generator belongs to one thread.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

typedef struct XorShift {
    uint64_t state;
} XorShift;

void xorshift_seed(XorShift *r, int64_t seed);
static inline uint32_t xorshift_bits(XorShift *r, uint32_t bits)
{
    uint64_t s = r->state;
    s ^= s << 21;
    s ^= s >> 35;
    s ^= s << 4;
    r->state = s;
    return (uint32_t)(s & ((UINT64_C(1) << bits) - 1));
}
static inline double xorshift_double(XorShift *r) /* [0, 1) */
{
    uint64_t high = xorshift_bits(r, 26);
    return (double)((high << 27) + xorshift_bits(r, 27)) * 0x1p-53;
}
int32_t xorshift_below(XorShift *r, int32_t bound); /* [0, bound) */

typedef struct JavaRandom {
    uint64_t state;
} JavaRandom;
void java_random_seed(JavaRandom *r, int64_t seed);
int64_t java_random_long(JavaRandom *r);

#define MT_WORDS 624
typedef struct Twister {
    uint32_t at;
    uint32_t word[MT_WORDS];
} Twister;
void twister_seed(Twister *t, int64_t seed);
int64_t twister_long(Twister *t);
int32_t twister_below(Twister *t, int32_t bound);

#define WELL_WORDS 624
typedef struct Well {
    uint32_t at;
    uint32_t word[WELL_WORDS];
} Well;
void well_seed(Well *g, int64_t seed);
double well_double(Well *g); /* [0, 1) */

#endif
