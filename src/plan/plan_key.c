/*
 * plan_key.c - plans as texts to compare.
 *
 * Every operand of a node is written, whether its kind uses it or not: what is unused is the same
 * in all. Attributes are numbered as they appear, so that the copies of a view, whose attributes
 * are others each time, have one key. A source is known by what was asked of the reader
 * (Relation.identity), or by itself. Local rows, which a client sends anew with each request, are
 * known by a hash of 128 bits.
 *
 * Recursion: by the depth of plans and expressions, which the analyzer bounds.
 */
#include "plan/plan_key.h"

#include "column/unsafe_row.h"
#include "expr/function.h"

#include <inttypes.h>

typedef struct Key {
    StrBuf *out;
    AttrId *seen; /* open addressing, 0 free; number[k] is what seen[k] is called */
    uint32_t *number;
    uint32_t n, cap;
} Key;

static void grow(Key *k)
{
    Key old = *k;
    k->cap = old.cap ? old.cap * 2 : 64;
    k->seen = mem_zalloc(mem_mul(k->cap, sizeof(*k->seen)));
    k->number = mem_zalloc(mem_mul(k->cap, sizeof(*k->number)));
    for (uint32_t i = 0; i < old.cap; i++) {
        uint32_t at = old.seen[i] * 2654435761u & (k->cap - 1);
        while (old.seen[i] && k->seen[at]) {
            at = (at + 1) & (k->cap - 1);
        }
        if (old.seen[i]) {
            k->seen[at] = old.seen[i];
            k->number[at] = old.number[i];
        }
    }
    mem_free(old.seen);
    mem_free(old.number);
}

static void put_attr(Key *k, AttrId id)
{
    if (k->n * 2 >= k->cap) {
        grow(k);
    }
    uint32_t at = id * 2654435761u & (k->cap - 1);
    while (k->seen[at] && k->seen[at] != id) {
        at = (at + 1) & (k->cap - 1);
    }
    if (!k->seen[at]) {
        k->seen[at] = id;
        k->number[at] = k->n++;
    }
    strbuf_printf(k->out, "#%" PRIu32, k->number[at]);
}

static void put_type(Key *k, const Type *t)
{
    strbuf_putc(k->out, ':');
    if (t) {
        type_json(t, k->out);
    }
}

static void put_text(Key *k, const char *s)
{
    strbuf_printf(k->out, "%zu'%s'", s ? strlen(s) : 0, s ? s : "");
}

static void put_literal(Key *k, const Vec *v)
{
    StrBuf row = {0};
    unsafe_row_encode(v, 1, 0, &row);
    strbuf_printf(k->out, "%zu=", row.n);
    strbuf_append(k->out, row.p, row.n);
    strbuf_free(&row);
}

static void put_expr(Key *k, const Expr *e)
{
    if (e->kind == E_ALIAS) {
        put_expr(k, e->args[0]);
        if (e->attr) {
            strbuf_putc(k->out, '>');
            put_attr(k, e->attr);
        }
        return;
    }
    strbuf_printf(k->out, "(%d,%d%d%d%d,%d,%u", (int)e->kind, e->distinct, e->ignore_nulls, e->desc,
                  e->nulls_first, (int)e->eval_mode, e->column);
    put_type(k, e->type);
    if (e->fn) {
        put_text(k, e->fn->name);
        if (e->fn_data && (e->fn->flags & FN_NONDETERMINISTIC)) {
            strbuf_printf(k->out, "@%" PRId64, *(const int64_t *)e->fn_data); /* the seed */
        }
    }
    if (e->attr) {
        put_attr(k, e->attr);
    }
    if (e->value) {
        put_literal(k, e->value);
    }
    for (uint32_t i = 0; i < e->n_args; i++) {
        put_expr(k, e->args[i]);
    }
    if (e->filter) {
        strbuf_putc(k->out, '?');
        put_expr(k, e->filter);
    }
    strbuf_putc(k->out, ')');
}

static void put_exprs(Key *k, char mark, Expr *const *e, size_t n)
{
    strbuf_printf(k->out, "%c%zu", mark, n);
    for (size_t i = 0; i < n; i++) {
        put_expr(k, e[i]);
    }
}

