/*
 * compile.c - from the optimized logical plan to pipelines.
 *
 * A node compiles to open branches: sources, each with a chain of operators that is not ended yet.
 * Most nodes have one branch; UNION has one an input, and an outer join adds the rows of the kept
 * side. An operator that is appended ends all branches' chains in itself, so what follows is
 * shared. A breaker closes the branches into pipelines and opens a new branch with its own source.
 *
 * An open plan also knows how many partitions its rows will be in (partition.h), and operators
 * that look at them say so: functions that are not deterministic go by them.
 */
#include "exec/partition.h"

#include "base/clock.h"
#include "column/timezone.h"
#include "expr/function.h"

typedef struct Branch {
    Source *source;
    bool owned;
    Op *first, *last; /* NULL: nothing yet */
} Branch;

typedef struct Open {
    Branch *b;
    uint32_t n;
    const Parts *parts;
} Open;

/* distributed_sequence_id() counts all rows, in order. */
static bool is_not_sequence(void *arg, const Expr *e)
{
    (void)arg;
    return !e->fn || !(e->fn->flags & FN_IN_ORDER);
}

static void keep_op(Exec *x, Op *op)
{
    if (x->n_ops == x->cap_ops) {
        x->cap_ops = x->cap_ops ? x->cap_ops * 2 : 16;
        x->ops = mem_realloc(x->ops, mem_mul(x->cap_ops, sizeof(*x->ops)));
    }
    x->ops[x->n_ops++] = op;
}

static Open open_source(Exec *x, Source *s, bool owned)
{
    Open o = {.b = ARENA_NEW(&x->arena, Branch), .n = 1};
    o.b[0] = (Branch){.source = s, .owned = owned};
    o.parts = parts_source(x, s);
    return o;
}

static void append(Exec *x, Open *o, Op *op)
{
    keep_op(x, op);
    for (uint32_t i = 0; i < o->n; i++) {
        Branch *b = &o->b[i];
        if (b->last) {
            b->last->next = op;
        } else {
            b->first = op;
        }
        b->last = op;
    }
}

/* An operator goes by partitions if one of its expressions does; these may be NULL. */
static void mark_by_parts(Op *op, Expr *const *e, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        op->by_part |= e[i] && !expr_is_deterministic(e[i]);
        op->one_worker |= e[i] && !expr_visit(e[i], is_not_sequence, NULL);
    }
}

static void append_exprs(Exec *x, Open *o, Op *op, Expr *const *e, uint32_t n)
{
    mark_by_parts(op, e, n);
    append(x, o, op);
}

static void close_branches(Exec *x, const Open *o)
{
    for (uint32_t i = 0; i < o->n; i++) {
        if (x->n_pipes == x->cap_pipes) {
            x->cap_pipes = x->cap_pipes ? x->cap_pipes * 2 : 8;
            x->pipes = mem_realloc(x->pipes, mem_mul(x->cap_pipes, sizeof(*x->pipes)));
        }
        const Branch *b = &o->b[i];
        for (Op *op = b->first; op; op = op->next) {
            op->last_pipe = x->n_pipes;
        }
        x->pipes[x->n_pipes++] =
            (Pipeline){.source = b->source, .source_owned = b->owned, .first = b->first};
    }
}

/* A breaker ends the branches; its source is the new one. */
static Open break_with(Exec *x, Open *o, Op *op, Source *source)
{
    append(x, o, op);
    close_branches(x, o);
    return open_source(x, source, false);
}

/* Sources of branches that were never closed: after a failure. */
static void abandon(const Open *o)
{
    for (uint32_t i = 0; i < o->n; i++) {
        if (o->b[i].owned) {
            o->b[i].source->vt->free(o->b[i].source);
        }
    }
}

/* ---- binding ---- */

fb_status exec_bind(Exec *x, const Expr *e, const Attr *in, uint32_t n_in, Expr **ret,
                    fb_error *err)
{
    const Expr *missing = NULL;
    *ret = attrs_bind(&x->arena, e, in, n_in, &missing);
    if (missing) {
        return err_internal(err, "the column %s#%u is not in the input", missing->name,
                            missing->attr);
    }
    return FB_OK;
}

static fb_status bind_list(Exec *x, Expr *const *e, uint32_t n, const Plan *child, Expr ***ret,
                           fb_error *err)
{
    *ret = ARENA_ARRAY(&x->arena, Expr *, n);
    for (uint32_t i = 0; i < n; i++) {
        TRY(exec_bind(x, e[i], child->out, child->n_out, &(*ret)[i], err));
    }
    return FB_OK;
}

