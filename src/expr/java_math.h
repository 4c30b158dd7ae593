/*
 * java_math.h - mathematical functions to the last bit as Java has them.
 *
 * Spark calls java.lang.StrictMath and Math, and the last digit of a result is compared, stored
 * and printed, so C's functions won't do: they are another's algorithms and differ in every tenth
 * to thousandth value. StrictMath is by definition Sun's fdlibm 5.3; so is Math but for the sine,
 * cosine and tangent, for which the JVM has Intel's (java_trig.c, java_tan.c).
 *
 * Every function is pure. The build turns off the contraction of a * b + c, which rounds once less.
 */
#ifndef EXPR_JAVA_MATH_H
#define EXPR_JAVA_MATH_H

double java_exp(double x);
double java_expm1(double x);
double java_log(double x);
double java_log1p(double x);
double java_log10(double x);
double java_pow(double x, double y);
double java_cbrt(double x);
double java_hypot(double x, double y);
double java_sinh(double x);
double java_cosh(double x);
double java_tanh(double x);
double java_sin(double x);
double java_cos(double x);
double java_tan(double x);
double java_asin(double x);
double java_acos(double x);
double java_atan(double x);
double java_atan2(double y, double x);

#endif
