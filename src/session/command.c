/*
 * command.c - the statements that are no queries. Results have Spark's columns.
 *
 * Forebay has temp views but no stored tables yet: what needs a table that can't exist says so as
 * Spark does (TABLE_OR_VIEW_NOT_FOUND), what would make or change one is refused by name.
 */
#include "column/timezone.h"
#include "session/session_priv.h"

#include "base/vfs.h"
#include "expr/function.h"

#include <stdlib.h>

/* ---- small result tables ---- */

typedef struct Table {
    Arena arena;
    Field fields[4];
    VecBuilder *col[4];
    uint32_t n_cols, n_rows;
} Table;

static void add_column(Table *t, const char *name, const Type *type, bool nullable,
                       const char *metadata)
{
    t->fields[t->n_cols] =
        (Field){.name = name, .type = type, .nullable = nullable, .metadata = metadata};
    t->col[t->n_cols++] = vecb_new(&t->arena, type);
}

static void put_text(Table *t, uint32_t col, const char *text)
{
    if (text) {
        vecb_str_copy(t->col[col], str_text(&t->arena, text));
    } else {
        vecb_null(t->col[col]);
    }
    t->n_rows += col == 0;
}

static RowSet *finish(Table *t)
{
    Vec cols[4];
    RowSet *rows = rowset_new(type_struct(t->fields, t->n_cols));
    for (uint32_t i = 0; i < t->n_cols; i++) {
        vecb_finish(t->col[i], &cols[i]);
    }
    Batch b = {.n_rows = t->n_rows, .n_cols = t->n_cols, .col = cols};
    rowset_append(rows, &b);
    arena_free(&t->arena);
    return rows;
}

static RowSet *no_result(void)
{
    return rowset_new(type_struct(NULL, 0));
}

/* ---- patterns of SHOW … LIKE: '*' is any text, '|' separates alternatives, case does not count
 * ---- */

static bool matches_one(const char *p, size_t n, const char *s)
{
    size_t i = 0, star = SIZE_MAX;
    const char *back = s;
    while (*s) {
        if (i < n && p[i] == '*') {
            star = i++;
            back = s;
        } else if (i < n && ascii_lower(p[i]) == ascii_lower(*s)) {
            i++;
            s++;
        } else if (star != SIZE_MAX) {
            i = star + 1;
            s = ++back;
        } else {
            return false;
        }
    }
    while (i < n && p[i] == '*') {
        i++;
    }
    return i == n;
}

static bool matches(const char *pattern, const char *name)
{
    if (!pattern) {
        return true;
    }
    for (const char *p = pattern;; p++) {
        const char *end = strchr(p, '|');
        Str one = str_trim((Str){p, end ? (size_t)(end - p) : strlen(p)});
        if (matches_one(one.p, one.n, name)) {
            return true;
        }
        if (!end) {
            return false;
        }
        p = end;
    }
}

/* ---- names ---- */

static void quote_parts(StrBuf *b, const char *const *parts, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        strbuf_printf(b, "%s`%s`", b->n ? "." : "", parts[i]);
    }
}

/* prefix: what Spark puts before a name of so few parts. */
static fb_status not_found(ErrId id, const char *param, const char *prefix,
                           const char *const *parts, uint32_t n, fb_error *err)
{
    StrBuf b = {0};
    strbuf_puts(&b, prefix);
    quote_parts(&b, parts, n);
    bool table = id == ERR_TABLE_OR_VIEW_NOT_FOUND;
    fb_status st = err_set(err, id, param, b.p ? b.p : "", table ? "searchPath" : NULL,
                           "[`spark_catalog`.`default`]", NULL);
    strbuf_free(&b);
    return st;
}

/* Where Spark would look for a table of that name. */
static const char *table_prefix(uint32_t n)
{
    return n == 1 ? "`spark_catalog`.`default`" : n == 2 ? "`spark_catalog`" : "";
}

static bool names_default(const Command *c)
{
    uint32_t n = c->n_names;
    bool catalog = n > 0 && cstr_eq_nocase(c->names[0], "spark_catalog");
    return (n == 1 && (catalog || cstr_eq_nocase(c->names[0], "default"))) ||
           (n == 2 && catalog && cstr_eq_nocase(c->names[1], "default"));
}