static const Type **types_of(Exec *x, const Plan *p)
{
    const Type **t = ARENA_ARRAY(&x->arena, const Type *, p->n_out);
    for (uint32_t i = 0; i < p->n_out; i++) {
        t[i] = p->out[i].type;
    }
    return t;
}

/* A setting that is a positive number, or other. */
static uint32_t count_setting(const Exec *x, const char *key, uint32_t other)
{
    Arena a = {0};
    const char *text = conf_get(x->conf, key, &a);
    int64_t n;
    bool given = text && parse_i64(str_trim(str_of(text)), &n) && n > 0 && n <= INT32_MAX;
    arena_free(&a);
    return given ? (uint32_t)n : other;
}

static uint32_t file_partitions(const Exec *x)
{
    return count_setting(x, "spark.sql.files.minPartitionNum", x->parallelism);
}

/* ---- nodes ---- */

static fb_status compile(Exec *x, const Plan *p, Open *o, fb_error *err);
static fb_status compile_input(Exec *x, const Plan *p, bool more, Open *o, fb_error *err);

static fb_status compile_relation(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    Source *s;
    if (p->relation->streaming) {
        if (!x->hooks) {
            return err_internal(err, "a stream in a batch plan");
        }
        TRY(x->hooks->stream_source(x->hooks->self, x, p, &s, err));
        *o = open_source(x, s, true);
        return FB_OK;
    }
    uint32_t *columns = ARENA_ARRAY(&x->arena, uint32_t, p->n_out);
    for (uint32_t i = 0; i < p->n_out; i++) {
        columns[i] = p->columns ? p->columns[i] : i;
    }
    Expr **pushed;
    ScanRequest req = {.columns = columns,
                       .n_columns = p->n_out,
                       .time_zone = x->tz_name,
                       .parallelism = file_partitions(x)};
    int64_t most = conf_get_int(x->conf, "spark.sql.files.maxPartitionBytes");
    req.max_partition_bytes = most < 1 ? 1 : most;
    req.open_cost_bytes = conf_get_int(x->conf, "spark.sql.files.openCostInBytes");
    TRY(exec_pushed(x, p, &pushed, &req.n_pushed, err));
    req.pushed = pushed;
    TRY(p->relation->vt->scan(p->relation, &req, &s, err));
    *o = open_source(x, s, true);
    return FB_OK;
}

static fb_status compile_project(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    Expr **exprs;
    TRY(bind_list(x, p->exprs, p->n_exprs, p->child[0], &exprs, err));
    bool same = p->n_exprs == p->child[0]->n_out;
    for (uint32_t i = 0; same && i < p->n_exprs; i++) {
        same = exprs[i]->kind == E_COLUMN && exprs[i]->column == i;
    }
    if (!same) {
        append_exprs(x, o, op_project(exprs, p->n_exprs), exprs, p->n_exprs);
    }
    return FB_OK;
}

static fb_status compile_filter(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    Expr *e;
    TRY(exec_bind(x, p->exprs[0], p->child[0]->out, p->child[0]->n_out, &e, err));
    append_exprs(x, o, op_filter(e), &e, 1);
    return FB_OK;
}

static fb_status compile_generate(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    const Plan *child = p->child[0];
    uint32_t *carried = ARENA_ARRAY(&x->arena, uint32_t, child->n_out + 1);
    uint32_t *order = ARENA_ARRAY(&x->arena, uint32_t, p->n_out);
    uint32_t n_carried = 0, k = 0;
    Expr *gen;
    for (uint32_t i = 0; i < p->n_out; i++) {
        for (uint32_t c = 0; c < child->n_out; c++) {
            if (child->out[c].id == p->out[i].id) {
                carried[n_carried++] = c;
                break;
            }
        }
    }
    for (uint32_t i = 0; i < p->n_out; i++) {
        uint32_t at = UINT32_MAX;
        for (uint32_t g = 0; g < p->n_gen_out; g++) {
            if (p->gen_out[g].id == p->out[i].id) {
                at = n_carried + g;
            }
        }
        order[i] = at == UINT32_MAX ? k++ : at;
    }
    TRY(exec_bind(x, p->exprs[0], child->out, child->n_out, &gen, err));
    append_exprs(x, o, op_generate(gen, carried, n_carried, p->n_gen_out, order, p->n_out), &gen,
                 1);
    return FB_OK;
}

static fb_status compile_expand(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    Expr **sets;
    TRY(bind_list(x, p->sets, p->n_sets * p->n_set_cols, p->child[0], &sets, err));
    append_exprs(x, o, op_expand(sets, p->n_sets, p->n_set_cols), sets, p->n_sets * p->n_set_cols);
    return FB_OK;
}

