"""Random files read with random options, by schema or inference."""
import files

OPTIONS = {
    "json": {"mode": ["PERMISSIVE", "DROPMALFORMED", "FAILFAST"], "primitivesAsString": ["true"], "prefersDecimal": ["true"], "allowComments": ["true"],
             "allowUnquotedFieldNames": ["true"], "allowSingleQuotes": ["false"], "allowNumericLeadingZeros": ["true"], "multiLine": ["true"],
             "dropFieldIfAllNull": ["true"], "timestampFormat": ["yyyy-MM-dd HH:mm:ss"], "dateFormat": ["yyyy-MM-dd", "dd/MM/yyyy"], "lineSep": ["\n"],
             "allowNonNumericNumbers": ["false"], "columnNameOfCorruptRecord": ["bad"], "samplingRatio": ["1.0"], "timeZone": ["Asia/Tokyo"],
             "encoding": ["UTF-8", "ISO-8859-1", "UTF-16LE"], "inferTimestamp": ["true"], "allowBackslashEscapingAnyCharacter": ["true"], "allowUnquotedControlChars": ["true"],
             "timestampNTZFormat": ["yyyy-MM-dd HH:mm:ss"], "pathGlobFilter": ["f0*"], "recursiveFileLookup": ["true"], "maxStringLen": ["3"]},
    "csv": {"mode": ["PERMISSIVE", "DROPMALFORMED", "FAILFAST"], "quote": ["'", ""], "escape": ['"', "\\"], "comment": ["#"], "nullValue": ["null", "-"], "emptyValue": ["E"],
            "nanValue": ["-"], "ignoreLeadingWhiteSpace": ["true"], "ignoreTrailingWhiteSpace": ["true"], "multiLine": ["true"], "enforceSchema": ["false"],
            "timestampFormat": ["yyyy-MM-dd HH:mm:ss"], "dateFormat": ["yyyy-MM-dd", "dd/MM/yyyy"], "maxCharsPerColumn": ["10"], "maxColumns": ["3"], "unescapedQuoteHandling": ["BACK_TO_DELIMITER"],
            "preferDate": ["false"], "columnNameOfCorruptRecord": ["bad"], "locale": ["de-DE"], "positiveInf": ["1"], "negativeInf": ["-1"], "encoding": ["UTF-8", "ISO-8859-1", "UTF-16"],
            "lineSep": ["\n", "a"], "samplingRatio": ["1.0"], "charToEscapeQuoteEscaping": ["\\"], "header": ["true"], "sep": ["||", ";"], "pathGlobFilter": ["f0*"],
            "timestampNTZFormat": ["yyyy-MM-dd HH:mm:ss"], "recursiveFileLookup": ["true"], "escapeQuotes": ["false"], "timeZone": ["Asia/Tokyo"]},
    "text": {"wholetext": ["true"], "lineSep": [" ", "\n"], "encoding": ["UTF-8"], "pathGlobFilter": ["f0*"], "recursiveFileLookup": ["true"]},
}


def options(rng, form):
    table = OPTIONS[form]
    chosen = {k: rng.choice(table[k]) for k in rng.sample(list(table), min(len(table), rng.choice([0, 0, 1, 1, 2, 3, 4, 6])))}
    if chosen.get("ignoreTrailingWhiteSpace"):
        chosen["ignoreLeadingWhiteSpace"] = "true"      # without it Spark's parser fails on a cell of blanks (FAILED_READ_FILE)
    return chosen


def case(rng):
    """Python text that writes a folder and reads it."""
    form = rng.choice(["json", "json", "csv", "csv", "csv", "text"])
    chosen, sep, header = options(rng, form), ",", False
    if form == "csv":
        sep, header = rng.choice([",", ",", ";", "\t", "|"]), rng.random() < 0.5
        if sep != ",":
            chosen["sep"] = sep
        if header:
            chosen["header"] = "true"
    folders = rng.choice([[""], [""], [""], ["p=1/", "p=2/"], ["p=a/q=2024-01-01/", "p=b/q=2024-01-02/"], ["p=1/", "p=x%2F/"], ["p=01/", "p=2.5/"], ["p=1/", "p=__HIVE_DEFAULT_PARTITION__/"],
                          ["p=a%20b/q=1/", "p=%C3%A9/q=x/"], ["p=2024-02-29/", "p=2024-02-29 12%3A00%3A00/"], ["p=true/", "p=1e3/"], ["", "p=1/"], ["x/", "x/p=1/"],
                          ["p=1/q=2/", "q=2/p=1/"], ["v=7/"], ["k=a/", "k=b/"], ["p=99999999999/", "p=1/"], ["_x/", "p=1/_y=2/"]])
    text = [files.put(f"%s/in/{d}f{n}.{form}", files.content(rng, form, sep, header)) for d in folders for n in range(rng.randint(1, 2))]
    reader = f"spark.read.options(**{chosen!r})"
    if form != "text" and rng.random() < 0.6:
        ddl = files.schema(rng, form) + (rng.choice(["", ", bad string"]) if chosen.get("columnNameOfCorruptRecord") else rng.choice(["", "", ", _corrupt_record string"]))
        reader += f".schema({ddl!r})"
    elif form == "csv" and rng.random() < 0.7:
        reader += ".option('inferSchema', True)"
    after = rng.choice(["", "", "", ".where('v > 0')", ".select('k')", ".groupBy('k').count()", ".where('d is not null')"]) if form != "text" else ""
    return "\n".join([*text, f"df = {reader}.{form}(folder + '/in'){after}", "out = frame(df)"])


def prepare(rng):
    return "\n".join([f"spark.conf.set('spark.sql.ansi.enabled', {rng.choice(['true', 'true', 'false'])!r})",
                      f"spark.conf.set('spark.sql.session.timeZone', {rng.choice(['UTC', 'UTC', 'America/New_York'])!r})", "out = []"])
