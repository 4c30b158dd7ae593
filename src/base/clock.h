/* clock.h - time and randomness behind a table, so that a test can move them by hand. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/str.h"

int64_t clock_now_us(void); /* microseconds since 1970 UTC */
int64_t clock_now_ms(void);
int64_t clock_mono_us(void);           /* monotonic */
void clock_set_manual(int64_t now_us); /* tests: freeze; negative returns to the real clock */
uint64_t random_u64(void);             /* getrandom(2) */
void uuid_new(char out[37]);           /* version 4, lower case */
/* A UUID as java.util.UUID.fromString() takes it (five groups of hex digits, short ones too), in
 * lower case and full length. */
bool uuid_parse(Str s, char out[37]);

#endif