static fb_status bind_orders(Exec *x, const Plan *p, Expr *const *in, uint32_t n, Expr **out,
                             fb_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        out[i] = expr_copy(&x->arena, in[i]);
        out[i]->args = ARENA_ARRAY(&x->arena, Expr *, 1);
        TRY(exec_bind(x, in[i]->args[0], p->child[0]->out, p->child[0]->n_out, &out[i]->args[0],
                      err));
    }
    return FB_OK;
}

/* ---- partitions ---- */

static Expr *order_by_column(Exec *x, uint32_t column, const Type *t)
{
    Expr *o = expr_new(&x->arena, E_SORT_ORDER, 1);
    Expr *c = expr_new(&x->arena, E_COLUMN, 0);
    c->type = o->type = t;
    c->column = column;
    o->args[0] = c;
    o->nulls_first = true;
    return o;
}

/* A deal and its sort. more: orders within a partition, over the child's columns. The rows that
 * come have extra columns beyond the child's, ints, which more may use and the deal drops first if
 * it says so. */
static Op *deal_and_sort(Exec *x, const Plan *child, uint32_t extra, Open *o, const DealSpec *deal,
                         Expr *const *more, uint32_t n_more)
{
    uint32_t n_cols = child->n_out + extra - deal->drop + 1;
    const Type **types = ARENA_ARRAY(&x->arena, const Type *, n_cols);
    Expr **orders = ARENA_ARRAY(&x->arena, Expr *, n_more + 1);
    Source *s;
    for (uint32_t c = 0; c < n_cols; c++) {
        types[c] = c < child->n_out ? child->out[c].type : type_int;
    }
    orders[0] = order_by_column(x, n_cols - 1, type_int);
    memcpy(orders + 1, more, n_more * sizeof(*orders));
    Op *op = op_deal(x, deal);
    append(x, o, op);
    Op *sort =
        op_part_sort(x, orders, n_more + 1, types, n_cols, op_deal_count(op), deal->adaptive, &s);
    for (uint32_t i = 0; i < n_more; i++) {
        mark_by_parts(sort, more[i]->args, 1);
    }
    *o = break_with(x, o, sort, s);
    return op;
}

static void exchange(Exec *x, const Plan *child, Open *o, const DealSpec *deal, Expr *const *more,
                     uint32_t n_more)
{
    (void)deal_and_sort(x, child, 0, o, deal, more, n_more);
}

static void compile_round_robin(Exec *x, const Plan *child, Open *o, DealSpec *deal)
{
    if (conf_get_bool(x->conf, "spark.sql.execution.sortBeforeRepartition")) {
        DealSpec keep = {.kind = DEAL_KEEP, .in = o->parts};
        Expr *by_hash = order_by_column(x, child->n_out, type_int);
        append(x, o, op_row_hash());
        (void)deal_and_sort(x, child, 1, o, &keep, &by_hash, 1);
        deal->drop = 1;
    }
    (void)deal_and_sort(x, child, deal->drop, o, deal, NULL, 0);
}

/* The bounds are known when all rows have been seen: so they are kept before they are dealt. The
 * deal exists before its pipeline does, for the bounds to be put into it. */
static void compile_ranges(Exec *x, const Plan *child, Open *o, const DealSpec *deal)
{
    DealSpec keep = {.kind = DEAL_KEEP, .in = o->parts};
    Op *bounds = op_range_bounds(x, deal->key, deal->n_keys);
    append(x, o, bounds);
    exchange(x, child, o, &keep, NULL, 0);
    op_range_deal(bounds, deal_and_sort(x, child, 0, o, deal, NULL, 0));
}

/* coalesce(n): a number for each partition, unless the rows come by several pipelines. */
static void compile_coalesce(Exec *x, const Plan *child, Open *o, uint32_t n)
{
    if (o->n > 1) {
        DealSpec deal = {.kind = DEAL_MERGE, .n = n, .in = o->parts};
        exchange(x, child, o, &deal, NULL, 0);
        return;
    }
    append(x, o, op_part_coalesce(o->parts, n));
    o->parts = parts_most(x, o->parts, n);
}

/* The branches of more come after those of o, and so do their partitions. */
static void add_branches(Exec *x, Open *o, Open *more)
{
    if (o->n == 0) {
        *o = *more;
        return;
    }
    const Parts *both[2] = {o->parts, more->parts};
    append(x, more, op_part_after(o->parts));
    Branch *b = ARENA_ARRAY(&x->arena, Branch, o->n + more->n);
    memcpy(b, o->b, o->n * sizeof(*b));
    memcpy(b + o->n, more->b, more->n * sizeof(*b));
    o->b = b;
    o->n += more->n;
    o->parts = parts_sum(x, both, 2);
}

