/*
 * catalog.c - spark.catalog: what the session holds, as small tables.
 *
 * There is one catalog (spark_catalog) with one schema (default) and the temp views. What SQL
 * statements list already is taken from them (SHOW TABLES, SHOW DATABASES, ...), with their
 * patterns and refusals, and brought into the columns that the client reads by position.
 * Functions without a result give an empty table of one column, as in Spark.
 */
#include "base/vfs.h"
#include "connect/convert.h"
#include "connect/user_names.h"
#include "expr/function.h"

#define CATALOG_NAME "spark_catalog"
#define WAREHOUSE "spark.sql.warehouse.dir"

/* ---- tables of rows ---- */

typedef struct Rows {
    Arena arena;
    Field fields[8];
    VecBuilder *cols[8];
    uint32_t n_cols, n_rows;
} Rows;

static void column(Rows *r, const char *name, const Type *t, bool nullable)
{
    r->cols[r->n_cols] = vecb_new(&r->arena, t);
    r->fields[r->n_cols++] = (Field){.name = name, .type = t, .nullable = nullable};
}

static void text(Rows *r, uint32_t col, const char *s)
{
    if (s == NULL) {
        vecb_null(r->cols[col]);
    } else {
        vecb_str_copy(r->cols[col], str_of(s));
    }
}

static Plan *finish(Convert *c, Rows *r)
{
    RowSet *rows = rowset_new(type_struct(r->fields, r->n_cols));
    Vec cols[8];
    for (uint32_t i = 0; i < r->n_cols; i++) {
        vecb_finish(r->cols[i], &cols[i]);
    }
    Batch b = {.n_rows = r->n_rows, .n_cols = r->n_cols, .col = cols};
    if (b.n_rows) {
        rowset_append(rows, &b);
    }
    arena_free(&r->arena);
    return convert_rows(c, rows);
}

static fb_status one_text(Convert *c, const char *s, Plan **ret)
{
    Rows r = {0};
    column(&r, "value", type_string, true);
    text(&r, 0, s);
    r.n_rows = 1;
    *ret = finish(c, &r);
    return FB_OK;
}

static fb_status one_bool(Convert *c, bool v, Plan **ret)
{
    Rows r = {0};
    column(&r, "value", type_boolean, false);
    vecb_bool(r.cols[0], v);
    r.n_rows = 1;
    *ret = finish(c, &r);
    return FB_OK;
}

static fb_status nothing(Convert *c, Plan **ret)
{
    Rows r = {0};
    column(&r, "value", type_string, false);
    *ret = finish(c, &r);
    return FB_OK;
}

/* ---- statements ---- */

static fb_status run(Convert *c, CommandKind kind, const char *what, const char *const *names,
                     uint32_t n_names, const char *pattern, RowSet **ret, fb_error *err)
{
    Command *cmd = ARENA_NEW(c->arena, Command);
    cmd->kind = kind;
    cmd->what = what;
    cmd->names = names;
    cmd->n_names = n_names;
    cmd->key = pattern;
    Plan *p = plan_new(c->arena, P_COMMAND, 0);
    p->command = cmd;
    return session_command(c->session, p, (Str){0}, ret, err);
}

static fb_status run_void(Convert *c, CommandKind kind, const char *what, const char *name,
                          Plan **ret, fb_error *err)
{
    RowSet *rows;
    const char **parts = NULL;
    uint32_t n = 0;
    if (name != NULL) {
        TRY(sql_parse_name(c->arena, str_of(convert_str(c, name)), &parts, &n, err));
    }
    TRY(run(c, kind, what, parts, n, NULL, &rows, err));
    rowset_release(rows);
    return nothing(c, ret);
}

typedef struct Cell {
    const RowSet *rows;
    const Batch *batch;
    uint32_t row;
} Cell;

static char *cell_text(Arena *a, const Cell *at, uint32_t col)
{
    const Vec *v = &at->batch->col[col];
    if (!vec_is_valid(v, at->row)) {
        return NULL;
    }
    Str s = view_str(&VEC_AT(View, v, at->row));
    return arena_strndup(a, s.p, s.n);
}

typedef void (*RowFn)(Rows *out, Arena *a, const Cell *at, void *arg);

static Plan *reshape(Convert *c, Rows *out, RowSet *rows, RowFn fn, void *arg)
{
    for (uint32_t b = 0; b < rows->n_batches; b++) {
        for (uint32_t i = 0; i < rows->batches[b].n_rows; i++) {
            Cell at = {rows, &rows->batches[b], i};
            fn(out, &out->arena, &at, arg);
            out->n_rows++;
        }
    }
    rowset_release(rows);
    return finish(c, out);
}

/* ---- schemas ---- */

