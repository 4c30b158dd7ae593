#!/usr/bin/env python3
"""Text cases of SQL: statements in *.sql with the answer below each, as real Spark gave it.

usage: run.py --complete [FILE ...]     runs the statements on Spark and writes its answers into the files

The same files are checked against Forebay by test_sql.py. A statement ends with ";" at the end of a line; the comment
lines that begin with "-->" after it are its answer: the schema and then the rows, or the error's condition and SQLSTATE.
Rows are kept sorted, as text, unless a line "--@ ordered" stands above the statement. "--@ not yet" marks what Forebay
may still refuse, by a condition that says so; a wrong answer is a failure there too. CREATE and SET have no answer: they
prepare what follows in their file.
"""
import glob
import logging
import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from values_text import value  # noqa: E402  (the path comes first)

ANSWER = "--> "
ORDERED, NOT_YET = "--@ ordered", "--@ not yet"
REFUSALS = ["error UNSUPPORTED_FEATURE 0A000"], ["error UNRESOLVED_ROUTINE 42883"]
SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "3"}


class Case:
    """A statement: its lines with the comments above it, and the lines of its answer."""

    def __init__(self, path, number, lines):
        self.path, self.number, self.lines, self.answer = path, number, lines, []
        self.sql = "\n".join(ln for ln in lines if not ln.startswith("--")).strip().removesuffix(";")
        self.ordered, self.not_yet = ORDERED in lines, NOT_YET in lines
        self.prepares = re.match(r"(?i)\s*(create|set|drop)\b", self.sql) is not None

    @property
    def id(self):
        return f"{os.path.basename(self.path).removesuffix('.sql')}:{self.number}"


def files():
    return sorted(glob.glob(os.path.join(HERE, "*.sql")))


def parse(path):
    cases, lines = [], []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f.read().splitlines(), 1):
            if line.startswith(ANSWER.rstrip()):
                assert cases and not lines, f"{path}:{number}: an answer without its statement"
                cases[-1].answer.append(line[len(ANSWER):])
                continue
            lines.append(line)
            if line.rstrip().endswith(";") and not line.startswith("--"):
                cases.append(Case(path, number, lines))
                lines = []
    assert not any(lines), f"{path}: the last statement has no end"
    return cases


def answer(session, case):
    """The lines of the answer that a session gives."""
    from pyspark.errors import PySparkException
    try:
        frame = session.sql(case.sql)
        schema, rows = frame.schema.simpleString(), frame.collect()
    except PySparkException as e:
        return [f"error {e.getCondition()} {e.getSqlState()}"]
    except Exception as e:      # Spark's own PySpark has no class for some Java exceptions
        java = getattr(e, "java_exception", None)
        if java is None:
            raise
        return [f"error {java.getCondition()} {java.getSqlState()}"]
    if case.prepares:
        return []
    text = [" | ".join(map(value, r)) for r in rows]
    return [schema, *(text if case.ordered else sorted(text))]


def prepare(session):
    for key, setting in SETTINGS.items():
        session.conf.set(key, setting)
    return session


def complete(paths):
    from pyspark.sql import SparkSession
    logging.disable()
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false") \
        .config("spark.sql.warehouse.dir", tempfile.mkdtemp()).getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    for path in paths:
        session, out = prepare(spark.newSession()), []
        for case in parse(path):
            out += case.lines + [(ANSWER + ln).rstrip() for ln in answer(session, case)]
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(out) + "\n")
    spark.stop()


if __name__ == "__main__":
    if sys.argv[1:2] != ["--complete"]:
        sys.exit(__doc__)
    os.environ["TZ"] = "UTC"
    complete(sys.argv[2:] or files())
