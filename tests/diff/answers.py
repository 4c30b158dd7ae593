"""What a case gives on an engine, as text that can be compared, and what to make of two such texts."""
import json
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "sql"))
from values_text import value  # noqa: E402  (the path comes first)

EQUAL, FAILED, REFUSED, DIFFERENT = VERDICTS = "equal", "failing alike", "refused", "different"
REFUSALS = ("UNSUPPORTED_FEATURE", "UNSUPPORTED_CALL")


def field(f):
    return f"{f.name!r} {f.dataType.json()}{'' if f.nullable else ' not null'}"


def statement(session, text):
    """The frame of a query, which reaches the server when its rows are asked for; session.sql() asks twice."""
    from pyspark.sql.connect.dataframe import DataFrame
    from pyspark.sql.connect.plan import SQL
    return DataFrame(SQL(text), session)


def frame(df, ordered=False):
    """The schema with nullability, and the rows; sorted unless the case orders them. One request: collect() and schema are two."""
    from pyspark.sql.conversion import ArrowTableToRowsConversion
    table, schema = df._to_table()
    schema = schema or df.schema
    rows = [" | ".join(map(value, r)) for r in ArrowTableToRowsConversion.convert(table, schema)]
    return ["schema " + "; ".join(map(field, schema.fields)), *(rows if ordered else sorted(rows))]


def tree(folder):
    """The data files of a folder by relative folder, kind and content, whatever their unique names are."""
    found = []
    for top, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if name.startswith((".", "_")):
                continue
            with open(os.path.join(top, name), "rb") as f:
                data = f.read()
            text = repr(data) if not name.endswith((".parquet", ".gz", ".bz2")) else ""
            found.append(f"{os.path.relpath(top, folder)} {name.split('-')[1] if name.startswith('part-') else name} "
                         f"*.{'.'.join(name.split('.')[1:])} {text}")
    return sorted(found)


def progress(query):
    """Of each batch with rows: its number, rows by source and rows of state."""
    told = [json.loads(p.json) for p in query.recentProgress]
    return [f"batch {p['batchId']} {[s['numInputRows'] for s in p['sources']]} {[s['numRowsTotal'] for s in p['stateOperators']]}" for p in told
            if any(s["numInputRows"] for s in p["sources"])]


def condition(e):
    """The condition of an exception, or its class where it has none."""
    get = getattr(e, "getCondition", None) or getattr(e, "getErrorClass", None)
    return "error " + ((get and get()) or type(e).__name__)


def run(source, session, folder):
    """Runs a case: Python text that leaves its answer, a list of lines, in `out`."""
    from pyspark.sql import functions, types, Window
    names = {"spark": session, "F": functions, "T": types, "Window": Window, "folder": folder, "frame": frame, "statement": statement, "tree": tree, "progress": progress,
             "os": os}
    try:
        exec(source, names)
        return names["out"]
    except Exception as e:      # every failure is an answer to compare
        return [condition(e), str(e).splitlines()[0][:300] if str(e) else ""]


def verdict(want, got):
    if got == want and not got[0].startswith("error "):
        return EQUAL
    if got and got[0].startswith("error "):
        if want and want[0].startswith("error ") and want[0] == got[0]:
            return FAILED
        if got[0].removeprefix("error ").startswith(REFUSALS):
            return REFUSED
    return DIFFERENT
