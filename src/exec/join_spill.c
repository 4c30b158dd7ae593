/*
 * join_spill.c - hash joins whose right side does not fit in memory (grace hash join).
 *
 * Both sides are dealt to partitions by the hash of the keys, equal keys to equal partitions; then
 * each partition is a join of its own. A partition whose right side is still too large is dealt
 * again by other bits of the hash. Where that can't help, since most of its rows have one key, or
 * after LEVELS times, the right side is taken in pieces that fit, and the left side is read once a
 * piece; which left rows ever had a match is remembered in a byte a row until the last piece.
 *
 * Threads: the workers write to sets of partitions of their own; a partition is joined by one
 * worker, several at a time.
 */
#include "exec/join_priv.h"

#define LEVELS 4u
#define SMALL_ROWS 1024u /* a right side of so few rows is not dealt again */

typedef struct JoinSet {
    SpillPart right[SPILL_FANOUT], left[SPILL_FANOUT];
} JoinSet;

struct JoinSpill {
    Join *j;
    uint32_t level;
    SpillFile *file;
    JoinSet *sets;
    uint32_t n_sets;
};

fb_status join_spill_new(Join *j, uint32_t level, JoinSpill **ret, fb_error *err)
{
    SpillFile *file;
    TRY(spill_new(j->x, "HashJoin", &file, err));
    JoinSpill *s = mem_zalloc(sizeof(*s));
    s->j = j;
    s->level = level;
    s->file = file;
    s->n_sets = level ? 1 : j->x->n_workers;
    s->sets = mem_zalloc(mem_mul(s->n_sets, sizeof(*s->sets)));
    *ret = s;
    return FB_OK;
}

void join_spill_free(JoinSpill *s)
{
    if (!s) {
        return;
    }
    for (uint32_t i = 0; i < s->n_sets; i++) {
        for (uint32_t p = 0; p < SPILL_FANOUT; p++) {
            spill_part_clear(&s->sets[i].right[p]);
            spill_part_clear(&s->sets[i].left[p]);
        }
    }
    mem_free(s->sets);
    spill_free(s->file);
    mem_free(s);
}

fb_status join_spill_right(JoinSpill *s, EvalCtx *cx, uint32_t worker, const Batch *b,
                           fb_error *err)
{
    uint64_t *hash;
    TRY(join_hash(s->j, cx, s->j->spec.right_keys, b, &hash, err));
    return spill_deal(s->file, s->sets[worker].right, b, hash, s->level, cx->arena, err);
}

fb_status join_spill_left(JoinSpill *s, EvalCtx *cx, uint32_t worker, const Batch *b, fb_error *err)
{
    uint64_t *hash;
    TRY(join_hash(s->j, cx, s->j->spec.left_keys, b, &hash, err));
    return spill_deal(s->file, s->sets[worker].left, b, hash, s->level, cx->arena, err);
}

/* ---- joining a partition ---- */

/* A place among the blocks of a partition, over all sets. */
typedef struct Cursor {
    uint32_t set, block;
} Cursor;

typedef struct PartJoin {
    JoinSpill *s;
    uint32_t part;
    Worker *w;
    EmitFn emit;
    void *to;
    Side side;
    int64_t charged;
    uint8_t *hits; /* by left row; NULL: the right side is in one piece */
    uint64_t n_left;
    uint64_t k; /* batches emitted */
    Arena scratch;
} PartJoin;

/* The next block of a side; *ret false: none is left. */
static fb_status next_block(PartJoin *p, bool right, Cursor *c, Batch *out, bool *ret,
                            fb_error *err)
{
    const JoinSpec *spec = &p->s->j->spec;
    for (; c->set < p->s->n_sets; c->set++, c->block = 0) {
        const JoinSet *set = &p->s->sets[c->set];
        const SpillPart *part = right ? &set->right[p->part] : &set->left[p->part];
        if (c->block < part->n) {
            *ret = true;
            return spill_read(p->s->file, &part->block[c->block++],
                              right ? spec->right_types : spec->left_types,
                              right ? spec->n_right : spec->n_left, &p->scratch, out, err);
        }
    }
    *ret = false;
    return FB_OK;
}

/* Fills the side from the cursor on; *ret_whole: the partition's end was reached. */
static fb_status load_side(PartJoin *p, Cursor *c, bool *ret_whole, fb_error *err)
{
    const Join *j = p->s->j;
    join_side_clear(&p->side);
    *ret_whole = false;
    while (!*ret_whole) {
        Batch b;
        bool any;
        TRY(next_block(p, true, c, &b, &any, err));
        if (!any) {
            *ret_whole = true;
            break;
        }
        bool first = p->side.rows->n_rows == 0;
        rowset_append(p->side.rows, &b);
        arena_reset(&p->scratch);
        if (!exec_fits(j->x, &p->charged, join_side_cost(j, &p->side))) {
            return first ? exec_charge(j->x, &p->charged, join_side_cost(j, &p->side), err) : FB_OK;
        }
    }
    return FB_OK;
}

