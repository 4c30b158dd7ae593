/*
 * socket.c - the socket source: lines of text from a TCP server, for testing as in Spark.
 *
 * The connection is made when the query asks for its first offset. A thread of its own reads lines
 * into row sets; the offset is the index of the last line (-1 before the first), the lines up to a
 * committed offset are dropped. Nothing can be read again after a restart: lines of a new
 * connection begin at 0, so a query that has got further fails rather than take them for lines it
 * has had. When the server closes the connection the query stays active with no more data.
 */
#include "connector/connector_priv.h"

#include "base/clock.h"
#include "base/log.h"
#include "format/csv_scan.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 65536
/* A line longer than this ends the query rather than the process. */
#define MAX_LINE_BYTES ((size_t)256 << 20)

typedef struct SocketRelation {
    Relation base;
    char *host;
    char *port;
    bool with_time;
} SocketRelation;

/* Lines first_line … first_line + n - 1. */
typedef struct LineBlock {
    RowSet *rows;
    int64_t first, n;
    struct LineBlock *next;
} LineBlock;

typedef struct SocketSource {
    StreamSource base;
    char *host, *port;
    const Type *schema;
    bool with_time;
    int fd;
    bool started;
    pthread_t reader;
    Source **scan;
    uint32_t n_scans, cap_scans;
    RowSet *bound;

    pthread_mutex_t lock; /* of what follows */
    LineBlock *head, **tail;
    int64_t last; /* index of the newest line, -1 */
    int error;    /* errno of a failed read, 0 */
    bool too_long;
} SocketSource;

/* ---- reading ---- */

static void add_lines(SocketSource *s, Arena *a, VecBuilder *text, int64_t now_us)
{
    uint32_t n = vecb_len(text);
    Batch b = {.n_rows = n, .n_cols = s->schema->n_fields};
    b.col = ARENA_ARRAY(a, Vec, b.n_cols);
    vecb_finish(text, &b.col[0]);
    if (s->with_time) {
        vec_init_const(&b.col[1], type_timestamp, n, a);
        VEC_DATA(int64_t, &b.col[1])[0] = now_us / 1000 * 1000;
    }
    LineBlock *block = mem_zalloc(sizeof(*block));
    block->rows = rowset_new(s->schema);
    rowset_append(block->rows, &b);
    block->n = n;
    pthread_mutex_lock(&s->lock);
    block->first = s->last + 1;
    *s->tail = block;
    s->tail = &block->next;
    s->last += n;
    pthread_mutex_unlock(&s->lock);
    uint64_t one = 1;
    ssize_t w = write(s->base.wake_fd, &one, sizeof(one)); /* checksrc-allow: an eventfd */
    (void)w;
}

/* What has come and is no whole line yet. */
typedef struct LineBuffer {
    StrBuf text;
    size_t searched; /* no end of a line before this */
    bool after_cr;   /* a line feed that comes next belongs to the line before */
} LineBuffer;

/* Cuts complete lines off the buffer and hands them over. As for BufferedReader.readLine, a line
 * ends in "\n", "\r" or "\r\n", and what is not UTF-8 becomes U+FFFD. */
static void take_lines(SocketSource *s, LineBuffer *l)
{
    Arena a = {0};
    StrBuf *buf = &l->text;
    VecBuilder *text = vecb_new(&a, type_string);
    size_t at = 0;
    for (size_t i = l->searched; i < buf->n; i++) {
        char c = buf->p[i];
        if (c == '\n' && l->after_cr) {
            at = i + 1;
        } else if (c == '\n' || c == '\r') {
            Str line = {buf->p + at, i - at};
            vecb_str(text, csv_is_utf8(line.p, line.n) ? line : csv_repaired(line, &a));
            at = i + 1;
        }
        l->after_cr = c == '\r';
    }
    if (vecb_len(text)) {
        add_lines(s, &a, text, clock_now_us());
    }
    if (at) {
        memmove(buf->p, buf->p + at, buf->n - at);
        buf->n -= at;
    }
    l->searched = buf->n;
    arena_free(&a);
}

static void *read_socket(void *arg)
{
    SocketSource *s = arg;
    LineBuffer l = {0};
    StrBuf *buf = &l.text;
    for (;;) {
        strbuf_reserve(buf, READ_BYTES + 1);
        ssize_t n = recv(s->fd, buf->p + buf->n, READ_BYTES, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            pthread_mutex_lock(&s->lock);
            s->error = n < 0 ? errno : 0;
            pthread_mutex_unlock(&s->lock);
            break;
        }
        buf->n += (size_t)n;
        take_lines(s, &l);
        if (buf->n > MAX_LINE_BYTES) {
            pthread_mutex_lock(&s->lock);
            s->too_long = true;
            pthread_mutex_unlock(&s->lock);
            break;
        }
    }
    /* A last line without its end is a line, as for BufferedReader.readLine. */
    if (buf->n) {
        strbuf_putc(buf, '\n');
        take_lines(s, &l);
    }
    strbuf_free(buf);
    return NULL;
}

