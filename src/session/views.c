/*
 * views.c - temp views of a session and global temp views of the engine.
 *
 * A view made of a DataFrame is a resolved plan and stays what it is. One made by SQL is its
 * statement: when views that it reads have changed, its names are looked up again, and its columns
 * are found by name in what they are now, as Spark does. Any change of a view moves the engine's
 * clock; a view with an older stamp is resolved anew at its next use. What a statement reads is
 * recorded by the catalog's callback while it is analyzed; a view that would read itself is refused
 * when it is made, so that resolving anew ends.
 *
 * Names are compared without case. Locks: global views by Engine.lock, others by Session.lock; none
 * is held during an analysis.
 */
#include "session/session_priv.h"

#include "connector/connector.h"
#include "format/format.h"

#define MAX_NESTED 100 /* spark.sql.view.maxNestedViewDepth */

/* ---- lists ---- */

static int name_cmp(const char *a, const char *b)
{
    for (; *a && ascii_lower(*a) == ascii_lower(*b); a++, b++) {
    }
    return (unsigned char)ascii_lower(*a) - (unsigned char)ascii_lower(*b);
}

static TempView **find(ViewList *l, const char *name)
{
    TempView **at = &l->first;
    while (*at && name_cmp((*at)->name, name) < 0) {
        at = &(*at)->next;
    }
    return at;
}

static bool is_named(const TempView *v, const char *name)
{
    return v && name_cmp(v->name, name) == 0;
}

static void free_reads(char **reads, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        mem_free(reads[i]);
    }
    mem_free(reads);
}

static void view_free(TempView *v)
{
    if (!v) {
        return;
    }
    free_reads(v->reads, v->n_reads);
    plantree_release(v->tree);
    mem_free(v->sql);
    mem_free(v->name);
    mem_free(v);
}

void views_free(ViewList *l)
{
    while (l->first) {
        TempView *v = l->first;
        l->first = v->next;
        view_free(v);
    }
}

static char **copy_reads(char *const *reads, uint32_t n)
{
    char **copy = n ? mem_alloc(mem_mul(n, sizeof(*copy))) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        copy[i] = mem_strdup(reads[i]);
    }
    return copy;
}

static TempView *view_copy_of(const TempView *v)
{
    TempView *c = mem_zalloc(sizeof(*c));
    c->name = mem_strdup(v->name);
    c->tree = plantree_retain(v->tree);
    c->sql = v->sql ? mem_strdup(v->sql) : NULL;
    c->reads = copy_reads(v->reads, v->n_reads);
    c->n_reads = v->n_reads;
    c->stamp = v->stamp;
    return c;
}

void views_copy(Session *to, Session *from)
{
    pthread_mutex_lock(&from->lock);
    TempView **at = &to->views.first; /* nobody else knows the new session yet */
    for (const TempView *v = from->views.first; v; v = v->next) {
        *at = view_copy_of(v);
        at = &(*at)->next;
    }
    pthread_mutex_unlock(&from->lock);
}

static pthread_mutex_t *lock_of(Session *s, bool global)
{
    return global ? &s->engine->lock : &s->lock;
}

static ViewList *list_of(Session *s, bool global)
{
    return global ? &s->engine->global_views : &s->views;
}

/* Whether the parts can name a temp view, and which. */
static bool view_of_parts(const char *const *parts, uint32_t n, const char **name, bool *global)
{
    *global = n == 2 && name_cmp(parts[0], GLOBAL_TEMP) == 0;
    *name = parts[n - 1];
    return n == 1 || *global;
}

/* ---- names that an analysis reads ---- */

static char *read_key(const char *name, bool global)
{
    StrBuf b = {0};
    strbuf_puts(&b, global ? GLOBAL_TEMP "." : "");
    for (; *name; name++) {
        strbuf_putc(&b, ascii_lower(*name));
    }
    return strbuf_take(&b);
}

/* Takes over the key; false: it is there already. */
static bool record(Lookup *l, char *key)
{
    for (uint32_t i = 0; i < l->n_reads; i++) {
        if (strcmp(l->reads[i], key) == 0) {
            mem_free(key);
            return false;
        }
    }
    if (l->n_reads == l->cap_reads) {
        l->cap_reads = l->cap_reads ? l->cap_reads * 2 : 4;
        l->reads = mem_realloc(l->reads, mem_mul(l->cap_reads, sizeof(*l->reads)));
    }
    l->reads[l->n_reads++] = key;
    return true;
}

