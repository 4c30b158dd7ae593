/*
 * cache.c - cache(), persist() and CACHE TABLE: rows of a plan that are computed once.
 *
 * An entry belongs to the engine, as Spark's CacheManager belongs to all sessions, and is found by
 * the key of its plan (plan_key.h): wherever a plan that is run holds one that means the same, its
 * rows are read instead. They are computed when they are first wanted, kept by partition, and
 * counted in the memory budget. When a query finds the budget full, rows that nobody reads are
 * given up (reclaim), to be computed again the next time; rows that never fit are not tried again.
 *
 * Locks: Entry.fill is held while the rows are computed, which may take the fill of entries that
 * are parts of this one's plan (and never its own: a run knows whose rows it makes);
 * Engine.cache_lock guards the list and what the entries point to, and is never held while anything
 * is run or charged.
 */
#include "session/session_priv.h"

#include "base/clock.h"
#include "plan/plan_key.h"

struct CacheEntry {
    int refs; /* under cache_lock */
    PlanTree *tree;
    char *key;
    size_t key_len;
    StorageLevel level;
    RowSet *rows; /* NULL: not computed, or given up */
    uint32_t n_parts;
    int64_t charged; /* for rows */
    bool too_large;  /* the rows did not fit */
    bool dropped;    /* not in the list any more */
    pthread_mutex_t fill;
    struct CacheEntry *next;
};

/* ---- entries ---- */

/* Rows and their account, taken out of an entry under the lock, to be ended without it. */
typedef struct Taken {
    RowSet *rows;
    int64_t charged;
} Taken;

static Taken take_rows(CacheEntry *e)
{
    Taken t = {e->rows, e->charged};
    e->rows = NULL;
    e->charged = 0;
    return t;
}

static void end_rows(Engine *g, Taken t)
{
    rowset_release(t.rows);
    if (t.charged) {
        (void)budget_try(&g->budget, -t.charged);
    }
}

static void entry_release(Engine *g, CacheEntry *e)
{
    pthread_mutex_lock(&g->cache_lock);
    bool last = --e->refs == 0;
    Taken t = last ? take_rows(e) : (Taken){0};
    pthread_mutex_unlock(&g->cache_lock);
    end_rows(g, t);
    if (last) {
        plantree_release(e->tree);
        pthread_mutex_destroy(&e->fill);
        mem_free(e->key);
        mem_free(e);
    }
}

/* What a plan means here: the time zone is read when it runs. */
static void key_of(const Session *s, const Plan *p, StrBuf *out)
{
    Arena a = {0};
    const char *zone = conf_get(s->conf, "spark.sql.session.timeZone", &a);
    strbuf_printf(out, "%s\n", zone ? zone : "");
    arena_free(&a);
    plan_key(p, out);
}

static CacheEntry **find(Engine *g, const StrBuf *key)
{
    CacheEntry **at = &g->cache;
    while (*at && ((*at)->key_len != key->n || memcmp((*at)->key, key->p, key->n) != 0)) {
        at = &(*at)->next;
    }
    return at;
}

/* The entry of a plan, retained; NULL: there is none. */
static CacheEntry *entry_of(Session *s, const Plan *p)
{
    Engine *g = s->engine;
    StrBuf key = {0};
    if (atomic_load(&g->n_cached) == 0) {
        return NULL;
    }
    key_of(s, p, &key);
    pthread_mutex_lock(&g->cache_lock);
    CacheEntry *e = *find(g, &key);
    if (e) {
        e->refs++;
    }
    pthread_mutex_unlock(&g->cache_lock);
    strbuf_free(&key);
    return e;
}

fb_status session_cache(Session *s, PlanTree *t, const StorageLevel *level, fb_error *err)
{
    Engine *g = s->engine;
    StrBuf key = {0};
    TRY(check_batch(t->plan, err));
    key_of(s, t->plan, &key);
    CacheEntry *e = mem_zalloc(sizeof(*e));
    e->refs = 1;
    e->tree = plantree_retain(t);
    e->level = *level;
    e->key_len = key.n;
    e->key = mem_alloc(key.n);
    memcpy(e->key, key.p, key.n);
    pthread_mutex_init(&e->fill, NULL);
    pthread_mutex_lock(&g->cache_lock);
    CacheEntry **at = find(g, &key);
    bool there = *at != NULL;
    if (!there) {
        *at = e;
        atomic_fetch_add(&g->n_cached, 1);
    }
    pthread_mutex_unlock(&g->cache_lock);
    if (there) { /* as it is, with the level it has */
        entry_release(g, e);
    }
    strbuf_free(&key);
    return FB_OK;
}

