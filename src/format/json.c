/*
 * json.c - the JSON format: options, and what schemas it takes. The other json_*.c do the work.
 *
 * Options are those of Spark 4.3's JSONOptions; names that it does not know are ignored as there.
 * Not supported, and refused: encodings but UTF-8, locales but en-US, variants, arrays to explode,
 * and the parser policy of Spark 2.
 */
#include "base/conf.h"
#include "column/timezone.h"
#include "format/json_priv.h"

typedef struct FeatureOption {
    const char *key;
    JsonFeature feature;
    bool by_default;
} FeatureOption;

static fb_status read_features(JsonOptions *j, const Options *o, fb_error *err)
{
    static const FeatureOption features[] = {
        {"allowComments", JSON_COMMENTS, false},
        {"allowUnquotedFieldNames", JSON_UNQUOTED_NAMES, false},
        {"allowSingleQuotes", JSON_SINGLE_QUOTES, true},
        {"allowNumericLeadingZeros", JSON_LEADING_ZEROS, false},
        {"allowNonNumericNumbers", JSON_NON_NUMERIC, true},
        {"allowBackslashEscapingAnyCharacter", JSON_ANY_ESCAPE, false},
        {"allowUnquotedControlChars", JSON_CONTROL_CHARS, false},
    };

    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        bool on = features[i].by_default;
        TRY(option_bool(o, features[i].key, &on, err));
        j->features |= on ? features[i].feature : 0u;
    }
    return FB_OK;
}

/* Options that would change rows and are not built. */
static fb_status refuse_options(const Options *o, fb_error *err)
{
    static const char *const keys[] = {"singleVariantColumn", "explodeEmbeddedArray",
                                       "maxNestingDepth", "maxNumLen", "maxStringLen"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (options_get(o, keys[i])) {
            return err_unsupported(err, "the JSON option %s", keys[i]);
        }
    }
    return FB_OK;
}

static const char *copied(const Options *o, const char *key, Arena *a)
{
    const char *v = options_get(o, key);

    return v ? arena_strdup(a, v) : NULL;
}

/* Patterns, and whether texts that do not fit them may be read by CAST's rules. */
static fb_status read_times(JsonOptions *j, const Options *o, const Conf *conf, Arena *a,
                            fb_error *err)
{
    const char *policy = conf_get(conf, "spark.sql.legacy.timeParserPolicy", a);
    const char *fallback = conf_get(conf, "spark.sql.legacy.json.enableDateTimeParsingFallback", a);

    if (policy && cstr_eq_nocase(policy, "LEGACY")) {
        return err_unsupported(err, "spark.sql.legacy.timeParserPolicy = LEGACY");
    }
    TRY(option_time_zone(o, &j->tz, err));
    const char *session = conf_get(conf, "spark.sql.session.timeZone", a);
    j->session_tz = session ? tz_find(str_of(session)) : NULL;
    j->session_tz = j->session_tz ? j->session_tz : tz_system();
    j->date_format = copied(o, "dateFormat", a);
    j->ts_format = copied(o, "timestampFormat", a);
    j->ts_ntz_format = copied(o, "timestampNTZFormat", a);
    j->date_fallback = !j->date_format;
    j->ts_fallback = !j->ts_format;
    bool on = false;
    if (fallback && parse_bool(str_of(fallback), &on)) {
        j->date_fallback = j->ts_fallback = on;
    }
    TRY(option_bool(o, "enableDateTimeParsingFallback", &j->date_fallback, err));
    return option_bool(o, "enableDateTimeParsingFallback", &j->ts_fallback, err);
}

/* An internal setting that is true unless somebody has set it. */
static bool true_unless_set(const Conf *conf, const char *key, Arena *a)
{
    const char *v = conf_get(conf, key, a);
    bool on = true;

    return !v || !parse_bool(str_of(v), &on) || on;
}

