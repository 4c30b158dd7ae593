/*
 * csv.c - the CSV format: what schemas it takes, and the table's entry. The other csv_*.c do the
 * work.
 *
 * A file is split at ends of lines, also at those between quotes, unless multiLine is on: then a
 * file is one range.
 */
#include "format/csv_priv.h"

static bool csv_splittable(const void *options)
{
    const CsvOptions *o = options;

    return !o->multi_line && !line_sep_overlaps(o->line_sep);
}

static bool type_is_supported(const Type *t)
{
    return t->id != T_NULL && t->id != T_INTERVAL_CAL && !type_is_nested(t);
}

static fb_status csv_check_schema(const void *options, const Type *schema, bool writing,
                                  fb_error *err)
{
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (!type_is_supported(schema->fields[i].type)) {
            return unsupported_type("CSV", &schema->fields[i], err);
        }
    }
    if (writing && schema->n_fields == 0) {
        return err_set(err, ERR_EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE, "format", "CSV", NULL);
    }
    return writing ? FB_OK
                   : check_corrupt_column(((const CsvOptions *)options)->corrupt_name, schema, err);
}

const FormatVt format_csv = {
    .name = "csv",
    .title = "CSV",
    .extension = ".csv",
    .options = csv_options,
    .splittable = csv_splittable,
    .infer = csv_infer,
    .check_schema = csv_check_schema,
    .read = csv_read,
    .write = csv_write,
    .write_empty = csv_write_empty,
};
