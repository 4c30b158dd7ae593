/*
 * group_table.c - the hash table of grouping keys.
 *
 * Slots are 64-bit words: 16 bits of the hash as a tag over a 48-bit row pointer (user space on
 * x86-64 and AArch64), 0 for free, 1 for removed. A probe compares the tag first, so a row is read
 * only when it is very likely the one. Linear probing, load at most 1/2.
 *
 * A batch is looked up in two forms. One string or one 64-bit key runs in a fused loop. Any other
 * key runs in rounds: find a candidate slot for each pending row (new rows are claimed and get
 * their keys written, column by column), then compare each key column for all candidates at once;
 * rows that met another key go on to their next slot. No type is dispatched on per row.
 */
#include "exec/group_table.h"

#include "column/unsafe_row.h"

#define ROW_ALIGN 16u
#define SLAB_BYTES (1u << 20)
#define SLOT_REMOVED 1ull
#define PTR_MASK 0xffffffffffffull
#define MIN_SLOTS 1024u
#define PREFETCH_SLOTS (1u << 16)

typedef struct KeySlot {
    const Type *type;
    uint32_t offset; /* from the row's start */
    uint32_t width;
    bool nested; /* kept as the bytes of an UnsafeRow of one column */
} KeySlot;

struct GroupTable {
    KeySlot *keys;
    uint32_t n_keys;
    uint32_t null_offset;
    uint32_t payload_offset;
    uint32_t row_size;
    size_t payload_size;
    uint64_t *slots;
    uint64_t mask; /* slots - 1 */
    uint64_t n_rows, n_removed;
    uint8_t **slab; /* rows of slab_rows each */
    uint32_t n_slabs, cap_slabs;
    uint32_t slab_rows;
    uint32_t last_rows; /* used in the newest slab */
    uint8_t *free_rows; /* removed rows, linked through their hash field */
    Arena arena;        /* long strings of keys, and what the owner puts there */
};

static uint64_t row_hash(const uint8_t *row)
{
    uint64_t h;
    memcpy(&h, row, sizeof(h));
    return h;
}

static uint64_t tag_of(uint64_t hash)
{
    return hash & ~PTR_MASK;
}

static uint32_t align_up(uint32_t n, uint32_t to)
{
    return (n + to - 1) / to * to;
}

GroupTable *group_table_new(const Type *const *types, uint32_t n_keys, size_t payload_size)
{
    GroupTable *t = mem_zalloc(sizeof(*t));
    uint32_t at = 8;
    t->keys = mem_zalloc(mem_mul(n_keys ? n_keys : 1, sizeof(*t->keys)));
    t->n_keys = n_keys;
    t->null_offset = at;
    at += align_up((n_keys + 7) / 8, 8);
    for (uint32_t k = 0; k < n_keys; k++) {
        KeySlot *s = &t->keys[k];
        s->type = types[k];
        s->nested = type_is_nested(types[k]);
        s->width = s->nested ? (uint32_t)sizeof(View) : (uint32_t)type_width(types[k]);
        if (s->width) {
            at = align_up(at, s->width > 16 ? 16 : s->width);
        }
        s->offset = at;
        at += s->width;
    }
    t->payload_offset = align_up(at, ROW_ALIGN);
    t->payload_size = payload_size;
    t->row_size = align_up(t->payload_offset + (uint32_t)payload_size, ROW_ALIGN);
    t->slab_rows = SLAB_BYTES / t->row_size ? SLAB_BYTES / t->row_size : 1;
    t->mask = MIN_SLOTS - 1;
    t->slots = mem_zalloc(MIN_SLOTS * sizeof(*t->slots));
    return t;
}

void group_table_free(GroupTable *t)
{
    if (!t) {
        return;
    }
    for (uint32_t i = 0; i < t->n_slabs; i++) {
        mem_free(t->slab[i]);
    }
    mem_free(t->slab);
    mem_free(t->slots);
    mem_free(t->keys);
    arena_free(&t->arena);
    mem_free(t);
}

void group_table_clear(GroupTable *t)
{
    for (uint32_t i = 1; i < t->n_slabs; i++) {
        mem_free(t->slab[i]);
    }
    t->n_slabs = t->n_slabs ? 1 : 0;
    t->last_rows = 0;
    t->n_rows = t->n_removed = 0;
    t->free_rows = NULL;
    memset(t->slots, 0, (t->mask + 1) * sizeof(*t->slots));
    arena_reset(&t->arena);
}