bool session_uncache(Session *s, const Plan *p)
{
    Engine *g = s->engine;
    StrBuf key = {0};
    if (atomic_load(&g->n_cached) == 0) {
        return false;
    }
    key_of(s, p, &key);
    pthread_mutex_lock(&g->cache_lock);
    CacheEntry **at = find(g, &key), *e = *at;
    if (e) {
        *at = e->next;
        e->dropped = true;
        atomic_fetch_sub(&g->n_cached, 1);
    }
    pthread_mutex_unlock(&g->cache_lock);
    strbuf_free(&key);
    if (e) {
        entry_release(g, e);
    }
    return e != NULL;
}

bool session_is_cached(Session *s, const Plan *p, StorageLevel *ret)
{
    CacheEntry *e = entry_of(s, p);
    if (!e) {
        return false;
    }
    *ret = e->level;
    entry_release(s->engine, e);
    return true;
}

void cache_clear(Engine *g)
{
    for (;;) {
        pthread_mutex_lock(&g->cache_lock);
        CacheEntry *e = g->cache;
        if (e) {
            g->cache = e->next;
            e->dropped = true;
            atomic_fetch_sub(&g->n_cached, 1);
        }
        pthread_mutex_unlock(&g->cache_lock);
        if (!e) {
            return;
        }
        entry_release(g, e);
    }
}

void session_clear_cache(Session *s)
{
    cache_clear(s->engine);
}

/* ---- giving up rows ---- */

bool cache_reclaim(void *arg, int64_t n)
{
    Engine *g = arg;
    bool any = false;
    while (n > 0) {
        Taken t = {0};
        pthread_mutex_lock(&g->cache_lock);
        for (CacheEntry *e = g->cache; e && !t.rows; e = e->next) {
            if (e->rows && e->rows->refs == 1) {
                t = take_rows(e);
            }
        }
        pthread_mutex_unlock(&g->cache_lock);
        if (!t.rows) {
            break;
        }
        n -= t.charged;
        any = true;
        end_rows(g, t);
    }
    return any;
}

/* Files below path are others now: what was read from there is computed again. */
void cache_forget_path(Engine *g, const char *path)
{
    StrBuf line = {0};
    bool more = atomic_load(&g->n_cached) > 0;
    strbuf_printf(&line, "path=%s", path);
    while (more) {
        Taken t = {0};
        more = false;
        pthread_mutex_lock(&g->cache_lock);
        for (CacheEntry *e = g->cache; e && !more; e = e->next) {
            if (e->rows && memmem(e->key, e->key_len, line.p, line.n)) {
                t = take_rows(e);
                more = true;
            }
        }
        pthread_mutex_unlock(&g->cache_lock);
        end_rows(g, t);
    }
    strbuf_free(&line);
}

/* ---- rows of an entry ---- */

static RowSet *rows_there(Engine *g, CacheEntry *e, uint32_t *ret_parts)
{
    pthread_mutex_lock(&g->cache_lock);
    RowSet *rows = e->rows ? rowset_retain(e->rows) : NULL;
    *ret_parts = e->n_parts;
    pthread_mutex_unlock(&g->cache_lock);
    return rows;
}

/* Runs the entry's plan, with e->fill held. *ret NULL: the rows do not fit. */
static fb_status compute(Session *s, CacheEntry *e, _Atomic bool *cancel, RowSet **ret,
                         uint32_t *ret_parts, fb_error *err)
{
    Engine *g = s->engine;
    RowSet *rows = rowset_new(plan_schema(e->tree->plan));
    int64_t charged = 0;
    uint32_t n_parts = 0;
    Op *op = op_keep_parts(rows, &charged, &n_parts);
    fb_status st = run_inside(s, e, e->tree->plan, cancel, op, err);
    if (st != FB_OK) {
        end_rows(g, (Taken){rows, charged});
        if (err->id != ERR_UNABLE_TO_ACQUIRE_MEMORY) {
            return st;
        }
        err_clear(err);
        e->too_large = true;
        *ret = NULL;
        return FB_OK;
    }
    pthread_mutex_lock(&g->cache_lock);
    e->rows = rowset_retain(rows);
    e->charged = charged;
    e->n_parts = n_parts;
    pthread_mutex_unlock(&g->cache_lock);
    *ret = rows;
    *ret_parts = n_parts;
    return FB_OK;
}