static fb_status read_inference(JsonOptions *j, const Options *o, const Conf *conf, Arena *a,
                                fb_error *err)
{
    const char *ts = conf_get(conf, "spark.sql.timestampType", a);

    j->sampling_ratio = 1;
    TRY(option_double(o, "samplingRatio", &j->sampling_ratio, err));
    TRY(option_bool(o, "primitivesAsString", &j->primitives_as_string, err));
    TRY(option_bool(o, "prefersDecimal", &j->prefers_decimal, err));
    TRY(option_bool(o, "inferTimestamp", &j->infer_timestamp, err));
    TRY(option_bool(o, "dropFieldIfAllNull", &j->drop_null_fields, err));
    j->ntz_by_default = ts && cstr_eq_nocase(ts, "TIMESTAMP_NTZ");
    j->case_sensitive = conf_get_bool(conf, "spark.sql.caseSensitive");
    j->ignore_corrupt = conf_get_bool(conf, "spark.sql.files.ignoreCorruptFiles");
    j->ignore_missing = conf_get_bool(conf, "spark.sql.files.ignoreMissingFiles");
    TRY(option_bool(o, "ignoreCorruptFiles", &j->ignore_corrupt, err));
    return option_bool(o, "ignoreMissingFiles", &j->ignore_missing, err);
}

static fb_status json_options(const Options *o, const Conf *conf, bool writing, Arena *a,
                              const void **ret, fb_error *err)
{
    JsonOptions *j = ARENA_NEW(a, JsonOptions);
    bool ignored = false;

    j->writing = writing;
    TRY(refuse_options(o, err));
    TRY(read_features(j, o, err));
    TRY(read_times(j, o, conf, a, err));
    TRY(read_inference(j, o, conf, a, err));
    TRY(option_bool(o, "multiLine", &j->multi_line, err));
    TRY(option_bool(o, "useUnsafeRow", &ignored, err)); /* how Spark keeps rows inside */
    TRY(option_line_sep(o, a, &j->line_sep, err));
    TRY(option_charset(o, writing ? "`JSONOptions`" : "`JSONOptionsInRead`", err));
    TRY(option_locale(o, err));
    j->mode = option_mode(o);
    j->corrupt_name = copied(o, "columnNameOfCorruptRecord", a);
    if (!j->corrupt_name) {
        j->corrupt_name = conf_get(conf, "spark.sql.columnNameOfCorruptRecord", a);
    }
    j->partial_results = true_unless_set(conf, "spark.sql.json.enablePartialResults", a);
    j->exact_strings = true_unless_set(conf, "spark.sql.json.enableExactStringParsing", a);
    j->allow_empty_string = conf_get_bool(conf, "spark.sql.legacy.json.allowEmptyString.enabled");
    j->ignore_null_fields = conf_get_bool(conf, "spark.sql.jsonGenerator.ignoreNullFields");
    TRY(option_bool(o, "ignoreNullFields", &j->ignore_null_fields, err));
    TRY(option_bool(o, "pretty", &j->pretty, err));
    TRY(option_bool(o, "sortKeys", &j->sort_keys, err));
    TRY(option_bool(o, "writeNonAsciiCharacterAsCodePoint", &j->ascii_only, err));
    if (writing) {
        TRY(codec_check(options_get(o, "compression"), err));
    }
    *ret = j;
    return FB_OK;
}

static bool json_splittable(const void *options)
{
    const JsonOptions *j = options;

    return !j->multi_line && !line_sep_overlaps(j->line_sep);
}

static bool type_is_supported(const Type *t)
{
    if (t->id == T_INTERVAL_CAL) {
        return false;
    }
    for (uint32_t i = 0; i < t->n_fields; i++) {
        if (!type_is_supported(t->fields[i].type)) {
            return false;
        }
    }
    return true;
}

static bool has_empty_struct(const Type *t)
{
    if (t->id == T_STRUCT && t->n_fields == 0) {
        return true;
    }
    for (uint32_t i = 0; i < t->n_fields; i++) {
        if (has_empty_struct(t->fields[i].type)) {
            return true;
        }
    }
    return false;
}

static fb_status json_check_schema(const void *options, const Type *schema, bool writing,
                                   fb_error *err)
{
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (!type_is_supported(schema->fields[i].type)) {
            return unsupported_type("JSON", &schema->fields[i], err);
        }
    }
    if (writing && has_empty_struct(schema)) {
        return err_set(err, ERR_EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE, "format", "JSON", NULL);
    }
    return writing
               ? FB_OK
               : check_corrupt_column(((const JsonOptions *)options)->corrupt_name, schema, err);
}

const FormatVt format_json = {
    .name = "json",
    .title = "JSON",
    .extension = ".json",
    .options = json_options,
    .splittable = json_splittable,
    .infer = json_infer,
    .check_schema = json_check_schema,
    .read = json_read,
    .write = json_write,
};
