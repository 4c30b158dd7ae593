/*
 * partitions.h - partition columns of a dataset: which there are, of what types, and the values of
 * each file, from folders k=v (Spark's PartitioningUtils and PartitioningAwareFileIndex).
 */
#ifndef CONNECTOR_PARTITIONS_H
#define CONNECTOR_PARTITIONS_H

#include "column/timezone.h"
#include "connector/files.h"

/* What rules the search; the strings live as long as the rules. */
typedef struct PartitionRules {
    const char *base;       /* the option basePath, absolute; NULL: what was asked for */
    const char *base_given; /* as it was written */
    bool recursive;         /* recursiveFileLookup: no partitions, files of all depths */
    bool infer, validate, case_sensitive, ignore_invalid, ansi, ntz;
    const TimeZone *zone;
    const char *zone_name;
    NameFilter names;
    /* Only files modified between them are chosen: local times of the zone, as Spark compares. */
    int64_t after_us, before_us;
} PartitionRules;

typedef struct PartitionKeys {
    const char **name;
    const Type **type;
    uint32_t n;
} PartitionKeys;

fb_status partition_rules(Arena *a, const Options *o, const Conf *conf, PartitionRules *ret,
                          fb_error *err);
/* Finds the keys of a grouped list. schema: the user's, whose names and types win; NULL: none. */
fb_status partitions_find(Arena *a, const PartitionRules *r, FileList *list, const Type *schema,
                          PartitionKeys *ret, fb_error *err);
/* The partition columns that the path of a folder tells below the base, the outermost first; the
 * innermost run of k=v folders if it is NULL. */
fb_status partition_folder(Arena *a, FileFolder *f, const char *const *bases, uint32_t n_bases,
                           const char **ret_base, fb_error *err);
/* The values of a folder for the keys, constants: NULL for what its path does not tell. */
fb_status partition_values(Arena *a, const PartitionRules *r, const PartitionKeys *keys,
                           const FileFolder *f, const Vec **ret, fb_error *err);
/* Leaves in the list the files to be read, in the order of reading. beside: and those beside the
 * partitions, which are never read, but which Spark infers a schema from too. */
void partitions_choose(Arena *a, const PartitionRules *r, bool beside, FileList *list);

#endif