static void database_columns(Rows *r)
{
    column(r, "name", type_string, true);
    column(r, "catalog", type_string, true);
    column(r, "description", type_string, true);
    column(r, "locationUri", type_string, true);
}

static void put_database(Rows *r, const char *name, const char *warehouse)
{
    text(r, 0, name);
    text(r, 1, CATALOG_NAME);
    text(r, 2, "default database");
    text(r, 3, warehouse);
}

static void database_row(Rows *r, Arena *a, const Cell *at, void *arg)
{
    put_database(r, cell_text(a, at, 0), arg);
}

/* As Spark writes it: file:/absolute/path. */
static const char *warehouse_of(Convert *c)
{
    const char *dir = conf_get(session_conf(c->session), WAREHOUSE, c->arena);
    if (dir == NULL || strchr(dir, ':') != NULL) {
        return dir;
    }
    return arena_printf(c->arena, "file:%s", vfs_absolute(c->arena, dir));
}

static fb_status list_databases(Convert *c, const char *pattern, Plan **ret, fb_error *err)
{
    Rows r = {0};
    RowSet *rows;
    TRY(run(c, CMD_SHOW_DATABASES, "SHOW DATABASES", NULL, 0, pattern, &rows, err));
    database_columns(&r);
    *ret = reshape(c, &r, rows, database_row, (void *)warehouse_of(c));
    return FB_OK;
}

static bool is_default(const char *name)
{
    return name != NULL && cstr_eq_nocase(name, "default");
}

static fb_status get_database(Convert *c, const char *name, Plan **ret, fb_error *err)
{
    Rows r = {0};
    if (!is_default(name)) {
        return err_set(err, ERR_SCHEMA_NOT_FOUND, "schemaName",
                       arena_printf(c->arena, "`%s`.`%s`", CATALOG_NAME, name ? name : ""), NULL);
    }
    database_columns(&r);
    put_database(&r, "default", warehouse_of(c));
    r.n_rows = 1;
    *ret = finish(c, &r);
    return FB_OK;
}

/* ---- tables: all of them are temp views ---- */

static void table_columns(Rows *r)
{
    column(r, "name", type_string, true);
    column(r, "catalog", type_string, true);
    column(r, "namespace", type_array(type_string, true), true);
    column(r, "description", type_string, true);
    column(r, "tableType", type_string, true);
    column(r, "isTemporary", type_boolean, false);
}

static void put_table(Rows *r, const char *namespace_name, const char *name)
{
    text(r, 0, name);
    text(r, 1, NULL);
    if (namespace_name != NULL && namespace_name[0] != '\0') {
        vecb_str_copy(vecb_child(r->cols[2], 0), str_of(namespace_name));
    }
    vecb_end_row(r->cols[2]);
    text(r, 3, NULL);
    text(r, 4, "TEMPORARY");
    vecb_bool(r->cols[5], true);
}

static void table_row(Rows *r, Arena *a, const Cell *at, void *arg)
{
    (void)arg;
    put_table(r, cell_text(a, at, 0), cell_text(a, at, 1));
}

static fb_status list_tables(Convert *c, CommandKind kind, const char *db, const char *pattern,
                             Plan **ret, fb_error *err)
{
    Rows r = {0};
    RowSet *rows;
    const char *names[1] = {db};
    TRY(run(c, kind, "SHOW TABLES", names, db != NULL, pattern, &rows, err));
    table_columns(&r);
    *ret = reshape(c, &r, rows, table_row, NULL);
    return FB_OK;
}

static fb_status table_parts(Convert *c, const char *table, const char *db, const char *const **ret,
                             uint32_t *ret_n, fb_error *err)
{
    const char **parts;
    TRY(sql_parse_name(c->arena, str_of(convert_str(c, table)), &parts, ret_n, err));
    if (db != NULL) {
        const char **both = ARENA_ARRAY(c->arena, const char *, *ret_n + 1);
        both[0] = convert_str(c, db);
        memcpy(both + 1, parts, *ret_n * sizeof(*parts));
        parts = both;
        (*ret_n)++;
    }
    *ret = parts;
    return FB_OK;
}

static fb_status named_table(Convert *c, const char *table, const char *db, PlanTree **ret,
                             fb_error *err)
{
    Plan *p = plan_new(c->arena, P_UNRESOLVED_TABLE, 0);
    TRY(table_parts(c, table, db, &p->names, &p->n_names, err));
    return convert_resolve(c, p, ret, err);
}

static fb_status get_table(Convert *c, const char *table, const char *db, Plan **ret, fb_error *err)
{
    Rows r = {0};
    PlanTree *t;
    const char *const *parts;
    uint32_t n;
    TRY(named_table(c, table, db, &t, err));
    plantree_release(t);
    TRY(table_parts(c, table, db, &parts, &n, err));
    table_columns(&r);
    put_table(&r, n > 1 ? parts[n - 2] : NULL, parts[n - 1]);
    r.n_rows = 1;
    *ret = finish(c, &r);
    return FB_OK;
}

