/*
 * config.c - the Config call: spark.conf.
 *
 * get of a key that the engine knows but that has no value answers without one (None); of an
 * unknown key it fails. get_with_default takes the client's default before the engine's. silent is
 * what PySpark's builder uses: settings that Spark refuses are skipped, those that would change
 * answers and are not built here are not.
 */
#include "connect/service_priv.h"

#define TIME_ZONE "spark.sql.session.timeZone"

typedef SC(KeyValue) Pair;

typedef struct Pairs {
    Arena *arena;
    Pair **v;
    size_t n, cap;
} Pairs;

static void add_pair(Pairs *p, const char *key, const char *value)
{
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 16;
        Pair **v = ARENA_ARRAY(p->arena, Pair *, cap);
        if (p->n) {
            memcpy(v, p->v, p->n * sizeof(*v));
        }
        p->v = v;
        p->cap = cap;
    }
    Pair *pair = ARENA_NEW(p->arena, Pair);
    spark__connect__key_value__init(pair);
    pair->key = arena_strdup(p->arena, key);
    pair->value = value != NULL ? arena_strdup(p->arena, value) : NULL;
    p->v[p->n++] = pair;
}

static void warn(SC(ConfigResponse) * out, Arena *a, const char *key)
{
    const char *text = conf_warning(key, a);
    if (text != NULL) {
        char **warnings = ARENA_ARRAY(a, char *, out->n_warnings + 1);
        if (out->n_warnings) {
            memcpy(warnings, out->warnings, out->n_warnings * sizeof(*warnings));
        }
        warnings[out->n_warnings++] = arena_strdup(a, text);
        out->warnings = warnings;
    }
}

/* silent: these are a builder's, before anything ran, so that the process' own may be among them.
 */
static fb_status set_one(ConnSession *s, const Pair *p, bool silent, Arena *a, fb_error *err)
{
    const char *key = p->key != NULL ? p->key : "";
    if (p->value == NULL) {
        return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                       arena_printf(a, "value cannot be null for key: %s", key), NULL);
    }
    if (!silent) {
        TRY(conf_check_modifiable(key, err));
    }
    return session_set_conf(s->session, key, p->value, err);
}

static fb_status set(ConnSession *s, const SC(ConfigRequest__Set) * in, Arena *a,
                     SC(ConfigResponse) * out, fb_error *err)
{
    for (size_t i = 0; i < in->n_pairs; i++) {
        fb_error one = {0};
        if (set_one(s, in->pairs[i], in->silent, a, &one) != FB_OK) {
            if (!in->silent || one.id == ERR_UNSUPPORTED_FEATURE) {
                err_move(err, &one);
                return FB_ERR;
            }
            err_clear(&one);
            continue;
        }
        warn(out, a, in->pairs[i]->key != NULL ? in->pairs[i]->key : "");
    }
    return FB_OK;
}

/* Value or default; FB_ERR: there is no such key. The time zone's default is the system's. */
static fb_status value_of(ConnSession *s, const char *key, Arena *a, const char **ret,
                          fb_error *err)
{
    const Conf *c = session_conf(s->session);
    if (conf_def(key) == NULL && !conf_is_set(c, key)) {
        return err_set(err, ERR_SQL_CONF_NOT_FOUND, "sqlConf", arena_printf(a, "\"%s\"", key),
                       NULL);
    }
    *ret = conf_get(c, key, a);
    return *ret == NULL && strcmp(key, TIME_ZONE) == 0 ? session_time_zone(s->session, a, ret, err)
                                                       : FB_OK;
}

static fb_status get(ConnSession *s, const SC(ConfigRequest__Get) * in, Pairs *pairs, fb_error *err)
{
    for (size_t i = 0; i < in->n_keys; i++) {
        const char *value = NULL;
        TRY(value_of(s, in->keys[i], pairs->arena, &value, err));
        add_pair(pairs, in->keys[i], value);
    }
    return FB_OK;
}

static fb_status get_with_default(ConnSession *s, const SC(ConfigRequest__GetWithDefault) * in,
                                  Pairs *pairs, fb_error *err)
{
    const Conf *c = session_conf(s->session);
    for (size_t i = 0; i < in->n_pairs; i++) {
        const char *key = in->pairs[i]->key != NULL ? in->pairs[i]->key : "";
        if (in->pairs[i]->value != NULL) {
            TRY(conf_check_value(key, in->pairs[i]->value, err));
        }
        add_pair(pairs, key,
                 conf_is_set(c, key) ? conf_get(c, key, pairs->arena) : in->pairs[i]->value);
    }
    return FB_OK;
}