uint64_t group_table_size(const GroupTable *t)
{
    return t->n_rows;
}

size_t group_table_bytes(const GroupTable *t)
{
    return sizeof(*t) + (t->mask + 1) * sizeof(*t->slots) + t->arena.allocated +
           (size_t)t->n_slabs * t->slab_rows * t->row_size;
}

Arena *group_table_arena(GroupTable *t)
{
    return &t->arena;
}

uint64_t group_table_hash_of(const GroupTable *t, const uint8_t *payload)
{
    return row_hash(payload - t->payload_offset);
}

/* ---- rows and slots ---- */

static uint8_t *new_row(GroupTable *t, uint64_t hash)
{
    uint8_t *row;
    if (t->free_rows) {
        row = t->free_rows;
        memcpy(&t->free_rows, row + 8, sizeof(uint8_t *));
    } else {
        if (!t->n_slabs || t->last_rows == t->slab_rows) {
            if (t->n_slabs == t->cap_slabs) {
                t->cap_slabs = t->cap_slabs ? t->cap_slabs * 2 : 16;
                t->slab = mem_realloc(t->slab, mem_mul(t->cap_slabs, sizeof(*t->slab)));
            }
            t->slab[t->n_slabs++] = mem_alloc(mem_mul(t->slab_rows, t->row_size));
            t->last_rows = 0;
        }
        row = t->slab[t->n_slabs - 1] + (size_t)t->last_rows++ * t->row_size;
    }
    memset(row, 0, t->row_size);
    /* Bit 0 of the stored hash marks a live row for scans. */
    hash |= 1;
    memcpy(row, &hash, sizeof(hash));
    t->n_rows++;
    return row;
}

static void rehash(GroupTable *t, uint64_t n_slots)
{
    uint64_t *slots = mem_zalloc(mem_mul(n_slots, sizeof(*slots)));
    uint64_t mask = n_slots - 1;
    for (uint64_t i = 0; i <= t->mask; i++) {
        uint64_t s = t->slots[i];
        if (s > SLOT_REMOVED) {
            uint64_t k = row_hash((const uint8_t *)(uintptr_t)(s & PTR_MASK)) >> 1 & mask;
            while (slots[k]) {
                k = (k + 1) & mask;
            }
            slots[k] = s;
        }
    }
    mem_free(t->slots);
    t->slots = slots;
    t->mask = mask;
    t->n_removed = 0;
}

/* Room for n more rows at a load of at most one half. */
static void reserve(GroupTable *t, uint32_t n)
{
    uint64_t want = (t->n_rows + n) * 2;
    uint64_t slots = t->mask + 1;
    if (want + t->n_removed <= slots) {
        return;
    }
    while (slots < want) {
        slots *= 2;
    }
    rehash(t, slots);
}

static void prefetch(const GroupTable *t, const uint64_t *hash, uint32_t n)
{
    if (t->mask < PREFETCH_SLOTS) {
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        __builtin_prefetch(&t->slots[hash[i] >> 1 & t->mask]);
    }
}

/* ---- keys in and out of rows ---- */

/* A nested column as views of UnsafeRow bytes, so that equality is byte equality. */
static const Vec *as_views(const Vec *v, uint32_t n, Arena *a)
{
    Vec *out = ARENA_NEW(a, Vec);
    StrBuf b = {0};
    vec_init(out, type_binary, n, a);
    for (uint32_t i = 0; i < n; i++) {
        if (!vec_is_valid(v, i)) {
            vec_set_null(out, a, i);
            VEC_DATA(View, out)[i] = (View){0};
            continue;
        }
        strbuf_clear(&b);
        unsafe_row_encode(v, 1, i, &b);
        const char *p = arena_bytes(a, b.p, b.n);
        VEC_DATA(View, out)[i] = view_of(p, b.n);
    }
    strbuf_free(&b);
    return out;
}

