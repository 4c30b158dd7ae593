/*
 * partition.h - which partition rows are in, as a user sees it: spark_partition_id(), one file a
 * partition, seeds of samples.
 *
 * Partitions cost nothing where nobody looks at them: workers take morsels as they come. A pipeline
 * in which an operator looks (Op.by_part) is run by partition: its source deals in whole partitions
 * (source.h), a worker has one at a time and pushes its rows in order, and the number is the
 * worker's eval.partition. What lies between changes the number for what follows: an operator with
 * a `part` entry. Partitions that become one there are a task of one worker.
 *
 * How many there are is known when a pipeline begins, not before: an exchange by range has as many
 * as it found bounds. Parts is the expression of it.
 */
#ifndef EXEC_PARTITION_H
#define EXEC_PARTITION_H

#include "exec/exec_priv.h"

typedef struct Parts Parts;
typedef enum PartsKind { PARTS_SOURCE, PARTS_SUM, PARTS_MOST, PARTS_ONE } PartsKind;
struct Parts {
    PartsKind kind;
    Source *source;            /* PARTS_SOURCE */
    const Parts *const *child; /* PARTS_SUM; PARTS_MOST: one, and no more than most */
    uint32_t n;
    uint32_t most;
};
const Parts *parts_source(Exec *x, Source *s);
const Parts *parts_sum(Exec *x, const Parts *const *child, uint32_t n);
const Parts *parts_most(Exec *x, const Parts *child, uint32_t most);
const Parts *parts_one(Exec *x);
uint32_t parts_count(const Parts *p);

/* The partitions of a branch of a union come after those of the branches before. */
Op *op_part_after(const Parts *before);
/* coalesce(n): n runs of neighbours. */
Op *op_part_coalesce(const Parts *in, uint32_t n);
Op *op_part_one(void);

/* How an exchange or a local sort chooses a row's partition. */
typedef enum DealKind {
    DEAL_KEEP,  /* the one it is in */
    DEAL_HASH,  /* pmod(murmur3(keys, 42), n) */
    DEAL_ROUND, /* in turn, beginning at a number that the partition it is in gives */
    DEAL_RANGE, /* by bounds of the keys */
    DEAL_MERGE  /* coalesce(n) of a union's branches, which are pipelines of their own */
} DealKind;

typedef struct DealSpec {
    DealKind kind;
    uint32_t n;       /* partitions asked for */
    bool adaptive;    /* n was not asked for: small neighbours become one, as in Spark's AQE */
    Expr *const *key; /* DEAL_HASH: values; DEAL_RANGE: E_SORT_ORDER */
    uint32_t n_keys;
    const Parts *in; /* DEAL_KEEP, DEAL_MERGE: partitions of the input */
    uint32_t drop;   /* so many columns at the end go */
} DealSpec;

/* Appends the number of the partition as a last column, int. */
Op *op_deal(Exec *x, const DealSpec *spec);
/* How many partitions there are behind the deal; to be read once its pipeline is done. */
const uint32_t *op_deal_count(const Op *deal);
/* Appends the hash of the whole row, int: the order in which DEAL_ROUND wants its input. */
Op *op_row_hash(void);
/* Rows pass; when all have, the bounds of ranges of their keys are found, which the deal of a later
 * pipeline uses. */
Op *op_range_bounds(Exec *x, Expr *const *key, uint32_t n_keys);
void op_range_deal(Op *bounds, Op *deal);

/* op_sort.c: the sort behind a deal. The first order is the number of the partition, the last of
 * the n_cols columns, which does not leave. n_parts: how many there are; adaptive: as above. */
Op *op_part_sort(Exec *x, Expr *const *orders, uint32_t n, const Type *const *types,
                 uint32_t n_cols, const uint32_t *n_parts, bool adaptive, Source **ret);
/* Keeps rows in order and gives them in as many equal parts as there are workers, or rows. */
Op *op_slices(Exec *x, const Type *const *types, uint32_t n_cols, Source **ret);

Op *op_sample(double lower, double upper, bool with_replacement, int64_t seed);

#endif
