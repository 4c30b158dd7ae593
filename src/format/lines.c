/*
 * lines.c - the lines of a byte range of a file, or of a compressed file.
 *
 * Splitting is that of Hadoop's LineRecordReader as Spark uses it: without a separator of the
 * user's, \n, \r\n and \r end a line; a UTF-8 byte order mark at the start of the file is skipped;
 * the last line needs no end. A range has the lines that begin in it, and reads past its own end to
 * finish the last: whoever begins inside a file first looks for the end of the line before.
 *
 * Bytes pass through chunks; a line that is cut by a chunk's end moves to the start of the next,
 * and chunks live until lines_release(). Files are read and not mapped: one that is cut short
 * meanwhile is an error of the query, where a map would be a SIGBUS of the process, and a chunk
 * that is used again stays in the cache of the processor, which makes up for the copy. All lines
 * have LINES_PADDING readable bytes behind them, so that parsers may load whole words.
 *
 * Memory: chunks beyond what the quota of the range exempts are charged to its budget. A batch of
 * long lines is handed on before it is full (lines_are_heavy).
 *
 * Scanning takes sixteen bytes at a time where there is SSE2, and leaves the rest to the compiler
 * elsewhere.
 */
#include "format/lines_priv.h"

#include "base/budget.h"
#include "base/vfs.h"
#include "format/inflate.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CHUNK_BYTES ((size_t)256 << 10)
#define SPARE_MAX 16 /* chunks kept for the next batch */
/* What is read at first behind the end of a range, to finish its last line. */
#define TAIL_BYTES ((size_t)4 << 10)
#define LINE_MAX_BYTES ((size_t)INT32_MAX) /* as Hadoop's */

struct LineChunk {
    LineChunk *next;
    size_t cap;
    char data[];
};

/* ---- scanning ---- */

/* Bit i set: p[i] is \n or \r. */
static inline uint64_t eol_mask(const char *p)
{
#ifdef __SSE2__
    const __m128i nl = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    uint64_t m = 0;
    for (unsigned k = 0; k < 4; k++) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * k));
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(x, nl), _mm_cmpeq_epi8(x, cr));
        m |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << (16 * k);
    }
    return m;
#else
    uint64_t m = 0;
    for (unsigned i = 0; i < 64; i++) {
        m |= (uint64_t)(p[i] == '\n' || p[i] == '\r') << i;
    }
    return m;
#endif
}

/* The first \n or \r in [p, end), or end. */
static const char *find_eol(const char *p, const char *end)
{
#ifdef __SSE2__
    const __m128i nl = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    for (; end - p >= 16; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(x, nl), _mm_cmpeq_epi8(x, cr));
        unsigned m = (unsigned)_mm_movemask_epi8(hit);
        if (m != 0) {
            return p + __builtin_ctz(m);
        }
    }
#else
    for (; end - p >= 64; p += 64) {
        uint64_t m = eol_mask(p);
        if (m != 0) {
            return p + __builtin_ctzll(m);
        }
    }
#endif
    while (p < end && *p != '\n' && *p != '\r') {
        p++;
    }
    return p;
}

/* The end of the line that begins at r->p, and where the next one begins; NULL: not at hand. */
static const char *line_end(LineReader *r, const char **ret_next)
{
    const char *from = r->p + r->scanned, *e;

    if (r->any_eol) {
        e = find_eol(from, r->end);
        /* A \r that is the last byte at hand may be the first half of \r\n. */
        if (e == r->end || (*e == '\r' && e + 1 == r->end && !r->all)) {
            r->scanned = (size_t)(e - r->p);
            return NULL;
        }
        *ret_next = e + 1 + (*e == '\r' && e + 1 < r->end && e[1] == '\n');
        return e;
    }
    if (r->sep.n == 1) {
        e = memchr(from, r->sep.p[0], (size_t)(r->end - from));
    } else {
        e = memmem(from, (size_t)(r->end - from), r->sep.p, r->sep.n);
    }
    if (!e) {
        size_t n = (size_t)(r->end - r->p);
        r->scanned = n < r->sep.n ? 0 : n - r->sep.n + 1;
        return NULL;
    }
    *ret_next = e + r->sep.n;
    return e;
}

