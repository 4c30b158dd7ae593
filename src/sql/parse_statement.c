/*
 * parse_statement.c - statements: queries, and commands as P_COMMAND nodes.
 *
 * Commands that Forebay has, or can have without a catalog of stored tables, are read whole.
 * Those that need one are read as far as their names, so that the session can refuse them by name
 * (command->what); statements for which there is no CommandKind are refused here.
 */
#include "sql/parser.h"

Plan *sql_command(Parser *p, CommandKind kind, const char *what, Command **ret)
{
    Plan *q = plan_new(p->a, P_COMMAND, 0);
    Command *c = ARENA_NEW(p->a, Command);
    c->kind = kind;
    c->what = what;
    q->command = c;
    *ret = c;
    return q;
}

static void set_query(Parser *p, Plan *q, Command *c, Plan *query)
{
    q->child = ARENA_ARRAY(p->a, Plan *, 1);
    q->child[0] = query;
    q->n_children = 1;
    q->streaming = query->streaming;
    c->query = query;
}

static fb_status set_names(Parser *p, Command *c)
{
    NameList names = {0};
    TRY(sql_names(p, &names));
    c->names = names.v;
    c->n_names = names.n;
    return FB_OK;
}

/* What is left of a statement that will be refused by name. */
static fb_status skip_rest(Parser *p)
{
    while (!sql_is(p, TK_EOF)) {
        sql_advance(p);
    }
    return FB_OK;
}

static fb_status if_exists(Parser *p, Command *c)
{
    c->if_exists = sql_is_word(p, "IF") && sql_ahead(p, 1)->kw == KW_EXISTS;
    if (c->if_exists) {
        sql_advance(p);
        sql_advance(p);
    }
    return FB_OK;
}

static bool accept_if_not_exists(Parser *p)
{
    if (!sql_is_word(p, "IF") || sql_ahead(p, 1)->kw != KW_NOT ||
        sql_ahead(p, 2)->kw != KW_EXISTS) {
        return false;
    }
    sql_advance(p);
    sql_advance(p);
    sql_advance(p);
    return true;
}

/* ---- CREATE VIEW ---- */

/* (a [COMMENT 'x'], b) renames the query's columns. */
static fb_status view_columns(Parser *p, NameList *ret)
{
    if (!sql_accept(p, TK_LPAREN)) {
        return FB_OK;
    }
    do {
        const char *name;
        TRY(sql_name(p, false, &name));
        sql_push_name(p, ret, name);
        if (sql_is_word(p, "COMMENT")) {
            return err_unsupported(p->err, "comments on the columns of a view");
        }
    } while (sql_accept(p, TK_COMMA));
    return sql_expect(p, TK_RPAREN);
}

static fb_status view_clauses(Parser *p, const Command *c)
{
    while (!sql_is_kw(p, KW_AS)) {
        if (sql_accept_word(p, "COMMENT")) {
            Str ignored; /* only DESCRIBE would show it */
            TRY(sql_string(p, &ignored));
        } else if (c->is_temp && sql_is_word(p, "TBLPROPERTIES")) {
            err_set(p->err, ERR_LEGACY_0035, "message",
                    "TBLPROPERTIES can't coexist with CREATE TEMPORARY VIEW", NULL);
            return sql_error_from(p, 0);
        } else if (sql_is_word(p, "TBLPROPERTIES") || sql_is_kw(p, KW_WITH) ||
                   sql_is_word(p, "DEFAULT") || sql_is_word(p, "PARTITIONED")) {
            Str word = sql_text(p, sql_tok(p));
            return err_unsupported(p->err, "%.*s in CREATE VIEW", (int)word.n, word.p);
        } else {
            return sql_syntax_error(p);
        }
    }
    return FB_OK;
}