static fb_status rows_of(Session *s, CacheEntry *e, _Atomic bool *cancel, RowSet **ret,
                         uint32_t *ret_parts, fb_error *err)
{
    fb_status st = FB_OK;
    *ret = rows_there(s->engine, e, ret_parts);
    if (*ret) {
        return FB_OK;
    }
    pthread_mutex_lock(&e->fill);
    *ret = rows_there(s->engine, e, ret_parts);
    if (!*ret && !e->too_large) {
        st = compute(s, e, cancel, ret, ret_parts, err);
    }
    pthread_mutex_unlock(&e->fill);
    return st;
}

fb_status session_fill_cache(Session *s, const Plan *p, _Atomic bool *cancel, fb_error *err)
{
    RowSet *rows = NULL;
    uint32_t n;
    CacheEntry *e = entry_of(s, p);
    if (!e) {
        return FB_OK;
    }
    fb_status st = rows_of(s, e, cancel, &rows, &n, err);
    rowset_release(rows);
    entry_release(s->engine, e);
    return st;
}

/* ---- in a plan that is run ---- */

static fb_status replace(CacheUse *u, Plan *p, Plan **ret, fb_error *err);

/* The observed nodes of a plan, in order. */
typedef struct ObservedList {
    Arena *arena;
    Observed **list;
    uint32_t n, cap;
} ObservedList;

static bool list_observed(void *arg, const Plan *p)
{
    ObservedList *l = arg;
    if (p->kind == P_COLLECT_METRICS) {
        if (l->n == l->cap) {
            Observed **grown = ARENA_ARRAY(l->arena, Observed *, l->cap * 2 + 4);
            for (uint32_t i = 0; i < l->n; i++) {
                grown[i] = l->list[i];
            }
            l->list = grown;
            l->cap = l->cap * 2 + 4;
        }
        l->list[l->n++] = p->observed;
    }
    return true;
}

/* What was observed when the rows were computed is what their reader observes. */
static void tell_observed(CacheUse *u, const Plan *computed, const Plan *read)
{
    ObservedList from = {.arena = u->arena}, to = {.arena = u->arena};
    plan_visit(computed, list_observed, &from);
    plan_visit(read, list_observed, &to);
    for (uint32_t i = 0; i < from.n && i < to.n; i++) {
        if (from.list[i] && to.list[i] && from.list[i] != to.list[i]) {
            observed_copy(to.list[i], from.list[i]);
        }
    }
}

static fb_status replace_below(CacheUse *u, Plan *p, Plan **ret, fb_error *err)
{
    bool same = true;
    Plan **child = ARENA_ARRAY(u->arena, Plan *, p->n_children);
    for (uint32_t i = 0; i < p->n_children; i++) {
        TRY(replace(u, p->child[i], &child[i], err));
        same &= child[i] == p->child[i];
    }
    *ret = p;
    if (!same) {
        *ret = plan_copy(u->arena, p);
        (*ret)->child = child;
    }
    return FB_OK;
}

static fb_status replace(CacheUse *u, Plan *p, Plan **ret, fb_error *err)
{
    CacheEntry *e = p->streaming ? NULL : entry_of(u->session, p);
    RowSet *rows = NULL;
    uint32_t n_parts;
    fb_status st = FB_OK;
    if (e) {
        if (e != u->self) {
            st = rows_of(u->session, e, u->cancel, &rows, &n_parts, err);
            if (rows) {
                tell_observed(u, e->tree->plan, p);
            }
        }
        entry_release(u->session->engine, e);
    }
    TRY(st);
    if (!rows) {
        return replace_below(u, p, ret, err);
    }
    plantree_keep_rows(u->keep, rows);
    Plan *q = plan_new(u->arena, P_CACHED, 0);
    q->rows = rows;
    q->n = n_parts;
    q->out = p->out;
    q->n_out = p->n_out;
    *ret = q;
    return FB_OK;
}

fb_status cache_use(CacheUse *u, const Plan *p, const Plan **ret, fb_error *err)
{
    Plan *q = (Plan *)p;
    if (atomic_load(&u->session->engine->n_cached) == 0) {
        *ret = p;
        return FB_OK;
    }
    TRY(replace(u, q, &q, err));
    *ret = q;
    return FB_OK;
}
