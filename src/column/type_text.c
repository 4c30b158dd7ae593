/*
 * type_text.c - the texts of types: simple string, SQL, DDL and the tree of printSchema.
 *
 * Formats are those of DataType.simpleString (catalogString, as it is not cut off), DataType.sql,
 * StructType.toDDL and StructType.treeString of Spark 4.3.
 *
 * Ownership: everything is appended to the caller's buffer. Threads: no state.
 */
#include "column/type.h"

#include "column/collation.h"
#include "column/type_priv.h"

static const char *const ym_units[] = {"year", "month"};
static const char *const dt_units[] = {"day", "hour", "minute", "second"};

static void put_interval(const Type *t, StrBuf *out)
{
    const char *const *units = t->id == T_INTERVAL_YM ? ym_units : dt_units;

    strbuf_puts(out, "interval ");
    strbuf_puts(out, units[t->precision]);
    if (t->scale != t->precision) {
        strbuf_puts(out, " to ");
        strbuf_puts(out, units[t->scale]);
    }
}

/* Names that are the same in all forms; NULL for the others. */
static const char *common_name(const Type *t)
{
    switch (t->id) {
    case T_NULL:
        return "void";
    case T_BOOLEAN:
        return "boolean";
    case T_FLOAT:
        return "float";
    case T_DOUBLE:
        return "double";
    case T_STRING:
        return "string";
    case T_BINARY:
        return "binary";
    case T_DATE:
        return "date";
    case T_TIMESTAMP:
        return "timestamp";
    case T_TIMESTAMP_NTZ:
        return "timestamp_ntz";
    case T_INTERVAL_CAL:
        return "interval";
    case T_ARRAY:
        return "array";
    case T_MAP:
        return "map";
    case T_STRUCT:
        return "struct";
    default:
        return NULL;
    }
}

/* Types without fields; integers are named as SQL or as JSON does. */
static void put_leaf(const Type *t, bool sql_names, StrBuf *out)
{
    const char *name = common_name(t);

    if (name) {
        strbuf_puts(out, name);
        if (t->id == T_STRING && t->precision != 0) {
            strbuf_puts(out, " collate ");
            strbuf_puts(out, collation_name(t));
        }
        return;
    }
    switch (t->id) {
    case T_BYTE:
        strbuf_puts(out, sql_names ? "tinyint" : "byte");
        break;
    case T_SHORT:
        strbuf_puts(out, sql_names ? "smallint" : "short");
        break;
    case T_INT:
        strbuf_puts(out, sql_names ? "int" : "integer");
        break;
    case T_LONG:
        strbuf_puts(out, sql_names ? "bigint" : "long");
        break;
    case T_DECIMAL:
        strbuf_printf(out, "decimal(%d,%d)", t->precision, t->scale);
        break;
    default:
        put_interval(t, out);
        break;
    }
}

void type_put_name(const Type *t, StrBuf *out)
{
    put_leaf(t, false, out);
}

void type_simple_string(const Type *t, StrBuf *out)
{
    if (t->id == T_STRUCT) {
        strbuf_puts(out, "struct<");
        for (uint32_t i = 0; i < t->n_fields; i++) {
            if (i > 0) {
                strbuf_putc(out, ',');
            }
            strbuf_puts(out, t->fields[i].name);
            strbuf_putc(out, ':');
            type_simple_string(t->fields[i].type, out);
        }
        strbuf_putc(out, '>');
    } else if (t->id == T_ARRAY) {
        strbuf_puts(out, "array<");
        type_simple_string(t->fields[0].type, out);
        strbuf_putc(out, '>');
    } else if (t->id == T_MAP) {
        strbuf_puts(out, "map<");
        type_simple_string(t->fields[0].type, out);
        strbuf_putc(out, ',');
        type_simple_string(t->fields[1].type, out);
        strbuf_putc(out, '>');
    } else {
        put_leaf(t, true, out);
    }
}

static bool is_plain_name(const char *name)
{
    if (*name == '\0' || (*name >= '0' && *name <= '9')) {
        return false;
    }
    for (; *name; name++) {
        char c = ascii_lower(*name);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') {
            return false;
        }
    }
    return true;
}