static fb_status check_view_name(Parser *p, const Command *c, bool if_not_exists, uint32_t start)
{
    if (c->is_temp && c->n_names > 1) {
        StrBuf b = {0};
        for (uint32_t i = 0; i + 1 < c->n_names; i++) {
            strbuf_printf(&b, "%s`%s`", i ? "." : "", c->names[i]);
        }
        err_set(p->err, ERR_INVALID_TEMP_OBJ_QUALIFIER, "objectType", "VIEW", "objectName",
                arena_printf(p->a, "`%s`", c->names[c->n_names - 1]), "qualifier",
                strbuf_arena(&b, p->a), NULL);
        return sql_error_from(p, start);
    }
    if (c->is_temp && if_not_exists) {
        err_set(p->err, ERR_LEGACY_0053, NULL);
        return sql_error_from(p, start);
    }
    return FB_OK;
}

/* At the view's name, or IF NOT EXISTS. */
static fb_status create_view(Parser *p, bool replace, bool global, bool temp, uint32_t start,
                             Plan **ret)
{
    Command *c;
    NameList columns = {0};
    *ret = sql_command(p, CMD_CREATE_VIEW, temp ? "CREATE TEMPORARY VIEW" : "CREATE VIEW", &c);
    c->replace = replace;
    c->is_global = global;
    c->is_temp = temp;
    c->if_not_exists = accept_if_not_exists(p);
    TRY(set_names(p, c));
    if (temp && sql_is_kw(p, KW_USING)) {
        return err_unsupported(p->err, "CREATE TEMPORARY VIEW … USING");
    }
    TRY(view_columns(p, &columns));
    TRY(view_clauses(p, c));
    TRY(sql_expect_kw(p, KW_AS));
    Plan *query;
    p->no_parameters = true;
    TRY(sql_query(p, &query));
    p->no_parameters = false;
    TRY(check_view_name(p, c, c->if_not_exists, start));
    if (columns.n > 0) {
        query = plan_new(p->a, P_TO_DF, 1, query);
        query->names = columns.v;
        query->n_names = columns.n;
    }
    set_query(p, *ret, c, query);
    return FB_OK;
}

/* ---- CREATE, DROP ---- */

static fb_status create_table(Parser *p, bool replace, Plan **ret)
{
    Command *c;
    *ret = sql_command(p, CMD_CREATE_TABLE, "CREATE TABLE", &c);
    c->replace = replace;
    c->if_not_exists = accept_if_not_exists(p);
    TRY(set_names(p, c));
    return skip_rest(p);
}

static fb_status refuse_statement(Parser *p, const char *what)
{
    skip_rest(p);
    err_unsupported(p->err, "the statement %s", what);
    return sql_error_from(p, 0);
}