static bool names_global(const Command *c)
{
    return c->n_names == 1 && cstr_eq_nocase(c->names[0], GLOBAL_TEMP);
}

static fb_status check_database(const Command *c, fb_error *err)
{
    if (c->n_names == 0 || names_default(c)) {
        return FB_OK;
    }
    bool catalog = cstr_eq_nocase(c->names[0], "spark_catalog");
    return not_found(ERR_SCHEMA_NOT_FOUND, "schemaName", catalog ? "" : "`spark_catalog`", c->names,
                     c->n_names, err);
}

/* The analyzed plan of a view that a command names. */
static fb_status named_plan(Session *s, const Command *c, const Plan *in, Str sql, PlanTree **ret,
                            fb_error *err)
{
    PlanTree *t = plantree_new();
    Plan *p = plan_new(&t->arena, P_UNRESOLVED_TABLE, 0);
    const char **names = ARENA_ARRAY(&t->arena, const char *, c->n_names);
    for (uint32_t i = 0; i < c->n_names; i++) {
        names[i] = arena_strdup(&t->arena, c->names[i]);
    }
    p->names = names;
    p->n_names = c->n_names;
    p->by_name = c->kind == CMD_SHOW_COLUMNS || c->kind == CMD_REFRESH ||
                 c->kind == CMD_SHOW_CREATE || c->kind == CMD_SHOW_PROPERTIES;
    p->start = in->start;
    p->stop = in->stop;
    t->plan = p;
    fb_status st = session_resolve(s, t, sql, err);
    if (st != FB_OK) {
        plantree_release(t);
        return st;
    }
    *ret = t;
    return FB_OK;
}

/* ---- views ---- */

static fb_status create_view(Session *s, const Command *c, Str sql, RowSet **ret, fb_error *err)
{
    if (!c->is_temp && !c->is_global) {
        return err_unsupported(err, "%s without TEMPORARY", c->what);
    }
    TRY(views_create(s, c, sql, err));
    *ret = no_result();
    return FB_OK;
}

/* DROP VIEW, and DROP TABLE, which drops a temp view too. */
static fb_status drop(Session *s, const Command *c, RowSet **ret, fb_error *err)
{
    bool global = c->n_names == 2 && cstr_eq_nocase(c->names[0], GLOBAL_TEMP);
    bool of_session = catalog_session_parts(c->names, c->n_names) > 0;
    bool temp = c->n_names == 1 || global || of_session;
    if (!(temp && session_drop_view(s, c->names[c->n_names - 1], global)) && !c->if_exists) {
        TRY(catalog_check_parts(c->names, c->n_names, err));
        return not_found(ERR_TABLE_OR_VIEW_NOT_FOUND, "relationName", table_prefix(c->n_names),
                         c->names, c->n_names, err);
    }
    *ret = no_result();
    return FB_OK;
}

typedef struct ShowViews {
    Table table;
    const char *pattern;
} ShowViews;

static void show_view(void *arg, const char *name, bool global)
{
    ShowViews *v = arg;
    if (matches(v->pattern, name)) {
        put_text(&v->table, 0, global ? GLOBAL_TEMP : "");
        put_text(&v->table, 1, name);
        vecb_bool(v->table.col[2], true);
    }
}

static fb_status show_views(Session *s, const Command *c, RowSet **ret, fb_error *err)
{
    ShowViews v = {.pattern = c->key};
    bool tables = c->kind == CMD_SHOW_TABLES;
    if (!names_global(c)) {
        TRY(check_database(c, err));
    }
    add_column(&v.table, "namespace", type_string, false, NULL);
    add_column(&v.table, tables ? "tableName" : "viewName", type_string, false, NULL);
    add_column(&v.table, "isTemporary", type_boolean, false, NULL);
    if (names_global(c)) {
        views_each(s, true, show_view, &v);
    }
    views_each(s, false, show_view, &v);
    *ret = finish(&v.table);
    return FB_OK;
}

/* ---- settings ---- */

static void put_setting(Table *t, const char *key, const char *value)
{
    put_text(t, 0, key);
    put_text(t, 1, value);
}

typedef struct ListSettings {
    Table *table;
    const Conf *conf;
} ListSettings;