static void into_one_part(Exec *x, Open *o)
{
    append(x, o, op_part_one());
    o->parts = parts_one(x);
}

static uint32_t default_partitions(const Exec *x, const Plan *p)
{
    int64_t n = p->n ? p->n : conf_get_int(x->conf, "spark.sql.shuffle.partitions");
    return n < 1 ? 1 : n > INT32_MAX ? INT32_MAX : (uint32_t)n;
}

static bool joins_small_parts(const Exec *x, const Plan *p)
{
    return p->adaptive && conf_get_bool(x->conf, "spark.sql.adaptive.enabled") &&
           conf_get_bool(x->conf, "spark.sql.adaptive.coalescePartitions.enabled");
}

static fb_status compile_repartition(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    const Plan *child = p->child[0];
    DealSpec deal = {.n = default_partitions(x, p), .adaptive = joins_small_parts(x, p)};
    Expr **key = ARENA_ARRAY(&x->arena, Expr *, p->n_exprs);
    if (!p->shuffle) {
        compile_coalesce(x, child, o, deal.n);
        return FB_OK;
    }
    deal.key = key;
    deal.n_keys = p->n_exprs;
    if (deal.n == 1) { /* no key decides anything */
        deal.kind = DEAL_MERGE;
        deal.in = o->parts;
        exchange(x, child, o, &deal, NULL, 0);
    } else if (p->n_exprs == 0) {
        deal.kind = DEAL_ROUND;
        compile_round_robin(x, child, o, &deal);
    } else if (p->exprs[0]->kind == E_SORT_ORDER) {
        deal.kind = DEAL_RANGE;
        TRY(bind_orders(x, p, p->exprs, p->n_exprs, key, err));
        compile_ranges(x, child, o, &deal);
    } else {
        deal.kind = DEAL_HASH;
        for (uint32_t i = 0; i < p->n_exprs; i++) {
            TRY(exec_bind(x, p->exprs[i], child->out, child->n_out, &key[i], err));
        }
        exchange(x, child, o, &deal, NULL, 0);
    }
    return FB_OK;
}

static fb_status compile_sort(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    Source *s;
    Expr **orders = ARENA_ARRAY(&x->arena, Expr *, p->n_exprs);
    TRY(bind_orders(x, p, p->exprs, p->n_exprs, orders, err));
    if (!p->global) {
        DealSpec deal = {.kind = DEAL_KEEP, .in = o->parts};
        exchange(x, p->child[0], o, &deal, orders, p->n_exprs);
        return FB_OK;
    }
    Op *op = op_sort(x, orders, p->n_exprs, types_of(x, p->child[0]), p->child[0]->n_out, &s);
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        mark_by_parts(op, orders[i]->args, 1);
    }
    *o = break_with(x, o, op, s);
    return FB_OK;
}

/* ---- aggregates ---- */

typedef struct AggBuild {
    Exec *x;
    const Plan *p;
    AggSpec *spec;
    Expr **plain; /* unbound aggregates, to find equal ones */
} AggBuild;

/* The k-th value that agg_finish gives. */
static Expr *result_column(AggBuild *b, uint32_t k, const Expr *like)
{
    Expr *c = expr_new(&b->x->arena, E_COLUMN, 0);
    c->type = like->type;
    c->nullable = like->nullable;
    c->column = k;
    return c;
}

static Expr *replace_results(AggBuild *b, const Expr *e)
{
    for (uint32_t k = 0; k < b->p->n_groups; k++) {
        const Expr *g = b->p->groups[k];
        while (g->kind == E_ALIAS) {
            g = g->args[0];
        }
        if (expr_equal(g, e)) {
            return result_column(b, k, e);
        }
    }
    if (e->kind == E_AGG) {
        uint32_t k = 0;
        while (k < b->spec->n_aggs && !expr_equal(b->plain[k], e)) {
            k++;
        }
        if (k == b->spec->n_aggs) {
            b->plain[b->spec->n_aggs++] = (Expr *)e;
        }
        return result_column(b, b->p->n_groups + k, e);
    }
    Expr *copy = expr_copy(&b->x->arena, e);
    if (e->n_args) {
        copy->args = ARENA_ARRAY(&b->x->arena, Expr *, e->n_args);
        for (uint32_t i = 0; i < e->n_args; i++) {
            copy->args[i] = replace_results(b, e->args[i]);
        }
    }
    return copy;
}