/* Statements of Hive that Spark knows to refuse. */
static fb_status no_such_statement(Parser *p, const char *what)
{
    skip_rest(p);
    char *upper = arena_strdup(p->a, what);
    for (char *c = upper; *c; c++) {
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
    err_set(p->err, ERR_INVALID_STATEMENT_OR_CLAUSE, "operation", upper, NULL);
    return sql_error_from(p, 0);
}

static fb_status create_other(Parser *p)
{
    static const char *const words[] = {"DATABASE", "SCHEMA", "NAMESPACE", "FUNCTION",
                                        "INDEX",    "FLOW",   "STREAMING", "MATERIALIZED"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (sql_is_word(p, words[i])) {
            const char *kind = strcmp(words[i], "STREAMING") == 0      ? "STREAMING TABLE"
                               : strcmp(words[i], "MATERIALIZED") == 0 ? "MATERIALIZED VIEW"
                                                                       : words[i];
            return refuse_statement(p, arena_printf(p->a, "CREATE %s", kind));
        }
    }
    if (sql_is_word(p, "ROLE") || sql_is_word(p, "MACRO")) {
        bool role = sql_is_word(p, "ROLE");
        return no_such_statement(p, role ? "CREATE ROLE" : "CREATE TEMPORARY MACRO");
    }
    return sql_syntax_error(p);
}

static fb_status create(Parser *p, Plan **ret)
{
    uint32_t start = sql_here(p);
    bool replace = false;
    if (!sql_accept_word(p, "CREATE")) {
        sql_advance(p); /* REPLACE TABLE */
        TRY(sql_expect_kw(p, KW_TABLE));
        return create_table(p, true, ret);
    }
    if (sql_is_kw(p, KW_OR) && sql_word_is(p, sql_ahead(p, 1), "REPLACE")) {
        sql_advance(p);
        sql_advance(p);
        replace = true;
    }
    bool global = sql_accept_word(p, "GLOBAL");
    bool temp = sql_accept_word(p, "TEMP") || sql_accept_word(p, "TEMPORARY");
    if (sql_accept_kw(p, KW_VIEW)) {
        return create_view(p, replace, global, temp, start, ret);
    }
    if (global) {
        return sql_syntax_error(p);
    }
    sql_accept_word(p, "EXTERNAL");
    if (sql_accept_kw(p, KW_TABLE)) {
        return create_table(p, replace, ret);
    }
    return create_other(p);
}

/* At FUNCTION, VARIABLE or VAR; there are none that a user made. */
static fb_status drop_routine(Parser *p, bool temp, Plan **ret)
{
    Command *c;
    bool function = sql_is_word(p, "FUNCTION");
    sql_advance(p);
    *ret = sql_command(p, function ? CMD_DROP_FUNCTION : CMD_DROP_VARIABLE,
                       function ? "DROP FUNCTION" : "DROP TEMPORARY VARIABLE", &c);
    c->is_temp = temp;
    TRY(if_exists(p, c));
    uint32_t start = sql_here(p);
    TRY(set_names(p, c));
    if (temp && function && c->n_names > 1) {
        err_set(p->err, ERR_INVALID_TEMP_OBJ_QUALIFIER, "objectType", "FUNCTION", "objectName",
                arena_printf(p->a, "`%s`", c->names[c->n_names - 1]), "qualifier",
                arena_printf(p->a, "`%s`", c->names[0]), NULL);
        return sql_error_from(p, start);
    }
    return FB_OK;
}

static fb_status drop(Parser *p, Plan **ret)
{
    Command *c;
    sql_advance(p);
    if (sql_accept_kw(p, KW_VIEW)) {
        *ret = sql_command(p, CMD_DROP_VIEW, "DROP VIEW", &c);
        TRY(if_exists(p, c));
        return set_names(p, c);
    }
    if (sql_accept_kw(p, KW_TABLE)) {
        *ret = sql_command(p, CMD_DROP_TABLE, "DROP TABLE", &c);
        TRY(if_exists(p, c));
        TRY(set_names(p, c));
        sql_accept_word(p, "PURGE");
        return FB_OK;
    }
    bool temp =
        (sql_is_word(p, "TEMPORARY") || sql_is_word(p, "TEMP")) &&
        (sql_word_is(p, sql_ahead(p, 1), "FUNCTION") ||
         sql_word_is(p, sql_ahead(p, 1), "VARIABLE") || sql_word_is(p, sql_ahead(p, 1), "VAR"));
    if (temp) {
        sql_advance(p);
    }
    if (sql_is_word(p, "FUNCTION") || (temp && !sql_is_word(p, "FUNCTION"))) {
        return drop_routine(p, temp, ret);
    }
    static const char *const others[] = {"DATABASE", "SCHEMA", "NAMESPACE", "INDEX",
                                         "MATERIALIZED"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (sql_is_word(p, others[i])) {
            return refuse_statement(p, arena_printf(p->a, "DROP %s", others[i]));
        }
    }
    if (sql_is_word(p, "ROLE")) {
        return no_such_statement(p, "DROP ROLE");
    }
    if (sql_accept_word(p, "TEMPORARY") || sql_accept_word(p, "TEMP")) {
        return sql_syntax_error(p); /* what follows is neither function nor variable */
    }
    return sql_syntax_error(p);
}

/* ---- SHOW ---- */

/* [LIKE] 'pattern' */
static fb_status like_pattern(Parser *p, Command *c)
{
    bool name = sql_is_kw(p, KW_LIKE) && sql_ahead(p, 1)->kind != TK_STRING;
    if (name && c->kind == CMD_SHOW_FUNCTIONS) {
        sql_advance(p);
        return FB_OK; /* SHOW FUNCTIONS LIKE f */
    }
    if (sql_accept_kw(p, KW_LIKE) || sql_is(p, TK_STRING)) {
        Str s;
        TRY(sql_string(p, &s));
        c->key = s.p;
    }
    return FB_OK;
}

/* [FROM | IN] database, then a pattern */
static fb_status show_in(Parser *p, CommandKind kind, const char *what, Plan **ret)
{
    Command *c;
    *ret = sql_command(p, kind, what, &c);
    if (sql_accept_kw(p, KW_FROM) || sql_accept_kw(p, KW_IN)) {
        TRY(set_names(p, c));
    }
    return like_pattern(p, c);
}

static fb_status show_columns(Parser *p, Plan **ret)
{
    Command *c;
    *ret = sql_command(p, CMD_SHOW_COLUMNS, "SHOW COLUMNS", &c);
    if (!sql_accept_kw(p, KW_FROM)) {
        TRY(sql_expect_kw(p, KW_IN));
    }
    TRY(set_names(p, c));
    if (sql_accept_kw(p, KW_FROM) || sql_accept_kw(p, KW_IN)) {
        NameList all = {0};
        TRY(sql_names(p, &all));
        for (uint32_t i = 0; i < c->n_names; i++) {
            sql_push_name(p, &all, c->names[i]);
        }
        c->names = all.v;
        c->n_names = all.n;
    }
    return FB_OK;
}

/* SHOW [USER | SYSTEM | ALL] FUNCTIONS [IN db] [LIKE] [name | 'pattern']; value = the scope */
static fb_status show_functions(Parser *p, Plan **ret)
{
    const char *scope = NULL;
    if (!sql_is_word(p, "FUNCTIONS")) {
        TRY(sql_bare_name(p, &scope));
    }
    sql_advance(p);
    TRY(show_in(p, CMD_SHOW_FUNCTIONS, "SHOW FUNCTIONS", ret));
    Command *c = (Command *)(*ret)->command;
    c->value = scope;
    if (!c->key && sql_is_name(p, sql_tok(p), false)) {
        NameList names = {0};
        TRY(sql_names(p, &names));
        c->key = names.v[names.n - 1];
        c->names = names.v;
        c->n_names = names.n - 1;
    }
    return FB_OK;
}

static fb_status show_other(Parser *p)
{
    static const char *const refused[] = {"PARTITIONS", "COLLATIONS", "PROCEDURES"};
    static const char *const unknown[] = {"GRANT",        "ROLE",    "ROLES", "PRINCIPALS",
                                          "TRANSACTIONS", "INDEXES", "LOCKS", "COMPACTIONS"};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (sql_is_word(p, refused[i])) {
            return refuse_statement(p, arena_printf(p->a, "SHOW %s", refused[i]));
        }
    }
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        if (sql_is_word(p, unknown[i])) {
            return no_such_statement(p, arena_printf(p->a, "SHOW %s", unknown[i]));
        }
    }
    if (sql_ahead(p, 1)->kind == TK_EOF && !sql_is(p, TK_EOF)) {
        sql_advance(p);
        return sql_syntax_error_hint(p, ": missing 'FUNCTIONS'");
    }
    return sql_syntax_error(p);
}