static void list_setting(void *arg, const char *key, const char *value)
{
    const ListSettings *l = arg;
    if (conf_is_set(l->conf, key)) {
        put_setting(l->table, key, value);
    }
}

/* The key that a SET means: Hive's names of the number of partitions are Spark's one. */
static const char *key_of(const Command *c)
{
    static const char *const hive[] = {"mapred.reduce.tasks", "mapreduce.job.reduces"};
    for (size_t i = 0; c->key && i < sizeof(hive) / sizeof(hive[0]); i++) {
        if (strcmp(c->key, hive[i]) == 0) {
            return "spark.sql.shuffle.partitions";
        }
    }
    return c->key;
}

static fb_status set(Session *s, const Command *c, RowSet **ret, fb_error *err)
{
    Table t = {0};
    const char *key = key_of(c), *value = c->value;
    if (key && strcmp(key, "-v") == 0) {
        return err_unsupported(err, "SET -v");
    }
    if (value) {
        TRY(conf_check_modifiable(key, err));
        TRY(session_set_conf(s, key, value, err));
    } else if (key) {
        value = conf_get(s->conf, key, &t.arena);
        if (!value && strcmp(key, "spark.sql.session.timeZone") == 0) {
            value = tz_id(tz_system());
        }
    }
    add_column(&t, "key", type_string, false, NULL);
    add_column(&t, "value", type_string, false, NULL);
    if (key) {
        put_setting(&t, key, value ? value : "<undefined>");
    } else {
        ListSettings l = {&t, s->conf};
        conf_each(s->conf, list_setting, &l);
    }
    *ret = finish(&t);
    return FB_OK;
}

typedef struct Reset {
    Session *session;
    Arena arena;
    const char **keys;
    uint32_t n, cap;
} Reset;

static void note_set(void *arg, const char *key, const char *value)
{
    Reset *r = arg;
    (void)value;
    if (!conf_is_set(r->session->conf, key)) {
        return;
    }
    if (r->n == r->cap) {
        uint32_t cap = r->cap ? r->cap * 2 : 32;
        const char **keys = ARENA_ARRAY(&r->arena, const char *, cap);
        if (r->n) {
            memcpy(keys, r->keys, r->n * sizeof(*keys));
        }
        r->keys = keys;
        r->cap = cap;
    }
    r->keys[r->n++] = arena_strdup(&r->arena, key);
}

static fb_status reset_key(Session *s, const char *key, fb_error *err)
{
    Arena a = {0};
    fb_status st = FB_OK;
    if (conf_is_set(s->initial, key)) {
        st = conf_set(s->conf, key, conf_get(s->initial, key, &a), true, err);
    } else {
        conf_unset(s->conf, key);
    }
    arena_free(&a);
    return st;
}

static fb_status reset(Session *s, const Command *c, RowSet **ret, fb_error *err)
{
    Reset r = {.session = s};
    fb_status st = FB_OK;
    if (c->key) {
        TRY(conf_check_modifiable(c->key, err));
        st = reset_key(s, c->key, err);
    } else {
        conf_each(s->conf, note_set, &r);
        for (uint32_t i = 0; i < r.n && st == FB_OK; i++) {
            const ConfDef *def = conf_def(r.keys[i]);
            st = def && def->is_static ? FB_OK : reset_key(s, r.keys[i], err);
        }
    }
    arena_free(&r.arena);
    TRY(st);
    *ret = no_result();
    return FB_OK;
}

/* ---- SHOW ---- */

static RowSet *show_databases(const Command *c)
{
    Table t = {0};
    add_column(&t, "namespace", type_string, false, NULL);
    if (matches(c->key, "default")) {
        put_text(&t, 0, "default");
    }
    return finish(&t);
}

static fb_status show_columns(Session *s, const Plan *in, Str sql, RowSet **ret, fb_error *err)
{
    PlanTree *tree;
    Table t = {0};
    TRY(named_plan(s, in->command, in, sql, &tree, err));
    add_column(&t, "col_name", type_string, false, NULL);
    for (uint32_t i = 0; i < tree->plan->n_out; i++) {
        put_text(&t, 0, tree->plan->out[i].name);
    }
    plantree_release(tree);
    *ret = finish(&t);
    return FB_OK;
}

