#!/usr/bin/env python3
"""Records expr_java_math.inc from real Spark (SPARK_REMOTE, or needs Java): the last bit counts.

usage: python expr_java_math.py > expr_java_math.inc
"""
import math
import random

import pyarrow as pa
from pyspark.sql import SparkSession

ONE = ("exp expm1 ln log10 log1p cbrt sinh cosh tanh asin acos atan asinh acosh atanh log2 "
       "sin cos tan cot csc sec").split()
TWO = "pow atan2 hypot".split()
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 10.0, 27.0, 1e-300, 5e-324, 1e300, 709.782712893384,
         -745.1332191019411, 1e22, math.inf, -math.inf]


def values(rng, n):
    draws = [lambda: rng.uniform(-1, 1), lambda: rng.uniform(-30, 30),
             lambda: math.ldexp(rng.uniform(-1, 1), rng.randint(-60, 60)),
             lambda: rng.uniform(-800, 800), lambda: rng.randint(-1000, 1000) * math.pi / 4]
    return [draws[i % len(draws)]() for i in range(n)]


def text(x):
    if x is None:
        return "ABSENT"
    if math.isnan(x):
        return "(double)NAN"
    if math.isinf(x):
        return "HUGE_VAL" if x > 0 else "-HUGE_VAL"
    return x.hex()


def main():
    rng = random.Random(7)
    x = EDGES + values(rng, 60)
    y = [rng.choice(EDGES) if i < 12 else rng.uniform(-9, 9) for i in range(len(x))]
    spark = SparkSession.builder.getOrCreate()
    frame = spark.createDataFrame(pa.table({"x": x, "y": y}))
    calls = [f"{f}(x) AS {f}" for f in ONE] + [f"{f}(x, y) AS {f}" for f in TWO]
    rows = frame.selectExpr("x", "y", *calls).collect()
    for f in ONE + TWO:
        for row in rows:
            print(f'MATH("{f}", {text(row.x)}, {text(row.y) if f in TWO else 0}, {text(row[f])})')


if __name__ == "__main__":
    main()