static fb_status show(Parser *p, Plan **ret)
{
    Command *c;
    sql_advance(p);
    if (sql_accept_word(p, "TABLES")) {
        return show_in(p, CMD_SHOW_TABLES, "SHOW TABLES", ret);
    }
    if (sql_accept_word(p, "VIEWS")) {
        return show_in(p, CMD_SHOW_VIEWS, "SHOW VIEWS", ret);
    }
    if (sql_accept_word(p, "DATABASES") || sql_accept_word(p, "SCHEMAS") ||
        sql_accept_word(p, "NAMESPACES")) {
        return show_in(p, CMD_SHOW_DATABASES, "SHOW DATABASES", ret);
    }
    if (sql_accept_word(p, "COLUMNS")) {
        return show_columns(p, ret);
    }
    if (sql_is_word(p, "FUNCTIONS") || sql_word_is(p, sql_ahead(p, 1), "FUNCTIONS")) {
        return show_functions(p, ret);
    }
    if (sql_accept_words(p, "CREATE", "TABLE")) {
        *ret = sql_command(p, CMD_SHOW_CREATE, "SHOW CREATE TABLE", &c);
        TRY(set_names(p, c));
        return skip_rest(p);
    }
    if (sql_accept_word(p, "TBLPROPERTIES")) {
        NameList key = {0};
        *ret = sql_command(p, CMD_SHOW_PROPERTIES, "SHOW TBLPROPERTIES", &c);
        TRY(set_names(p, c));
        if (!sql_accept(p, TK_LPAREN)) {
            return FB_OK;
        }
        if (sql_is(p, TK_STRING)) {
            sql_advance(p);
        } else {
            TRY(sql_names(p, &key));
        }
        return sql_expect(p, TK_RPAREN);
    }
    if (sql_is_kw(p, KW_TABLE) && sql_word_is(p, sql_ahead(p, 1), "EXTENDED")) {
        return refuse_statement(p, "SHOW TABLE EXTENDED");
    }
    if (sql_accept_word(p, "CATALOGS")) {
        return show_in(p, CMD_SHOW_CATALOGS, "SHOW CATALOGS", ret);
    }
    if (sql_accept_words(p, "CURRENT", "NAMESPACE") || sql_accept_words(p, "CURRENT", "SCHEMA") ||
        sql_accept_words(p, "CURRENT", "DATABASE")) {
        *ret = sql_command(p, CMD_SHOW_CURRENT, "SHOW CURRENT NAMESPACE", &c);
        return FB_OK;
    }
    return show_other(p);
}