static fb_status connect_to(SocketSource *s, fb_error *err)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list;
    char what[300];
    (void)snprintf(what, sizeof(what), "%s:%s", s->host, s->port);
    int rc = getaddrinfo(s->host, s->port, &hints, &list);
    if (rc) {
        return err_set(err, ERR_IO, "action", "find the host of", "path", what, "reason",
                       gai_strerror(rc), NULL);
    }
    int why = ECONNREFUSED;
    for (struct addrinfo *a = list; a && s->fd < 0; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0) {
            s->fd = fd;
        } else {
            why = errno;
            if (fd >= 0) {
                (void)close(fd);
            }
        }
    }
    freeaddrinfo(list);
    return s->fd < 0 ? err_errno(err, why, "connect the socket source to", what) : FB_OK;
}

static fb_status start(SocketSource *s, fb_error *err)
{
    TRY(connect_to(s, err));
    int rc = pthread_create(&s->reader, NULL, read_socket, s);
    if (rc) {
        return err_errno(err, rc, "start a thread for", "the socket source");
    }
    s->started = true;
    return FB_OK;
}

/* ---- offsets ---- */

/* The offset that a query goes on from is not in what this connection has sent. */
static fb_status out_of_order(int64_t committed, int64_t last, fb_error *err)
{
    char a[24], b[24];
    (void)snprintf(a, sizeof(a), "%" PRId64, committed);
    (void)snprintf(b, sizeof(b), "%" PRId64, last);
    return err_set(err, ERR_SOCKET_OFFSETS, "committed", a, "offset", b, NULL);
}

static fb_status socket_latest(StreamSource *src, const char *from, ReadLimit limit, Arena *a,
                               const char **ret, fb_error *err)
{
    SocketSource *s = (SocketSource *)src;
    uint64_t count;
    int64_t before = -1;
    (void)limit;
    if (from) {
        (void)parse_i64(str_of(from), &before);
    }
    if (!s->started) {
        if (before >= 0) {
            return out_of_order(before, -1, err);
        }
        TRY(start(s, err));
    }
    /* The first batch is an empty one at offset -1, as in Spark. */
    if (!from) {
        *ret = "-1";
        return FB_OK;
    }
    ssize_t n = read(src->wake_fd, &count, sizeof(count)); /* checksrc-allow: an eventfd */
    (void)n;
    pthread_mutex_lock(&s->lock);
    int64_t last = s->last;
    int error = s->error;
    bool too_long = s->too_long;
    pthread_mutex_unlock(&s->lock);
    if (too_long) {
        return err_set(err, ERR_IO, "action", "read a line from", "path", s->host, "reason",
                       "it is longer than 256 MiB", NULL);
    }
    if (error && last <= before) {
        return err_errno(err, error, "read from", s->host);
    }
    *ret = arena_printf(a, "%" PRId64, last < before ? before : last);
    return FB_OK;
}

static fb_status socket_scan(StreamSource *src, const ScanRequest *req, Source **ret, fb_error *err)
{
    SocketSource *s = (SocketSource *)src;
    (void)err;
    *ret = source_rowset(s->bound, req->columns, req->n_columns);
    if (s->n_scans == s->cap_scans) {
        s->cap_scans = s->cap_scans ? s->cap_scans * 2 : 4;
        s->scan = mem_realloc(s->scan, mem_mul(s->cap_scans, sizeof(*s->scan)));
    }
    s->scan[s->n_scans++] = *ret;
    return FB_OK;
}

/* Lines (start, end] as one row set. */
static fb_status socket_bind(StreamSource *src, const char *start_text, const char *end_text,
                             fb_error *err)
{
    SocketSource *s = (SocketSource *)src;
    int64_t from = -1, to = -1;
    if ((start_text && !parse_i64(str_of(start_text), &from)) ||
        !parse_i64(str_of(end_text), &to)) {
        return err_set(err, ERR_MALFORMED_LOG_FILE, "path", "offsets", "text", end_text, NULL);
    }
    rowset_clear(s->bound);
    Arena a = {0};
    pthread_mutex_lock(&s->lock);
    int64_t last = s->last;
    for (const LineBlock *b = s->head; b; b = b->next) {
        int64_t lo = from + 1 > b->first ? from + 1 : b->first;
        int64_t hi = to < b->first + b->n - 1 ? to : b->first + b->n - 1;
        if (lo <= hi) {
            Batch part = batch_slice(&b->rows->batches[0], (uint32_t)(lo - b->first),
                                     (uint32_t)(hi - lo + 1), &a);
            rowset_append(s->bound, &part);
        }
    }
    pthread_mutex_unlock(&s->lock);
    arena_free(&a);
    if (to > last) { /* a batch of before the restart */
        return out_of_order(to, last, err);
    }
    for (uint32_t i = 0; i < s->n_scans; i++) {
        source_rowset_bind(s->scan[i], s->bound, 0, UINT32_MAX);
    }
    return FB_OK;
}