/* ---- the start of a file ---- */

static const char *skip_bom(const char *p, const char *end)
{
    return end - p >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? p + 3 : p;
}

/* ---- chunks ---- */

/* Counts n bytes more or fewer, and charges what is beyond the exemption. */
static fb_status hold(LineReader *r, int64_t n, fb_error *err)
{
    ArenaQuota *q = r->range->quota;
    int64_t held = (int64_t)r->held + n;

    if (q) {
        int64_t due = held > (int64_t)q->exempt ? held - (int64_t)q->exempt : 0;
        TRY(due != r->charged ? budget_charge(q->budget, due - r->charged, err) : FB_OK);
        r->charged = due;
    }
    r->held = (size_t)held;
    return FB_OK;
}

static fb_status new_chunk(LineReader *r, size_t cap, LineChunk **ret, fb_error *err)
{
    LineChunk *c = r->spare;

    TRY(hold(r, (int64_t)cap, err));
    if (c && cap == CHUNK_BYTES) {
        r->spare = c->next;
        r->n_spare--;
    } else {
        c = mem_alloc(sizeof(*c) + cap + LINES_PADDING);
        c->cap = cap;
    }
    c->next = r->chunk;
    r->chunk = *ret = c;
    return FB_OK;
}

static void free_chunks(LineChunk *c)
{
    while (c) {
        LineChunk *next = c->next;
        mem_free(c);
        c = next;
    }
}

void lines_release(LineReader *r)
{
    if (!r->chunk || !r->chunk->next) {
        return;
    }
    LineChunk *old = r->chunk->next;
    int64_t freed = 0;
    r->chunk->next = NULL;
    while (old) {
        LineChunk *next = old->next;
        freed += (int64_t)old->cap;
        if (old->cap == CHUNK_BYTES && r->n_spare < SPARE_MAX) {
            old->next = r->spare;
            r->spare = old;
            r->n_spare++;
        } else {
            mem_free(old);
        }
        old = next;
    }
    (void)hold(r, -freed, NULL); /* less is never refused */
}

bool lines_are_heavy(const LineReader *r)
{
    return r->chunk && r->held - r->chunk->cap > LINES_HELD_MAX;
}

/* ---- the window ---- */

static fb_status too_long(const LineReader *r, fb_error *err)
{
    err_unsupported(err, "lines of more than 2 GiB");
    return format_read_failed(r->range, false, err);
}

/* How much to read: up to the end of the range and a little more, to finish its last line. */
static size_t read_size(const LineReader *r, size_t room)
{
    int64_t left = r->to - r->at;

    return left > 0 && (uint64_t)left + TAIL_BYTES < room ? (size_t)left + TAIL_BYTES : room;
}

/* Where lines stop to belong to the range, once it is in the window. */
static void set_stop(LineReader *r)
{
    if (r->all) {
        r->stop = r->end;
    } else {
        r->stop = r->end + 1; /* of the padding: no line begins there */
    }
    if (r->at >= r->to) {
        int64_t beyond = r->at - r->to;
        const char *stop = r->end - r->p > beyond ? r->end - beyond : r->p;
        r->stop = stop < r->stop ? stop : r->stop;
    }
}

