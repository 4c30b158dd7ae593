/*
 * spill.c - rows in a temporary file.
 *
 * A block is the columns of some rows one after another, compressed by LZ4 when that saves an
 * eighth. In memory, before that, a block is
 *
 *     head     u64 seq, u32 rows, u32 columns
 *     column   u32 flags (1 constant, 2 validity), u32 length, u64 bytes of the strings
 *              validity words · values, or lengths and bytes of strings, or offsets · children
 *
 * with every piece padded to 16 bytes, so that a block that was read back is its own vectors: only
 * views are built anew. Values of the machine's own byte order, as no other process sees the file.
 *
 * Small batches make small blocks: who deals rows to many parts gathers enough of them first
 * (spill_deal's callers give batches as large as they have). Large batches are cut, so that a
 * reader of many parts needs a known amount of memory: block_bytes is a share of the limit.
 *
 * What is read is checked against its length all the same: a bad disk must not become a wild
 * pointer.
 */
#include "exec/spill.h"

#include "base/vfs.h"
#include "exec/exec_priv.h"

#include <lz4.h>
#include <pthread.h>
#include <stdlib.h>

#define BLOCK_MIN ((size_t)8 << 10)
#define BLOCK_MAX ((size_t)512 << 10)
#define BLOCK_SHARE 256 /* of the limit */
#define RAW_MAX ((size_t)LZ4_MAX_INPUT_SIZE)
#define HEAD_BYTES 16u
#define FLAG_CONST 1u
#define FLAG_VALID 2u
#define DEPTH_MAX 128 /* of nested types; deeper ones are not made (TYPE_MAX_DEPTH) */

struct SpillFile {
    Exec *x;
    VfsFile *file;
    const char *who;
    size_t block_bytes;
    pthread_mutex_t lock; /* both below */
    int64_t end;
    bool broken; /* a write failed: where the next would land is not known */
};

/* ---- the folder ---- */

static bool open_in(const char *dir, VfsFile **ret, fb_error *why)
{
    err_clear(why);
    return vfs()->mkdirs(dir, why) == FB_OK && vfs()->create_temp(dir, ret, why) == FB_OK;
}

/* The first folder of a list with commas in which a file can be made. */
static bool open_in_some(const char *list, VfsFile **ret, fb_error *why)
{
    Arena a = {0};
    bool done = false;
    while (list && *list && !done) {
        const char *end = strchrnul(list, ',');
        Str dir = str_trim((Str){list, (size_t)(end - list)});
        char *path;
        if (dir.n) {
            err_clear(why);
            done = vfs_path_of_uri(&a, arena_strndup(&a, dir.p, dir.n), &path, why) == FB_OK &&
                   open_in(path, ret, why);
        }
        list = *end ? end + 1 : end;
    }
    arena_free(&a);
    return done;
}

static bool is_text(const char *s)
{
    return s && *s;
}

static fb_status spill_failed(const char *who, fb_error *why, fb_error *err)
{
    err_set(err, ERR_SPILL_OUT_OF_MEMORY, "consumerToSpill", who, "message",
            why->message ? why->message : "", NULL);
    err_clear(why);
    return FB_ERR;
}

fb_status spill_new(Exec *x, const char *who, SpillFile **ret, fb_error *err)
{
    Arena a = {0};
    VfsFile *file = NULL;
    fb_error why = {0};
    const char *dirs = getenv("SPARK_LOCAL_DIRS");
    if (!is_text(dirs)) {
        dirs = conf_get(x->conf, "spark.local.dir", &a);
    }
    if (!is_text(dirs)) {
        dirs = getenv("TMPDIR");
    }
    bool done = open_in_some(is_text(dirs) ? dirs : "/tmp", &file, &why);
    arena_free(&a);
    if (!done) {
        return spill_failed(who, &why, err);
    }
    SpillFile *f = mem_zalloc(sizeof(*f));
    size_t share =
        x->budget && x->budget->limit > 0 ? (size_t)(x->budget->limit / BLOCK_SHARE) : BLOCK_MAX;
    f->x = x;
    f->file = file;
    f->who = who;
    f->block_bytes = share < BLOCK_MIN ? BLOCK_MIN : share > BLOCK_MAX ? BLOCK_MAX : share;
    pthread_mutex_init(&f->lock, NULL);
    err_clear(&why);
    *ret = f;
    return FB_OK;
}

void spill_free(SpillFile *f)
{
    if (f) {
        vfs()->close(f->file);
        pthread_mutex_destroy(&f->lock);
        mem_free(f);
    }
}

