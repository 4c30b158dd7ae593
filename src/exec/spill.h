/*
 * spill.h - rows that have no place in memory: a file of blocks, each a few rows by column.
 *
 * An operator that is over the budget makes one SpillFile and appends batches to the SpillParts it
 * needs: sorted runs, or partitions by hash. A part is the list of its blocks, in the order in
 * which they were appended; blocks of different parts lie in the file in any order. The file has no
 * name: it is gone when it is freed or when the process ends, however it ends.
 *
 * Ownership: a part's list is the caller's (spill_part_clear). Rows read live in the caller's
 * arena. Threads: append and read may be called from several; a part belongs to one at a time.
 * Errors: SPILL_OUT_OF_MEMORY, which names the folder; FB_STOP when the run was cancelled.
 */
#ifndef EXEC_SPILL_H
#define EXEC_SPILL_H

#include "exec/exec.h"

typedef struct SpillFile SpillFile;

typedef struct SpillBlock {
    int64_t offset;
    uint32_t stored; /* bytes in the file */
    uint32_t raw;    /* bytes in memory; more than stored when compressed */
    uint32_t rows;
} SpillBlock;

typedef struct SpillPart {
    SpillBlock *block;
    uint32_t n, cap;
    uint32_t largest; /* raw bytes of its largest block */
    uint64_t rows, raw;
} SpillPart;

/* who: as the error names it, a literal. The folder is the first that can be written to of
 * SPARK_LOCAL_DIRS, spark.local.dir, TMPDIR and /tmp. */
fb_status spill_new(Exec *x, const char *who, SpillFile **ret, fb_error *err);
void spill_free(SpillFile *f); /* NULL is fine */
/* Batches of any size: large ones become several blocks. The blocks' seq is the batch's. */
fb_status spill_append(SpillFile *f, SpillPart *p, const Batch *b, fb_error *err);
/* The rows of a block; types are those of the batch that was appended. */
fb_status spill_read(SpillFile *f, const SpillBlock *block, const Type *const *types,
                     uint32_t n_cols, Arena *a, Batch *out, fb_error *err);
void spill_part_clear(SpillPart *p);

/* ---- partitions by hash ---- */
#define SPILL_FANOUT 16u
#define SPILL_LEVELS 6u /* of partitions of partitions */

/* The partition of a hash at a level: four bits of a mix of its own, for the table's slots and the
 * merge of workers' tables use the hash as it is. */
static inline uint32_t spill_partition(uint64_t hash, uint32_t level)
{
    return (uint32_t)(hash_u64(hash, 0x5b1du) >> (60 - 4 * level)) & (SPILL_FANOUT - 1);
}
/* Deals the rows of b to parts[0..SPILL_FANOUT) by hash; what is gathered for it is freed. */
fb_status spill_deal(SpillFile *f, SpillPart *parts, const Batch *b, const uint64_t *hash,
                     uint32_t level, Arena *scratch, fb_error *err);

#endif
