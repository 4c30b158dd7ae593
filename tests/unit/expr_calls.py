#!/usr/bin/env python3
"""Records the tables of expr_calls.h and expr_agg.c again from real Spark (needs pyspark and Java).

usage: python expr_calls.py expr_string.inc expr_agg.inc …

Reads the texts of a table (to add a case, write BAD("text", NULL) or AGG_BAD("text", NULL)), asks
Spark, and rewrites the file.
"""
import re
import sys

from pyspark.sql import SparkSession

TEXT = r'"((?:[^"\\]|\\.)*)"'


def unquote(s):
    s = re.sub(r"\?\\\?", "??", s)
    octal = re.sub(rb"\\([0-7]{3}|.)",
                   lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3 else m[1], s.encode())
    return octal.decode()


def quote(s):
    if s is None:
        return "NULL"
    out = "".join("\\" + chr(b) if b in b'"\\' else chr(b) if 32 <= b < 127 else "\\%03o" % b
                  for b in s.encode())
    return '"' + out.replace("??", "?\\?") + '"'


def condition(e):
    return quote(e.getCondition() if hasattr(e, "getCondition") else None)


def answer(spark, prefix, text, source, hide_name):
    try:
        field = spark.sql(f"SELECT {text} {source}").schema.fields[0]
    except Exception as e:
        return f"{prefix}BAD({quote(text)}, {condition(e)})"
    name = "NULL" if hide_name else quote(field.name)
    head = f"{quote(text)}, {name}, {quote(field.dataType.simpleString())}, {int(field.nullable)}"
    try:
        rows = spark.sql(f"SELECT CAST({text} AS STRING) {source}").collect()
    except Exception as e:
        agg = f"{prefix}FAIL({quote(text)}, {condition(e)})"
        return agg if prefix else f"FAIL({head}, {condition(e)})"
    return f"{prefix}CASE({head}, {', '.join(quote(row[0]) for row in rows)})"


def table_of(lines):
    """The VALUES of COLUMN rows: name, type, a text for each row."""
    columns = [[unquote(t) for t in re.findall(TEXT, line)] for line in lines]
    rows = [", ".join(f"CAST({c[2 + r]} AS {c[1]})" for c in columns)
            for r in range(len(columns[0]) - 2)]
    names = ", ".join(c[0] for c in columns)
    return "SELECT * FROM VALUES " + ", ".join(f"({r})" for r in rows) + f" AS t({names})"


def main():
    spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
             .config("spark.sql.session.timeZone", "America/Los_Angeles")
             .config("spark.sql.shuffle.partitions", "1").getOrCreate())
    for path in sys.argv[1:]:
        lines = open(path).read().splitlines()
        columns = [line for line in lines if line.startswith("COLUMN(")]
        source = ""
        if columns:
            spark.sql(table_of(columns)).createOrReplaceTempView("t")
            source = "FROM t GROUP BY g ORDER BY g"
        with open(path, "w") as out:
            for line in lines:
                case = re.match(r"(AGG_)?(CASE|FAIL|BAD)\(" + TEXT + r", (NULL)?", line)
                if case:
                    hide = bool(case[4]) and case[2] != "BAD"
                    line = answer(spark, case[1] or "", unquote(case[3]), source, hide)
                out.write(line + "\n")


main()