void spill_part_clear(SpillPart *p)
{
    mem_free(p->block);
    *p = (SpillPart){0};
}

/* ---- writing ---- */

static size_t pad16(size_t n)
{
    return (n + 15) & ~(size_t)15;
}

static const char zeros[16];

static void put(StrBuf *out, const void *p, size_t n)
{
    strbuf_append(out, p, n);
    strbuf_append(out, zeros, pad16(n) - n);
}

static uint32_t stored_rows(const Vec *v)
{
    return v->is_const ? 1 : v->len;
}

static void put_strings(const Vec *v, StrBuf *out, size_t head)
{
    uint32_t n = stored_rows(v);
    uint64_t total = 0;
    const View *view = v->data;
    size_t at = out->n;
    strbuf_reserve(out, pad16(n * sizeof(uint32_t)));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t len = vec_is_valid(v, i) ? view[i].len : 0;
        memcpy(out->p + at + i * sizeof(len), &len, sizeof(len));
        total += len;
    }
    memset(out->p + at + n * sizeof(uint32_t), 0,
           pad16(n * sizeof(uint32_t)) - n * sizeof(uint32_t));
    out->n = at + pad16(n * sizeof(uint32_t));
    strbuf_reserve(out, pad16(total));
    for (uint32_t i = 0; i < n; i++) {
        if (vec_is_valid(v, i) && view[i].len) {
            strbuf_append(out, view_ptr(&view[i]), view[i].len);
        }
    }
    strbuf_append(out, zeros, pad16(total) - total);
    memcpy(out->p + head + 8, &total, sizeof(total));
}

static void put_column(const Vec *v, StrBuf *out, Arena *a, int depth);

static void put_lists(const Vec *v, StrBuf *out, Arena *a, int depth)
{
    uint32_t n = stored_rows(v);
    const uint32_t *in = v->data;
    uint32_t *offsets = arena_alloc(a, mem_mul((size_t)n + 1, sizeof(*offsets)));
    for (uint32_t i = 0; i <= n; i++) {
        offsets[i] = in[i] - in[0];
    }
    put(out, offsets, ((size_t)n + 1) * sizeof(*offsets));
    for (uint32_t k = 0; k < v->type->n_fields; k++) {
        Vec used = vec_slice(&v->child[k], in[0], offsets[n], a);
        put_column(&used, out, a, depth + 1);
    }
}

static void put_column(const Vec *v, StrBuf *out, Arena *a, int depth)
{
    FB_ASSERT(depth < DEPTH_MAX);
    uint32_t n = stored_rows(v);
    const Type *t = v->type;
    bool valid = v->valid && t->id != T_NULL;
    uint32_t head[4] = {(v->is_const ? FLAG_CONST : 0) | (valid ? FLAG_VALID : 0), v->len, 0, 0};
    size_t at = out->n;
    put(out, head, sizeof(head));
    if (valid) {
        put(out, v->valid, VEC_WORDS(n) * sizeof(uint64_t));
    }
    if (t->id == T_STRUCT) {
        for (uint32_t k = 0; k < t->n_fields; k++) {
            put_column(&v->child[k], out, a, depth + 1);
        }
    } else if (t->id == T_ARRAY || t->id == T_MAP) {
        put_lists(v, out, a, depth);
    } else if (type_is_view(t)) {
        put_strings(v, out, at);
    } else if (t->id != T_NULL) {
        put(out, v->data, n * type_width(t));
    }
}

static void put_batch(const Batch *b, StrBuf *out, Arena *a)
{
    uint32_t head[4] = {0, 0, b->n_rows, b->n_cols};
    memcpy(head, &b->seq, sizeof(b->seq));
    put(out, head, sizeof(head));
    for (uint32_t c = 0; c < b->n_cols; c++) {
        put_column(&b->col[c], out, a, 0);
    }
}

static void note_block(SpillPart *p, const SpillBlock *b)
{
    if (p->n == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 8;
        p->block = mem_realloc(p->block, mem_mul(p->cap, sizeof(*p->block)));
    }
    p->block[p->n++] = *b;
    p->rows += b->rows;
    p->raw += b->raw;
    p->largest = b->raw > p->largest ? b->raw : p->largest;
}