/* ---- DESCRIBE, USE, EXPLAIN ---- */

/* Behind DESCRIBE FUNCTION. */
static fb_status describe_function(Parser *p, Plan **ret)
{
    Command *c;
    NameList names = {0};
    *ret = sql_command(p, CMD_DESCRIBE_FUNCTION, "DESCRIBE FUNCTION", &c);
    c->extended = sql_is_word(p, "EXTENDED") && sql_ahead(p, 1)->kind != TK_EOF;
    if (c->extended) {
        sql_advance(p);
    }
    if (sql_is(p, TK_STRING)) {
        Str s;
        TRY(sql_string(p, &s));
        sql_push_name(p, &names, s.p);
    } else if (sql_is_name(p, sql_tok(p), false)) {
        TRY(sql_names(p, &names));
    } else if (!sql_is(p, TK_EOF)) { /* an operator */
        uint32_t start = sql_here(p);
        sql_advance(p);
        sql_push_name(p, &names, sql_source(p, start));
    } else {
        return sql_syntax_error(p);
    }
    c->names = names.v;
    c->n_names = names.n;
    return FB_OK;
}

/* A table; a column's name may follow (value), and nothing else that is supported. */
static fb_status describe_table(Parser *p, Command *c)
{
    bool table = sql_is_kw(p, KW_TABLE) && sql_is_name(p, sql_ahead(p, 1), false);
    if (table) {
        sql_advance(p);
    }
    bool extended = sql_is_word(p, "EXTENDED") || sql_is_word(p, "FORMATTED");
    if (extended && sql_is_name(p, sql_ahead(p, 1), false)) {
        sql_advance(p);
        c->extended = true;
    }
    TRY(set_names(p, c));
    if (sql_is_kw(p, KW_PARTITION) && sql_ahead(p, 1)->kind == TK_LPAREN) {
        return err_unsupported(p->err, "DESCRIBE … PARTITION");
    }
    if (sql_is_kw(p, KW_AS) && sql_word_is(p, sql_ahead(p, 1), "JSON")) {
        return err_unsupported(p->err, "DESCRIBE … AS JSON");
    }
    if (sql_is_name(p, sql_tok(p), false)) {
        NameList column = {0};
        StrBuf b = {0};
        TRY(sql_names(p, &column));
        for (uint32_t i = 0; i < column.n; i++) {
            strbuf_printf(&b, "%s%s", i ? "." : "", column.v[i]);
        }
        c->value = strbuf_arena(&b, p->a);
    }
    return FB_OK;
}