static const Vec *prepare_keys(const GroupTable *t, const Vec *keys, uint32_t n, Arena *a)
{
    Vec *out = NULL;
    for (uint32_t k = 0; k < t->n_keys; k++) {
        if (t->keys[k].nested) {
            if (!out) {
                out = ARENA_ARRAY(a, Vec, t->n_keys);
                memcpy(out, keys, t->n_keys * sizeof(Vec));
            }
            out[k] = *as_views(&keys[k], n, a);
        }
    }
    return out ? out : keys;
}

static const uint64_t *prepare_hash(const Vec *keys, uint32_t n_keys, uint32_t n,
                                    const uint64_t *hash, Arena *a)
{
    if (hash) {
        return hash;
    }
    uint64_t *h = ARENA_ARRAY(a, uint64_t, n);
    for (uint32_t k = 0; k < n_keys; k++) {
        vec_hash(&keys[k], n, h);
    }
    return h;
}

static bool key_is_view(const KeySlot *s)
{
    return s->nested || type_is_view(s->type);
}

#define WRITE_FIXED(ctype)                                                                         \
    for (uint32_t j = 0; j < n; j++) {                                                             \
        uint32_t i = which[j];                                                                     \
        memcpy(row[i] + s->offset, &VEC_AT(ctype, v, i), sizeof(ctype));                           \
    }

static void write_key(GroupTable *t, uint32_t k, const Vec *v, uint8_t *const *row,
                      const uint32_t *which, uint32_t n)
{
    const KeySlot *s = &t->keys[k];
    for (uint32_t j = 0; j < n; j++) {
        if (!vec_is_valid(v, which[j])) {
            row[which[j]][t->null_offset + k / 8] |= (uint8_t)(1u << (k % 8));
        }
    }
    if (key_is_view(s)) {
        for (uint32_t j = 0; j < n; j++) {
            uint32_t i = which[j];
            View copy = {0};
            if (vec_is_valid(v, i)) {
                copy = view_copy(&t->arena, VEC_AT(View, v, i));
            }
            memcpy(row[i] + s->offset, &copy, sizeof(copy));
        }
        return;
    }
    switch (s->width) {
    case 1:
        WRITE_FIXED(uint8_t)
        break;
    case 2:
        WRITE_FIXED(uint16_t)
        break;
    case 4:
        WRITE_FIXED(uint32_t)
        break;
    case 8:
        WRITE_FIXED(uint64_t)
        break;
    case 16:
        WRITE_FIXED(int128_t)
        break;
    default:
        break;
    }
}

#define COMPARE_FIXED(ctype)                                                                       \
    for (uint32_t j = 0; j < n; j++) {                                                             \
        uint32_t i = which[j];                                                                     \
        bool null = row[i][t->null_offset + k / 8] >> (k % 8) & 1;                                 \
        bool valid = vec_is_valid(v, i);                                                           \
        same[j] &= valid != null &&                                                                \
                   (null || memcmp(row[i] + s->offset, &VEC_AT(ctype, v, i), sizeof(ctype)) == 0); \
    }

static void compare_key(const GroupTable *t, uint32_t k, const Vec *v, uint8_t *const *row,
                        const uint32_t *which, uint32_t n, bool *same)
{
    const KeySlot *s = &t->keys[k];
    if (key_is_view(s)) {
        for (uint32_t j = 0; j < n; j++) {
            uint32_t i = which[j];
            bool null = row[i][t->null_offset + k / 8] >> (k % 8) & 1;
            bool valid = vec_is_valid(v, i);
            same[j] &= valid != null &&
                       (null || view_eq((const View *)(row[i] + s->offset), &VEC_AT(View, v, i)));
        }
        return;
    }
    switch (s->width) {
    case 1:
        COMPARE_FIXED(uint8_t)
        break;
    case 2:
        COMPARE_FIXED(uint16_t)
        break;
    case 4:
        COMPARE_FIXED(uint32_t)
        break;
    case 8:
        COMPARE_FIXED(uint64_t)
        break;
    case 16:
        COMPARE_FIXED(int128_t)
        break;
    default: /* void: all null, all equal */
        break;
    }
}

/* ---- lookups ---- */