static bool count_aggs(void *arg, const Expr *e)
{
    *(uint32_t *)arg += e->kind == E_AGG;
    return true;
}

static fb_status make_agg_spec(Exec *x, const Plan *p, AggSpec *s, fb_error *err)
{
    const Plan *child = p->child[0];
    AggBuild b = {.x = x, .p = p, .spec = s};
    uint32_t most = 0;
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        (void)expr_visit(p->exprs[i], count_aggs, &most);
    }
    b.plain = ARENA_ARRAY(&x->arena, Expr *, most + 1);
    s->n_keys = p->n_groups;
    s->key_names = ARENA_ARRAY(&x->arena, const char *, p->n_groups);
    TRY(bind_list(x, p->groups, p->n_groups, child, &s->keys, err));
    for (uint32_t k = 0; k < p->n_groups; k++) {
        const char *name = p->groups[k]->name;
        s->key_names[k] = name ? arena_strdup(&x->arena, name) : "_groupingexpression";
    }
    s->n_outs = p->n_exprs;
    s->outs = ARENA_ARRAY(&x->arena, Expr *, p->n_exprs);
    s->out_attrs = p->out;
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        const Expr *e = p->exprs[i];
        while (e->kind == E_ALIAS) {
            e = e->args[0];
        }
        s->outs[i] = replace_results(&b, e);
    }
    s->aggs = ARENA_ARRAY(&x->arena, Expr *, s->n_aggs);
    for (uint32_t k = 0; k < s->n_aggs; k++) {
        TRY(exec_bind(x, b.plain[k], child->out, child->n_out, &s->aggs[k], err));
        if (s->aggs[k]->filter) {
            TRY(exec_bind(x, b.plain[k]->filter, child->out, child->n_out, &s->aggs[k]->filter,
                          err));
        }
    }
    return FB_OK;
}

static void mark_aggregates(Op *op, const AggSpec *spec)
{
    for (uint32_t k = 0; k < spec->n_aggs; k++) {
        mark_by_parts(op, spec->aggs[k]->args, spec->aggs[k]->n_args);
        mark_by_parts(op, &spec->aggs[k]->filter, 1);
    }
}

static fb_status compile_observe(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    AggSpec *spec = ARENA_NEW(&x->arena, AggSpec);
    TRY(make_agg_spec(x, p, spec, err));
    spec->out_attrs = p->gen_out;
    Op *op = op_observe(x, p, spec);
    mark_aggregates(op, spec);
    append(x, o, op);
    return FB_OK;
}

static fb_status compile_limit(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    Op *op = NULL;
    Source *none = NULL;
    const Plan *below = p->child[0];
    while (below->kind == P_PROJECT) {
        below = below->child[0];
    }
    op_observe_most(x, below, p->n);
    if (x->hooks && p->streaming) {
        TRY(x->hooks->stateful(x->hooks->self, x, p, NULL, &op, &none, err));
    }
    append(x, o, op ? op : op_limit(p->n, 0));
    into_one_part(x, o);
    return FB_OK;
}

static fb_status compile_aggregate(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    AggSpec *spec = ARENA_NEW(&x->arena, AggSpec);
    Op *op = NULL;
    Source *s = NULL;
    TRY(make_agg_spec(x, p, spec, err));
    if (x->hooks && p->streaming) {
        TRY(x->hooks->stateful(x->hooks->self, x, p, spec, &op, &s, err));
    }
    if (!op) {
        op = op_aggregate(x, spec, &s);
    }
    mark_by_parts(op, spec->keys, spec->n_keys);
    mark_aggregates(op, spec);
    *o = break_with(x, o, op, s);
    return FB_OK;
}

/* ---- joins ---- */

typedef struct KeyLists {
    Expr **left, **right;
    bool *null_safe;
    uint32_t n;
    Expr **rest;
    uint32_t n_rest;
} KeyLists;

static bool uses_only(const Expr *e, const Plan *p)
{
    if (e->kind == E_ATTR) {
        for (uint32_t i = 0; i < p->n_out; i++) {
            if (p->out[i].id == e->attr) {
                return true;
            }
        }
        return false;
    }
    for (uint32_t i = 0; i < e->n_args; i++) {
        if (!uses_only(e->args[i], p)) {
            return false;
        }
    }
    return true;
}

static bool has_attribute(const Expr *e)
{
    return expr_contains(e, E_ATTR);
}

static uint32_t count_conjuncts(const Expr *e)
{
    return e->kind == E_AND ? count_conjuncts(e->args[0]) + count_conjuncts(e->args[1]) : 1;
}

