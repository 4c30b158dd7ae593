/*
 * arena.h - bump allocation with one lifetime.
 *
 * Ownership: everything allocated from an arena lives until arena_reset() or arena_free().
 * Threads:   an arena belongs to one thread at a time.
 * Memory:    out of memory ends the process with a message. The memory that user data can make
 *            grow is drawn from a MemBudget (budget.h) first, which fails the query instead.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
    ArenaChunk *head; /* chunk being filled; older ones behind it */
    char *next;       /* first free byte of head */
    char *end;        /* one past head's last byte */
    size_t allocated; /* bytes of all chunks */
} Arena;

/* A point to return to: arena_rewind() frees all that was allocated since. */
typedef struct ArenaMark {
    ArenaChunk *head;
    char *next;
} ArenaMark;

/* A zeroed Arena is ready for use. Size is in bytes; the result is 16-byte aligned, never NULL. */
void *arena_alloc(Arena *a, size_t size);
void *arena_zalloc(Arena *a, size_t size);
char *arena_strdup(Arena *a, const char *s);
char *arena_strndup(Arena *a, const char *s, size_t n); /* NUL-terminated copy of n bytes */
char *arena_printf(Arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
ArenaMark arena_mark(const Arena *a);
void arena_rewind(Arena *a, ArenaMark mark);
void arena_reset(Arena *a); /* keeps one chunk, so that a batch loop stops allocating */
void arena_free(Arena *a);  /* back to the zeroed state */

#define ARENA_NEW(a, type) ((type *)arena_zalloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_zalloc((a), mem_mul((n), sizeof(type))))

/* malloc family that never returns NULL; mem_mul ends the process on overflow. */
void *mem_alloc(size_t size);
void *mem_zalloc(size_t size);
void *mem_realloc(void *p, size_t size);
char *mem_strdup(const char *s);
void mem_free(void *p);
size_t mem_mul(size_t n, size_t size);

#endif
