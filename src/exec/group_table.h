/*
 * group_table.h - the hash table of grouping keys, for aggregates, distinct, state and joins.
 *
 * Open addressing over (stored hash, row pointer); rows lie in slabs that never move, so pointers
 * to their payload stay good. A row is [hash][null bits][key slots][payload of payload_size bytes,
 * 16-byte aligned, zeroed]. Fixed-width keys are stored raw, strings as views whose long bytes are
 * copied into the table's arena on insertion only; nested keys as a serialized string.
 * Nulls are equal; floats must be normalized by the caller.
 *
 * Threads: one at a time.
 */
#ifndef EXEC_GROUP_TABLE_H
#define EXEC_GROUP_TABLE_H

#include "column/vec.h"

typedef struct GroupTable GroupTable;

GroupTable *group_table_new(const Type *const *key_types, uint32_t n_keys, size_t payload_size);
void group_table_free(GroupTable *t);
void group_table_clear(GroupTable *t); /* forgets all rows, keeps memory */
uint64_t group_table_size(const GroupTable *t);
size_t group_table_bytes(const GroupTable *t); /* memory held */
Arena *group_table_arena(GroupTable *t);       /* lives as the rows do: variable-size payload */

/* Finds or inserts the keys of n rows; payload[i] points to row i's payload. hash: grouping hash of
 * each row (vec_hash chained from 0), or NULL to compute. is_new (may be NULL): 1 where inserted.
 */
void group_table_upsert(GroupTable *t, const Vec *keys, uint32_t n, const uint64_t *hash,
                        uint8_t **payload, uint8_t *is_new, Arena *scratch);
/* As upsert without inserting: NULL where there is none. */
void group_table_find(GroupTable *t, const Vec *keys, uint32_t n, const uint64_t *hash,
                      uint8_t **payload, Arena *scratch);
/* Removes the row of this payload (its memory is reused by later insertions). */
void group_table_remove(GroupTable *t, uint8_t *payload);

/* Walks the live rows: *pos starts at 0; fills up to max payload pointers, returns how many, 0 at
 * the end. */
uint32_t group_table_scan(const GroupTable *t, uint64_t *pos, uint8_t **payload, uint32_t max);
/* Key columns of rows given by payload, as n_keys vectors (views borrow the table's memory). */
void group_table_keys(const GroupTable *t, uint8_t *const *payload, uint32_t n, Vec *out, Arena *a);
uint64_t group_table_hash_of(const GroupTable *t, const uint8_t *payload);

#endif