/* One string key, flat and without nulls. */
static void upsert_view(GroupTable *t, const Vec *v, uint32_t n, const uint64_t *restrict hash,
                        uint8_t **restrict payload, uint8_t *is_new)
{
    const View *restrict key = v->data;
    uint32_t at = t->keys[0].offset, pay = t->payload_offset;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t h = hash[i], tag = tag_of(h), k = h >> 1 & t->mask, free_slot = UINT64_MAX;
        for (;; k = (k + 1) & t->mask) {
            uint64_t s = t->slots[k];
            if (s == 0) {
                uint8_t *row = new_row(t, h);
                View copy = view_copy(&t->arena, key[i]);
                memcpy(row + at, &copy, sizeof(copy));
                if (free_slot != UINT64_MAX) {
                    k = free_slot;
                    t->n_removed--;
                }
                t->slots[k] = tag | (uint64_t)(uintptr_t)row;
                payload[i] = row + pay;
                if (is_new) {
                    is_new[i] = 1;
                }
                break;
            }
            if (s == SLOT_REMOVED) {
                free_slot = free_slot == UINT64_MAX ? k : free_slot;
                continue;
            }
            uint8_t *row = (uint8_t *)(uintptr_t)(s & PTR_MASK);
            if (tag_of(s) == tag && view_eq((const View *)(row + at), &key[i]) &&
                !(row[t->null_offset] & 1)) {
                payload[i] = row + pay;
                if (is_new) {
                    is_new[i] = 0;
                }
                break;
            }
        }
    }
}

/* One round: moves each pending row to its next free slot or next slot with its tag. Returns how
 * many rows have a candidate to compare (in which[0..]); claimed rows go to fresh. */
static uint32_t find_candidates(GroupTable *t, const uint64_t *hash, uint64_t *at, uint8_t **row,
                                uint32_t *which, uint32_t n, uint32_t *fresh, uint32_t *n_fresh,
                                bool insert, uint8_t *is_new)
{
    uint32_t n_cand = 0;
    *n_fresh = 0;
    for (uint32_t j = 0; j < n; j++) {
        uint32_t i = which[j];
        uint64_t tag = tag_of(hash[i]), k = at[i];
        for (;; k = (k + 1) & t->mask) {
            uint64_t s = t->slots[k];
            if (s == 0) {
                row[i] = NULL;
                if (insert) {
                    row[i] = new_row(t, hash[i]);
                    t->slots[k] = tag | (uint64_t)(uintptr_t)row[i];
                    fresh[(*n_fresh)++] = i;
                    if (is_new) {
                        is_new[i] = 1;
                    }
                }
                break;
            }
            if (s != SLOT_REMOVED && tag_of(s) == tag) {
                row[i] = (uint8_t *)(uintptr_t)(s & PTR_MASK);
                at[i] = (k + 1) & t->mask;
                which[n_cand++] = i;
                break;
            }
        }
    }
    return n_cand;
}

