"""Random files for readers and streams: text in the three line formats, mostly well formed."""
import json

WORDS = ["a", "b", "x y", "é", "", "null", "NaN", "1", "-2.5", "true", "2024-02-29", "2024-01-01T12:30:00Z", "2024-01-01 12:30:00", "1e400", "12345678901234567890", "\u0001", "ß\"q"]
SCHEMAS = {"k": ["string"], "v": ["int", "bigint", "double", "decimal(10,2)", "string", "float", "smallint"], "d": ["date", "timestamp", "string", "timestamp_ntz"],
           "b": ["boolean", "string"], "a": ["array<int>", "string", "array<string>"], "o": ["struct<p:int,q:string>", "string", "map<string,string>"]}


def number(rng):
    return rng.choice([0, 1, -1, 7, 42, 2147483647, 2147483648, -9223372036854775808, 1.5, -0.0, 1e10, 12.345, 1e-7, 100, 32768, 1e308, 9223372036854775808, 0.1, 123456789.12, -1e-320])


def day(rng):
    return rng.choice(["2024-02-29", "1970-01-01", "2024-01-01 12:34:56", "2024-01-01T12:34:56.789Z", "2024-13-01", "0001-01-01", "1582-10-10", "2024-1-2", "", "12:30", "29/02/2024", "2024-02-30", "2024-06-01T00:00:00+02:00", "2024-01-01 24:00:00", "10000-01-01", "-0001-01-01", "now", "19700101"])


def json_value(rng, column):
    if rng.random() < 0.1:
        return None
    return {"k": lambda: rng.choice(WORDS), "v": lambda: number(rng), "d": lambda: day(rng), "b": lambda: rng.choice([True, False, "true", 1]),
            "a": lambda: [rng.choice([1, 2, None, 3]) for _ in range(rng.randint(0, 3))] if rng.random() < 0.9 else "none",
            "o": lambda: {"p": number(rng), "q": rng.choice(WORDS)} if rng.random() < 0.9 else [1]}[column]()


def json_line(rng):
    columns = [c for c in SCHEMAS if rng.random() < 0.85]
    if rng.random() < 0.2:
        rng.shuffle(columns)
    line = json.dumps({c: json_value(rng, c) for c in columns}, ensure_ascii=rng.random() < 0.3, separators=rng.choice([(",", ":"), (", ", ": ")]))
    return damaged(rng, line)


def damaged(rng, line):
    """Sometimes a line that is not what its format wants."""
    p = rng.random()
    if p < 0.03:
        return line[:rng.randint(0, len(line))]
    if p < 0.05:
        return rng.choice(["", "  ", "[]", "{}", "nonsense", '{"k":', "# comment", line + line, "[" + line + "]", '"', "'", ",,,,,,,,"])
    return line


def csv_cell(rng, column, sep):
    v = json_value(rng, column)
    if v is None or column in ("a", "o"):
        return rng.choice(["", "null", "-", '""'])
    text = str(v).lower() if isinstance(v, bool) else str(v)
    if sep in text or '"' in text or rng.random() < 0.1:
        return '"' + text.replace('"', rng.choice(['""', '\\"'])) + '"'
    return text + rng.choice(["", "", "", " "])


def csv_line(rng, sep):
    cells = [csv_cell(rng, c, sep) for c in ("k", "v", "d", "b")]
    if rng.random() < 0.05:
        cells = cells[:2] if rng.random() < 0.5 else cells + ["extra"]
    return damaged(rng, sep.join(cells))


def lines(rng, form, sep=",", n=None):
    n = rng.randint(0, 8) if n is None else n
    if form == "json":
        return [json_line(rng) for _ in range(n)]
    if form == "csv":
        return [csv_line(rng, sep) for _ in range(n)]
    return [damaged(rng, " ".join(rng.choice(WORDS) for _ in range(rng.randint(0, 4)))) for _ in range(n)]


def content(rng, form, sep=",", header=False):
    end = rng.choice(["\n", "\n", "\n", "\r\n"])
    if form != "text" and rng.random() < 0.05:
        end = "\r"
    text = end.join((["k" + sep + "v" + sep + "d" + sep + "b"] if header else []) + lines(rng, form, sep))
    if rng.random() < 0.05:
        text = rng.choice(["\ufeff" + text, end + text, text.replace("a", "\0", 1), text.replace("a", "\u2028", 1), text * 2])
    return text + rng.choice([end, end, ""])


def schema(rng, form):
    """DDL over the columns that the files have, in their order, or another one."""
    columns = [c for c in SCHEMAS if form == "json" or c in "kvdb"]
    picked = [c for c in columns if rng.random() < 0.9] if form == "json" else columns[:rng.randint(2, 4)] if rng.random() < 0.3 else columns
    return ", ".join(f"{c} {rng.choice(SCHEMAS[c])}" for c in picked or columns)


def put(path, text):
    """Python text that writes a file of a case."""
    return f"os.makedirs(os.path.dirname({path!r} % folder), exist_ok=True); open({path!r} % folder, 'w', encoding='utf-8', newline='').write({text!r})"
