/*
 * conf.c - a session's settings: a sorted table of the known keys, and a small list of what was
 * set. What may be set is conf_check.c's.
 *
 * The set values are looked up under a mutex because a session's calls and its queries' start-up
 * run on different threads. A query takes a clone and never looks at the session again.
 */
#include "base/conf.h"

#include <pthread.h>
#include <stdlib.h>

static const ConfDef defs[] = {
#define CONF(key, deflt, kind, is_static) {key, deflt, kind, is_static},
#include "base/conf.def"
#undef CONF
};
#define N_DEFS (sizeof(defs) / sizeof(defs[0]))

typedef struct Setting {
    char *key, *value;
} Setting;

struct Conf {
    pthread_mutex_t lock;
    Setting *set; /* sorted by key */
    size_t n, cap;
};

Conf *conf_new(void)
{
    Conf *c = mem_zalloc(sizeof(*c));
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void conf_free(Conf *c)
{
    if (!c) {
        return;
    }
    for (size_t i = 0; i < c->n; i++) {
        mem_free(c->set[i].key);
        mem_free(c->set[i].value);
    }
    mem_free(c->set);
    pthread_mutex_destroy(&c->lock);
    mem_free(c);
}

static int def_cmp(const void *key, const void *def)
{
    return strcmp(key, ((const ConfDef *)def)->key);
}

const ConfDef *conf_def(const char *key)
{
    return bsearch(key, defs, N_DEFS, sizeof(defs[0]), def_cmp);
}

/* Index of the key, or where it would go; *found says which. */
static size_t find(const Conf *c, const char *key, bool *found)
{
    size_t lo = 0, hi = c->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int d = strcmp(c->set[mid].key, key);
        if (d == 0) {
            *found = true;
            return mid;
        }
        if (d < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    *found = false;
    return lo;
}

static void put(Conf *c, const char *key, const char *value)
{
    bool found;
    size_t i = find(c, key, &found);
    if (found) {
        mem_free(c->set[i].value);
        c->set[i].value = mem_strdup(value);
        return;
    }
    if (c->n == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 16;
        c->set = mem_realloc(c->set, mem_mul(c->cap, sizeof(*c->set)));
    }
    memmove(c->set + i + 1, c->set + i, (c->n - i) * sizeof(*c->set));
    c->set[i] = (Setting){mem_strdup(key), mem_strdup(value)};
    c->n++;
}

Conf *conf_clone(const Conf *from)
{
    Conf *c = conf_new();
    pthread_mutex_t *lock = (pthread_mutex_t *)&from->lock;
    pthread_mutex_lock(lock);
    for (size_t i = 0; i < from->n; i++) {
        put(c, from->set[i].key, from->set[i].value);
    }
    pthread_mutex_unlock(lock);
    return c;
}

static const char *const core_keys[] = {
#define CORE(key) key,
#include "base/conf_core.def"
#undef CORE
};

static int compare_core(const void *key, const void *member)
{
    return strcmp(key, *(const char *const *)member);
}

fb_status conf_check_modifiable(const char *key, fb_error *err)
{
    const ConfDef *def = conf_def(key);
    StrBuf b = {0};
    fb_status st = FB_OK;
    strbuf_printf(&b, "\"%s\"", key);
    if (def && def->is_static) {
        st = err_set(err, ERR_CANNOT_MODIFY_STATIC_CONFIG, "key", b.p, NULL);
    } else if (bsearch(key, core_keys, sizeof(core_keys) / sizeof(core_keys[0]),
                       sizeof(core_keys[0]), compare_core)) {
        st = err_set(err, ERR_CANNOT_MODIFY_CONFIG, "key", b.p, "docroot",
                     "https://spark.apache.org/docs/latest", NULL);
    }
    strbuf_free(&b);
    return st;
}

fb_status conf_set(Conf *c, const char *key, const char *value, bool force, fb_error *err)
{
    const ConfDef *def = conf_def(key);
    if (def && def->is_static && !force) {
        return conf_check_modifiable(key, err);
    }
    TRY(conf_check_value(key, value, err));
    pthread_mutex_lock(&c->lock);
    put(c, key, value);
    pthread_mutex_unlock(&c->lock);
    return FB_OK;
}

void conf_unset(Conf *c, const char *key)
{
    bool found;
    pthread_mutex_lock(&c->lock);
    size_t i = find(c, key, &found);
    if (found) {
        mem_free(c->set[i].key);
        mem_free(c->set[i].value);
        memmove(c->set + i, c->set + i + 1, (c->n - i - 1) * sizeof(*c->set));
        c->n--;
    }
    pthread_mutex_unlock(&c->lock);
}

bool conf_is_set(const Conf *c, const char *key)
{
    bool found;
    pthread_mutex_t *lock = (pthread_mutex_t *)&c->lock;
    pthread_mutex_lock(lock);
    (void)find(c, key, &found);
    pthread_mutex_unlock(lock);
    return found;
}

const char *conf_get(const Conf *c, const char *key, Arena *a)
{
    bool found = false;
    char *copy = NULL;
    pthread_mutex_t *lock = (pthread_mutex_t *)&c->lock;
    pthread_mutex_lock(lock);
    for (const char *k = key; k && !found; k = conf_fallback(k)) {
        size_t i = find(c, k, &found);
        copy = found ? arena_strdup(a, c->set[i].value) : NULL;
    }
    pthread_mutex_unlock(lock);
    if (found) {
        return copy;
    }
    const ConfDef *def = conf_def(key);
    return def ? def->deflt : NULL;
}

bool conf_get_bool(const Conf *c, const char *key)
{
    Arena a = {0};
    bool b = false;
    const char *v = conf_get(c, key, &a);
    if (v) {
        (void)parse_bool(str_trim(str_of(v)), &b);
    }
    arena_free(&a);
    return b;
}

int64_t conf_get_int(const Conf *c, const char *key)
{
    Arena a = {0};
    int64_t n = 0;
    const ConfDef *def = conf_def(key);
    const char *v = conf_get(c, key, &a);
    if (v) {
        (void)conf_parse_number(def ? def->kind : CONF_LONG, str_of(v), &n);
    }
    arena_free(&a);
    return n;
}

void conf_each(const Conf *c, void (*fn)(void *arg, const char *key, const char *value), void *arg)
{
    Conf *snapshot = conf_clone(c);
    size_t d = 0, s = 0;
    while (d < N_DEFS || s < snapshot->n) {
        int order = d == N_DEFS        ? 1
                    : s == snapshot->n ? -1
                                       : strcmp(defs[d].key, snapshot->set[s].key);
        if (order < 0) {
            if (defs[d].deflt) {
                fn(arg, defs[d].key, defs[d].deflt);
            }
            d++;
        } else {
            fn(arg, snapshot->set[s].key, snapshot->set[s].value);
            s++;
            d += order == 0;
        }
    }
    conf_free(snapshot);
}
