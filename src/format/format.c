/*
 * format.c - the tables of formats and codecs.
 */
#include "format/format.h"

#include "format/format_priv.h"

const TextCodecs *format_text_codecs(void)
{
    static const TextCodecs codecs = {&json_codec, &csv_codec, &json_queries};

    return &codecs;
}

/* Names of classes that Spark takes for a format, in this spelling only. */
typedef struct ClassName {
    const char *name;
    const FormatVt *format;
} ClassName;

#define SOURCES "org.apache.spark.sql.execution.datasources."
static const ClassName class_names[] = {
    {"com.databricks.spark.csv", &format_csv},
    {SOURCES "csv.CSVFileFormat", &format_csv},
    {SOURCES "v2.csv.CSVDataSourceV2", &format_csv},
    {"org.apache.spark.sql.json", &format_json},
    {"org.apache.spark.sql.json.DefaultSource", &format_json},
    {SOURCES "json", &format_json},
    {SOURCES "json.DefaultSource", &format_json},
    {SOURCES "json.JsonFileFormat", &format_json},
    {SOURCES "v2.json.JsonDataSourceV2", &format_json},
    {"org.apache.spark.sql.parquet", &format_parquet},
    {"org.apache.spark.sql.parquet.DefaultSource", &format_parquet},
    {SOURCES "parquet", &format_parquet},
    {SOURCES "parquet.DefaultSource", &format_parquet},
    {SOURCES "parquet.ParquetFileFormat", &format_parquet},
    {SOURCES "v2.parquet.ParquetDataSourceV2", &format_parquet},
    {SOURCES "text.TextFileFormat", &format_text},
    {SOURCES "v2.text.TextDataSourceV2", &format_text},
};

const FormatVt *format_lookup(const char *name)
{
    static const FormatVt *const formats[] = {&format_text, &format_csv, &format_json,
                                              &format_parquet};

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (cstr_eq_nocase(name, formats[i]->name)) {
            return formats[i];
        }
    }
    for (size_t i = 0; i < sizeof(class_names) / sizeof(class_names[0]); i++) {
        if (strcmp(name, class_names[i].name) == 0) {
            return class_names[i].format;
        }
    }
    return NULL;
}
