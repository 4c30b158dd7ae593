#!/usr/bin/env python3
"""Records expr_cases.inc from real Spark: python expr_cases.py (needs pyspark and Java).

CASES are expressions in the notation of expr_harness.h; each is turned into SQL here.
"""
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))

INFIX = {"+", "-", "*", "/", "%", "=", "==", "<=>", "<", "<=", ">", ">=", "!=", "<>", "&", "|", "^",
         "<<", ">>", ">>>", "div", "and", "or"}
LITERAL = {"d": "DATE", "t": "TIMESTAMP", "n": "TIMESTAMP_NTZ"}


def tokens(text):
    return re.findall(r'i"[^"]*"\'(?:[^\']|\'\')*\'|[dtnx]?\'(?:[^\']|\'\')*\'|"[^"]*"|[()]|[^\s()]+', text)


def interval(token):
    kind, text = re.match(r'i"([^"]*)"(.*)', token).groups()
    return f"CAST({text} AS {kind})" if kind == "interval" else f"INTERVAL {text} {kind[9:]}"


def atom(token):
    if token[0] in LITERAL and token[1:2] == "'":
        return LITERAL[token[0]] + token[1:]
    if token[0] == "x" and token[1:2] == "'":
        return "X'" + token[2:-1].encode().hex() + "'"
    if token.startswith('i"'):
        return interval(token)
    if re.fullmatch(r"-?[0-9.]+", token) and "." not in token and abs(int(token)) > 2**31:
        return token if abs(int(token)) > 2**63 else token + "L"
    return token


def sql(toks):
    token = toks.pop(0)
    if token != "(":
        return atom(token)
    name, args, kind = toks.pop(0), [], None
    if name in ("cast", "try_cast"):
        kind = toks.pop(0).strip('"')
    if name == "as":
        kind = toks.pop(0)
    while toks[0] != ")":
        args.append(sql(toks))
    toks.pop(0)
    if name in ("cast", "try_cast"):
        return f"{name}({args[0]} AS {kind})"
    if name == "as":
        return f"{args[0]} AS {kind}"
    if name == "extractvalue":
        return f"({args[0]}).{args[1][1:-1]}" if re.fullmatch(r"'[a-z]\w*'", args[1]) and "map" not in args[0][:4] \
            else f"({args[0]})[{args[1]}]"
    if name == "in":
        return f"({args[0]} IN ({', '.join(args[1:])}))"
    if name == "when":
        pairs = "".join(f" WHEN {args[i]} THEN {args[i + 1]}" for i in range(0, len(args) - 1, 2))
        return "CASE" + pairs + (f" ELSE {args[-1]}" if len(args) % 2 else "") + " END"
    if name == "between":
        return f"({args[0]} BETWEEN {args[1]} AND {args[2]})"
    if name in ("not", "!"):
        return f"(NOT {args[0]})"
    if name == "~":
        return f"(~ {args[0]})"
    if name in ("+", "-") and len(args) == 1:
        return f"({name} {args[0]})"
    if name in INFIX:
        return f"({args[0]} {name} {args[1]})"
    return f"{name}({', '.join(args)})"


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def record(spark, mode, text):
    query = sql(tokens(text))
    try:
        frame = spark.sql(f"SELECT {query}").schema.fields[0]
    except Exception as problem:
        condition = problem.getCondition()
        return f'CASE({mode}, {quote(text)}, NULL, -1, NULL, {quote("!" + str(condition))})'
    try:
        shown = "hex(v)" if frame.dataType.simpleString() == "binary" else "CAST(v AS STRING)"
        row = spark.sql(f"SELECT {shown} FROM (SELECT {query} AS v)").collect()[0][0]
        value = "null" if row is None else row
    except Exception as problem:
        condition = getattr(problem, "getCondition", lambda: None)()
        value = "!" + (condition or str(problem).split("\n")[0])
    return (f"CASE({mode}, {quote(text)}, {quote(frame.dataType.simpleString())}, "
            f"{int(frame.nullable)}, {quote(frame.name)}, {quote(value)})")


def main():
    from pyspark.sql import SparkSession
    spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
             .config("spark.sql.session.timeZone", "UTC").getOrCreate())
    spark.sparkContext.setLogLevel("OFF")
    lines = ["/* Recorded from Spark " + spark.version + " by expr_cases.py. */"]
    mode = None
    for line in open(os.path.join(HERE, "expr_cases.txt")):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("mode "):
            mode = {"ansi": "EVAL_ANSI", "legacy": "EVAL_LEGACY"}[line[5:]]
            spark.conf.set("spark.sql.ansi.enabled", str(mode == "EVAL_ANSI").lower())
            continue
        lines.append(record(spark, mode, line))
    with open(os.path.join(HERE, "expr_cases.inc"), "w") as out:
        out.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
