"""Random values and tables, as SQL text. A type is one letter or more; see TYPES."""

TYPES = {"I": "INT", "L": "BIGINT", "H": "SMALLINT", "Y": "TINYINT", "D": "DOUBLE", "F": "FLOAT", "N": "DECIMAL(10,2)",
         "S": "STRING", "B": "BOOLEAN", "A": "DATE", "T": "TIMESTAMP", "X": "BINARY", "AI": "ARRAY<INT>",
         "AS": "ARRAY<STRING>", "M": "MAP<STRING,INT>", "R": "STRUCT<a:INT,b:STRING>"}
COLUMNS = {"i": "I", "l": "L", "d": "D", "n": "N", "s": "S", "b": "B", "dt": "A", "ts": "T", "ai": "AI", "sa": "AS", "m": "M",
           "r": "R", "x": "X", "K": "S"}

STRINGS = ["", "a", "b", "A", "ab", "abc", " a ", "a,b,c", "Spark SQL", "é", "ß", "😀x", "1", "-7", "3.14", "1e3", "true", "NaN",
           "2024-02-29", "2024-01-01 12:34:56", "12:30", "x=1;y=2", "%a_", "a\tb", "null", "0x1F", "http://h.com/p?q=1#f",
           '{"a":1,"b":"x"}', "[1,2]", "yyyy-MM-dd", "UTC", "Ünïcode", "zzz", "10", "007"]
POOL = {
    "I": ["0", "1", "-1", "2", "3", "5", "7", "10", "42", "100", "-13", "2147483647", "-2147483648", "65536"],
    "L": ["0L", "1L", "-1L", "2L", "1000L", "9223372036854775807L", "-9223372036854775808L", "123456789012L", "4294967296L"],
    "H": ["0S", "1S", "-1S", "32767S", "12S"],
    "Y": ["0Y", "1Y", "-1Y", "127Y", "-128Y"],
    "D": ["0.0D", "1.0D", "-1.5D", "2.5D", "3.14159D", "1e10D", "1e-5D", "-0.0D", "1e300D", "double('NaN')", "double('Infinity')",
          "double('-Infinity')", "0.1D", "123.456D", "0.5D"],
    "F": ["0.0F", "1.5F", "-2.25F", "3.4e38F", "float('NaN')", "0.1F"],
    "N": ["0.00", "1.00", "-1.50", "12.34", "99999999.99", "-99999999.99", "0.05", "2.50"],
    "B": ["true", "false"],
    "A": ["DATE'2024-02-29'", "DATE'1970-01-01'", "DATE'2000-12-31'", "DATE'1582-10-15'", "DATE'0001-01-01'", "DATE'9999-12-31'",
          "DATE'2023-03-26'", "DATE'2024-01-01'"],
    "T": ["TIMESTAMP'2024-02-29 12:34:56.789'", "TIMESTAMP'1970-01-01 00:00:00'", "TIMESTAMP'2000-12-31 23:59:59.999999'",
          "TIMESTAMP'1900-01-01 00:00:00'", "TIMESTAMP'2023-03-26 02:30:00'", "TIMESTAMP'2024-01-01 00:00:00'"],
    "X": ["X''", "X'61'", "X'00FF'", "X'C3A9'", "X'0102030405'"],
}


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\t", "\\t") + "'"


def literal(rng, t, nulls=0.08):
    """A literal of a type, sometimes a typed NULL."""
    if rng.random() < nulls:
        return f"CAST(NULL AS {TYPES[t]})"
    if t == "S":
        return quoted(rng.choice(STRINGS))
    if t == "N":
        return f"CAST({rng.choice(POOL['N'])} AS DECIMAL(10,2))"
    if t in ("AI", "AS"):
        return "array(" + ", ".join(literal(rng, t[1] if t == "AI" else "S", 0.15) for _ in range(rng.randint(1, 4))) + ")"
    if t == "M":
        keys = rng.sample(["a", "b", "c", "1", ""], rng.randint(1, 3))
        return "map(" + ", ".join(f"{quoted(k)}, {literal(rng, 'I')}" for k in keys) + ")"
    if t == "R":
        return f"named_struct('a', {literal(rng, 'I')}, 'b', {literal(rng, 'S')})"
    return rng.choice(POOL[t])


def table(rng, columns=COLUMNS, rows=None):
    """A relation of literals. Its first row is typed, so that the types are those of the letters."""
    lines = []
    for k in range(rng.randint(1, 7) if rows is None else rows):
        cells = [literal(rng, t, 0.2) for t in columns.values()]
        if k == 0:
            cells = [f"CAST({c} AS {TYPES[t]})" for c, t in zip(cells, columns.values())]
        lines.append("(" + ", ".join(cells) + ")")
    return f"SELECT * FROM VALUES {', '.join(lines)} AS v({', '.join(columns)})"