static fb_status table_exists(Convert *c, const char *table, const char *db, Plan **ret,
                              fb_error *err)
{
    const char *const *parts;
    uint32_t n;
    bool there;
    TRY(table_parts(c, table, db, &parts, &n, err));
    TRY(session_table_exists(c->session, parts, n, &there, err));
    return one_bool(c, there, ret);
}

static fb_status list_columns(Convert *c, const SC(ListColumns) * in, Plan **ret, fb_error *err)
{
    Rows r = {0};
    PlanTree *t;
    TRY(named_table(c, in->table_name, in->db_name, &t, err));
    column(&r, "name", type_string, true);
    column(&r, "description", type_string, true);
    column(&r, "dataType", type_string, true);
    column(&r, "nullable", type_boolean, false);
    column(&r, "isPartition", type_boolean, false);
    column(&r, "isBucket", type_boolean, false);
    column(&r, "isCluster", type_boolean, false);
    for (uint32_t i = 0; i < t->plan->n_out; i++) {
        const Attr *a = &t->plan->out[i];
        StrBuf type = {0};
        type_simple_string(a->type, &type);
        text(&r, 0, a->name);
        text(&r, 1, NULL);
        text(&r, 2, strbuf_arena(&type, &r.arena));
        vecb_bool(r.cols[3], a->nullable);
        vecb_bool(r.cols[4], false);
        vecb_bool(r.cols[5], false);
        vecb_bool(r.cols[6], false);
        r.n_rows++;
    }
    plantree_release(t);
    *ret = finish(c, &r);
    return FB_OK;
}

/* ---- functions: all of them are built in; none is a Java class ---- */

static void function_columns(Rows *r)
{
    column(r, "name", type_string, true);
    column(r, "catalog", type_string, true);
    column(r, "namespace", type_array(type_string, true), true);
    column(r, "description", type_string, true);
    column(r, "className", type_string, true);
    column(r, "isTemporary", type_boolean, false);
}

static void put_function(Rows *r, const char *name)
{
    text(r, 0, name);
    text(r, 1, NULL);
    vecb_null(r->cols[2]);
    text(r, 3, NULL);
    text(r, 4, NULL);
    vecb_bool(r->cols[5], true);
}

static void function_row(Rows *r, Arena *a, const Cell *at, void *arg)
{
    (void)arg;
    put_function(r, cell_text(a, at, 0));
}

static fb_status list_functions(Convert *c, const SC(ListFunctions) * in, Plan **ret, fb_error *err)
{
    Rows r = {0};
    RowSet *rows;
    const char *names[1] = {in->db_name};
    TRY(run(c, CMD_SHOW_FUNCTIONS, "SHOW FUNCTIONS", names, in->db_name != NULL, in->pattern, &rows,
            err));
    function_columns(&r);
    *ret = reshape(c, &r, rows, function_row, NULL);
    return FB_OK;
}

static fb_status get_function(Convert *c, const SC(GetFunction) * in, Plan **ret, fb_error *err)
{
    Rows r = {0};
    const char *name = in->function_name != NULL ? in->function_name : "";
    if (in->db_name != NULL || func_lookup(name) == NULL) {
        return err_set(err, ERR_UNRESOLVED_ROUTINE, "routineName",
                       arena_printf(c->arena, "`%s`", name), "searchPath",
                       "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]", NULL);
    }
    function_columns(&r);
    put_function(&r, name);
    r.n_rows = 1;
    *ret = finish(c, &r);
    return FB_OK;
}

/* ---- catalogs ---- */

static fb_status set_catalog(Convert *c, const char *name, Plan **ret, fb_error *err)
{
    if (name == NULL || !cstr_eq_nocase(name, CATALOG_NAME)) {
        return err_set(err, ERR_CATALOG_NOT_FOUND, "catalogName",
                       arena_printf(c->arena, "`%s`", name ? name : ""), "config",
                       arena_printf(c->arena, "\"spark.sql.catalog.%s\"", name ? name : ""), NULL);
    }
    return nothing(c, ret);
}

static fb_status list_catalogs(Convert *c, Plan **ret)
{
    Rows r = {0};
    column(&r, "name", type_string, true);
    column(&r, "description", type_string, true);
    text(&r, 0, CATALOG_NAME);
    text(&r, 1, NULL);
    r.n_rows = 1;
    *ret = finish(c, &r);
    return FB_OK;
}

/* ---- dispatch ---- */

