/*
 * lines.c - the lines of a byte range of a file, or of a compressed file.
 *
 * Splitting is that of Hadoop's LineRecordReader as Spark uses it: without a separator of the
 * user's, \n, \r\n and \r end a line; a UTF-8 byte order mark at the start of the file is skipped;
 * the last line needs no end. A range has the lines that begin in it, and reads past its own end to
 * finish the last: whoever begins inside a file first looks for the end of the line before.
 *
 * An uncompressed file is mapped and lines point into the map until lines_close(). A compressed one
 * passes through chunks; a line that is cut by a chunk's end moves to the start of the next, and
 * chunks live until lines_release(). All lines have LINES_PADDING readable bytes behind them, so
 * that parsers may load whole words: where the map ends on a page, the lines at its end are copied.
 *
 * Scanning takes sixteen bytes at a time where there is SSE2, and leaves the rest to the compiler
 * elsewhere.
 */
#include "format/lines_priv.h"

#include <unistd.h>

#include "base/budget.h"
#include "base/vfs.h"
#include "format/inflate.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CHUNK_BYTES ((size_t)256 << 10)
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

/* ---- opening ---- */

static fb_status open_failed(const FileRange *range, fb_error *err)
{
    VfsStat st = {0};
    fb_error quiet = {0};

    bool gone = vfs()->stat(range->path, &st, &quiet) == FB_OK && !st.exists;
    err_clear(&quiet);
    return format_read_failed(range, gone, err);
}

static const char *skip_bom(const char *p, const char *end)
{
    return end - p >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? p + 3 : p;
}

/* Moves r->p, which is inside the file, to the first line that begins at or after it. */
static void skip_partial_line(LineReader *r)
{
    const char *next = NULL, *from = r->p;
    size_t back = r->any_eol ? 1 : r->sep.n;

    r->p = from - (back < (size_t)(from - r->map) ? back : (size_t)(from - r->map));
    while (r->p < from) {
        if (!line_end(r, &next)) {
            r->p = r->end;
            return;
        }
        r->p = next;
        r->scanned = 0;
    }
}

static void start_mapped(LineReader *r, const FileRange *range)
{
    size_t from = range->from < 0 ? 0 : (size_t)range->from;
    size_t to = range->whole || range->to < 0 ? r->map_n : (size_t)range->to;

    r->end = r->map + r->map_n;
    r->all = true;
    r->p = r->map + (from < r->map_n ? from : r->map_n);
    r->stop = r->map + (to < r->map_n ? to : r->map_n);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t slack = r->map_n % page == 0 ? 0 : page - r->map_n % page;
    if (slack >= LINES_PADDING) {
        r->safe = r->end;
    } else if (r->map_n + slack >= LINES_PADDING) {
        r->safe = r->end + slack - LINES_PADDING;
    } else {
        r->safe = r->map;
    }
    if (from == 0) {
        r->p = skip_bom(r->p, r->end);
        if (r->stop > r->map && r->stop <= r->p && r->p < r->end) {
            r->stop = r->p + 1; /* the line began with the mark */
        }
    } else if (from < r->map_n) {
        skip_partial_line(r);
    }
}

static void lines_init(LineReader *r, const FileRange *range, const char *line_sep)
{
    r->range = range;
    r->any_eol = !line_sep || !*line_sep;
    if (!r->any_eol) {
        r->sep = str_of(arena_strdup(&r->arena, line_sep));
    }
    r->p = r->end = r->stop = r->safe = r->map = "";
}

static fb_status open_reader(const FileRange *range, const char *line_sep, ArenaQuota *quota,
                             LineReader **ret, fb_error *err)
{
    InflateKind kind;

    TRY(inflate_kind(range->path, &kind, err));
    LineReader *r = mem_zalloc(sizeof(*r));
    lines_init(r, range, line_sep);
    r->quota = quota;
    fb_status st;
    if (kind == INFLATE_NONE) {
        const char *map = NULL;
        st = vfs()->map(range->path, &map, &r->map_n, err);
        r->map = st == FB_OK ? map : r->map;
    } else if (range->from > 0) {
        r->all = true; /* the range at the start has all lines of a compressed file */
        st = FB_OK;
    } else {
        st = inflate_open(range->path, kind, &r->in, err);
    }
    if (st != FB_OK) {
        st = open_failed(range, err);
        lines_close(r);
        return st;
    }
    *ret = r;
    return FB_OK;
}

fb_status lines_open(const FileRange *range, const char *line_sep, ArenaQuota *quota,
                     LineReader **ret, fb_error *err)
{
    TRY(open_reader(range, line_sep, quota, ret, err));
    if (!(*ret)->in && !(*ret)->all) {
        start_mapped(*ret, range);
    }
    return FB_OK;
}

/* ---- the stream's chunks ---- */

/* Chunks of the usual size are not charged. */
static int64_t chunk_cost(const LineReader *r, size_t cap)
{
    return r->quota && cap > CHUNK_BYTES ? (int64_t)cap : 0;
}

static fb_status new_chunk(LineReader *r, size_t cap, LineChunk **ret, fb_error *err)
{
    LineChunk *c = r->spare;

    if (c && c->cap >= cap) {
        r->spare = NULL;
    } else {
        int64_t cost = chunk_cost(r, cap);
        TRY(cost ? budget_charge(r->quota->budget, cost, err) : FB_OK);
        c = mem_alloc(sizeof(*c) + cap + LINES_PADDING);
        c->cap = cap;
    }
    c->next = r->chunk;
    r->chunk = c;
    *ret = c;
    return FB_OK;
}

