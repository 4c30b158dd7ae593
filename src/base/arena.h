/*
 * arena.h - bump allocation with one lifetime.
 *
 * Ownership: everything allocated from an arena lives until arena_reset() or arena_free().
 * Threads:   an arena belongs to one thread at a time.
 * Memory:    out of memory ends the process with a message. The memory that user data can make
 *            grow is drawn from a MemBudget (budget.h) first, which fails the query instead: an
 *            arena with a quota charges its chunks. As arena_alloc() never fails, a refused charge
 *            is only noted (arena_is_over), to be looked at after each expression and batch; who
 *            makes much of little asks arena_reserve() before.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ArenaChunk ArenaChunk;

struct MemBudget;

/* What several arenas of one run share. It outlives them, or they are freed before. */
typedef struct ArenaQuota {
    struct MemBudget *budget;
    size_t exempt;           /* bytes that each arena may have before it draws on the budget */
    _Atomic bool over;       /* a charge was refused; what was made since may be rubbish */
    _Atomic int64_t refused; /* how much, for the message */
} ArenaQuota;

typedef struct Arena {
    ArenaChunk *head;  /* chunk being filled; older ones behind it */
    char *next;        /* first free byte of head */
    char *end;         /* one past head's last byte */
    size_t allocated;  /* bytes of all chunks */
    ArenaQuota *quota; /* NULL: none; may be set at any time */
    size_t charged;    /* to quota->budget */
} Arena;

/* A point to return to: arena_rewind() frees all that was allocated since. */
typedef struct ArenaMark {
    ArenaChunk *head;
    char *next;
} ArenaMark;

/* A zeroed Arena is ready for use. Size is in bytes; the result is 16-byte aligned, never NULL. */
void *arena_alloc(Arena *a, size_t size);
void *arena_zalloc(Arena *a, size_t size);
/*
 * Names, options, parameters of errors and SQL texts of messages are C strings, which have no room
 * for the character NUL that they may have in Spark. This byte, which no UTF-8 text has, stands for
 * it in all of them; str_text() (str.h) gives the text where it becomes data or is written.
 */
#define CSTR_NUL '\xFF'

char *arena_strdup(Arena *a, const char *s);
/* n bytes as a C string: CSTR_NUL for each NUL in them. */
char *arena_strndup(Arena *a, const char *s, size_t n);
char *arena_bytes(Arena *a, const void *bytes, size_t n); /* as they are, and a NUL behind them */
char *arena_printf(Arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
ArenaMark arena_mark(const Arena *a);
void arena_rewind(Arena *a, ArenaMark mark);
void arena_reset(Arena *a); /* keeps one chunk, so that a batch loop stops allocating */
void arena_free(Arena *a);  /* back to the zeroed state */

/* Room for n more bytes, charged. False: the quota has not got them; it is over from then on, and
 * the caller must make nothing of that size. Always true without a quota. */
bool arena_reserve(Arena *a, size_t n);
/* The same without taking it: for memory beside the arena's that is gone soon. */
bool arena_has_room(Arena *a, size_t n);
/* Notes that n bytes can't be had, for who knows without asking. */
void arena_refuse(Arena *a, size_t n);
static inline bool arena_is_over(const Arena *a)
{
    return a->quota && atomic_load_explicit(&a->quota->over, memory_order_relaxed);
}

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
