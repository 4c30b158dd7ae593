/*
 * arena.c - bump allocation in chunks, and the malloc family that never fails.
 *
 * An arena is a list of chunks, newest first; only the newest is filled. A new chunk is as large as
 * all before it together, between ARENA_CHUNK_MIN and ARENA_CHUNK_MAX, so that n bytes cost
 * O(log n) calls of malloc up to the maximum. A request larger than that gets a chunk of its own
 * size plus a minimal chunk's room, so that the small requests after it still have a place.
 *
 * arena_reset() keeps the largest chunk unless it is larger than ARENA_KEEP_MAX: one enormous batch
 * must not pin its memory for as long as the query runs.
 *
 * A quota is charged by the chunk, so that the way through arena_alloc() knows nothing of it, and
 * only for what the arena has beyond the quota's exemption: the arenas of ordinary batches never
 * touch the shared count.
 *
 * Under AddressSanitizer all that is not handed out is poisoned and each allocation is followed by
 * a red zone, so that an overrun inside an arena is found like one of the heap.
 */
#include "base/arena.h"

#include "base/budget.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define ARENA_RED_ZONE 16
#define ARENA_POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define ARENA_UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define ARENA_RED_ZONE 0
#define ARENA_POISON(p, n) ((void)0)
#define ARENA_UNPOISON(p, n) ((void)0)
#endif

#define ARENA_ALIGN 16
#define ARENA_CHUNK_MIN ((size_t)4096 - 32) /* with malloc's header still one page */
#define ARENA_CHUNK_MAX ((size_t)8 << 20)   /* beyond that a chunk's cost is lost in its use */
#define ARENA_KEEP_MAX ((size_t)16 << 20)
#define MEM_MAX ((size_t)PTRDIFF_MAX)

struct ArenaChunk {
    ArenaChunk *prev;
    size_t size; /* bytes of data */
    char data[]; /* 16-byte aligned, as the header takes 16 and malloc aligns to 16 */
};

_Static_assert(offsetof(ArenaChunk, data) % ARENA_ALIGN == 0, "chunk data must stay aligned");

static _Noreturn void out_of_memory(size_t size)
{
    fprintf(stderr, "forebay: out of memory (%zu bytes asked for)\n", size);
    abort();
}

static void arena_set_head(Arena *a, ArenaChunk *c)
{
    a->head = c;
    a->next = c ? c->data : NULL;
    a->end = c ? c->data + c->size : NULL;
}

static void *arena_take(Arena *a, size_t size, size_t step)
{
    char *p = a->next;
    a->next += step;
    ARENA_UNPOISON(p, size);
    (void)size;
    return p;
}

void arena_refuse(Arena *a, size_t n)
{
    int64_t bytes = n > INT64_MAX ? INT64_MAX : (int64_t)n;
    atomic_store_explicit(&a->quota->refused, bytes, memory_order_relaxed);
    atomic_store_explicit(&a->quota->over, true, memory_order_relaxed);
}

/* Bytes to be charged for an arena of that size. */
static size_t arena_due(const Arena *a, size_t allocated)
{
    return a->quota && allocated > a->quota->exempt ? allocated - a->quota->exempt : 0;
}

/* Before the arena becomes larger by size. */
static bool arena_charge(Arena *a, size_t size)
{
    size_t due = arena_due(a, a->allocated + size);
    if (due <= a->charged) {
        return true;
    }
    if (due > INT64_MAX || !budget_try(a->quota->budget, (int64_t)(due - a->charged))) {
        return false;
    }
    a->charged = due;
    return true;
}

/* After it became smaller. */
static void arena_discharge(Arena *a)
{
    size_t due = arena_due(a, a->allocated);
    if (due < a->charged) {
        (void)budget_try(a->quota->budget, -(int64_t)(a->charged - due));
        a->charged = due;
    }
}

/* A chunk in which step bytes fit: of the size that keeps chunks few, or only what is needed where
 * the quota has no more. False: not even that. */
static bool arena_charge_chunk(Arena *a, size_t step, size_t *ret_size)
{
    size_t size = a->allocated, need = step + ARENA_CHUNK_MIN;
    size = size < ARENA_CHUNK_MIN ? ARENA_CHUNK_MIN : size;
    size = size > ARENA_CHUNK_MAX ? ARENA_CHUNK_MAX : size;
    size = (step > size ? need : size) & ~(size_t)(ARENA_ALIGN - 1);
    need &= ~(size_t)(ARENA_ALIGN - 1);
    bool charged = arena_charge(a, size);
    if (!charged && need < size) {
        size = need;
        charged = arena_charge(a, size);
    }
    *ret_size = size;
    return charged;
}

static void arena_add_chunk(Arena *a, size_t size)
{
    ArenaChunk *c = mem_alloc(sizeof(*c) + size);
    c->prev = a->head;
    c->size = size;
    ARENA_POISON(c->data, c->size);
    arena_set_head(a, c);
    a->allocated += size;
}

bool arena_has_room(Arena *a, size_t n)
{
    if (!a->quota || n <= a->quota->exempt) {
        return true;
    }
    if (n > INT64_MAX || !budget_try(a->quota->budget, (int64_t)n)) {
        arena_refuse(a, n);
        return false;
    }
    return budget_try(a->quota->budget, -(int64_t)n);
}

