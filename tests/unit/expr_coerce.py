#!/usr/bin/env python3
"""Records expr_coerce.inc from real Spark: python expr_coerce.py (needs pyspark and Java)."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))

TYPES = ["void", "boolean", "tinyint", "int", "bigint", "float", "double", "decimal(10,2)",
         "decimal(38,18)", "string", "binary", "date", "timestamp", "timestamp_ntz",
         "interval year to month", "interval day to second", "interval hour", "interval",
         "array<int>", "array<string>", "map<string,int>", "struct<a:int,b:string>",
         "struct<A:bigint,b:date>"]
PAIRS = {"+": "{0}+{1}", "-": "{0}-{1}", "*": "{0}*{1}", "/": "{0}/{1}", "%": "{0}%{1}",
         "div": "{0} div {1}", "&": "{0}&{1}", "=": "{0}={1}", "<": "{0}<{1}", "<=>": "{0}<=>{1}",
         "coalesce": "coalesce({0},{1})", "greatest": "greatest({0},{1})",
         "if": "if(true,{0},{1})", "in": "{0} in ({1})", "array": "array({0},{1})",
         "and": "{0} and {1}", "array_contains": "array_contains(array({0}),{1})",
         "nullif": "nullif({0},{1})", "[]": "{0}[{1}]", "element_at": "element_at({0},{1})",
         "try_add": "try_add({0},{1})"}
SINGLE = {"neg": "-{0}", "abs": "abs({0})", "not": "not {0}", "~": "~{0}", "isnan": "isnan({0})",
          "sqrt": "sqrt({0})", "round": "round({0})", "ceil": "ceil({0})", "sign": "sign({0})",
          "positive": "+{0}", "size": "size({0})"}


def main():
    from pyspark.sql import SparkSession
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    columns = ", ".join(f"make_interval(1) AS c{i}" if t == "interval" else
                        f"CAST(NULL AS {t}) AS c{i}" for i, t in enumerate(TYPES))
    spark.sql("SELECT " + columns).createOrReplaceTempView("t")
    results, rows = ["error"], []

    def result(text):
        try:
            # the JVM's session: no Python exception to make for each refusal
            schema = spark._jsparkSession.sql(f"SELECT {text} FROM t").schema()
            name = schema.fields()[0].dataType().catalogString()
        except Exception:
            return 0
        if name not in results:
            results.append(name)
        return results.index(name)

    def add(mode, op, left, form):
        cells = ", ".join(str(result(form(i))) for i in range(len(TYPES)))
        rows.append(f'ROW({mode}, "{op}", {left}, {cells})')

    for mode, ansi in (("EVAL_ANSI", "true"), ("EVAL_LEGACY", "false")):
        spark.conf.set("spark.sql.ansi.enabled", ansi)
        for op, text in PAIRS.items():
            for left in range(len(TYPES)):
                add(mode, op, left, lambda i: text.format(f"c{left}", f"c{i}"))
        for op, text in SINGLE.items():
            add(mode, op, -1, lambda i: text.format(f"c{i}"))
        for op in ("cast", "try_cast"):
            for left in range(len(TYPES)):
                add(mode, op, left, lambda i: f"{op}(c{left} AS {TYPES[i]})")

    def strings(names):
        return ", ".join(f'"{n}"' for n in names)

    with open(os.path.join(HERE, "expr_coerce.inc"), "w") as out:
        out.write(f"/* Recorded from Spark {spark.version} by expr_coerce.py. */\n")
        out.write(f"TYPES({strings(TYPES)})\nRESULTS({strings(results)})\n")
        out.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
