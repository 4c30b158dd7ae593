/*
 * proto_guard.c - a walk over message bytes before protobuf-c sees them.
 *
 * protobuf-c recurses once for each nested message without a limit, and keeps strings as C strings.
 * Hence bytes that nest too deep would end the process, and a string with a NUL inside would
 * silently lose its tail: the NUL becomes CSTR_NUL before, and NUL again in what is packed. The
 * walk goes over the wire format (protobuf.dev/programming-guides/ encoding) with the same
 * descriptors that unpacking uses: it keeps the open messages on a list of its own and not on the
 * stack, and looks into each length-delimited field that the descriptor calls a message or a
 * string. A field that the descriptor does not have is only stepped over, as protobuf-c does, so
 * that newer clients are welcome.
 *
 * Memory: a message of two bytes becomes a struct of a hundred, and an optional message that is
 * given again and again is merged each time into a new one. The arena is never freed in between,
 * so the sum of all that is allocated is counted and bounded, which bounds the time as well.
 */
#include "connect/proto_guard.h"

#include <stdio.h>

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

typedef struct OpenMessage {
    const ProtobufCMessageDescriptor *d;
    const uint8_t *end;
} OpenMessage;

typedef struct Walk {
    const uint8_t *p;
    OpenMessage *open; /* the innermost is open[n_open - 1] */
    uint32_t n_open, cap_open, max_open;
    char from, to;  /* bytes of strings, the one to become the other, */
    uint8_t *write; /* in these bytes of the message, which were checked; or NULL: checks */
    const uint8_t *read;
    bool has_nul; /* a string has one; result of a check */
} Walk;

typedef struct BoundedArena {
    Arena *arena;
    size_t left;
    bool exhausted;
} BoundedArena;

static fb_status bad_message(fb_error *err, const ProtobufCMessageDescriptor *d, const char *what)
{
    char text[256];
    snprintf(text, sizeof(text), "%s: %s", d->name, what);
    return err_set(err, ERR_CONNECT_CANNOT_PARSE, "errorMsg", text, NULL);
}

static fb_status bad_string(fb_error *err, const ProtobufCMessageDescriptor *d,
                            const ProtobufCFieldDescriptor *f, const char *what)
{
    char text[128];
    snprintf(text, sizeof(text), "the string %s %s", f->name, what);
    return bad_message(err, d, text);
}

static bool read_varint(const uint8_t **p, const uint8_t *end, uint64_t *value)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 70 && *p < end; shift += 7) {
        uint8_t c = *(*p)++;
        if (shift == 63 && c > 1) {
            return false;
        }
        v |= (uint64_t)(c & 127) << shift;
        if (c < 128) {
            *value = v;
            return true;
        }
    }
    return false;
}

/* Length of the ASCII text without NUL at the start of p, in whole words. */
static size_t plain_prefix(const uint8_t *p, size_t n)
{
    const uint64_t low = 0x0101010101010101u, high = 0x8080808080808080u;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t w;
        memcpy(&w, p + i, 8);
        if (((w | (w - low)) & high) != 0) {
            break;
        }
    }
    return i;
}

static fb_status check_string(Walk *w, const ProtobufCMessageDescriptor *d,
                              const ProtobufCFieldDescriptor *f, const uint8_t *p, size_t n,
                              fb_error *err)
{
    size_t i = 0;
    while (i < n) {
        i += plain_prefix(p + i, n - i);
        if (i == n) {
            break;
        }
        w->has_nul |= p[i] == '\0';
        size_t len = utf8_sequence((const char *)p + i, n - i);
        if (len == 0) {
            return bad_string(err, d, f, "is not UTF-8");
        }
        i += len;
    }
    return FB_OK;
}

/* Of the string of n bytes at w->p. */
static void exchange(Walk *w, size_t n)
{
    char *p = (char *)w->write + (w->p - w->read), *end = p + n;
    while ((p = memchr(p, (unsigned char)w->from, (size_t)(end - p))) != NULL) {
        *p++ = w->to;
    }
}

static fb_status enter(Walk *w, const ProtobufCMessageDescriptor *d, size_t n, fb_error *err)
{
    if (w->n_open >= w->max_open) {
        char text[96];
        snprintf(text, sizeof(text), "messages are nested more than %u deep", w->max_open);
        return bad_message(err, d, text);
    }
    if (w->n_open == w->cap_open) {
        w->cap_open = w->cap_open < 32 ? 64 : w->cap_open * 2;
        w->open = mem_realloc(w->open, w->cap_open * sizeof(w->open[0]));
    }
    w->open[w->n_open++] = (OpenMessage){d, w->p + n};
    return FB_OK;
}

/* A field with a length: enters a message, checks a string, steps over anything else. */
static fb_status walk_bytes(Walk *w, const OpenMessage *m, uint32_t number, fb_error *err)
{
    uint64_t n;
    if (!read_varint(&w->p, m->end, &n) || n > (uint64_t)(m->end - w->p)) {
        return bad_message(err, m->d, "a field is longer than its message");
    }
    const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(m->d, number);
    if (f != NULL && f->type == PROTOBUF_C_TYPE_MESSAGE) {
        return enter(w, f->descriptor, (size_t)n, err);
    }
    if (f != NULL && f->type == PROTOBUF_C_TYPE_STRING) {
        if (w->write != NULL) {
            exchange(w, (size_t)n);
        } else {
            TRY(check_string(w, m->d, f, w->p, (size_t)n, err));
        }
    }
    w->p += n;
    return FB_OK;
}