static fb_status write_block(SpillFile *f, SpillPart *p, const StrBuf *raw, uint32_t rows,
                             fb_error *err)
{
    if (raw->n > RAW_MAX) {
        return err_unsupported(err, "a row of more than 2 GB in a temporary file");
    }
    SpillBlock block = {.stored = (uint32_t)raw->n, .raw = (uint32_t)raw->n, .rows = rows};
    int bound = LZ4_compressBound((int)raw->n);
    char *packed = mem_alloc((size_t)bound);
    int n = LZ4_compress_default(raw->p, packed, (int)raw->n, bound);
    bool smaller = n > 0 && (size_t)n < raw->n - raw->n / 8;
    if (smaller) {
        block.stored = (uint32_t)n;
    }
    fb_error why = {0};
    pthread_mutex_lock(&f->lock);
    block.offset = f->end;
    fb_status st =
        f->broken ? FB_STOP : vfs()->write(f->file, smaller ? packed : raw->p, block.stored, &why);
    f->broken |= st != FB_OK;
    f->end += block.stored;
    pthread_mutex_unlock(&f->lock);
    mem_free(packed);
    if (st == FB_OK) {
        note_block(p, &block);
    }
    return st == FB_ERR ? spill_failed(f->who, &why, err) : st;
}

static fb_status append_rows(SpillFile *f, SpillPart *p, const Batch *b, StrBuf *raw, Arena *a,
                             fb_error *err)
{
    strbuf_clear(raw);
    put_batch(b, raw, a);
    if (raw->n <= 2 * f->block_bytes || b->n_rows < 2) {
        return write_block(f, p, raw, b->n_rows, err);
    }
    uint64_t pieces = raw->n / f->block_bytes + 1;
    uint32_t step = (uint32_t)(b->n_rows / pieces);
    step = step ? step : 1;
    fb_status st = FB_OK;
    for (uint32_t from = 0; from < b->n_rows && st == FB_OK; from += step) {
        uint32_t n = b->n_rows - from < step ? b->n_rows - from : step;
        Batch piece = batch_slice(b, from, n, a);
        strbuf_clear(raw);
        put_batch(&piece, raw, a);
        st = write_block(f, p, raw, n, err);
    }
    return st;
}

fb_status spill_append(SpillFile *f, SpillPart *p, const Batch *b, fb_error *err)
{
    if (exec_is_cancelled(f->x)) {
        return FB_STOP;
    }
    if (b->n_rows == 0) {
        return FB_OK;
    }
    Arena a = {0};
    StrBuf raw = {0};
    fb_status st = append_rows(f, p, b, &raw, &a, err);
    strbuf_free(&raw);
    arena_free(&a);
    return st;
}

fb_status spill_deal(SpillFile *f, SpillPart *parts, const Batch *b, const uint64_t *hash,
                     uint32_t level, Arena *scratch, fb_error *err)
{
    uint32_t *rows = arena_alloc(scratch, mem_mul(b->n_rows, sizeof(*rows)));
    uint8_t *part = arena_alloc(scratch, b->n_rows);
    uint32_t start[SPILL_FANOUT + 1] = {0};
    uint32_t fill[SPILL_FANOUT];
    for (uint32_t i = 0; i < b->n_rows; i++) {
        part[i] = (uint8_t)spill_partition(hash[i], level);
        start[part[i] + 1]++;
    }
    for (uint32_t p = 0; p < SPILL_FANOUT; p++) {
        fill[p] = start[p];
        start[p + 1] += start[p];
    }
    for (uint32_t i = 0; i < b->n_rows; i++) {
        rows[fill[part[i]]++] = i;
    }
    for (uint32_t p = 0; p < SPILL_FANOUT; p++) {
        uint32_t n = start[p + 1] - start[p];
        if (n) {
            ArenaMark mark = arena_mark(scratch);
            Batch picked;
            batch_gather(&picked, b, rows + start[p], n, scratch);
            TRY(spill_append(f, &parts[p], &picked, err));
            arena_rewind(scratch, mark);
        }
    }
    return FB_OK;
}

/* ---- reading ---- */

typedef struct Reading {
    const char *p, *end;
    Arena *a;
} Reading;

/* The next n bytes and their padding; NULL: the block is too short. */
static const void *take(Reading *r, size_t n)
{
    if (n > (size_t)(r->end - r->p) || pad16(n) > (size_t)(r->end - r->p)) {
        return NULL;
    }
    const char *p = r->p;
    r->p += pad16(n);
    return p;
}

