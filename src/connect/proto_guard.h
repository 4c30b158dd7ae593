/*
 * proto_guard.h - messages from outside, made safe to unpack, and messages packed to be sent.
 *
 * Ownership: an unpacked message lives in the caller's arena and is never freed by itself; it does
 *            not point into the bytes it came from. Packed bytes are the caller's.
 * Threads:   any; nothing is shared.
 */
#ifndef CONNECT_PROTO_GUARD_H
#define CONNECT_PROTO_GUARD_H

#include "base/error.h"
#include <protobuf-c/protobuf-c.h>

/*
 * How deep messages may be nested in each other; a DataFrame operation takes two levels. protobuf-c
 * needs 970 bytes of stack a level (measured: 8,644 levels in 8 MiB), so that this takes half of an
 * 8 MiB stack and leaves whoever walks the message afterwards 2 KiB a level. Spark refuses 1,024.
 */
#define PROTO_MAX_DEPTH 4096
/*
 * What n bytes may take unpacked: the empty message of two bytes becomes a struct of at most some
 * hundred bytes; bytes and strings keep their size. Never more than PROTO_MAX_UNPACKED.
 */
#define PROTO_UNPACKED_BASE ((size_t)1 << 20)
#define PROTO_UNPACKED_PER_BYTE 256
#define PROTO_MAX_UNPACKED ((size_t)1 << 30)

/*
 * Whether n bytes are a message of type d in sound form: tags and lengths that add up, no more than
 * max_depth messages inside each other (the outermost counts), strings that are UTF-8.
 * Otherwise CONNECT_INVALID_PLAN.CANNOT_PARSE. Uses a constant amount of stack.
 */
fb_status proto_check(const ProtobufCMessageDescriptor *d, const void *bytes, size_t n,
                      uint32_t max_depth, fb_error *err);

/* proto_check() with PROTO_MAX_DEPTH, then the message itself, CSTR_NUL in its strings for NUL.
 * Fails as proto_check() does; *msg is then left alone and the arena is as before. */
fb_status proto_unpack(const ProtobufCMessageDescriptor *d, const void *bytes, size_t n, Arena *a,
                       ProtobufCMessage **msg, fb_error *err);

/* Into bytes, which has room for it, with NUL for CSTR_NUL in its strings; returns how many. */
size_t proto_pack_to(const ProtobufCMessage *msg, uint8_t *bytes);
/* The message's n bytes, of mem_alloc(): caller mem_free()s
 * them or gives them to rpc_send(). */
uint8_t *proto_pack(const ProtobufCMessage *msg, size_t *n);

#endif