/* More of the file behind the unfinished line, which moves to a new chunk. */
static fb_status refill(LineReader *r, fb_error *err)
{
    size_t keep = (size_t)(r->end - r->p), n = 0;
    LineChunk *c;

    if (keep > LINE_MAX_BYTES) {
        return too_long(r, err);
    }
    TRY(new_chunk(r, keep < CHUNK_BYTES / 2 ? CHUNK_BYTES : 2 * keep, &c, err));
    if (keep > 0) {
        memcpy(c->data, r->p, keep);
    }
    r->p = c->data;
    r->end = c->data + keep;
    if (inflate_read(r->in, c->data + keep, read_size(r, c->cap - keep), &n, err) != FB_OK) {
        return format_read_failed(r->range, false, err);
    }
    r->end += n;
    r->at += (int64_t)n;
    memset(c->data + keep + n, 0, LINES_PADDING);
    r->all = n == 0;
    set_stop(r);
    return FB_OK;
}

/* The first bytes of a file: a line begins with the byte order mark. */
static fb_status begin_file(LineReader *r, fb_error *err)
{
    TRY(refill(r, err));
    const char *p = skip_bom(r->p, r->end);
    if (p != r->p && r->stop > r->p && r->stop <= p && p < r->end) {
        r->stop = p + 1;
    }
    r->p = p;
    return FB_OK;
}

/* Moves r->p to the first line that begins at or after the start of the range. What holds no end of
 * a line is let go, and behind the range nothing is looked for. */
static fb_status begin_inside(LineReader *r, int64_t from, fb_error *err)
{
    for (;;) {
        const char *next = NULL;
        TRY(refill(r, err));
        lines_release(r);
        while (line_end(r, &next)) {
            r->p = next;
            r->scanned = 0;
            if (r->at - (r->end - next) >= from) {
                return FB_OK;
            }
        }
        r->p = r->all ? r->end : r->p + r->scanned;
        r->scanned = 0;
        if (r->p >= r->stop) {
            return FB_OK;
        }
    }
}

/* ---- opening ---- */

static fb_status open_failed(const FileRange *range, fb_error *err)
{
    VfsStat st = {0};
    fb_error quiet = {0};

    bool gone = vfs()->stat(range->path, &st, &quiet) == FB_OK && !st.exists;
    err_clear(&quiet);
    return format_read_failed(range, gone, err);
}

static void lines_init(LineReader *r, const FileRange *range, const char *line_sep)
{
    static const char nothing[LINES_PADDING + 1];

    r->range = range;
    r->any_eol = !line_sep || !*line_sep;
    if (!r->any_eol) {
        r->sep = str_of(arena_strdup(&r->arena, line_sep));
    }
    r->p = r->end = nothing;
    r->stop = nothing + 1;
}

/* Of a compressed file the range at the start has all lines. */
static bool has_no_lines(const LineReader *r)
{
    return r->compressed && r->range->from > 0;
}

static fb_status open_reader(const FileRange *range, const char *line_sep, bool whole,
                             LineReader **ret, fb_error *err)
{
    InflateKind kind;

    TRY(inflate_kind(range->path, &kind, err));
    LineReader *r = mem_zalloc(sizeof(*r));
    lines_init(r, range, line_sep);
    r->compressed = kind != INFLATE_NONE;
    r->to = whole || range->whole || range->to < 0 || r->compressed ? INT64_MAX : range->to;
    if (!whole && !r->compressed && range->from > 0) {
        int64_t back = r->any_eol ? 1 : (int64_t)r->sep.n;
        r->at = range->from > back ? range->from - back : 0;
    }
    if (has_no_lines(r)) {
        r->all = true;
        r->stop = r->p;
    } else if (inflate_open(range->path, kind, r->at, range->size, &r->in, err) != FB_OK) {
        fb_status st = open_failed(range, err);
        lines_close(r);
        return st;
    }
    *ret = r;
    return FB_OK;
}

fb_status lines_open(const FileRange *range, const char *line_sep, LineReader **ret, fb_error *err)
{
    LineReader *r = NULL;

    TRY(open_reader(range, line_sep, false, &r, err));
    fb_status st = FB_OK;
    if (r->in) {
        st = range->from > 0 ? begin_inside(r, range->from, err) : begin_file(r, err);
    }
    if (st != FB_OK) {
        lines_close(r);
        return st;
    }
    *ret = r;
    return FB_OK;
}