/* Conjuncts of the form left = right become keys, the others the rest of the condition. */
static void split_condition(const Plan *p, Expr *e, KeyLists *k)
{
    if (e->kind == E_AND) {
        split_condition(p, e->args[0], k);
        split_condition(p, e->args[1], k);
        return;
    }
    bool eq = e->kind == E_CALL && e->n_args == 2 &&
              (strcmp(e->fn->name, "=") == 0 || strcmp(e->fn->name, "==") == 0);
    bool null_safe = e->kind == E_CALL && e->n_args == 2 && strcmp(e->fn->name, "<=>") == 0;
    if ((eq || null_safe) && has_attribute(e->args[0]) && has_attribute(e->args[1]) &&
        type_same(e->args[0]->type, e->args[1]->type)) {
        for (int swap = 0; swap < 2; swap++) {
            Expr *l = e->args[swap], *r = e->args[1 - swap];
            if (uses_only(l, p->child[0]) && uses_only(r, p->child[1])) {
                k->left[k->n] = l;
                k->right[k->n] = r;
                k->null_safe[k->n++] = null_safe;
                return;
            }
        }
    }
    k->rest[k->n_rest++] = e;
}

static Expr *all_of(Exec *x, Expr *const *list, uint32_t n)
{
    Expr *e = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (!e) {
            e = list[i];
            continue;
        }
        Expr *both = expr_new(&x->arena, E_AND, 2);
        both->type = type_boolean;
        both->nullable = true;
        both->args[0] = e;
        both->args[1] = list[i];
        e = both;
    }
    return e;
}

static Attr *both_outputs(Exec *x, const Plan *l, const Plan *r)
{
    Attr *all = ARENA_ARRAY(&x->arena, Attr, l->n_out + r->n_out);
    for (uint32_t i = 0; i < l->n_out; i++) {
        all[i] = l->out[i];
    }
    for (uint32_t i = 0; i < r->n_out; i++) {
        all[l->n_out + i] = r->out[i];
    }
    return all;
}

static fb_status make_join_spec(Exec *x, const Plan *p, JoinSpec *s, fb_error *err)
{
    const Plan *l = p->child[0], *r = p->child[1];
    uint32_t most = p->n_exprs ? count_conjuncts(p->exprs[0]) : 0;
    KeyLists k = {.left = ARENA_ARRAY(&x->arena, Expr *, most),
                  .right = ARENA_ARRAY(&x->arena, Expr *, most),
                  .rest = ARENA_ARRAY(&x->arena, Expr *, most),
                  .null_safe = ARENA_ARRAY(&x->arena, bool, most)};
    Attr *all = both_outputs(x, l, r);
    if (p->n_exprs) {
        split_condition(p, p->exprs[0], &k);
    }
    s->type = p->join_type;
    s->n_keys = k.n;
    s->null_safe = k.null_safe;
    TRY(bind_list(x, k.left, k.n, l, &s->left_keys, err));
    TRY(bind_list(x, k.right, k.n, r, &s->right_keys, err));
    Expr *rest = all_of(x, k.rest, k.n_rest);
    if (rest) {
        TRY(exec_bind(x, rest, all, l->n_out + r->n_out, &s->condition, err));
    }
    s->left_types = types_of(x, l);
    s->n_left = l->n_out;
    s->right_types = types_of(x, r);
    s->n_right = r->n_out;
    uint32_t *out = ARENA_ARRAY(&x->arena, uint32_t, p->n_out);
    for (uint32_t i = 0; i < p->n_out; i++) {
        for (uint32_t c = 0; c < l->n_out + r->n_out; c++) {
            if (all[c].id == p->out[i].id) {
                out[i] = c;
                break;
            }
        }
    }
    s->out = out;
    s->n_out = p->n_out;
    return FB_OK;
}

static fb_status compile_join(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    JoinSpec spec = {0};
    Op *build, *probe;
    Source *rest;
    Open right = {0};
    TRY(make_join_spec(x, p, &spec, err));
    TRY(compile(x, p->child[1], &right, err));
    op_join(x, &spec, &build, &probe, &rest);
    append(x, &right, build);
    close_branches(x, &right);
    fb_status st = compile_input(x, p->child[0], false, o, err);
    if (st != FB_OK) {
        keep_op(x, probe);
        if (rest) {
            rest->vt->free(rest);
        }
        return st;
    }
    append_exprs(x, o, probe, &spec.condition, 1);
    if (rest) {
        Open more = open_source(x, rest, true);
        add_branches(x, o, &more);
    }
    if (p->join_type == JOIN_RIGHT || p->join_type == JOIN_FULL) {
        into_one_part(x, o);
    }
    return FB_OK;
}