static void get_option(ConnSession *s, const SC(ConfigRequest__GetOption) * in, Pairs *pairs)
{
    for (size_t i = 0; i < in->n_keys; i++) {
        const char *value = NULL;
        fb_error unknown = {0};
        if (value_of(s, in->keys[i], pairs->arena, &value, &unknown) != FB_OK) {
            err_clear(&unknown);
        }
        add_pair(pairs, in->keys[i], value);
    }
}

typedef struct All {
    Pairs *pairs;
    const Conf *conf;
    Str prefix;
} All;

static void add_set(void *arg, const char *key, const char *value)
{
    const All *all = arg;
    if (conf_is_set(all->conf, key) && str_has_prefix(str_of(key), all->prefix)) {
        add_pair(all->pairs, key + all->prefix.n, value);
    }
}

/* What has been set; with a prefix the keys without it. */
static void get_all(ConnSession *s, const SC(ConfigRequest__GetAll) * in, Pairs *pairs)
{
    All all = {pairs, session_conf(s->session), str_of(in->prefix != NULL ? in->prefix : "")};
    conf_each(all.conf, add_set, &all);
}

static fb_status unset(ConnSession *s, const SC(ConfigRequest__Unset) * in, Arena *a,
                       SC(ConfigResponse) * out, fb_error *err)
{
    for (size_t i = 0; i < in->n_keys; i++) {
        TRY(conf_check_modifiable(in->keys[i], err));
        conf_unset(session_conf(s->session), in->keys[i]);
        warn(out, a, in->keys[i]);
    }
    return FB_OK;
}

static void is_modifiable(const SC(ConfigRequest__IsModifiable) * in, Pairs *pairs)
{
    for (size_t i = 0; i < in->n_keys; i++) {
        const ConfDef *def = conf_def(in->keys[i]);
        add_pair(pairs, in->keys[i], def != NULL && !def->is_static ? "true" : "false");
    }
}

fb_status answer_config(ConnSession *s, const SC(ConfigRequest) * in, Arena *a,
                        SC(ConfigResponse) * out, fb_error *err)
{
    Pairs pairs = {.arena = a};
    const SC(ConfigRequest__Operation) *o = in->operation;
    fb_status st = FB_OK;
    switch (o != NULL ? o->op_type_case
                      : SPARK__CONNECT__CONFIG_REQUEST__OPERATION__OP_TYPE__NOT_SET) {
    case SPARK__CONNECT__CONFIG_REQUEST__OPERATION__OP_TYPE_SET:
        st = set(s, o->set, a, out, err);
        break;
    case SPARK__CONNECT__CONFIG_REQUEST__OPERATION__OP_TYPE_GET:
        st = get(s, o->get, &pairs, err);
        break;
    case SPARK__CONNECT__CONFIG_REQUEST__OPERATION__OP_TYPE_GET_WITH_DEFAULT:
        st = get_with_default(s, o->get_with_default, &pairs, err);
        break;
    case SPARK__CONNECT__CONFIG_REQUEST__OPERATION__OP_TYPE_GET_OPTION:
        get_option(s, o->get_option, &pairs);
        break;
    case SPARK__CONNECT__CONFIG_REQUEST__OPERATION__OP_TYPE_GET_ALL:
        get_all(s, o->get_all, &pairs);
        break;
    case SPARK__CONNECT__CONFIG_REQUEST__OPERATION__OP_TYPE_UNSET:
        st = unset(s, o->unset, a, out, err);
        break;
    case SPARK__CONNECT__CONFIG_REQUEST__OPERATION__OP_TYPE_IS_MODIFIABLE:
        is_modifiable(o->is_modifiable, &pairs);
        break;
    default:
        return err_set(err, ERR_CONNECT_ONE_OF_NOT_SET, "name", "op_type", "fullName",
                       "spark.connect.ConfigRequest.Operation", NULL);
    }
    out->n_pairs = pairs.n;
    out->pairs = pairs.v;
    return st;
}