/* ---- lines ---- */

fb_status lines_next(LineReader *r, Str *ret, fb_error *err)
{
    for (;;) {
        const char *next = NULL;
        if (r->p >= r->stop) {
            return FB_STOP;
        }
        const char *e = line_end(r, &next);
        if (!e && !r->all) {
            TRY(refill(r, err));
            continue;
        }
        if (!e) {
            e = next = r->end;
        }
        if ((size_t)(e - r->p) > LINE_MAX_BYTES) {
            return too_long(r, err);
        }
        *ret = (Str){r->p, (size_t)(e - r->p)};
        r->p = next;
        r->scanned = 0;
        return FB_OK;
    }
}

static uint32_t took(LineReader *r, const char *line, uint32_t n)
{
    if (n > 0) {
        r->p = line;
        r->scanned = 0;
    }
    return n;
}

uint32_t lines_take(LineReader *r, View *out, uint32_t cap)
{
    const char *line = r->p, *base = line + r->scanned;
    uint32_t n = 0;

    if (cap == 0 || line >= r->stop) {
        return 0;
    }
    for (; r->end - base > 64; base += 64) {
        for (uint64_t m = eol_mask(base); m != 0; m &= m - 1) {
            const char *e = base + __builtin_ctzll(m);
            if (e < line) {
                continue; /* the \n of \r\n */
            }
            if ((size_t)(e - line) > LINE_MAX_BYTES) {
                return took(r, line, n); /* lines_next() refuses it */
            }
            if (out) {
                out[n] = view_padded(line, (uint32_t)(e - line));
            }
            n++;
            line = e + 1 + (*e == '\r' && e[1] == '\n');
            if (n == cap || line >= r->stop) {
                return took(r, line, n);
            }
        }
    }
    return took(r, line, n);
}

void lines_close(LineReader *r)
{
    if (!r) {
        return;
    }
    (void)hold(r, -(int64_t)r->held, NULL);
    inflate_close(r->in);
    free_chunks(r->chunk);
    free_chunks(r->spare);
    arena_free(&r->arena);
    mem_free(r);
}

/* The chunk at hand with twice the room. */
static fb_status grow_chunk(LineReader *r, fb_error *err)
{
    LineChunk *c = r->chunk;

    TRY(hold(r, (int64_t)c->cap, err));
    c = mem_realloc(c, sizeof(*c) + 2 * c->cap + LINES_PADDING);
    c->cap *= 2;
    r->chunk = c;
    return FB_OK;
}

static fb_status read_whole(LineReader *r, Str *content, fb_error *err)
{
    size_t n = 0, got = 1;
    bool known = !r->compressed && r->range->size > 0 && r->range->size <= INT32_MAX;
    LineChunk *c;

    TRY(new_chunk(r, known ? (size_t)r->range->size + 1 : CHUNK_BYTES, &c, err));
    for (; got > 0; n += got) {
        if (n > LINE_MAX_BYTES) {
            err_unsupported(err, "whole files of more than 2 GiB");
            return format_read_failed(r->range, false, err);
        }
        TRY(n == r->chunk->cap ? grow_chunk(r, err) : FB_OK);
        if (inflate_read(r->in, r->chunk->data + n, r->chunk->cap - n, &got, err) != FB_OK) {
            return format_read_failed(r->range, false, err);
        }
    }
    memset(r->chunk->data + n, 0, LINES_PADDING);
    *content = (Str){r->chunk->data, n};
    return FB_OK;
}

fb_status lines_whole(const FileRange *range, LineReader **ret, Str *content, fb_error *err)
{
    LineReader *r = NULL;

    TRY(open_reader(range, NULL, true, &r, err));
    *content = (Str){r->p, 0};
    fb_status st = r->in ? read_whole(r, content, err) : FB_OK;
    if (st != FB_OK) {
        lines_close(r);
        return st;
    }
    *ret = r;
    return FB_OK;
}