static bool take_strings(Reading *r, uint64_t total, uint32_t n, Vec *v)
{
    const uint32_t *len = take(r, n * sizeof(*len));
    const char *bytes = len ? take(r, total) : NULL;
    if (!bytes) {
        return false;
    }
    View *view = arena_alloc(r->a, mem_mul(n ? n : 1, sizeof(*view)));
    v->data = view;
    for (uint32_t i = 0; i < n; i++) {
        if (len[i] > total) {
            return false;
        }
        view[i] = view_of(bytes, len[i]);
        bytes += len[i];
        total -= len[i];
    }
    return true;
}

static bool take_column(Reading *r, const Type *t, Vec *v, int depth);

static bool take_children(Reading *r, const Type *t, Vec *v, int depth)
{
    v->child = ARENA_ARRAY(r->a, Vec, t->n_fields ? t->n_fields : 1);
    for (uint32_t k = 0; k < t->n_fields; k++) {
        if (!take_column(r, t->fields[k].type, &v->child[k], depth + 1)) {
            return false;
        }
    }
    return true;
}

static bool take_lists(Reading *r, const Type *t, uint32_t n, Vec *v, int depth)
{
    const uint32_t *offsets = take(r, ((size_t)n + 1) * sizeof(*offsets));
    if (!offsets || !take_children(r, t, v, depth)) {
        return false;
    }
    v->data = (void *)(uintptr_t)offsets;
    for (uint32_t i = 0; i < n; i++) {
        if (offsets[i + 1] < offsets[i]) {
            return false;
        }
    }
    for (uint32_t k = 0; k < t->n_fields; k++) {
        if (v->child[k].len < offsets[n]) {
            return false;
        }
    }
    return true;
}

static bool take_column(Reading *r, const Type *t, Vec *v, int depth)
{
    const uint32_t *head = depth < DEPTH_MAX ? take(r, HEAD_BYTES) : NULL;
    uint64_t total;
    if (!head) {
        return false;
    }
    memcpy(&total, head + 2, sizeof(total));
    *v = (Vec){.type = t, .len = head[1], .is_const = head[0] & FLAG_CONST};
    uint32_t n = stored_rows(v);
    if (head[0] & FLAG_VALID) {
        v->valid = (uint64_t *)(uintptr_t)take(r, VEC_WORDS(n) * sizeof(uint64_t));
        if (!v->valid) {
            return false;
        }
    }
    if (t->id == T_STRUCT) {
        return take_children(r, t, v, depth);
    }
    if (t->id == T_ARRAY || t->id == T_MAP) {
        return take_lists(r, t, n, v, depth);
    }
    if (type_is_view(t)) {
        return take_strings(r, total, n, v);
    }
    v->data = (void *)(uintptr_t)take(r, n * type_width(t));
    return v->data != NULL;
}

static bool take_batch(Reading *r, const Type *const *types, uint32_t n_cols, uint32_t rows,
                       Batch *out)
{
    const uint32_t *head = take(r, HEAD_BYTES);
    if (!head || head[2] != rows || head[3] != n_cols) {
        return false;
    }
    *out = (Batch){.n_rows = rows, .n_cols = n_cols};
    memcpy(&out->seq, head, sizeof(out->seq));
    out->col = ARENA_ARRAY(r->a, Vec, n_cols ? n_cols : 1);
    for (uint32_t c = 0; c < n_cols; c++) {
        if (!take_column(r, types[c], &out->col[c], 0) || out->col[c].len != rows) {
            return false;
        }
    }
    return true;
}

fb_status spill_read(SpillFile *f, const SpillBlock *block, const Type *const *types,
                     uint32_t n_cols, Arena *a, Batch *out, fb_error *err)
{
    if (exec_is_cancelled(f->x)) {
        return FB_STOP;
    }
    fb_error why = {0};
    bool packed = block->stored < block->raw;
    char *raw = arena_alloc(a, block->raw ? block->raw : 1);
    char *stored = packed ? mem_alloc(block->stored) : raw;
    size_t n = 0;
    fb_status st = vfs()->read_at(f->file, stored, block->stored, block->offset, &n, &why);
    bool good = st == FB_OK && n == block->stored;
    if (good && packed) {
        good = LZ4_decompress_safe(stored, raw, (int)block->stored, (int)block->raw) ==
               (int)block->raw;
    }
    if (packed) {
        mem_free(stored);
    }
    Reading r = {raw, raw + block->raw, a};
    if (good && take_batch(&r, types, n_cols, block->rows, out)) {
        return FB_OK;
    }
    if (st == FB_OK) {
        (void)err_set(&why, ERR_IO, "action", "read back", "path", "the temporary file", "reason",
                      "its bytes are not those that were written", NULL);
    }
    return spill_failed(f->who, &why, err);
}