static fb_status unsupported(const SC(Catalog) * in, fb_error *err)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field(SC_DESC(catalog), (unsigned)in->cat_type_case);
    if (f == NULL) {
        return err_set(err, ERR_CONNECT_ONE_OF_NOT_SET, "name", "cat_type", "fullName",
                       "spark.connect.Catalog", NULL);
    }
    const char *name = catalog_user_name(in);
    return err_unsupported(err, "%s", name ? name : f->name);
}

static fb_status caching(Convert *c, const SC(Catalog) * in, Plan **ret, fb_error *err)
{
    PlanTree *t;
    StorageLevel level;
    bool cached;
    fb_status st;
    switch (in->cat_type_case) {
    case CAT(IS_CACHED):
        TRY(named_table(c, in->is_cached->table_name, NULL, &t, err));
        cached = session_is_cached(c->session, t->plan, &level);
        plantree_release(t);
        return one_bool(c, cached, ret);
    case CAT(CACHE_TABLE):
        TRY(named_table(c, in->cache_table->table_name, NULL, &t, err));
        level = convert_storage_level(in->cache_table->storage_level);
        st = session_cache(c->session, t, &level, err);
        plantree_release(t);
        return st == FB_OK ? nothing(c, ret) : st;
    case CAT(UNCACHE_TABLE):
        return run_void(c, CMD_UNCACHE, "UNCACHE TABLE", in->uncache_table->table_name, ret, err);
    case CAT(CLEAR_CACHE):
        session_clear_cache(c->session);
        return nothing(c, ret);
    case CAT(REFRESH_BY_PATH):
        return nothing(c, ret);
    case CAT(REFRESH_TABLE):
        return run_void(c, CMD_REFRESH, "REFRESH TABLE", in->refresh_table->table_name, ret, err);
    default:
        return unsupported(in, err);
    }
}

static fb_status databases(Convert *c, const SC(Catalog) * in, Plan **ret, fb_error *err)
{
    switch (in->cat_type_case) {
    case CAT(CURRENT_DATABASE):
        return one_text(c, "default", ret);
    case CAT(SET_CURRENT_DATABASE):
        return run_void(c, CMD_USE, "USE", in->set_current_database->db_name, ret, err);
    case CAT(LIST_DATABASES):
        return list_databases(c, in->list_databases->pattern, ret, err);
    case CAT(GET_DATABASE):
        return get_database(c, in->get_database->db_name, ret, err);
    case CAT(DATABASE_EXISTS):
        return one_bool(c, is_default(in->database_exists->db_name), ret);
    case CAT(CURRENT_CATALOG):
        return one_text(c, CATALOG_NAME, ret);
    case CAT(SET_CURRENT_CATALOG):
        return set_catalog(c, in->set_current_catalog->catalog_name, ret, err);
    case CAT(LIST_CATALOGS):
        return in->list_catalogs->pattern ? err_unsupported(err, "listCatalogs with a pattern")
                                          : list_catalogs(c, ret);
    default:
        return caching(c, in, ret, err);
    }
}

fb_status convert_catalog(Convert *c, const SC(Catalog) * in, Plan **ret, fb_error *err)
{
    if (c->session == NULL) {
        return err_internal(err, "the catalog without a session");
    }
    switch (in->cat_type_case) {
    case CAT(LIST_TABLES):
        return list_tables(c, CMD_SHOW_TABLES, in->list_tables->db_name, in->list_tables->pattern,
                           ret, err);
    case CAT(LIST_VIEWS):
        return list_tables(c, CMD_SHOW_VIEWS, in->list_views->db_name, in->list_views->pattern, ret,
                           err);
    case CAT(GET_TABLE):
        return get_table(c, in->get_table->table_name, in->get_table->db_name, ret, err);
    case CAT(TABLE_EXISTS):
        return table_exists(c, in->table_exists->table_name, in->table_exists->db_name, ret, err);
    case CAT(LIST_COLUMNS):
        return list_columns(c, in->list_columns, ret, err);
    case CAT(LIST_FUNCTIONS):
        return list_functions(c, in->list_functions, ret, err);
    case CAT(GET_FUNCTION):
        return get_function(c, in->get_function, ret, err);
    case CAT(FUNCTION_EXISTS): {
        const char *name = in->function_exists->function_name;
        return one_bool(c, !in->function_exists->db_name && name && func_lookup(name), ret);
    }
    case CAT(DROP_TEMP_VIEW):
        return one_bool(
            c, session_drop_view(c->session, convert_str(c, in->drop_temp_view->view_name), false),
            ret);
    case CAT(DROP_GLOBAL_TEMP_VIEW):
        return one_bool(c,
                        session_drop_view(
                            c->session, convert_str(c, in->drop_global_temp_view->view_name), true),
                        ret);
    default:
        return databases(c, in, ret, err);
    }
}