static Catalog recording_catalog(Session *s, Lookup *l, uint32_t depth)
{
    Catalog c = s->catalog;
    *l = (Lookup){.session = s, .records = true, .depth = depth};
    c.self = l;
    return c;
}

/* ---- resolving anew ---- */

static fb_status schema_changed(const TempView *v, const char *column, uint32_t n_found,
                                fb_error *err)
{
    StrBuf name = {0}, found = {0};
    strbuf_printf(&name, "`%s`", v->name);
    strbuf_putc(&found, '[');
    for (uint32_t i = 0; i < n_found; i++) {
        strbuf_printf(&found, "%s%s", i ? ", " : "", column);
    }
    strbuf_putc(&found, ']');
    fb_status st = err_set(err, ERR_INCOMPATIBLE_VIEW_SCHEMA_CHANGE, "viewName", name.p,
                           "actualCols", found.p, "colName", column, "suggestion",
                           "CREATE OR REPLACE TEMPORARY VIEW", "expectedNum", "1", NULL);
    strbuf_free(&name);
    strbuf_free(&found);
    return st;
}

static fb_status type_changed(const TempView *v, const Attr *was, const Attr *is, fb_error *err)
{
    StrBuf from = {0}, to = {0};
    type_sql(is->type, &from);
    type_sql(was->type, &to);
    fb_status st = err_unsupported(err,
                                   "that the column %s of the view %s has become %s, which was %s "
                                   "when the view was made; make the view again",
                                   was->name, v->name, from.p, to.p);
    strbuf_free(&from);
    strbuf_free(&to);
    return st;
}

/* The columns that the view had, by name, of what its query gives now. */
static fb_status same_columns(const TempView *v, PlanTree *t, fb_error *err)
{
    const Plan *was = v->tree->plan;
    Plan *is = t->plan;
    Arena *a = &t->arena;
    Plan *p = plan_new(a, P_PROJECT, 1, is);
    p->exprs = ARENA_ARRAY(a, Expr *, was->n_out);
    p->out = ARENA_ARRAY(a, Attr, was->n_out);
    p->n_exprs = p->n_out = was->n_out;
    p->streaming = is->streaming;
    for (uint32_t i = 0; i < was->n_out; i++) {
        uint32_t n_found = 0;
        for (uint32_t k = 0; k < is->n_out; k++) {
            const Attr *c = &is->out[k];
            if (name_cmp(c->name, was->out[i].name) == 0) {
                n_found++;
                p->out[i] = *c;
                p->exprs[i] = expr_attr(a, c->id, c->name, c->type, c->nullable);
            }
        }
        if (n_found != 1) {
            return schema_changed(v, was->out[i].name, n_found, err);
        }
        if (!type_same(p->out[i].type, was->out[i].type)) {
            return type_changed(v, &was->out[i], &p->out[i], err);
        }
    }
    t->plan = p;
    return FB_OK;
}

/* The view's statement, analyzed now. */
static fb_status analyze_again(Session *s, const TempView *v, Lookup *l, uint32_t depth,
                               PlanTree **ret, fb_error *err)
{
    if (depth > MAX_NESTED) {
        return err_set(err, ERR_PLAN_TOO_DEEP, "limit", "100", NULL);
    }
    PlanTree *t = plantree_new();
    plantree_limit(t, &s->engine->budget);
    Plan *statement;
    Str sql = {arena_strdup(&t->arena, v->sql), strlen(v->sql)};
    Catalog catalog = recording_catalog(s, l, depth);
    fb_status st = sql_parse_statement(&t->arena, sql, NULL, &statement, err);
    if (st == FB_OK) {
        st = analyze(&catalog, statement->command->query, sql, t, err);
    }
    if (st == FB_OK) {
        st = same_columns(v, t, err);
    }
    if (st != FB_OK) {
        plantree_release(t);
        return st;
    }
    *ret = t;
    return FB_OK;
}

