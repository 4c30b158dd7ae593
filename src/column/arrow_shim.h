/*
 * arrow_shim.h - the C interface of the shim library libforebay_arrow.so (arrow_shim.cc).
 *
 * Only C types cross it, so that the engine never links libarrow and no C++ exception or type of
 * it gets in. arrow_ipc.c loads the library and looks the functions up by the names below.
 *
 * Functions return 0, or -1 with a NUL-terminated text in msg (at most msg_len bytes).
 * Threads: all functions may be called from any thread.
 */
#ifndef COLUMN_ARROW_SHIM_H
#define COLUMN_ARROW_SHIM_H

#include <stddef.h>
#include <stdint.h>

struct ArrowSchema;
struct ArrowArray;
struct ArrowArrayStream;

/* Changes whenever a signature below does: a library of another build is refused. */
#define ARROW_SHIM_ABI 1

#define ARROW_SHIM_ABI_NAME "fb_arrow_abi"
#define ARROW_SHIM_WRITE_NAME "fb_arrow_ipc_write"
#define ARROW_SHIM_OPEN_NAME "fb_arrow_ipc_open"

typedef int (*ArrowShimAbi)(void);
/* Receives the next n bytes of the stream. */
typedef void (*ArrowShimSink)(void *arg, const void *p, size_t n);
/* Writes one IPC stream of one record batch. Consumes schema and batch, also when it fails. */
typedef int (*ArrowShimWrite)(struct ArrowSchema *schema, struct ArrowArray *batch,
                              ArrowShimSink sink, void *arg, char *msg, size_t msg_len);
/* Opens the n bytes at p, which must outlive ret, as an IPC stream. Its batches are fully validated
 * and must be released before the stream is. Decompressing takes at most memory_limit bytes. */
typedef int (*ArrowShimOpen)(const void *p, size_t n, int64_t memory_limit,
                             struct ArrowArrayStream *ret, char *msg, size_t msg_len);

#endif
