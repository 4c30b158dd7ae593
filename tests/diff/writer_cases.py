"""Random tables written in each format, with options, modes and partition columns: the files, and what is read back."""
import values
from expressions import Expressions

SIMPLE = {"i": "I", "l": "L", "d": "D", "n": "N", "s": "S", "b": "B", "dt": "A", "ts": "T", "x": "X"}
NESTED = {**SIMPLE, "ai": "AI", "sa": "AS", "m": "M", "r": "R"}
OPTIONS = {
    "json": {"ignoreNullFields": ["false"], "timestampFormat": ["yyyy/MM/dd HH:mm"], "dateFormat": ["dd.MM.yyyy"], "compression": ["gzip", "none"], "lineSep": ["\n", "|"], "pretty": ["true"],
             "encoding": ["UTF-8", "ISO-8859-1", "UTF-16LE"], "timeZone": ["Asia/Tokyo"], "maxRecordsPerFile": ["2"], "timestampNTZFormat": ["yyyy"], "writeNonAsciiCharacterAsCodePoint": ["true"]},
    "csv": {"header": ["true"], "quote": ["'"], "escape": ['"'], "quoteAll": ["true"], "nullValue": ["-"], "escapeQuotes": ["false"],
            "timestampFormat": ["yyyy/MM/dd HH:mm"], "dateFormat": ["dd.MM.yyyy"], "compression": ["gzip", "none"], "lineSep": ["\n"], "ignoreLeadingWhiteSpace": ["false"], "charToEscapeQuoteEscaping": ["\\"],
            "encoding": ["UTF-8", "ISO-8859-1", "UTF-16"], "timeZone": ["Asia/Tokyo"], "maxRecordsPerFile": ["2"], "ignoreTrailingWhiteSpace": ["false"], "sep": [";", "\t", "||", "a"], "comment": ["#", "1"],
            "emptyValue": ["E", ""], "locale": ["de-DE"], "timestampNTZFormat": ["yyyy"]},
    "parquet": {"compression": ["snappy", "gzip", "zstd", "none", "lz4"], "maxRecordsPerFile": ["2"]}, "text": {"lineSep": ["|"], "compression": ["gzip", "none"], "maxRecordsPerFile": ["1"]},
}


def case(rng):
    """Python text that writes a folder and looks at it."""
    form = rng.choice(["json", "json", "csv", "csv", "csv", "parquet", "text"])
    columns = NESTED if form in ("json", "parquet") else {c: t for c, t in SIMPLE.items() if c != "x"}
    picked = rng.sample(list(columns), rng.randint(1, min(6, len(columns)))) if form != "text" else ["s"]
    table = OPTIONS[form]
    chosen = {k: rng.choice(table[k]) for k in rng.sample(list(table), min(len(table), rng.choice([0, 0, 1, 2, 3, 5])))}
    items = [*picked]
    if form != "text" and rng.random() < 0.4:
        items.append(Expressions(rng, columns).of(rng.choice("ISDN"), 1) + " AS e")
    partition = [c for c in picked if columns[c] in "ISBALTDN"][:rng.choice([0, 0, 0, 1, 2])] if len(items) > 2 else []
    writer = f"df.coalesce(1).write.options(**{chosen!r})" + (f".partitionBy({', '.join(map(repr, partition))})" if partition else "")
    modes = rng.choice([[""], [""], [".mode('append')", ".mode('append')"], ["", ".mode('overwrite')"], ["", ".mode('ignore')"], ["", ""]])
    lines = [f"df = spark.table('t').selectExpr({', '.join(map(repr, items))})"]
    lines += [f"{writer}{m}.{form}(folder + '/out')" for m in modes]
    header = ".option('header', True)" if chosen.get("header") else ""
    return "\n".join([*lines, "out = tree(folder + '/out')", f"out += frame(spark.read{header}.{form}(folder + '/out'))" if not set(chosen) - {"header", "compression"} else ""])


def prepare(rng):
    return "\n".join([f"spark.conf.set('spark.sql.ansi.enabled', {rng.choice(['true', 'true', 'false'])!r})",
                      f"spark.conf.set('spark.sql.session.timeZone', {rng.choice(['UTC', 'UTC', 'Asia/Kolkata'])!r})",
                      f"spark.sql({values.table(rng, NESTED)!r}).createOrReplaceTempView('t')", "out = []"])