/* Keeps the new tree unless the view was changed meanwhile. */
static void keep_tree(Session *s, bool global, const TempView *was, uint64_t stamp, PlanTree *t,
                      Lookup *l)
{
    PlanTree *old = NULL;
    pthread_mutex_lock(lock_of(s, global));
    TempView *v = *find(list_of(s, global), was->name);
    if (is_named(v, was->name) && v->sql && strcmp(v->sql, was->sql) == 0 &&
        v->stamp == was->stamp) {
        old = v->tree;
        v->tree = plantree_retain(t);
        v->stamp = stamp;
        free_reads(v->reads, v->n_reads);
        v->reads = copy_reads(l->reads, l->n_reads);
        v->n_reads = l->n_reads;
    }
    pthread_mutex_unlock(lock_of(s, global));
    plantree_release(old);
}

/* FB_OK and *ret NULL: there is no such view. */
static fb_status resolve_view(const Lookup *by, const char *name, bool global, PlanTree **ret,
                              fb_error *err)
{
    Session *s = by->session;
    TempView *copy = NULL;
    *ret = NULL;
    uint64_t now = atomic_load(&s->engine->view_clock);
    pthread_mutex_lock(lock_of(s, global));
    const TempView *v = *find(list_of(s, global), name);
    if (is_named(v, name)) {
        if (v->n_reads && v->stamp != now) {
            copy = view_copy_of(v);
        } else {
            *ret = plantree_retain(v->tree);
        }
    }
    pthread_mutex_unlock(lock_of(s, global));
    if (!copy) {
        return FB_OK;
    }
    Lookup l = {0};
    fb_status st = analyze_again(s, copy, &l, by->depth + 1, ret, err);
    if (st == FB_OK) {
        keep_tree(s, global, copy, now, *ret, &l);
    }
    free_reads(l.reads, l.n_reads);
    view_free(copy);
    return st;
}

/* ---- the analyzer's questions ---- */

PlanTree *catalog_view(void *self, const char *const *parts, uint32_t n)
{
    Lookup *l = self;
    const char *name;
    bool global;
    PlanTree *t = NULL;
    fb_error ignored = {0};              /* catalog_table, which is asked next, finds it again */
    if (n == 2 && parts[0][0] == '\0') { /* no SQL text gives an empty part: a kept DataFrame */
        return session_cached_plan(l->session, parts[1]);
    }
    if (!view_of_parts(parts, n, &name, &global)) {
        return NULL;
    }
    if (resolve_view(l, name, global, &t, &ignored) != FB_OK) {
        err_clear(&ignored);
        return NULL;
    }
    if (t && l->records) {
        (void)record(l, read_key(name, global));
    }
    return t;
}

/* SELECT … FROM json.`/path`. */
static fb_status file_table(const Session *s, const char *const *parts, bool streaming,
                            Relation **ret, fb_error *err)
{
    ReadSpec spec = {.format = parts[0], .paths = &parts[1], .n_paths = 1, .streaming = streaming};
    return connector_read(&spec, s->conf, ret, err);
}

fb_status catalog_table(void *self, const char *const *parts, uint32_t n, bool streaming,
                        Relation **ret, fb_error *err)
{
    const Lookup *l = self;
    const char *name;
    bool global;
    *ret = NULL;
    if (view_of_parts(parts, n, &name, &global)) {
        PlanTree *t;
        TRY(resolve_view(l, name, global, &t, err));
        plantree_release(t); /* made since it was asked for: not seen by this statement */
        return FB_OK;
    }
    if (n == 2 && format_lookup(parts[0])) {
        return file_table(l->session, parts, streaming, ret, err);
    }
    return FB_OK;
}

fb_status session_table_exists(Session *s, const char *const *parts, uint32_t n, bool *ret,
                               fb_error *err)
{
    const char *name;
    bool global;
    *ret = false;
    (void)err;
    if (n && view_of_parts(parts, n, &name, &global)) {
        pthread_mutex_lock(lock_of(s, global));
        *ret = is_named(*find(list_of(s, global), name), name);
        pthread_mutex_unlock(lock_of(s, global));
    }
    return FB_OK;
}

/* ---- making and dropping ---- */