static void put_attrs(Key *k, char mark, const Attr *a, uint32_t n)
{
    strbuf_printf(k->out, "%c%" PRIu32, mark, n);
    for (uint32_t i = 0; i < n; i++) {
        put_attr(k, a[i].id);
        put_type(k, a[i].type);
    }
}

static void put_rows(Key *k, const RowSet *rows)
{
    uint64_t sum[2] = {0x9e3779b97f4a7c15u, 0xd6e8feb86659fd93u};
    uint64_t *h = mem_alloc(BATCH_ROWS * sizeof(*h));
    Arena a = {0};
    for (uint32_t i = 0; i < rows->n_batches; i++) {
        for (uint32_t from = 0; from < rows->batches[i].n_rows; from += BATCH_ROWS) {
            uint32_t left = rows->batches[i].n_rows - from;
            uint32_t n = left < BATCH_ROWS ? left : BATCH_ROWS;
            Batch b = batch_slice(&rows->batches[i], from, n, &a);
            for (int s = 0; s < 2; s++) {
                for (uint32_t r = 0; r < n; r++) {
                    h[r] = sum[s] + r;
                }
                for (uint32_t c = 0; c < b.n_cols; c++) {
                    vec_hash(&b.col[c], n, h);
                }
                for (uint32_t r = 0; r < n; r++) {
                    sum[s] = hash_u64(h[r], sum[s]);
                }
            }
            arena_reset(&a);
        }
    }
    arena_free(&a);
    mem_free(h);
    strbuf_printf(k->out, "rows %" PRIu64 " %016" PRIx64 "%016" PRIx64, rows->n_rows, sum[0],
                  sum[1]);
}

static void put_operands(Key *k, const Plan *p)
{
    strbuf_printf(k->out, "%d%d%d%d%d%d%d%d,%d,%d,%" PRId64 ",", p->outer, p->global, p->all,
                  p->by_name, p->within_watermark, p->shuffle, p->adaptive, p->with_replacement,
                  (int)p->join_type, (int)p->set_op, p->n);
    strbuf_printf(k->out, "%" PRId64 ",%" PRId64 ",%" PRId64 ",%a,%a,%" PRId64, p->range_start,
                  p->range_end, p->range_step, p->sample_lower, p->sample_upper, p->sample_seed);
    for (uint32_t i = 0; i < p->n_names; i++) {
        put_text(k, p->names[i]);
    }
    for (uint32_t i = 0; p->columns && i < p->n_out; i++) {
        strbuf_printf(k->out, "c%" PRIu32, p->columns[i]);
    }
    if (p->relation && p->relation->identity) {
        put_text(k, p->relation->identity);
    } else if (p->relation) {
        strbuf_printf(k->out, "relation %p", (const void *)p->relation);
    }
    if (p->relation) {
        put_type(k, p->relation->schema);
    }
    if (p->rows) {
        put_rows(k, p->rows);
    }
    if (p->kind == P_COLLECT_METRICS) {
        put_text(k, p->name);
    }
}

static void put_plan(Key *k, const Plan *p)
{
    if (p->kind == P_SUBQUERY_ALIAS) {
        put_plan(k, p->child[0]);
        return;
    }
    strbuf_printf(k->out, "[%d,", (int)p->kind);
    for (uint32_t i = 0; i < p->n_children; i++) {
        put_plan(k, p->child[i]);
    }
    put_operands(k, p);
    put_exprs(k, 'e', p->exprs, p->n_exprs);
    put_exprs(k, 'g', p->groups, p->n_groups);
    put_exprs(k, 's', p->sets, (size_t)p->n_sets * p->n_set_cols);
    put_attrs(k, 'n', p->gen_out, p->n_gen_out);
    put_attrs(k, 'o', p->out, p->n_out);
    strbuf_putc(k->out, ']');
}

void plan_key(const Plan *p, StrBuf *out)
{
    Key k = {.out = out};
    put_plan(&k, p);
    mem_free(k.seen);
    mem_free(k.number);
}