static fb_status walk_field(Walk *w, fb_error *err)
{
    OpenMessage m = w->open[w->n_open - 1];
    uint64_t tag, value;
    if (!read_varint(&w->p, m.end, &tag) || tag > UINT32_MAX || (tag >> 3) == 0) {
        return bad_message(err, m.d, "a field has no valid tag");
    }
    size_t left = (size_t)(m.end - w->p), fixed = 0;
    switch (tag & 7) {
    case WIRE_VARINT:
        if (!read_varint(&w->p, m.end, &value)) {
            return bad_message(err, m.d, "a number does not end");
        }
        return FB_OK;
    case WIRE_64:
        fixed = 8;
        break;
    case WIRE_32:
        fixed = 4;
        break;
    case WIRE_BYTES:
        return walk_bytes(w, &m, (uint32_t)(tag >> 3), err);
    default: /* groups: proto3 has none */
        return bad_message(err, m.d, "a field is of an unknown form");
    }
    if (left < fixed) {
        return bad_message(err, m.d, "a number is longer than its message");
    }
    w->p += fixed;
    return FB_OK;
}

static fb_status walk(Walk *w, const ProtobufCMessageDescriptor *d, size_t n, fb_error *err)
{
    fb_status st = enter(w, d, n, err);
    while (st == FB_OK && w->n_open > 0) {
        if (w->p == w->open[w->n_open - 1].end) {
            w->n_open--;
        } else {
            st = walk_field(w, err);
        }
    }
    mem_free(w->open);
    return st;
}

static fb_status check(const ProtobufCMessageDescriptor *d, const void *bytes, size_t n,
                       uint32_t max_depth, bool *has_nul, fb_error *err)
{
    static const uint8_t nothing = 0;
    Walk w = {.p = bytes != NULL ? bytes : &nothing, .max_open = max_depth};
    fb_status st = walk(&w, d, n, err);
    *has_nul = w.has_nul;
    return st;
}

fb_status proto_check(const ProtobufCMessageDescriptor *d, const void *bytes, size_t n,
                      uint32_t max_depth, fb_error *err)
{
    bool ignored;
    return check(d, bytes, n, max_depth, &ignored, err);
}

/* In the strings of a message of sound form. */
static void exchange_all(const ProtobufCMessageDescriptor *d, uint8_t *bytes, size_t n, char from,
                         char to)
{
    fb_error ignored = {0};
    Walk w = {.p = bytes, .max_open = UINT32_MAX, .from = from, .to = to};
    w.write = bytes;
    w.read = bytes;
    fb_status st = walk(&w, d, n, &ignored);
    FB_ASSERT(st == FB_OK);
}

static void *bounded_alloc(void *data, size_t size)
{
    BoundedArena *b = data;
    if (size > b->left) {
        b->exhausted = true;
        return NULL;
    }
    b->left -= size;
    return arena_alloc(b->arena, size);
}

static void bounded_free(void *data, void *p)
{
    (void)data;
    (void)p;
}

fb_status proto_unpack(const ProtobufCMessageDescriptor *d, const void *bytes, size_t n, Arena *a,
                       ProtobufCMessage **msg, fb_error *err)
{
    bool has_nul;
    TRY(check(d, bytes, n, PROTO_MAX_DEPTH, &has_nul, err));
    BoundedArena bounded = {.arena = a, .left = PROTO_MAX_UNPACKED};
    if (n < (PROTO_MAX_UNPACKED - PROTO_UNPACKED_BASE) / PROTO_UNPACKED_PER_BYTE) {
        bounded.left = PROTO_UNPACKED_BASE + PROTO_UNPACKED_PER_BYTE * n;
    }
    ProtobufCAllocator allocator = {bounded_alloc, bounded_free, &bounded};
    ArenaMark mark = arena_mark(a);
    uint8_t *own = NULL;
    if (has_nul) {
        own = mem_alloc(n);
        memcpy(own, bytes, n);
        exchange_all(d, own, n, '\0', CSTR_NUL);
    }
    ProtobufCMessage *m = protobuf_c_message_unpack(d, &allocator, n, own != NULL ? own : bytes);
    mem_free(own);
    if (m == NULL) {
        arena_rewind(a, mark);
        return bad_message(err, d,
                           bounded.exhausted ? "the message is too large when unpacked"
                                             : "a field is not of the type it must have");
    }
    *msg = m;
    return FB_OK;
}

size_t proto_pack_to(const ProtobufCMessage *msg, uint8_t *bytes)
{
    size_t n = protobuf_c_message_pack(msg, bytes);
    if (n > 0 && memchr(bytes, (unsigned char)CSTR_NUL, n) != NULL) {
        exchange_all(msg->descriptor, bytes, n, CSTR_NUL, '\0');
    }
    return n;
}

uint8_t *proto_pack(const ProtobufCMessage *msg, size_t *n)
{
    size_t size = protobuf_c_message_get_packed_size(msg);
    uint8_t *bytes = mem_alloc(size);
    *n = proto_pack_to(msg, bytes);
    FB_ASSERT(*n == size);
    return bytes;
}