fb_status views_name(Arena *a, const char *name, const char **ret, fb_error *err)
{
    const char **parts;
    uint32_t n;
    fb_error ignored = {0};
    if (sql_parse_name(a, str_of(name), &parts, &n, &ignored) != FB_OK) {
        err_clear(&ignored);
        return err_set(err, ERR_LEGACY_1321, "viewName", name, NULL);
    }
    if (n != 1) {
        return err_set(err, ERR_TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS, "actualName", name, NULL);
    }
    *ret = parts[0];
    return FB_OK;
}

static fb_status exists_already(const char *name, fb_error *err)
{
    StrBuf b = {0};
    strbuf_printf(&b, "`%s`", name);
    fb_status st = err_set(err, ERR_TEMP_TABLE_OR_VIEW_ALREADY_EXISTS, "relationName", b.p, NULL);
    strbuf_free(&b);
    return st;
}

/* A view that is gone is cached no more. NULL is fine. */
static void forget(Session *s, TempView *v)
{
    if (v) {
        (void)session_uncache(s, v->tree->plan);
    }
    view_free(v);
}

/* Takes over v, or frees it. */
static fb_status put(Session *s, TempView *v, bool global, bool replace, fb_error *err)
{
    TempView *old = NULL;
    pthread_mutex_lock(lock_of(s, global));
    TempView **at = find(list_of(s, global), v->name);
    if (is_named(*at, v->name)) {
        if (!replace) {
            pthread_mutex_unlock(lock_of(s, global));
            fb_status st = exists_already(v->name, err);
            view_free(v);
            return st;
        }
        old = *at;
        *at = old->next;
    }
    v->next = *at;
    *at = v;
    v->stamp = atomic_fetch_add(&s->engine->view_clock, 1) + 1;
    pthread_mutex_unlock(lock_of(s, global));
    forget(s, old);
    return FB_OK;
}

fb_status session_create_view(Session *s, const char *name, PlanTree *t, bool global, bool replace,
                              fb_error *err)
{
    Arena a = {0};
    const char *part = NULL;
    fb_status st = views_name(&a, name, &part, err);
    if (st == FB_OK) {
        TempView *v = mem_zalloc(sizeof(*v));
        v->name = mem_strdup(part);
        v->tree = plantree_retain(t);
        st = put(s, v, global, replace, err);
    }
    arena_free(&a);
    return st;
}

/* Whether the views that reads names lead to target; path gets the way there. */
static bool leads_to(Session *s, char *const *reads, uint32_t n, const char *target, Lookup *seen,
                     StrBuf *path)
{
    for (uint32_t i = 0; i < n; i++) {
        size_t kept = path->n;
        bool global = str_has_prefix(str_of(reads[i]), STR_LIT(GLOBAL_TEMP "."));
        const char *name = reads[i] + (global ? sizeof(GLOBAL_TEMP) : 0);
        strbuf_printf(path, " -> `%s`", name);
        if (strcmp(reads[i], target) == 0) {
            return true;
        }
        pthread_mutex_lock(lock_of(s, global));
        const TempView *v = *find(list_of(s, global), name);
        bool found =
            is_named(v, name) && seen->depth < MAX_NESTED && record(seen, mem_strdup(reads[i]));
        uint32_t n_next = found ? v->n_reads : 0;
        char **next = copy_reads(found ? v->reads : NULL, n_next);
        pthread_mutex_unlock(lock_of(s, global));
        seen->depth++;
        bool leads = leads_to(s, next, n_next, target, seen, path);
        seen->depth--;
        free_reads(next, n_next);
        if (leads) {
            return true;
        }
        path->n = kept;
        path->p[kept] = '\0';
    }
    return false;
}

static fb_status check_cycle(Session *s, const char *name, bool global, const Lookup *l,
                             fb_error *err)
{
    char *target = read_key(name, global);
    StrBuf path = {0}, ident = {0};
    Lookup seen = {0};
    fb_status st = FB_OK;
    strbuf_printf(&ident, "`%s`", name);
    strbuf_puts(&path, ident.p);
    if (leads_to(s, l->reads, l->n_reads, target, &seen, &path)) {
        st = err_set(err, ERR_RECURSIVE_VIEW, "viewIdent", ident.p, "newPath", path.p, NULL);
    }
    strbuf_free(&path);
    strbuf_free(&ident);
    free_reads(seen.reads, seen.n_reads);
    mem_free(target);
    return st;
}

