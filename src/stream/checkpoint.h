/*
 * checkpoint.h - the root of a checkpoint: metadata, offsets, commits.
 */
#ifndef STREAM_CHECKPOINT_H
#define STREAM_CHECKPOINT_H

#include "base/conf.h"
#include "base/options.h"
#include "stream/metadata_log.h"

/* What offsets/N says. */
typedef struct OffsetEntry {
    int64_t watermark_ms, timestamp_ms;
    Options conf;         /* the pinned settings */
    const char **offsets; /* JSON text, or NULL for "-" */
    uint32_t n;
} OffsetEntry;

typedef struct Checkpoint {
    Arena arena;
    const char *dir;
    const char *id; /* of metadata: the query's id */
    MetadataLog offsets, commits;
    int64_t last_offset; /* newest ids, -1: none */
    int64_t last_commit;
    OffsetEntry last;          /* offsets/<last_offset> */
    OffsetEntry before;        /* offsets/<last_offset - 1>; n = 0: none */
    int64_t next_watermark_ms; /* of commits/<last_commit>, 0 */
} Checkpoint;

/* Opens or begins a checkpoint and reads its state. Refuses what Spark refuses: a missing metadata
 * file beside existing logs, a gap before the newest offsets, commits ahead of offsets, versions
 * that are not known; leftover commits or state beside empty offsets; a query id that is no UUID.
 * n_sources is checked against the newest two entries. */
fb_status checkpoint_open(Checkpoint *c, const char *dir, uint32_t n_sources, fb_error *err);
/* The id in metadata alone, made if the checkpoint is new: what a query is known by before it runs.
 */
fb_status checkpoint_identify(const char *dir, char ret_id[37], fb_error *err);
void checkpoint_close(Checkpoint *c);
/* The 17 settings that every offsets file carries, taken from conf. */
void checkpoint_conf(const Conf *conf, Options *out, Arena *a);
/* Puts the pinned settings of entry into conf; absent ones get Spark's legacy default. */
fb_status checkpoint_restore_conf(const OffsetEntry *entry, Conf *conf, fb_error *err);
fb_status checkpoint_write_offsets(Checkpoint *c, int64_t batch, const OffsetEntry *e,
                                   fb_error *err);
fb_status checkpoint_write_commit(Checkpoint *c, int64_t batch, int64_t next_watermark_ms,
                                  fb_error *err);
/* Deletes offsets and commits below batch - keep. */
fb_status checkpoint_purge(Checkpoint *c, int64_t batch, int64_t keep, fb_error *err);

#endif
