/*
 * convert.c - the life of a conversion, and what its relations share: names, rows, analysis.
 */
#include "connect/convert.h"

void convert_init(Convert *c, Arena *a, struct ConnSession *conn, Session *s, _Atomic bool *cancel)
{
    *c = (Convert){.arena = a,
                   .conn = conn,
                   .session = s,
                   .cancel = cancel,
                   .next_position = CONVERT_FIRST_POSITION};
}

void convert_free(Convert *c)
{
    for (uint32_t i = 0; i < c->n_rows; i++) {
        rowset_release(c->rows[i]);
    }
    for (uint32_t i = 0; i < c->n_observed; i++) {
        observed_release(c->observed[i]);
    }
    mem_free(c->observed);
    mem_free(c->rows);
    mem_free(c->texts);
    mem_free(c->references);
    *c = (Convert){0};
}

fb_status convert_enter(Convert *c, fb_error *err)
{
    if (c->depth >= CONVERT_MAX_DEPTH) {
        return err_set(err, ERR_PLAN_TOO_DEEP, "limit", "2000", NULL);
    }
    if (++c->nodes > CONVERT_MAX_NODES) {
        return err_unsupported(err, "plans of more than %d nodes", CONVERT_MAX_NODES);
    }
    c->depth++;
    return FB_OK;
}

const char *convert_str(Convert *c, const char *s)
{
    return s != NULL ? arena_strdup(c->arena, s) : "";
}

const char *const *convert_names(Convert *c, char *const *in, size_t n)
{
    const char **names = ARENA_ARRAY(c->arena, const char *, n);
    for (size_t i = 0; i < n; i++) {
        names[i] = convert_str(c, in[i]);
    }
    return names;
}

Plan *convert_rows(Convert *c, RowSet *rows)
{
    if (c->n_rows == c->cap_rows) {
        c->cap_rows = c->cap_rows ? c->cap_rows * 2 : 4;
        c->rows = mem_realloc(c->rows, mem_mul(c->cap_rows, sizeof(RowSet *)));
    }
    c->rows[c->n_rows++] = rows;
    Plan *p = plan_new(c->arena, P_LOCAL, 0);
    p->rows = rows;
    return p;
}

fb_status convert_resolve(Convert *c, const Plan *p, PlanTree **ret, fb_error *err)
{
    if (c->session == NULL) {
        return err_internal(err, "a plan without a session");
    }
    fb_status st = session_analyze(c->session, p, (Str){0}, ret, err);
    if (st != FB_OK) {
        convert_locate(c, err);
    }
    return st;
}

fb_status convert_analyze(Convert *c, const SC(Relation) * in, PlanTree **ret, fb_error *err)
{
    if (c->session == NULL) {
        return err_internal(err, "a plan without a session");
    }
    PlanTree *t = plantree_new();
    plantree_limit(t, session_budget(c->session));
    Arena *outer = c->arena;
    c->arena = &t->arena;
    fb_status st = convert_relation(c, in, &t->plan, err);
    if (st == FB_OK) {
        st = session_resolve(c->session, t, (Str){0}, err);
    }
    c->arena = outer;
    if (st != FB_OK) {
        convert_locate(c, err);
        plantree_release(t);
        return st;
    }
    *ret = t;
    return FB_OK;
}

StorageLevel convert_storage_level(const SC(StorageLevel) * in)
{
    if (in == NULL) { /* MEMORY_AND_DISK_DESER */
        return (StorageLevel){.disk = true, .memory = true, .deserialized = true, .replication = 1};
    }
    return (StorageLevel){.disk = in->use_disk,
                          .memory = in->use_memory,
                          .off_heap = in->use_off_heap,
                          .deserialized = in->deserialized,
                          .replication = in->replication};
}
