/*
 * state.h - state stores on disk: versions of key/value maps per operator, partition and store.
 *
 * The provider here is Spark's HDFSBackedStateStoreProvider: V.delta and
 * V.snapshot files, an LZ4 block stream of UnsafeRow pairs. The live map is the operator's own
 * (a table in the engine's layout); a store only loads a version into it and writes the changes of
 * a batch.
 *
 * Threads: one store is used by one thread at a time; different partitions in parallel.
 */
#ifndef STATE_STATE_H
#define STATE_STATE_H

#include "base/conf.h"
#include "column/type.h"

typedef struct StateStore StateStore;

/* Called once for each live key of the loaded version. Bytes are borrowed for the call. */
typedef fb_status (*StateLoadFn)(void *arg, const uint8_t *key, size_t n_key, const uint8_t *value,
                                 size_t n_value, fb_error *err);

/* checkpoint/state/<op>/<partition>[/<store>]; store_name NULL or "default": none. */
fb_status state_store_open(const char *state_dir, uint32_t op, uint32_t partition,
                           const char *store_name, const char *codec, StateStore **ret,
                           fb_error *err);
void state_store_close(StateStore *s);
/* Version 0 is empty. Missing or unreadable files: CANNOT_LOAD_STATE_STORE.*, naming the file. */
fb_status state_store_load(StateStore *s, int64_t version, StateLoadFn fn, void *arg,
                           fb_error *err);
/* Begins the changes that make version+1; put and remove append; commit makes V.delta durable. */
void state_store_begin(StateStore *s, int64_t version);
void state_store_put(StateStore *s, const void *key, size_t n_key, const void *value,
                     size_t n_value);
void state_store_remove(StateStore *s, const void *key, size_t n_key);
fb_status state_store_commit(StateStore *s, fb_error *err);
void state_store_abort(StateStore *s);
/* Whether a snapshot of the committed version is due (more than minDeltas deltas follow the last).
 */
bool state_store_snapshot_due(const StateStore *s, int64_t min_deltas);
/* Snapshot of the committed version: begin, then the whole map by put, then end. */
void state_snapshot_begin(StateStore *s);
fb_status state_snapshot_commit(StateStore *s, fb_error *err);
/* Deletes files not needed to rebuild version newest - keep, with their side files. */
fb_status state_store_cleanup(StateStore *s, int64_t keep, fb_error *err);

/* state/<op>/_metadata/metadata and state/<op>/0/[<store>/]_metadata/schema. */
typedef struct StateStoreInfo {
    const char *name; /* "default" */
    uint32_t n_prefix_cols;
    const Type *key, *value; /* structs */
} StateStoreInfo;

/* An operator of the query, or of a metadata file. */
typedef struct StateOperator {
    int64_t id;
    const char *name;
} StateOperator;
#define STATE_MAX_OPERATORS 256

/* Before the first batch of a restarted query: are its stateful operators, by ascending id, those
 * of the checkpoint? Refuses operators without any state (STREAMING_STATEFUL_OPERATOR_
 * MISSING_STATE_DIRECTORY) and other ids or names (…_NOT_MATCH_IN_STATE_METADATA). As in Spark, a
 * metadata file that is missing or torn leaves the judgement to the schemas, and what it says of
 * stores and partitions is not compared: the offset log pins the number of partitions. */
fb_status state_operators_check(const char *state_dir, const StateOperator *ops, uint32_t n,
                                fb_error *err);
/* Writes both if they are missing or the query begins; else checks the schemas against the plan's
 * (STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE / VALUE). Names of columns are not compared. */
fb_status state_operator_check(const char *state_dir, uint32_t op, const char *operator_name,
                               uint32_t n_partitions, const StateStoreInfo *stores,
                               uint32_t n_stores, bool is_restart, fb_error *err);

/* ---- the LZ4 block stream of lz4-java ---- */
void lz4_block_encode(const void *p, size_t n, StrBuf *out);
fb_status lz4_block_decode(const void *p, size_t n, StrBuf *out,
                           fb_error *err); /* bounded by the block heads */

#endif