static void quoted_names(StrBuf *b, const char *const *names, const Attr *attrs, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        strbuf_printf(b, "%s`%s`", i ? ", " : "", names ? names[i] : attrs[i].name);
    }
}

/* CREATE VIEW v (a, b) AS …: as many names as columns. */
static fb_status check_arity(Session *s, const Command *c, Str sql, fb_error *err)
{
    const Plan *q = c->query;
    if (q->kind != P_TO_DF) {
        return FB_OK;
    }
    PlanTree *t;
    TRY(session_analyze(s, q->child[0], sql, &t, err));
    fb_status st = FB_OK;
    if (t->plan->n_out != q->n_names) {
        StrBuf name = {0}, view = {0}, data = {0};
        strbuf_printf(&name, "`%s`", c->names[0]);
        quoted_names(&view, q->names, NULL, q->n_names);
        quoted_names(&data, NULL, t->plan->out, t->plan->n_out);
        st = err_set(err,
                     t->plan->n_out > q->n_names ? ERR_CREATE_VIEW_COLUMN_ARITY_TOO_MANY
                                                 : ERR_CREATE_VIEW_COLUMN_ARITY_NOT_ENOUGH,
                     "viewName", name.p, "viewColumns", view.p, "dataColumns", data.p ? data.p : "",
                     NULL);
        strbuf_free(&name);
        strbuf_free(&view);
        strbuf_free(&data);
    }
    plantree_release(t);
    return st;
}

fb_status views_create(Session *s, const Command *c, Str sql, fb_error *err)
{
    Lookup l;
    PlanTree *t = plantree_new();
    plantree_limit(t, &s->engine->budget);
    Plan *statement;
    Catalog catalog = recording_catalog(s, &l, 0);
    /* A parse of our own: the view's names live as long as the view. */
    Str text = {arena_bytes(&t->arena, sql.p, sql.n), sql.n};
    fb_status st = sql_parse_statement(&t->arena, text, NULL, &statement, err);
    TRY_DONE(st);
    c = statement->command;
    TRY_DONE(check_arity(s, c, text, err));
    TRY_DONE(analyze(&catalog, c->query, text, t, err));
    TRY_DONE(type_check_names(plan_schema(t->plan), false, false, err));
    if (c->replace) {
        TRY_DONE(check_cycle(s, c->names[0], c->is_global, &l, err));
    }
    TempView *v = mem_zalloc(sizeof(*v));
    v->name = mem_strdup(c->names[0]);
    v->tree = plantree_retain(t);
    v->sql = mem_strdup(text.p);
    v->reads = copy_reads(l.reads, l.n_reads);
    v->n_reads = l.n_reads;
    st = put(s, v, c->is_global, c->replace, err);
done:
    free_reads(l.reads, l.n_reads);
    plantree_release(t);
    return st;
}

bool session_drop_view(Session *s, const char *name, bool global)
{
    TempView *old = NULL;
    pthread_mutex_lock(lock_of(s, global));
    TempView **at = find(list_of(s, global), name);
    if (is_named(*at, name)) {
        old = *at;
        *at = old->next;
        atomic_fetch_add(&s->engine->view_clock, 1);
    }
    pthread_mutex_unlock(lock_of(s, global));
    bool found = old != NULL;
    forget(s, old);
    return found;
}

/* fn may call back into the session: it gets copies. */
void views_each(Session *s, bool global, void (*fn)(void *arg, const char *name, bool global),
                void *arg)
{
    char **names = NULL;
    uint32_t n = 0;
    pthread_mutex_lock(lock_of(s, global));
    for (const TempView *v = list_of(s, global)->first; v; v = v->next) {
        names = mem_realloc(names, mem_mul((size_t)n + 1, sizeof(*names)));
        names[n++] = mem_strdup(v->name);
    }
    pthread_mutex_unlock(lock_of(s, global));
    for (uint32_t i = 0; i < n; i++) {
        fn(arg, names[i], global);
    }
    free_reads(names, n);
}