static void put_quoted_name(const char *name, StrBuf *out)
{
    if (is_plain_name(name)) {
        strbuf_puts(out, name);
        return;
    }
    strbuf_putc(out, '`');
    for (; *name; name++) {
        if (*name == '`') {
            strbuf_putc(out, '`');
        }
        strbuf_putc(out, *name);
    }
    strbuf_putc(out, '`');
}

static void put_comment(const Field *f, StrBuf *out)
{
    StrBuf comment = {0};

    if (metadata_get_string(f->metadata, "comment", &comment)) {
        strbuf_puts(out, " COMMENT '");
        for (size_t i = 0; i < comment.n; i++) {
            if (comment.p[i] == '\'' || comment.p[i] == '\\') {
                strbuf_putc(out, '\\');
            }
            strbuf_putc(out, comment.p[i]);
        }
        strbuf_putc(out, '\'');
    }
    strbuf_free(&comment);
}

void type_sql(const Type *t, StrBuf *out)
{
    if (t->id == T_STRUCT) {
        strbuf_puts(out, "STRUCT<");
        for (uint32_t i = 0; i < t->n_fields; i++) {
            const Field *f = &t->fields[i];
            if (i > 0) {
                strbuf_puts(out, ", ");
            }
            put_quoted_name(f->name, out);
            strbuf_puts(out, ": ");
            type_sql(f->type, out);
            strbuf_puts(out, f->nullable ? "" : " NOT NULL");
            put_comment(f, out);
        }
        strbuf_putc(out, '>');
    } else if (t->id == T_ARRAY) {
        strbuf_puts(out, "ARRAY<");
        type_sql(t->fields[0].type, out);
        strbuf_putc(out, '>');
    } else if (t->id == T_MAP) {
        strbuf_puts(out, "MAP<");
        type_sql(t->fields[0].type, out);
        strbuf_puts(out, ", ");
        type_sql(t->fields[1].type, out);
        strbuf_putc(out, '>');
    } else {
        size_t from = out->n;
        put_leaf(t, true, out);
        for (size_t i = from; i < out->n; i++) {
            out->p[i] = ascii_upper(out->p[i]);
        }
    }
}

void type_ddl(const Type *schema, StrBuf *out)
{
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const Field *f = &schema->fields[i];
        StrBuf deflt = {0};
        if (i > 0) {
            strbuf_putc(out, ',');
        }
        put_quoted_name(f->name, out);
        strbuf_putc(out, ' ');
        type_sql(f->type, out);
        strbuf_puts(out, f->nullable ? "" : " NOT NULL");
        if (metadata_get_string(f->metadata, "CURRENT_DEFAULT", &deflt)) {
            strbuf_puts(out, " DEFAULT ");
            strbuf_append(out, deflt.p, deflt.n);
        }
        strbuf_free(&deflt);
        put_comment(f, out);
    }
}

/* ---- the tree ---- */

static void put_escaped_name(const char *name, StrBuf *out)
{
    static const char from[] = "\n\r\t\f\b\v\a", to[] = "nrtfbva";

    for (; *name; name++) {
        const char *at = strchr(from, *name);
        if (at) {
            strbuf_putc(out, '\\');
            strbuf_putc(out, to[at - from]);
        } else {
            strbuf_putc(out, *name);
        }
    }
}

static void put_tree(const Type *t, int depth, int max_depth, StrBuf *out)
{
    static const char *const null_words[] = {
        [T_ARRAY] = "containsNull", [T_MAP] = "valueContainsNull", [T_STRUCT] = "nullable"};

    if (max_depth > 0 && depth > max_depth) {
        return;
    }
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        for (int k = 1; k < depth; k++) {
            strbuf_puts(out, " |   ");
        }
        strbuf_puts(out, " |-- ");
        put_escaped_name(f->name, out);
        strbuf_puts(out, ": ");
        type_put_name(f->type, out);
        if (t->id != T_MAP || i == 1) {
            strbuf_printf(out, " (%s = %s)", null_words[t->id], f->nullable ? "true" : "false");
        }
        strbuf_putc(out, '\n');
        put_tree(f->type, depth + 1, max_depth, out);
    }
}

void type_tree_string(const Type *schema, int level, StrBuf *out)
{
    strbuf_puts(out, "root\n");
    put_tree(schema, 1, level, out);
}