static void free_chunks(const LineReader *r, LineChunk *c)
{
    while (c) {
        LineChunk *next = c->next;
        int64_t cost = chunk_cost(r, c->cap);
        if (cost) {
            (void)budget_try(r->quota->budget, -cost);
        }
        mem_free(c);
        c = next;
    }
}

static fb_status too_long(const LineReader *r, fb_error *err)
{
    err_unsupported(err, "lines of more than 2 GiB");
    return format_read_failed(r->range, false, err);
}

/* More of the stream behind the unfinished line, which moves to a new chunk. */
static fb_status refill(LineReader *r, fb_error *err)
{
    size_t keep = (size_t)(r->end - r->p), n = 0;
    bool first = !r->chunk;

    if (keep > LINE_MAX_BYTES) {
        return too_long(r, err);
    }
    LineChunk *c;
    TRY(new_chunk(r, keep < CHUNK_BYTES / 2 ? CHUNK_BYTES : 2 * keep, &c, err));
    if (keep > 0) {
        memcpy(c->data, r->p, keep);
    }
    if (c->next && r->p == c->next->data) { /* nothing but the line was in it */
        LineChunk *old = c->next;
        c->next = old->next;
        old->next = NULL;
        free_chunks(r, old);
    }
    r->p = c->data;
    r->end = c->data + keep;
    if (inflate_read(r->in, c->data + keep, c->cap - keep, &n, err) != FB_OK) {
        return format_read_failed(r->range, false, err);
    }
    r->end += n;
    memset(c->data + keep + n, 0, LINES_PADDING);
    r->safe = r->end;
    if (n == 0) {
        r->all = true;
        r->stop = r->end;
    }
    if (first) {
        r->p = skip_bom(r->p, r->end);
    }
    return FB_OK;
}

void lines_release(LineReader *r)
{
    if (!r->chunk || !r->chunk->next) {
        return;
    }
    LineChunk *old = r->chunk->next;
    r->chunk->next = NULL;
    if (!r->spare && old->cap == CHUNK_BYTES) {
        r->spare = old;
        old = old->next;
        r->spare->next = NULL;
    }
    free_chunks(r, old);
}

/* ---- lines ---- */

static Str padded(LineReader *r, const char *p, const char *e)
{
    size_t n = (size_t)(e - p);

    if (e > r->safe) {
        char *copy = arena_alloc(&r->arena, n + LINES_PADDING);
        memcpy(copy, p, n);
        memset(copy + n, 0, LINES_PADDING);
        p = copy;
    }
    return (Str){p, n};
}

fb_status lines_next(LineReader *r, Str *ret, fb_error *err)
{
    for (;;) {
        const char *next = NULL;
        if (r->all && r->p >= r->stop) {
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
        *ret = padded(r, r->p, e);
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
    const char *end = r->end < r->safe ? r->end : r->safe;
    uint32_t n = 0;

    if (cap == 0 || (r->all && line >= r->stop)) {
        return 0;
    }
    for (; end - base > 64; base += 64) {
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
            if (n == cap || (r->all && line >= r->stop)) {
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
    if (r->map_n > 0) {
        vfs()->unmap(r->map, r->map_n);
    }
    inflate_close(r->in);
    free_chunks(r, r->chunk);
    free_chunks(r, r->spare);
    arena_free(&r->arena);
    mem_free(r);
}

/* Twice the room for what has been read of a whole file. */
static fb_status grow_chunk(LineReader *r, LineChunk **c, fb_error *err)
{
    size_t cap = (*c)->cap * 2;
    int64_t old = chunk_cost(r, (*c)->cap), cost = chunk_cost(r, cap);

    /* Both are there while one is copied to the other. */
    TRY(cost ? budget_charge(r->quota->budget, cost, err) : FB_OK);
    *c = r->chunk = mem_realloc(*c, sizeof(**c) + cap + LINES_PADDING);
    (*c)->cap = cap;
    if (old) {
        (void)budget_try(r->quota->budget, -old);
    }
    return FB_OK;
}

fb_status lines_whole(const FileRange *range, ArenaQuota *quota, LineReader **ret, Str *content,
                      fb_error *err)
{
    LineReader *r = NULL;

    TRY(open_reader(range, NULL, quota, &r, err));
    if (!r->in) {
        *ret = r;
        *content = (Str){r->map, r->map_n};
        return FB_OK;
    }
    LineChunk *c;
    size_t n = 0, got = 0;
    TRY(new_chunk(r, CHUNK_BYTES, &c, err)); /* never refused */
    do {
        if (n == c->cap && grow_chunk(r, &c, err) != FB_OK) {
            lines_close(r);
            return FB_ERR;
        }
        fb_status st = n > LINE_MAX_BYTES ? err_unsupported(err, "whole files of more than 2 GiB")
                                          : inflate_read(r->in, c->data + n, c->cap - n, &got, err);
        if (st != FB_OK) {
            st = format_read_failed(range, false, err);
            lines_close(r);
            return st;
        }
        n += got;
    } while (got > 0);
    memset(c->data + n, 0, LINES_PADDING);
    *ret = r;
    *content = (Str){c->data, n};
    return FB_OK;
}