/* ---- the rest ---- */

static fb_status compile_union(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    Open all = {0};
    for (uint32_t i = 0; i < p->n_children; i++) {
        Open one = {0};
        fb_status st = compile_input(x, p->child[i], false, &one, err);
        if (st != FB_OK) {
            abandon(&all);
            return st;
        }
        add_branches(x, &all, &one);
    }
    *o = all;
    return FB_OK;
}

static fb_status compile_deduplicate(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    Expr **keys;
    TRY(bind_list(x, p->groups, p->n_groups, p->child[0], &keys, err));
    append(x, o, op_deduplicate(x, keys, p->n_groups));
    into_one_part(x, o);
    return FB_OK;
}

static fb_status compile_leaf(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    switch (p->kind) {
    case P_RELATION:
        return compile_relation(x, p, o, err);
    case P_LOCAL:
        *o = open_source(x, source_rowset(p->rows, NULL, 0), true);
        return FB_OK;
    case P_CACHED:
        *o = open_source(x, source_rowset(p->rows, NULL, 0), true);
        source_rowset_kept(o->b[0].source, (uint32_t)p->n);
        return FB_OK;
    case P_RANGE: {
        uint32_t n = p->n > 0 ? (uint32_t)p->n : x->parallelism;
        *o = open_source(x, source_range(p->range_start, p->range_end, p->range_step, n), true);
        return FB_OK;
    }
    case P_ONE_ROW:
        *o = open_source(x, source_one_row(), true);
        return FB_OK;
    default:
        return err_unsupported(err, "the operator %s", plan_node_name(p));
    }
}

static fb_status compile_unary(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    Source *s;
    switch (p->kind) {
    case P_PROJECT:
        return compile_project(x, p, o, err);
    case P_FILTER:
        return compile_filter(x, p, o, err);
    case P_AGGREGATE:
        return compile_aggregate(x, p, o, err);
    case P_SORT:
        return compile_sort(x, p, o, err);
    case P_COLLECT_METRICS:
        return compile_observe(x, p, o, err);
    case P_LIMIT:
        return compile_limit(x, p, o, err);
    case P_OFFSET:
        append(x, o, op_limit(-1, p->n));
        into_one_part(x, o);
        return FB_OK;
    case P_TAIL: {
        Op *op = op_tail(x, p->n, plan_schema(p), &s);
        *o = break_with(x, o, op, s);
        return FB_OK;
    }
    case P_GENERATE:
        return compile_generate(x, p, o, err);
    case P_EXPAND:
        return compile_expand(x, p, o, err);
    case P_DEDUPLICATE:
        return compile_deduplicate(x, p, o, err);
    case P_REPARTITION:
        return compile_repartition(x, p, o, err);
    case P_SAMPLE: {
        Op *op = op_sample(p->sample_lower, p->sample_upper, p->with_replacement, p->sample_seed);
        append(x, o, op);
        return FB_OK;
    }
    case P_SUBQUERY_ALIAS:
        return FB_OK;
    default:
        return err_unsupported(err, "the operator %s", plan_node_name(p));
    }
}

/* Spark's optimizer makes local rows of what is computed of local rows: in one partition, whose
 * result is then cut into parts. */
static bool is_local_rows(const Plan *p)
{
    switch (p->kind) {
    case P_LOCAL:
        return true;
    case P_PROJECT:
    case P_FILTER:
    case P_LIMIT:
        return is_local_rows(p->child[0]);
    default:
        return false;
    }
}

/* more: what is above makes local rows too. */
static fb_status compile_input(Exec *x, const Plan *p, bool more, Open *o, fb_error *err)
{
    TRY(compile(x, p, o, err));
    if (more || !x->sees_parts || !is_local_rows(p)) {
        return FB_OK;
    }
    if (p->kind == P_LOCAL) {
        source_rowset_slices(o->b[0].source, x->parallelism);
        return FB_OK;
    }
    Source *s;
    Op *op = op_slices(x, types_of(x, p), p->n_out, &s);
    *o = break_with(x, o, op, s);
    return FB_OK;
}

static fb_status compile(Exec *x, const Plan *p, Open *o, fb_error *err)
{
    if (p->n_children == 0) {
        return compile_leaf(x, p, o, err);
    }
    if (p->kind == P_JOIN) {
        return compile_join(x, p, o, err);
    }
    if (p->kind == P_SET_OP && p->set_op == SET_UNION) {
        return compile_union(x, p, o, err);
    }
    if (p->n_children != 1) {
        return err_unsupported(err, "the operator %s", plan_node_name(p));
    }
    TRY(compile_input(x, p->child[0], is_local_rows(p), o, err));
    fb_status st = compile_unary(x, p, o, err);
    if (st != FB_OK) {
        abandon(o);
        o->n = 0;
    }
    return st;
}