/* At DATABASE, SCHEMA or NAMESPACE. */
static fb_status describe_database(Parser *p, Plan **ret)
{
    Command *c;
    sql_advance(p);
    *ret = sql_command(p, CMD_DESCRIBE_DATABASE, "DESCRIBE DATABASE", &c);
    c->extended = sql_is_word(p, "EXTENDED") && sql_ahead(p, 1)->kind != TK_EOF;
    if (c->extended) {
        sql_advance(p);
    }
    return set_names(p, c);
}

static fb_status describe(Parser *p, Plan **ret)
{
    Command *c;
    sql_advance(p);
    bool named = sql_ahead(p, 1)->kind != TK_EOF && sql_ahead(p, 1)->kind != TK_DOT;
    if (named && sql_accept_word(p, "FUNCTION")) {
        return describe_function(p, ret);
    }
    if (named &&
        (sql_is_word(p, "DATABASE") || sql_is_word(p, "SCHEMA") || sql_is_word(p, "NAMESPACE"))) {
        return describe_database(p, ret);
    }
    if (named && sql_is_word(p, "PROCEDURE")) {
        return refuse_statement(p, "DESCRIBE PROCEDURE");
    }
    *ret = sql_command(p, CMD_DESCRIBE, "DESCRIBE", &c);
    bool query =
        sql_is_word(p, "QUERY") && (sql_starts_query(p, 1) || sql_ahead(p, 1)->kind == TK_LPAREN);
    if (query) {
        sql_advance(p);
    }
    bool table = sql_is_kw(p, KW_TABLE); /* DESCRIBE TABLE t, not the query TABLE t */
    if (query || sql_is(p, TK_LPAREN) || (!table && sql_starts_query(p, 0))) {
        Plan *q;
        TRY(sql_query(p, &q));
        set_query(p, *ret, c, q);
        return FB_OK;
    }
    return describe_table(p, c);
}

static fb_status use(Parser *p, Plan **ret)
{
    Command *c;
    sql_advance(p);
    *ret = sql_command(p, CMD_USE, "USE", &c);
    bool word =
        sql_is_word(p, "DATABASE") || sql_is_word(p, "SCHEMA") || sql_is_word(p, "NAMESPACE");
    if (word && sql_is_name(p, sql_ahead(p, 1), false)) {
        sql_advance(p);
    }
    return set_names(p, c);
}

static fb_status explain(Parser *p, Plan **ret)
{
    static const char *const modes[][2] = {{"EXTENDED", "extended"},
                                           {"FORMATTED", "formatted"},
                                           {"CODEGEN", "codegen"},
                                           {"COST", "cost"},
                                           {"LOGICAL", "logical"}};
    Command *c;
    Plan *inner;
    sql_advance(p);
    *ret = sql_command(p, CMD_EXPLAIN, "EXPLAIN", &c);
    c->key = "simple";
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (sql_accept_word(p, modes[i][0])) {
            c->key = modes[i][1];
            break;
        }
    }
    TRY(sql_enter(p));
    TRY(sql_statement(p, &inner));
    p->depth--;
    set_query(p, *ret, c, inner);
    return FB_OK;
}

/* ---- statements that write or cache ---- */

/* INSERT {INTO | OVERWRITE} [TABLE] t [(columns) | BY NAME] query; key = "into" or "overwrite",
 * value = "name" for BY NAME. */