/* Temporary views have no properties. */
static fb_status show_properties(Session *s, const Plan *in, Str sql, RowSet **ret, fb_error *err)
{
    PlanTree *tree;
    Table t = {0};
    TRY(named_plan(s, in->command, in, sql, &tree, err));
    plantree_release(tree);
    add_column(&t, "key", type_string, false, NULL);
    add_column(&t, "value", type_string, false, NULL);
    *ret = finish(&t);
    return FB_OK;
}

static int text_cmp(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static fb_status show_functions(const Command *c, RowSet **ret, fb_error *err)
{
    Table t = {0};
    size_t n;
    TRY(check_database(c, err));
    const FuncDef *all = func_all(&n);
    const char **names = ARENA_ARRAY(&t.arena, const char *, n);
    for (size_t i = 0; i < n; i++) {
        names[i] = all[i].name;
    }
    qsort(names, n, sizeof(*names), text_cmp);
    add_column(&t, "function", type_string, false, NULL);
    bool user = c->value && cstr_eq_nocase(c->value, "USER"); /* there are none of the user's */
    for (size_t i = 0; i < n && !user; i++) {
        if (names[i][0] != '$' && matches(c->key, names[i]) &&
            (i == 0 || strcmp(names[i], names[i - 1]) != 0)) {
            put_text(&t, 0, names[i]);
        }
    }
    *ret = finish(&t);
    return FB_OK;
}

static fb_status no_catalog(const char *name, fb_error *err)
{
    StrBuf quoted = {0}, config = {0};
    strbuf_printf(&quoted, "`%s`", name);
    strbuf_printf(&config, "\"spark.sql.catalog.%s\"", name);
    fb_status st =
        err_set(err, ERR_CATALOG_NOT_FOUND, "catalogName", quoted.p, "config", config.p, NULL);
    strbuf_free(&quoted);
    strbuf_free(&config);
    return st;
}

static fb_status set_catalog(const Command *c, RowSet **ret, fb_error *err)
{
    if (!cstr_eq_nocase(c->names[0], "spark_catalog")) {
        return no_catalog(c->names[0], err);
    }
    *ret = no_result();
    return FB_OK;
}

static RowSet *show_catalogs(const Command *c)
{
    Table t = {0};
    add_column(&t, "catalog", type_string, false, NULL);
    if (matches(c->key, "spark_catalog")) {
        put_text(&t, 0, "spark_catalog");
    }
    return finish(&t);
}

static RowSet *show_current(void)
{
    Table t = {0};
    add_column(&t, "catalog", type_string, false, NULL);
    add_column(&t, "namespace", type_string, false, NULL);
    put_setting(&t, "spark_catalog", "default");
    return finish(&t);
}

/* ---- DROP of what users can't make here ---- */

static fb_status drop_function(const Command *c, RowSet **ret, fb_error *err)
{
    const char *name = c->names[c->n_names - 1];
    bool built_in = func_lookup(name) != NULL && !func_is_internal(name);
    if (c->n_names == 1 && (built_in || func_is_later(name))) {
        StrBuf b = {0};
        quote_parts(&b, c->names, c->n_names);
        fb_status st = err_set(err, ERR_FORBIDDEN_OPERATION, "statement", "DROP", "objectType",
                               "FUNCTION", "objectName", b.p, NULL);
        strbuf_free(&b);
        return st;
    }
    if (c->n_names == 2 && !cstr_eq_nocase(c->names[0], "default")) {
        return not_found(ERR_SCHEMA_NOT_FOUND, "schemaName", "`spark_catalog`", c->names, 1, err);
    }
    if (!c->if_exists) {
        return not_found(ERR_ROUTINE_NOT_FOUND, "routineName",
                         c->is_temp || c->n_names > 1 ? "" : "`default`", c->names, c->n_names,
                         err);
    }
    *ret = no_result();
    return FB_OK;
}

static fb_status drop_variable(const Command *c, RowSet **ret, fb_error *err)
{
    if (!c->if_exists) {
        return not_found(ERR_VARIABLE_NOT_FOUND, "variableName",
                         c->n_names == 1 ? "`system`.`session`" : "", c->names, c->n_names, err);
    }
    *ret = no_result();
    return FB_OK;
}

/* ---- DESCRIBE ---- */

/* As Spark writes a folder: file:/absolute/path. */
static const char *warehouse_of(Session *s, Arena *a)
{
    const char *dir = conf_get(s->conf, "spark.sql.warehouse.dir", a);
    return !dir || strchr(dir, ':') ? dir : arena_printf(a, "file:%s", vfs_absolute(a, dir));
}

static fb_status describe_database(Session *s, const Command *c, RowSet **ret, fb_error *err)
{
    Table t = {0};
    TRY(check_database(c, err));
    add_column(&t, "info_name", type_string, false, "{\"comment\":\"name of the namespace info\"}");
    add_column(&t, "info_value", type_string, true,
               "{\"comment\":\"value of the namespace info\"}");
    put_setting(&t, "Catalog Name", "spark_catalog");
    put_setting(&t, "Namespace Name", "default");
    put_setting(&t, "Comment", "default database");
    put_setting(&t, "Location", warehouse_of(s, &t.arena));
    put_setting(&t, "Owner", s->engine->user);
    if (c->extended) {
        put_setting(&t, "Properties", "");
    }
    *ret = finish(&t);
    return FB_OK;
}

static char *comment_of(const Attr *a, Arena *arena)
{
    static const char key[] = "\"comment\":\"";
    const char *at = a->metadata ? strstr(a->metadata, key) : NULL;
    if (!at) {
        return NULL;
    }
    StrBuf b = {0};
    for (at += sizeof(key) - 1; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1]) {
            at++;
        }
        strbuf_putc(&b, *at);
    }
    return strbuf_arena(&b, arena);
}