/* Batches of ordinary size must not fail while operators that could spill fill the budget: a
 * worker's arena draws on it beyond this many bytes, or its part of one share of the limit. */
#define BATCH_EXEMPT ((size_t)16 << 20)
#define BATCH_EXEMPT_MIN ((size_t)1 << 20) /* beside many other runs */
#define BATCH_SHARE 16

static bool is_deterministic_list(Expr *const *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!expr_is_deterministic(e[i])) {
            return false;
        }
    }
    return true;
}

static bool sees_no_parts(void *arg, const Plan *p)
{
    (void)arg;
    return p->kind != P_SAMPLE && p->kind != P_REPARTITION && (p->kind != P_SORT || p->global) &&
           is_deterministic_list(p->exprs, p->n_exprs) &&
           is_deterministic_list(p->groups, p->n_groups) &&
           is_deterministic_list(p->sets, (size_t)p->n_sets * p->n_set_cols);
}

/* Which pipelines run by partition. Those that end in the same files do so together, since the
 * number of a partition names a file. */
static void choose_by_part(Exec *x)
{
    for (int again = 0; again < 2; again++) {
        for (uint32_t i = 0; i < x->n_pipes; i++) {
            Pipeline *p = &x->pipes[i];
            Op *last = p->first;
            p->by_part |= p->source->parting == PARTING_ALWAYS;
            for (Op *op = p->first; op; op = op->next) {
                p->by_part |= op->by_part;
                last = op;
            }
            p->by_part |=
                last->likes_parts && (last->in_parts || p->source->parting == PARTING_LIKED);
            last->in_parts |= p->by_part;
        }
    }
}

static fb_status set_up(Exec *x, fb_error *err)
{
    const char *tz_name = conf_get(x->conf, "spark.sql.session.timeZone", &x->arena);
    const TimeZone *tz = tz_system();
    if (tz_name) {
        TRY(tz_get(str_of(tz_name), &tz, err));
    }
    x->tz = tz;
    x->tz_name = tz_id(tz);
    x->ansi = conf_get_bool(x->conf, "spark.sql.ansi.enabled");
    x->n_workers = pool_size(x->pool);
    x->parallelism = count_setting(x, "spark.sql.leafNodeDefaultParallelism", x->n_workers);
    x->workers = mem_zalloc(mem_mul(x->n_workers, sizeof(*x->workers)));
    if (x->budget) {
        size_t share = (size_t)x->budget->limit / BATCH_SHARE / x->n_workers;
        size_t want = share > BATCH_EXEMPT ? share : BATCH_EXEMPT;
        x->exempt = budget_exempt(x->budget, (int64_t)(want * x->n_workers),
                                  (int64_t)(BATCH_EXEMPT_MIN * x->n_workers));
        x->quota.budget = x->budget;
        x->quota.exempt = (size_t)x->exempt / x->n_workers;
    }
    for (uint32_t w = 0; w < x->n_workers; w++) {
        x->workers[w].id = w;
        x->workers[w].arena.quota = x->budget ? &x->quota : NULL;
        x->workers[w].eval = (EvalCtx){.arena = &x->workers[w].arena,
                                       .tz = x->tz,
                                       .tz_name = x->tz_name,
                                       .now_us = clock_now_us(),
                                       .partition = w,
                                       .kept = &x->workers[w].kept};
    }
    return FB_OK;
}

fb_status exec_compile(const Plan *plan, const Conf *conf, Pool *pool, MemBudget *budget,
                       const ExecHooks *hooks, Op *sink, Exec **ret, fb_error *err)
{
    Exec *x = mem_zalloc(sizeof(*x));
    Open o = {0};
    x->conf = conf;
    x->pool = pool;
    x->budget = budget;
    x->hooks = hooks;
    fb_status st = set_up(x, err);
    if (st == FB_OK) {
        x->sees_parts =
            sink->likes_parts || sink->by_part || !plan_visit(plan, sees_no_parts, NULL);
        st = compile_input(x, plan, false, &o, err);
    }
    if (st == FB_OK) {
        x->parts = o.parts;
        append(x, &o, sink);
        close_branches(x, &o);
        choose_by_part(x);
        *ret = x;
        return FB_OK;
    }
    keep_op(x, sink);
    exec_free(x);
    return st;
}
