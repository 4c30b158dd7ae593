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

const FormatVt *format_lookup(const char *name)
{
    static const FormatVt *const formats[] = {&format_text, &format_csv, &format_json,
                                              &format_parquet};

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (cstr_eq_nocase(name, formats[i]->name)) {
            return formats[i];
        }
    }
    return NULL;
}