static void drop_blocks(SocketSource *s, int64_t upto)
{
    while (s->head && s->head->first + s->head->n - 1 <= upto) {
        LineBlock *b = s->head;
        s->head = b->next;
        if (!s->head) {
            s->tail = &s->head;
        }
        rowset_release(b->rows);
        mem_free(b);
    }
}

static fb_status socket_commit(StreamSource *src, const char *end, fb_error *err)
{
    SocketSource *s = (SocketSource *)src;
    int64_t to;
    (void)err;
    if (parse_i64(str_of(end), &to)) {
        pthread_mutex_lock(&s->lock);
        drop_blocks(s, to);
        pthread_mutex_unlock(&s->lock);
    }
    return FB_OK;
}

static void socket_stop(StreamSource *src)
{
    SocketSource *s = (SocketSource *)src;
    if (s->fd >= 0) {
        (void)shutdown(s->fd, SHUT_RDWR);
    }
    if (s->started) {
        (void)pthread_join(s->reader, NULL);
        s->started = false;
    }
}

static void socket_free(StreamSource *src)
{
    SocketSource *s = (SocketSource *)src;
    socket_stop(src);
    if (s->fd >= 0) {
        (void)close(s->fd);
    }
    (void)close(src->wake_fd);
    drop_blocks(s, INT64_MAX);
    rowset_release(s->bound);
    pthread_mutex_destroy(&s->lock);
    mem_free(s->scan);
    mem_free(s->host);
    mem_free(s->port);
    mem_free(src->description);
    mem_free(s);
}

/* ---- the relation ---- */

static fb_status relation_stream(Relation *r, const char *checkpoint_dir, StreamSource **ret,
                                 fb_error *err)
{
    static const StreamSourceVt vt = {.latest_offset = socket_latest,
                                      .scan = socket_scan,
                                      .bind = socket_bind,
                                      .commit = socket_commit,
                                      .stop = socket_stop,
                                      .free = socket_free};
    const SocketRelation *rel = (const SocketRelation *)r;
    (void)checkpoint_dir;
    SocketSource *s = mem_zalloc(sizeof(*s));
    StrBuf text = {0};
    s->base.wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (s->base.wake_fd < 0) {
        mem_free(s);
        return err_errno(err, errno, "create", "an eventfd");
    }
    strbuf_printf(&text, "TextSocketV2[host: %s, port: %s]", rel->host, rel->port);
    s->base.vt = &vt;
    s->base.description = strbuf_take(&text);
    s->host = mem_strdup(rel->host);
    s->port = mem_strdup(rel->port);
    s->schema = r->schema;
    s->with_time = rel->with_time;
    s->fd = -1;
    s->last = -1;
    s->tail = &s->head;
    s->bound = rowset_new(r->schema);
    pthread_mutex_init(&s->lock, NULL);
    *ret = &s->base;
    return FB_OK;
}

static void relation_free(Relation *r)
{
    SocketRelation *s = (SocketRelation *)r;
    mem_free(s->host);
    mem_free(s->port);
    mem_free((char *)r->description);
    mem_free(s);
}

fb_status socket_relation(const ReadSpec *spec, const Conf *conf, Relation **ret, fb_error *err)
{
    static const RelationVt vt = {"TextSocketV2", relation_free, NULL, relation_stream, NULL};
    const char *host = options_get(&spec->options, "host");
    const char *port = options_get(&spec->options, "port");
    const char *with_time = options_get(&spec->options, "includeTimestamp");
    bool flag = false;
    int64_t number;
    (void)conf;
    if (!host) {
        return err_set(err, ERR_LEGACY_1295, NULL);
    }
    if (!port) {
        return err_set(err, ERR_LEGACY_1296, NULL);
    }
    if (!parse_i64(str_of(port), &number) || number < 1 || number > 65535) {
        return err_set(err, ERR_INVALID_OPTION_VALUE, "option", "port", "value", port, "expected",
                       "a port number from 1 to 65535", NULL);
    }
    if (with_time && !parse_bool(str_of(with_time), &flag)) {
        return err_set(err, ERR_LEGACY_1297, NULL);
    }
    if (!spec->streaming) {
        return err_set(err, ERR_LEGACY_1135, "className", "socket", NULL);
    }
    if (spec->schema_type || (spec->schema && *spec->schema)) {
        return err_set(err, ERR_LEGACY_2242, "provider", "TextSocketSourceProvider", NULL);
    }
    Field fields[2] = {{.name = "value", .type = type_string, .nullable = true},
                       {.name = "timestamp", .type = type_timestamp, .nullable = true}};
    SocketRelation *s = mem_zalloc(sizeof(*s));
    s->base.vt = &vt;
    s->base.schema = type_struct(fields, flag ? 2 : 1);
    s->base.description = mem_strdup("TextSocketV2");
    s->base.streaming = true;
    s->base.refs = 1;
    s->host = mem_strdup(host);
    s->port = mem_strdup(port);
    s->with_time = flag;
    *ret = &s->base;
    return FB_OK;
}