static fb_status insert(Parser *p, Plan **ret)
{
    Command *c;
    Plan *query;
    sql_advance(p);
    *ret = sql_command(p, CMD_INSERT, "INSERT", &c);
    if (sql_is_kw(p, KW_WITH)) {
        return err_unsupported(p->err, "INSERT WITH SCHEMA EVOLUTION");
    }
    bool overwrite = sql_accept_word(p, "OVERWRITE");
    if (!overwrite) {
        TRY(sql_expect_word(p, "INTO"));
    }
    c->key = overwrite ? "overwrite" : "into";
    bool local = sql_is_word(p, "LOCAL") && sql_word_is(p, sql_ahead(p, 1), "DIRECTORY");
    if (overwrite && (local || sql_is_word(p, "DIRECTORY"))) {
        return refuse_statement(p, "INSERT OVERWRITE DIRECTORY");
    }
    if (sql_is_kw(p, KW_TABLE) && sql_is_name(p, sql_ahead(p, 1), false)) {
        sql_advance(p);
    }
    TRY(set_names(p, c));
    if (sql_accept_words(p, "BY", "NAME")) {
        c->value = "name";
    } else if (!sql_starts_query(p, 0)) {
        return skip_rest(p); /* partitions, options, column lists: refused as a whole */
    }
    TRY(sql_query(p, &query));
    set_query(p, *ret, c, query);
    return FB_OK;
}

/* Commands of which only the table's name is read. */
static fb_status table_command(Parser *p, CommandKind kind, const char *what, Plan **ret)
{
    Command *c;
    *ret = sql_command(p, kind, what, &c);
    TRY(if_exists(p, c));
    TRY(set_names(p, c));
    return skip_rest(p);
}

static fb_status merge(Parser *p, Plan **ret)
{
    sql_advance(p);
    if (sql_is_kw(p, KW_WITH)) {
        return refuse_statement(p, "MERGE WITH SCHEMA EVOLUTION");
    }
    TRY(sql_expect_word(p, "INTO"));
    return table_command(p, CMD_MERGE, "MERGE INTO", ret);
}

/* CACHE [LAZY] TABLE name [OPTIONS ('storageLevel' 'X')] [[AS] query]: key "lazy", value X. */
static fb_status cache(Parser *p, Plan **ret)
{
    Command *c;
    Plan *query;
    sql_advance(p);
    bool lazy = sql_accept_word(p, "LAZY");
    TRY(sql_expect_kw(p, KW_TABLE));
    *ret = sql_command(p, CMD_CACHE, "CACHE TABLE", &c);
    c->key = lazy ? "lazy" : NULL;
    TRY(set_names(p, c));
    if (sql_accept_word(p, "OPTIONS")) {
        Options o = {0};
        TRY(sql_options(p, &o));
        c->value = options_get_or(&o, "storageLevel", "MEMORY_AND_DISK");
    }
    if (sql_accept_kw(p, KW_AS) || sql_starts_query(p, 0)) {
        TRY(sql_query(p, &query));
        set_query(p, *ret, c, query);
    }
    return FB_OK;
}

static fb_status uncache(Parser *p, Plan **ret)
{
    Command *c;
    if (sql_accept_words(p, "CLEAR", "CACHE")) {
        *ret = sql_command(p, CMD_UNCACHE, "CLEAR CACHE", &c);
        return FB_OK;
    }
    sql_advance(p);
    TRY(sql_expect_kw(p, KW_TABLE));
    return table_command(p, CMD_UNCACHE, "UNCACHE TABLE", ret);
}

static fb_status refresh(Parser *p, Plan **ret)
{
    Command *c;
    sql_advance(p);
    if (sql_is_kw(p, KW_TABLE) && sql_is_name(p, sql_ahead(p, 1), false)) {
        sql_advance(p);
        return table_command(p, CMD_REFRESH, "REFRESH TABLE", ret);
    }
    *ret = sql_command(p, CMD_REFRESH, "REFRESH", &c);
    if (sql_is(p, TK_EOF)) {
        err_set(p->err, ERR_EMPTY_REFRESH_RESOURCE_PATH, NULL);
        return sql_error_from(p, 0);
    }
    return skip_rest(p);
}

