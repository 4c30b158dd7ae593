/*
 * csv_options.c - the options of the CSV format, as Spark 4.3's CSVOptions reads them.
 *
 * Names that it does not know are ignored as there. Some options have other defaults when writing:
 * white space around values is cut off, and empty strings are written as "". Quote, escape, comment
 * and charToEscapeQuoteEscaping are single characters; those outside ASCII are not supported, nor
 * are encodings but UTF-8, locales but en-US, variants, and the parser policy of Spark 2.
 *
 * Ownership: all texts are copied into the arena of the options. Threads: read-only once made.
 */
#include <stdio.h>

#include "base/conf.h"
#include "column/timezone.h"
#include "format/csv_priv.h"

/* Length of a text in UTF-16 units. */
static size_t utf16_length(const char *s)
{
    size_t n = 0;

    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        n += (c & 0xC0) == 0x80 ? 0 : c >= 0xF0 && *s != CSTR_NUL ? 2 : 1;
    }
    return n;
}

/* An option of one character; "" is NUL. */
static fb_status option_char(const Options *o, const char *key, char *ret, fb_error *err)
{
    const char *v = options_get(o, key);

    if (!v) {
        return FB_OK;
    }
    if (v[0] == CSTR_NUL && !v[1]) {
        *ret = '\0';
        return FB_OK;
    }
    if (utf16_length(v) > 1) {
        return err_set(err, ERR_OPTION_VALUE_EXCEEDS_ONE_CHARACTER, "paramName", key, "actualValue",
                       v, NULL);
    }
    if ((unsigned char)*v >= 0x80) {
        return err_unsupported(err, "the character '%s' for the CSV option %s", v, key);
    }
    *ret = *v;
    return FB_OK;
}

/* An option that is true or false, with the error that CSV has for it. */
static fb_status option_flag(const Options *o, const char *key, bool *ret, fb_error *err)
{
    const char *v = options_get(o, key);

    if (v && !parse_bool(str_of(v), ret)) {
        return err_set(err, ERR_INVALID_OPTION_FLAG, "paramName", key, NULL);
    }
    return FB_OK;
}

static fb_status option_count(const Options *o, const char *key, int64_t *ret, fb_error *err)
{
    const char *v = options_get(o, key);

    if (v && (!parse_i64(str_of(v), ret) || *ret < INT32_MIN || *ret > INT32_MAX)) {
        return err_set(err, ERR_INVALID_OPTION_INTEGER, "paramName", key, "value", v, NULL);
    }
    return FB_OK;
}

/* With room behind it, as fields of a record have it. */
static Str option_text(const Options *o, const char *key, const char *otherwise, Arena *a)
{
    Str v = str_of(options_get_or(o, key, otherwise));
    char *copy = arena_zalloc(a, v.n + 64);

    memcpy(copy, v.p, v.n);
    str_restore_nul(copy, v.n);
    return (Str){copy, v.n};
}

static const char *option_copy(const Options *o, const char *key, Arena *a)
{
    const char *v = options_get(o, key);

    return v ? arena_strdup(a, v) : NULL;
}

/* sep, or delimiter, with its escapes undone. */
static fb_status read_sep(CsvOptions *c, const Options *o, Arena *a, fb_error *err)
{
    static const char from[] = "trbf\"'\\", to[] = "\t\r\b\f\"'\\";
    const char *v = options_get(o, "sep");

    v = v ? v : options_get_or(o, "delimiter", ",");
    char *sep = arena_zalloc(a, strlen(v) + 64), *p = sep; /* pieces of it become fields */
    while (*v) {
        if (*v != '\\') {
            *p++ = *v++;
            continue;
        }
        if (!v[1]) {
            return err_set(err, ERR_INVALID_DELIMITER_SINGLE_BACKSLASH, NULL);
        }
        const char *hit = memchr(from, v[1], sizeof(from) - 1);
        if (!hit) {
            return err_set(err, ERR_INVALID_DELIMITER_UNSUPPORTED_SPECIAL_CHARACTER, "str",
                           (const char[]){'\\', v[1], '\0'}, NULL);
        }
        *p++ = to[hit - from];
        v += 2;
    }
    *p = '\0';
    if (p == sep) {
        return err_set(err, ERR_INVALID_DELIMITER_EMPTY, NULL);
    }
    c->multi_sep = utf16_length(sep) > 1;
    c->sep = (Str){sep, (size_t)(p - sep)};
    str_restore_nul(sep, c->sep.n);
    return FB_OK;
}