static void look_up(GroupTable *t, const Vec *keys, uint32_t n, const uint64_t *hash,
                    uint8_t **payload, uint8_t *is_new, bool insert, Arena *scratch)
{
    uint64_t *at = ARENA_ARRAY(scratch, uint64_t, n);
    uint32_t *which = ARENA_ARRAY(scratch, uint32_t, n), *fresh = ARENA_ARRAY(scratch, uint32_t, n);
    bool *same = ARENA_ARRAY(scratch, bool, n);
    uint32_t pending = n, n_fresh;
    for (uint32_t i = 0; i < n; i++) {
        which[i] = i;
        at[i] = hash[i] >> 1 & t->mask;
        if (is_new) {
            is_new[i] = 0;
        }
    }
    while (pending) {
        uint32_t n_cand =
            find_candidates(t, hash, at, payload, which, pending, fresh, &n_fresh, insert, is_new);
        for (uint32_t k = 0; k < t->n_keys && n_fresh; k++) {
            write_key(t, k, &keys[k], payload, fresh, n_fresh);
        }
        memset(same, 1, n_cand);
        for (uint32_t k = 0; k < t->n_keys; k++) {
            compare_key(t, k, &keys[k], payload, which, n_cand, same);
        }
        pending = 0;
        for (uint32_t j = 0; j < n_cand; j++) {
            if (!same[j]) {
                which[pending++] = which[j];
            }
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        if (payload[i]) {
            payload[i] += t->payload_offset;
        }
    }
}

void group_table_upsert(GroupTable *t, const Vec *keys, uint32_t n, const uint64_t *hash,
                        uint8_t **payload, uint8_t *is_new, Arena *scratch)
{
    hash = prepare_hash(keys, t->n_keys, n, hash, scratch);
    reserve(t, n);
    prefetch(t, hash, n);
    if (t->n_keys == 1 && type_is_view(t->keys[0].type) && !keys[0].is_const && !keys[0].valid) {
        upsert_view(t, &keys[0], n, hash, payload, is_new);
        return;
    }
    look_up(t, prepare_keys(t, keys, n, scratch), n, hash, payload, is_new, true, scratch);
}

void group_table_find(GroupTable *t, const Vec *keys, uint32_t n, const uint64_t *hash,
                      uint8_t **payload, Arena *scratch)
{
    hash = prepare_hash(keys, t->n_keys, n, hash, scratch);
    prefetch(t, hash, n);
    look_up(t, prepare_keys(t, keys, n, scratch), n, hash, payload, NULL, false, scratch);
}

void group_table_remove(GroupTable *t, uint8_t *payload)
{
    uint8_t *row = payload - t->payload_offset;
    uint64_t k = row_hash(row) >> 1 & t->mask;
    while ((t->slots[k] & PTR_MASK) != (uint64_t)(uintptr_t)row) {
        k = (k + 1) & t->mask;
    }
    t->slots[k] = SLOT_REMOVED;
    t->n_removed++;
    t->n_rows--;
    memset(row, 0, sizeof(uint64_t)); /* not live any more */
    memcpy(row + 8, &t->free_rows, sizeof(uint8_t *));
    t->free_rows = row;
}

/* ---- walking ---- */

uint32_t group_table_scan(const GroupTable *t, uint64_t *pos, uint8_t **payload, uint32_t max)
{
    uint32_t n = 0;
    uint64_t total = t->n_slabs ? (uint64_t)(t->n_slabs - 1) * t->slab_rows + t->last_rows : 0;
    while (*pos < total && n < max) {
        uint8_t *row = t->slab[*pos / t->slab_rows] + *pos % t->slab_rows * t->row_size;
        (*pos)++;
        if (row_hash(row) & 1) {
            payload[n++] = row + t->payload_offset;
        }
    }
    return n;
}

static void read_nested(const GroupTable *t, uint32_t k, uint8_t *const *payload, uint32_t n,
                        Vec *out, Arena *a)
{
    const KeySlot *s = &t->keys[k];
    VecBuilder *b = vecb_new(a, s->type);
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *row = payload[i] - t->payload_offset;
        if (row[t->null_offset + k / 8] >> (k % 8) & 1) {
            vecb_null(b);
            continue;
        }
        const View *v = (const View *)(row + s->offset);
        fb_error err = {0};
        fb_status st = unsafe_row_decode(view_ptr(v), v->len, &b, 1, &s->type, &err);
        FB_ASSERT(st == FB_OK); /* the table encoded it itself */
    }
    vecb_finish(b, out);
}

#define READ_FIXED(ctype)                                                                          \
    for (uint32_t i = 0; i < n; i++) {                                                             \
        memcpy(&VEC_DATA(ctype, v)[i], payload[i] - t->payload_offset + s->offset, sizeof(ctype)); \
    }

void group_table_keys(const GroupTable *t, uint8_t *const *payload, uint32_t n, Vec *out, Arena *a)
{
    for (uint32_t k = 0; k < t->n_keys; k++) {
        const KeySlot *s = &t->keys[k];
        Vec *v = &out[k];
        if (s->nested) {
            read_nested(t, k, payload, n, v, a);
            continue;
        }
        vec_init(v, s->type, n, a);
        switch (s->width) {
        case 1:
            READ_FIXED(uint8_t)
            break;
        case 2:
            READ_FIXED(uint16_t)
            break;
        case 4:
            READ_FIXED(uint32_t)
            break;
        case 8:
            READ_FIXED(uint64_t)
            break;
        case 16:
            READ_FIXED(int128_t)
            break;
        default:
            break;
        }
        for (uint32_t i = 0; i < n; i++) {
            if ((payload[i] - t->payload_offset)[t->null_offset + k / 8] >> (k % 8) & 1) {
                vec_set_null(v, a, i);
            }
        }
    }
}