bool arena_reserve(Arena *a, size_t n)
{
    size_t size, step = n + 2 * (ARENA_RED_ZONE + ARENA_ALIGN);
    if (!a->quota) {
        return true;
    }
    if (n > MEM_MAX / 2) {
        arena_refuse(a, n);
    }
    if (arena_is_over(a)) {
        return false;
    }
    bool has_room = a->head && (size_t)(a->end - a->next) >= step;
    if (has_room || arena_due(a, a->allocated + step + ARENA_CHUNK_MIN) <= a->charged) {
        return true;
    }
    if (!arena_charge_chunk(a, step, &size)) {
        arena_refuse(a, n);
        return false;
    }
    arena_add_chunk(a, size);
    return true;
}

static void arena_grow(Arena *a, size_t step)
{
    size_t size;
    if (!arena_charge_chunk(a, step, &size)) {
        arena_refuse(a, step);
    }
    arena_add_chunk(a, size);
}

void *arena_alloc(Arena *a, size_t size)
{
    if (__builtin_expect(size > MEM_MAX / 2, 0)) {
        out_of_memory(size);
    }
    size_t step = (size + ARENA_RED_ZONE + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (__builtin_expect(step > (size_t)(a->end - a->next) || a->head == NULL, 0)) {
        arena_grow(a, step);
    }
    return arena_take(a, size, step);
}

void *arena_zalloc(Arena *a, size_t size)
{
    void *p = arena_alloc(a, size);
    memset(p, 0, size);
    return p;
}

char *arena_bytes(Arena *a, const void *bytes, size_t n)
{
    char *p = arena_alloc(a, n + 1);
    if (n > 0) {
        memcpy(p, bytes, n);
    }
    p[n] = '\0';
    return p;
}

char *arena_strndup(Arena *a, const char *s, size_t n)
{
    char *p = arena_bytes(a, s, n), *nul = p;
    while ((nul = memchr(nul, '\0', (size_t)(p + n - nul))) != NULL) {
        *nul++ = CSTR_NUL;
    }
    return p;
}

char *arena_strdup(Arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(Arena *a, const char *fmt, ...)
{
    char stack[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(stack, sizeof(stack), fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n < sizeof(stack)) {
        return arena_strndup(a, stack, n < 0 ? 0 : (size_t)n);
    }
    char *p = arena_alloc(a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}

ArenaMark arena_mark(const Arena *a)
{
    return (ArenaMark){a->head, a->next};
}

static void arena_pop(Arena *a)
{
    ArenaChunk *c = a->head;
    a->allocated -= c->size;
    a->head = c->prev;
    mem_free(c);
}

void arena_rewind(Arena *a, ArenaMark mark)
{
    if (mark.head == NULL) { /* taken when the arena was still empty */
        arena_reset(a);
        return;
    }
    while (a->head != mark.head) {
        arena_pop(a);
    }
    arena_discharge(a);
    a->next = mark.next;
    a->end = a->head->data + a->head->size;
    ARENA_POISON(a->next, (size_t)(a->end - a->next));
}

void arena_reset(Arena *a)
{
    ArenaChunk *keep = NULL;
    for (ArenaChunk *c = a->head; c != NULL; c = c->prev) {
        if (c->size <= ARENA_KEEP_MAX && (keep == NULL || c->size > keep->size)) {
            keep = c;
        }
    }
    for (ArenaChunk *c = a->head, *prev; c != NULL; c = prev) {
        prev = c->prev;
        if (c != keep) {
            mem_free(c);
        }
    }
    if (keep != NULL) {
        keep->prev = NULL;
        ARENA_POISON(keep->data, keep->size);
    }
    arena_set_head(a, keep);
    a->allocated = keep ? keep->size : 0;
    arena_discharge(a);
}

void arena_free(Arena *a)
{
    while (a->head != NULL) {
        arena_pop(a);
    }
    arena_discharge(a);
    *a = (Arena){0};
}

void *mem_alloc(size_t size)
{
    void *p = size <= MEM_MAX ? malloc(size ? size : 1) : NULL;
    if (__builtin_expect(p == NULL, 0)) {
        out_of_memory(size);
    }
    return p;
}

void *mem_zalloc(size_t size)
{
    void *p = size <= MEM_MAX ? calloc(1, size ? size : 1) : NULL;
    if (__builtin_expect(p == NULL, 0)) {
        out_of_memory(size);
    }
    return p;
}

void *mem_realloc(void *p, size_t size)
{
    void *q = size <= MEM_MAX ? realloc(p, size ? size : 1) : NULL;
    if (__builtin_expect(q == NULL, 0)) {
        out_of_memory(size);
    }
    return q;
}

char *mem_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    return memcpy(mem_alloc(n), s, n);
}

void mem_free(void *p)
{
    free(p);
}

size_t mem_mul(size_t n, size_t size)
{
    size_t r;
    if (__builtin_expect(__builtin_mul_overflow(n, size, &r), 0)) {
        out_of_memory(SIZE_MAX);
    }
    return r;
}