static fb_status read_line_sep(CsvOptions *c, const Options *o, Arena *a, fb_error *err)
{
    const char *v = options_get(o, "lineSep");
    char n[24];

    if (!v) {
        return FB_OK;
    }
    if (!*v) {
        return err_set(err, ERR_INVALID_LINE_SEPARATOR_EMPTY, NULL);
    }
    if (utf16_length(v) > 2) {
        snprintf(n, sizeof(n), "%zu", utf16_length(v));
        return err_set(err, ERR_INVALID_LINE_SEPARATOR_TOO_LONG, "length", n, NULL);
    }
    if (strchr(v, CSTR_NUL)) {
        return err_unsupported(err, "a lineSep with the character NUL");
    }
    for (const char *p = v; c->multi_line && *p; p++) {
        if ((unsigned char)*p >= 0x80) {
            return err_unsupported(err, "the lineSep '%s' with multiLine", v);
        }
    }
    c->line_sep = arena_strdup(a, v);
    return FB_OK;
}

static fb_status read_characters(CsvOptions *c, const Options *o, Arena *a, fb_error *err)
{
    const char *comment = options_get(o, "comment");

    c->quote = '"';
    c->escape = '\\';
    c->comment = '#';
    TRY(read_sep(c, o, a, err));
    TRY(option_char(o, "quote", &c->quote, err));
    TRY(option_char(o, "escape", &c->escape, err));
    c->escape_escape = c->quote == c->escape ? '\0' : c->escape;
    const char *ee = options_get(o, "charToEscapeQuoteEscaping");
    if (ee && *ee) {
        TRY(option_char(o, "charToEscapeQuoteEscaping", &c->escape_escape, err));
    }
    if (comment && *comment) {
        TRY(option_char(o, "comment", &c->comment, err));
        c->has_comment = true;
    }
    return read_line_sep(c, o, a, err);
}

/* Where the parser of Spark loses its way. */
static fb_status check_unescaped(const CsvOptions *c, const char *v, fb_error *err)
{
    bool back = c->unescaped == CSV_BACK_TO_DELIMITER;

    if (c->multi_sep && (back || c->unescaped == CSV_SKIP_VALUE)) {
        return err_unsupported(err, "unescapedQuoteHandling %s with a sep of several characters",
                               v);
    }
    if (c->multi_line && back) {
        return err_unsupported(err, "unescapedQuoteHandling %s with multiLine", v);
    }
    return FB_OK;
}

static fb_status read_unescaped(CsvOptions *c, const Options *o, fb_error *err)
{
    static const char *const names[] = {
        [CSV_STOP_AT_DELIMITER] = "STOP_AT_DELIMITER",
        [CSV_STOP_AT_CLOSING_QUOTE] = "STOP_AT_CLOSING_QUOTE",
        [CSV_BACK_TO_DELIMITER] = "BACK_TO_DELIMITER",
        [CSV_SKIP_VALUE] = "SKIP_VALUE",
        [CSV_RAISE_ERROR] = "RAISE_ERROR",
    };
    const char *v = options_get(o, "unescapedQuoteHandling");

    if (!v) {
        return FB_OK;
    }
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (cstr_eq_nocase(v, names[i])) {
            c->unescaped = (CsvUnescaped)i;
            return check_unescaped(c, v, err);
        }
    }
    return err_set(err, ERR_INVALID_OPTION_VALUE, "option", "unescapedQuoteHandling", "value", v,
                   "expected",
                   "one of STOP_AT_DELIMITER, STOP_AT_CLOSING_QUOTE, BACK_TO_DELIMITER, "
                   "SKIP_VALUE, RAISE_ERROR",
                   NULL);
}

/* Patterns, and whether texts that do not fit them may be read by CAST's rules. */
static fb_status read_times(CsvOptions *c, const Options *o, const Conf *conf, Arena *a,
                            fb_error *err)
{
    const char *policy = conf_get(conf, "spark.sql.legacy.timeParserPolicy", a);
    const char *fallback = conf_get(conf, "spark.sql.legacy.csv.enableDateTimeParsingFallback", a);
    const char *session = conf_get(conf, "spark.sql.session.timeZone", a);
    const char *ts = conf_get(conf, "spark.sql.timestampType", a);

    if (policy && cstr_eq_nocase(policy, "LEGACY")) {
        return err_unsupported(err, "spark.sql.legacy.timeParserPolicy = LEGACY");
    }
    TRY(option_time_zone(o, &c->tz, err));
    c->session_tz = session ? tz_find(str_of(session)) : NULL;
    c->session_tz = c->session_tz ? c->session_tz : tz_system();
    c->ntz_by_default = ts && cstr_eq_nocase(ts, "TIMESTAMP_NTZ");
    c->date_format = option_copy(o, "dateFormat", a);
    c->ts_format = option_copy(o, "timestampFormat", a);
    c->ts_ntz_format = option_copy(o, "timestampNTZFormat", a);
    c->date_fallback = !c->date_format;
    c->ts_fallback = !c->ts_format;
    bool on = false;
    if (fallback && parse_bool(str_of(fallback), &on)) {
        c->date_fallback = c->ts_fallback = on;
    }
    TRY(option_bool(o, "enableDateTimeParsingFallback", &c->date_fallback, err));
    return option_bool(o, "enableDateTimeParsingFallback", &c->ts_fallback, err);
}

