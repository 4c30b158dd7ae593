/*
 * java_trig.h - what the files of trigonometric functions share.
 */
#ifndef EXPR_JAVA_TRIG_H
#define EXPR_JAVA_TRIG_H

#include <stdint.h>

/* x is units * (pi/4 or pi/2) + hi + lo, up to whole circles. */
typedef struct Remainder {
    double hi, lo;
    int32_t units;
} Remainder;

/* For large |x|, by the method of Payne and Hanek. unit_bit: 29 for units of pi/4, 30 for those of
 * pi/2, of whose binary digits it is the place of the last. */
Remainder java_reduce_huge(double x, int unit_bit);

#endif