static RowSet *describe_columns(const Plan *p)
{
    Table t = {0};
    add_column(&t, "col_name", type_string, false, "{\"comment\":\"name of the column\"}");
    add_column(&t, "data_type", type_string, false, "{\"comment\":\"data type of the column\"}");
    add_column(&t, "comment", type_string, true, "{\"comment\":\"comment of the column\"}");
    for (uint32_t i = 0; i < p->n_out; i++) {
        StrBuf type = {0};
        type_simple_string(p->out[i].type, &type);
        put_text(&t, 0, p->out[i].name);
        put_text(&t, 1, type.p);
        put_text(&t, 2, comment_of(&p->out[i], &t.arena));
        strbuf_free(&type);
    }
    return finish(&t);
}

static fb_status describe_column(const Plan *p, const char *name, bool extended, RowSet **ret,
                                 fb_error *err)
{
    static const char *const statistics[] = {
        "min", "max", "num_nulls", "distinct_count", "avg_col_len", "max_col_len", "histogram"};
    const Attr *a = NULL;
    for (uint32_t i = 0; i < p->n_out && !a; i++) {
        a = cstr_eq_nocase(p->out[i].name, name) ? &p->out[i] : NULL;
    }
    if (!a) {
        StrBuf b = {0};
        strbuf_printf(&b, "`%s`", name);
        fb_status st = err_set(err, ERR_COLUMN_NOT_FOUND, "colName", b.p, "caseSensitiveConfig",
                               "\"spark.sql.caseSensitive\"", NULL);
        strbuf_free(&b);
        return st;
    }
    Table t = {0};
    StrBuf type = {0};
    type_simple_string(a->type, &type);
    add_column(&t, "info_name", type_string, false, "{\"comment\":\"name of the column info\"}");
    add_column(&t, "info_value", type_string, false, "{\"comment\":\"value of the column info\"}");
    const char *comment = comment_of(a, &t.arena);
    put_setting(&t, "col_name", a->name);
    put_setting(&t, "data_type", type.p);
    put_setting(&t, "comment", comment ? comment : "NULL");
    for (size_t i = 0; extended && i < sizeof(statistics) / sizeof(statistics[0]); i++) {
        put_setting(&t, statistics[i], "NULL");
    }
    strbuf_free(&type);
    *ret = finish(&t);
    return FB_OK;
}

static fb_status describe(Session *s, const Plan *in, Str sql, RowSet **ret, fb_error *err)
{
    const Command *c = in->command;
    PlanTree *t;
    if (c->query) {
        TRY(session_analyze(s, c->query, sql, &t, err));
    } else {
        TRY(named_plan(s, c, in, sql, &t, err));
    }
    fb_status st = FB_OK;
    if (c->value) {
        st = describe_column(t->plan, c->value, c->extended, ret, err);
    } else {
        *ret = describe_columns(t->plan);
    }
    plantree_release(t);
    return st;
}