/* ---- all the rest ---- */

/* The statement by its words: "ALTER TABLE", "DELETE FROM". At its first one. */
static const char *statement_name(Parser *p, const char *first)
{
    static const char *const second[] = {
        "TABLE", "TABLES", "VIEW",  "DATABASE",  "SCHEMA",   "NAMESPACE", "FROM",        "DATA",
        "ON",    "REPAIR", "JAR",   "JARS",      "FILE",     "FILES",     "ARCHIVE",     "ARCHIVES",
        "VAR",   "CURSOR", "INDEX", "IMMEDIATE", "VARIABLE", "STREAMING", "MATERIALIZED"};
    StrBuf b = {0};
    strbuf_puts(&b, first);
    for (uint32_t k = 1; k <= 2; k++) {
        const char *word = NULL;
        for (size_t i = 0; i < sizeof(second) / sizeof(second[0]) && !word; i++) {
            word = sql_word_is(p, sql_ahead(p, k), second[i]) ? second[i] : NULL;
        }
        if (!word) {
            break;
        }
        strbuf_printf(&b, " %s", word);
    }
    return strbuf_arena(&b, p->a);
}

static fb_status refuse_other(Parser *p)
{
    /* Statements of Spark for which the plan has no node. */
    static const char *const words[] = {
        "ALTER", "ANALYZE", "UPDATE", "DELETE",  "TRUNCATE", "LOAD", "MSCK",  "REPAIR", "ADD",
        "LIST",  "COMMENT", "CALL",   "DECLARE", "FETCH",    "OPEN", "CLOSE", "BEGIN",  "EXECUTE"};
    static const char *const hive[] = {"GRANT",  "REVOKE", "EXPORT",   "IMPORT", "LOCK",
                                       "UNLOCK", "COMMIT", "ROLLBACK", "START",  "DFS"};
    Str text = sql_text(p, sql_tok(p));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (sql_is_word(p, words[i])) {
            return refuse_statement(p, statement_name(p, words[i]));
        }
    }
    for (size_t i = 0; i < sizeof(hive) / sizeof(hive[0]); i++) {
        if (sql_is_word(p, hive[i])) {
            return no_such_statement(p, arena_strndup(p->a, text.p, text.n));
        }
    }
    return sql_syntax_error(p);
}

typedef fb_status (*StatementRule)(Parser *p, Plan **ret);

static StatementRule find_rule(const Parser *p)
{
    static const struct {
        const char *word;
        StatementRule rule;
    } rules[] = {
        {"CREATE", create},     {"REPLACE", create},  {"DROP", drop},     {"SHOW", show},
        {"DESCRIBE", describe}, {"DESC", describe},   {"USE", use},       {"EXPLAIN", explain},
        {"SET", sql_set},       {"RESET", sql_reset}, {"INSERT", insert}, {"MERGE", merge},
        {"CACHE", cache},       {"UNCACHE", uncache}, {"CLEAR", uncache}, {"REFRESH", refresh},
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (sql_is_word(p, rules[i].word)) {
            return rules[i].rule;
        }
    }
    return NULL;
}

fb_status sql_statement(Parser *p, Plan **ret)
{
    uint32_t start = sql_here(p);
    StatementRule rule = find_rule(p);
    if (rule) {
        TRY(rule(p, ret));
        sql_place_plan(p, *ret, start);
        return FB_OK;
    }
    switch (sql_tok(p)->kw) {
    case KW_SELECT:
    case KW_FROM:
    case KW_VALUES:
    case KW_TABLE:
    case KW_WITH:
        return sql_query(p, ret);
    default:
        return sql_is(p, TK_LPAREN) || !sql_is(p, TK_WORD) ? sql_query(p, ret) : refuse_other(p);
    }
}