/* spark.sql.csv.parser.columnPruning.enabled, an internal setting that is true unless it is set. */
static bool conf_prunes(const Conf *conf, Arena *a)
{
    const char *v = conf_get(conf, "spark.sql.csv.parser.columnPruning.enabled", a);
    bool on = true;

    return !v || !parse_bool(str_of(v), &on) || on;
}

static fb_status read_reading(CsvOptions *c, const Options *o, const Conf *conf, Arena *a,
                              fb_error *err)
{
    c->mode = option_mode(o);
    c->corrupt_name = option_copy(o, "columnNameOfCorruptRecord", a);
    if (!c->corrupt_name) {
        c->corrupt_name = conf_get(conf, "spark.sql.columnNameOfCorruptRecord", a);
    }
    c->case_sensitive = conf_get_bool(conf, "spark.sql.caseSensitive");
    c->enforce_schema = true;
    TRY(option_flag(o, "enforceSchema", &c->enforce_schema, err));
    c->prune = !c->multi_line && conf_prunes(conf, a);
    TRY(option_flag(o, "columnPruning", &c->prune, err));
    c->max_columns = 20480;
    c->max_chars = -1;
    TRY(option_count(o, "maxColumns", &c->max_columns, err));
    TRY(option_count(o, "maxCharsPerColumn", &c->max_chars, err));
    if (c->max_columns < 0 || c->max_chars < -1) {
        const char *key = c->max_columns < 0 ? "maxColumns" : "maxCharsPerColumn";
        return err_set(err, ERR_INVALID_OPTION_VALUE, "option", key, "value", options_get(o, key),
                       "expected", "a number that is not negative", NULL);
    }
    TRY(read_unescaped(c, o, err));
    c->prefer_date = true;
    c->sampling_ratio = 1;
    TRY(option_flag(o, "inferSchema", &c->infer_schema, err));
    TRY(option_flag(o, "preferDate", &c->prefer_date, err));
    TRY(option_double(o, "samplingRatio", &c->sampling_ratio, err));
    int64_t ignored = 1; /* the size of a buffer that Spark reads with */
    TRY(option_int(o, "inputBufferSize", &ignored, err));
    return ignored > 0 && ignored <= INT32_MAX
               ? FB_OK
               : err_set(err, ERR_INVALID_OPTION_VALUE, "option", "inputBufferSize", "value",
                         options_get(o, "inputBufferSize"), "expected", "a number above zero",
                         NULL);
}

static fb_status check_extension(const Options *o, fb_error *err)
{
    const char *v = options_get(o, "extension");
    bool letters = true;

    for (const char *p = v; p && *p; p++) {
        letters &= (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
    }
    if (!v || letters || strlen(v) == 3) { /* so it is in Spark */
        return FB_OK;
    }
    return err_set(err, ERR_INVALID_PARAMETER_VALUE_EXTENSION, "parameter", "`extension`",
                   "functionName", "`extension`", "invalidValue", v, NULL);
}

static fb_status read_writing(CsvOptions *c, const Options *o, const Conf *conf, fb_error *err)
{
    const char *codec = options_get(o, "compression");

    c->escape_quotes = true;
    TRY(option_flag(o, "quoteAll", &c->quote_all, err));
    TRY(option_flag(o, "escapeQuotes", &c->escape_quotes, err));
    c->null_is_empty =
        conf_get_bool(conf, "spark.sql.legacy.nullValueWrittenAsQuotedEmptyStringCsv");
    TRY(check_extension(o, err));
    return codec_check(codec ? codec : options_get(o, "codec"), err);
}

fb_status csv_options(const Options *o, const Conf *conf, bool writing, Arena *a, const void **ret,
                      fb_error *err)
{
    CsvOptions *c = ARENA_NEW(a, CsvOptions);

    c->writing = writing;
    if (options_get(o, "singleVariantColumn")) {
        return err_unsupported(err, "the CSV option singleVariantColumn");
    }
    TRY(option_bool(o, "multiLine", &c->multi_line, err));
    TRY(read_characters(c, o, a, err));
    TRY(option_charset(o, "`CSVOptions`", err));
    TRY(option_locale(o, err));
    TRY(option_flag(o, "header", &c->header, err));
    c->trim_leading = c->trim_trailing = writing;
    TRY(option_flag(o, "ignoreLeadingWhiteSpace", &c->trim_leading, err));
    TRY(option_flag(o, "ignoreTrailingWhiteSpace", &c->trim_trailing, err));
    c->null_value = option_text(o, "nullValue", "", a);
    c->empty_value = option_text(o, "emptyValue", writing ? "\"\"" : "", a);
    c->nan = option_text(o, "nanValue", "NaN", a);
    c->positive_inf = option_text(o, "positiveInf", "Inf", a);
    c->negative_inf = option_text(o, "negativeInf", "-Inf", a);
    TRY(read_times(c, o, conf, a, err));
    TRY(read_reading(c, o, conf, a, err));
    TRY(read_writing(c, o, conf, err));
    *ret = c;
    return FB_OK;
}