/* Its class and usage are texts of Spark that are not here. */
static fb_status describe_function(const Command *c, fb_error *err)
{
    const char *name = c->names[c->n_names - 1];
    const FuncDef *f = func_is_internal(name) ? NULL : func_lookup(name);
    if (!f && func_is_later(name)) {
        return err_unsupported(err, "the function %s", name);
    }
    if (!f) {
        StrBuf b = {0};
        quote_parts(&b, c->names, c->n_names);
        fb_status st =
            err_set(err, ERR_UNRESOLVED_ROUTINE, "routineName", b.p, "searchPath",
                    "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]", NULL);
        strbuf_free(&b);
        return st;
    }
    return err_unsupported(err, "DESCRIBE FUNCTION%s %s", c->extended ? " EXTENDED" : "", name);
}

/* ---- USE, EXPLAIN, REFRESH ---- */

static fb_status use(const Command *c, RowSet **ret, fb_error *err)
{
    if (names_global(c)) {
        return err_set(err, ERR_LEGACY_1068, "database", GLOBAL_TEMP, NULL);
    }
    TRY(check_database(c, err));
    *ret = no_result();
    return FB_OK;
}

static void plan_lines(Table *t, const char *text)
{
    for (const char *p = text;;) {
        const char *end = strchr(p, '\n');
        put_text(t, 0, arena_strndup(&t->arena, p, end ? (size_t)(end - p) : strlen(p)));
        if (!end) {
            return;
        }
        p = end + 1;
    }
}

static fb_status explain_query(Session *s, const Command *c, Str sql, StrBuf *out, fb_error *err)
{
    ExplainMode mode;
    PlanTree *tree;
    if (c->query->kind == P_COMMAND) {
        strbuf_printf(out, "== Physical Plan ==\nExecute %s\n\n", c->query->command->what);
        return FB_OK;
    }
    TRY(explain_mode_parse(c->key, &mode, err));
    TRY(session_analyze(s, c->query, sql, &tree, err));
    fb_status st = explain_text(s, c->query, tree->plan, mode, out, err);
    plantree_release(tree);
    return st;
}

/* A query that can't be planned is no error here: Spark shows the reason as the plan. */
static fb_status explain(Session *s, const Command *c, Str sql, RowSet **ret)
{
    Table t = {0};
    StrBuf text = {0};
    fb_error failed = {0};
    add_column(&t, "plan", type_string, true, NULL);
    if (explain_query(s, c, sql, &text, &failed) == FB_OK) {
        put_text(&t, 0, text.p);
    } else {
        put_text(&t, 0, "Error occurred during query planning: ");
        plan_lines(&t, err_text(&failed, &t.arena));
        err_clear(&failed);
    }
    strbuf_free(&text);
    *ret = finish(&t);
    return FB_OK;
}

static fb_status refresh(Session *s, const Plan *in, Str sql, RowSet **ret, fb_error *err)
{
    PlanTree *t;
    if (in->command->n_names) {
        TRY(named_plan(s, in->command, in, sql, &t, err));
        plantree_release(t);
    }
    *ret = no_result(); /* files are listed at every run */
    return FB_OK;
}

/* Spark's names of storage levels: what they say is kept, not where. */
static bool storage_level(const char *name, StorageLevel *ret)
{
    static const struct {
        const char *name;
        StorageLevel level;
    } all[] = {{"NONE", {false, false, false, false, 1}},
               {"DISK_ONLY", {true, false, false, false, 1}},
               {"DISK_ONLY_2", {true, false, false, false, 2}},
               {"DISK_ONLY_3", {true, false, false, false, 3}},
               {"MEMORY_ONLY", {false, true, false, true, 1}},
               {"MEMORY_ONLY_2", {false, true, false, true, 2}},
               {"MEMORY_ONLY_SER", {false, true, false, false, 1}},
               {"MEMORY_ONLY_SER_2", {false, true, false, false, 2}},
               {"MEMORY_AND_DISK", {true, true, false, true, 1}},
               {"MEMORY_AND_DISK_2", {true, true, false, true, 2}},
               {"MEMORY_AND_DISK_SER", {true, true, false, false, 1}},
               {"MEMORY_AND_DISK_SER_2", {true, true, false, false, 2}},
               {"OFF_HEAP", {true, true, true, false, 1}}};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (cstr_eq_nocase(name, all[i].name)) {
            *ret = all[i].level;
            return true;
        }
    }
    return false;
}