static fb_status probe_side(PartJoin *p, fb_error *err)
{
    const Join *j = p->s->j;
    Cursor c = {0};
    uint64_t row = 0;
    for (;;) {
        Batch b;
        bool any;
        TRY(next_block(p, false, &c, &b, &any, err));
        if (!any) {
            break;
        }
        b.seq = source_seq(p->w, p->part, p->k++);
        fb_status st =
            join_probe(j, &p->side, p->w, &b, p->hits ? p->hits + row : NULL, p->emit, p->to, err);
        row += b.n_rows;
        arena_reset(&p->w->arena);
        arena_reset(&p->scratch);
        TRY(st);
    }
    return join_keeps_right(j->spec.type)
               ? join_right_alone(j, &p->side, p->w, p->part, &p->k, p->emit, p->to, err)
               : FB_OK;
}

static fb_status give_left_alone(PartJoin *p, fb_error *err)
{
    Cursor c = {0};
    uint64_t row = 0;
    for (;;) {
        Batch b;
        bool any;
        TRY(next_block(p, false, &c, &b, &any, err));
        if (!any) {
            return FB_OK;
        }
        b.seq = source_seq(p->w, p->part, p->k++);
        fb_status st = join_left_alone(p->s->j, p->w, &b, p->hits + row, p->emit, p->to, err);
        row += b.n_rows;
        arena_reset(&p->w->arena);
        arena_reset(&p->scratch);
        TRY(st);
    }
}

/* The right side piece by piece, the first of which is loaded already. */
static fb_status join_pieces(PartJoin *p, Cursor *c, fb_error *err)
{
    const Join *j = p->s->j;
    int64_t charged = 0;
    fb_error ignored = {0};
    bool whole = false;
    TRY(exec_charge(j->x, &charged, p->n_left, err));
    p->hits = mem_zalloc(p->n_left + 1);
    fb_status st = FB_OK;
    for (;;) {
        st = join_index(j, &p->side, err);
        if (st == FB_OK) {
            st = probe_side(p, err);
        }
        if (st != FB_OK || whole) {
            break;
        }
        st = load_side(p, c, &whole, err);
        if (st != FB_OK) {
            break;
        }
    }
    if (st == FB_OK && (join_keeps_left(j->spec.type) || join_is_semi(j->spec.type))) {
        st = give_left_alone(p, err);
    }
    mem_free(p->hits);
    p->hits = NULL;
    (void)exec_charge(j->x, &charged, 0, &ignored);
    return st;
}

static uint64_t count_rows(const JoinSpill *s, uint32_t part, bool right)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < s->n_sets; i++) {
        n += right ? s->sets[i].right[part].rows : s->sets[i].left[part].rows;
    }
    return n;
}

static fb_status join_part(JoinSpill *s, Worker *w, uint32_t part, bool split, EmitFn emit,
                           void *to, fb_error *err);

static fb_status deal_side(PartJoin *p, JoinSpill *sub, bool right, fb_error *err)
{
    Cursor c = {0};
    for (;;) {
        Batch b;
        bool any;
        TRY(next_block(p, right, &c, &b, &any, err));
        if (!any) {
            return FB_OK;
        }
        EvalCtx cx = exec_eval(p->s->j->x, &p->scratch);
        TRY(right ? join_spill_right(sub, &cx, 0, &b, err) : join_spill_left(sub, &cx, 0, &b, err));
        arena_reset(&p->scratch);
    }
}

/* Deals the partition to partitions of its own and joins those. */
static fb_status join_dealt(PartJoin *p, uint64_t n_right, fb_error *err)
{
    JoinSpill *sub;
    TRY(join_spill_new(p->s->j, p->s->level + 1, &sub, err));
    fb_status st = deal_side(p, sub, true, err);
    if (st == FB_OK) {
        st = deal_side(p, sub, false, err);
    }
    arena_free(&p->scratch);
    for (uint32_t q = 0; q < SPILL_FANOUT && st == FB_OK; q++) {
        bool skewed = count_rows(sub, q, true) > n_right - n_right / 4;
        st = join_part(sub, p->w, q, !skewed, p->emit, p->to, err);
    }
    join_spill_free(sub);
    return st;
}

/* Recursion: LEVELS deep. split: dealing the rows again may make smaller partitions. */
static fb_status join_part(JoinSpill *s, Worker *w, uint32_t part, bool split, EmitFn emit,
                           void *to, fb_error *err)
{
    PartJoin p = {.s = s, .part = part, .w = w, .emit = emit, .to = to};
    uint64_t n_right = count_rows(s, part, true);
    fb_error ignored = {0};
    Cursor c = {0};
    bool whole;
    p.n_left = count_rows(s, part, false);
    if (n_right + p.n_left == 0) {
        return FB_OK;
    }
    join_side_init(s->j, &p.side);
    fb_status st = load_side(&p, &c, &whole, err);
    if (st == FB_OK && whole) {
        st = join_index(s->j, &p.side, err);
        st = st == FB_OK ? probe_side(&p, err) : st;
    } else if (st == FB_OK && split && s->level + 1 < LEVELS && n_right > SMALL_ROWS) {
        join_side_clear(&p.side);
        st = exec_charge(s->j->x, &p.charged, 0, err);
        st = st == FB_OK ? join_dealt(&p, n_right, err) : st;
    } else if (st == FB_OK) {
        st = join_pieces(&p, &c, err);
    }
    join_side_free(&p.side);
    arena_free(&p.scratch);
    (void)exec_charge(s->j->x, &p.charged, 0, &ignored);
    return st;
}

fb_status join_spill_run(JoinSpill *s, Worker *w, uint32_t part, EmitFn emit, void *to,
                         fb_error *err)
{
    return join_part(s, w, part, true, emit, to, err);
}