static fb_status cache(Session *s, const Plan *in, Str sql, RowSet **ret, fb_error *err)
{
    const Command *c = in->command;
    StorageLevel level;
    PlanTree *t;
    const char *name = c->value ? c->value : "MEMORY_AND_DISK";
    if (!storage_level(name, &level)) {
        return err_set(err, ERR_INVALID_STORAGE_LEVEL, "storageLevel", name, NULL);
    }
    if (c->query) {
        TRY(views_create(s, c, sql, err));
    }
    TRY(named_plan(s, c, in, sql, &t, err));
    fb_status st = session_cache(s, t, &level, err);
    if (st == FB_OK && !c->key) {
        st = session_fill_cache(s, t->plan, NULL, err);
    }
    plantree_release(t);
    if (st == FB_OK) {
        *ret = no_result();
    }
    return st;
}

static fb_status uncache(Session *s, const Plan *in, Str sql, RowSet **ret, fb_error *err)
{
    PlanTree *t;
    bool exists = true;
    if (in->command->n_names == 0) {
        session_clear_cache(s);
        *ret = no_result();
        return FB_OK;
    }
    if (in->command->if_exists) {
        TRY(session_table_exists(s, in->command->names, in->command->n_names, &exists, err));
    }
    if (exists) {
        TRY(named_plan(s, in->command, in, sql, &t, err));
        (void)session_uncache(s, t->plan);
        plantree_release(t);
    }
    *ret = no_result();
    return FB_OK;
}

fb_status session_command(Session *s, const Plan *command, Str sql, RowSet **ret, fb_error *err)
{
    const Command *c = command->command;
    switch (c->kind) {
    case CMD_CREATE_VIEW:
        return create_view(s, c, sql, ret, err);
    case CMD_DROP_VIEW:
    case CMD_DROP_TABLE:
        return drop(s, c, ret, err);
    case CMD_DROP_FUNCTION:
        return drop_function(c, ret, err);
    case CMD_DROP_VARIABLE:
        return drop_variable(c, ret, err);
    case CMD_SET_CATALOG:
        return set_catalog(c, ret, err);
    case CMD_SHOW_CATALOGS:
        *ret = show_catalogs(c);
        return FB_OK;
    case CMD_SHOW_CURRENT:
        *ret = show_current();
        return FB_OK;
    case CMD_DESCRIBE_DATABASE:
        return describe_database(s, c, ret, err);
    case CMD_SET:
        return set(s, c, ret, err);
    case CMD_RESET:
        return reset(s, c, ret, err);
    case CMD_SHOW_TABLES:
    case CMD_SHOW_VIEWS:
        return show_views(s, c, ret, err);
    case CMD_SHOW_DATABASES:
        *ret = show_databases(c);
        return FB_OK;
    case CMD_SHOW_PROPERTIES:
        return show_properties(s, command, sql, ret, err);
    case CMD_SHOW_COLUMNS:
        return show_columns(s, command, sql, ret, err);
    case CMD_SHOW_FUNCTIONS:
        return show_functions(c, ret, err);
    case CMD_DESCRIBE:
        return describe(s, command, sql, ret, err);
    case CMD_DESCRIBE_FUNCTION:
        return describe_function(c, err);
    case CMD_USE:
        return use(c, ret, err);
    case CMD_EXPLAIN:
        return explain(s, c, sql, ret);
    case CMD_REFRESH:
        return refresh(s, command, sql, ret, err);
    case CMD_UNCACHE:
        return uncache(s, command, sql, ret, err);
    case CMD_CACHE:
        return cache(s, command, sql, ret, err);
    case CMD_SHOW_CREATE: {
        PlanTree *t;
        TRY(named_plan(s, c, command, sql, &t, err));
        plantree_release(t);
        break;
    }
    case CMD_CREATE_TABLE:
    case CMD_INSERT:
    case CMD_MERGE:
        break;
    }
    return err_unsupported(err, "the statement %s", c->what);
}
