/*
 * user_names.c - messages by the names that their senders typed: DataFrame.mapInPandas, not
 * map_partitions.
 *
 * Only what is refused needs a name here. A message that is not listed, since it is newer than
 * this, goes by its field's name.
 */
#include "connect/user_names.h"

#include <stdbool.h>

typedef struct UserName {
    int tag;
    const char *name;
} UserName;

static const char *find(const UserName *names, size_t n, int tag)
{
    for (size_t i = 0; i < n; i++) {
        if (names[i].tag == tag) {
            return names[i].name;
        }
    }
    return NULL;
}

#define FIND(names, tag) find((names), sizeof(names) / sizeof((names)[0]), (int)(tag))

/* PySpark's PythonEvalType, which tells the methods apart that share a message. */
enum {
    EVAL_MAP_ARROW = 207,
    EVAL_GROUP_ARROW = 209,
    EVAL_COGROUP_ARROW = 210,
    EVAL_TRANSFORM_PANDAS = 211,
    EVAL_TRANSFORM_PANDAS_INIT = 212,
    EVAL_TRANSFORM_ROW = 213,
    EVAL_TRANSFORM_ROW_INIT = 214,
    EVAL_GROUP_ARROW_ITER = 215
};

static int eval_type(const SC(CommonInlineUserDefinedFunction) * f)
{
    bool python =
        f != NULL && f->function_case ==
                         SPARK__CONNECT__COMMON_INLINE_USER_DEFINED_FUNCTION__FUNCTION_PYTHON_UDF;
    return python ? f->python_udf->eval_type : 0;
}

static const char *grouped_python(int eval)
{
    switch (eval) {
    case EVAL_GROUP_ARROW:
    case EVAL_GROUP_ARROW_ITER:
        return "GroupedData.applyInArrow";
    case EVAL_TRANSFORM_PANDAS:
    case EVAL_TRANSFORM_PANDAS_INIT:
        return "GroupedData.transformWithStateInPandas";
    case EVAL_TRANSFORM_ROW:
    case EVAL_TRANSFORM_ROW_INIT:
        return "GroupedData.transformWithState";
    default:
        return "GroupedData.applyInPandas";
    }
}

const char *relation_user_name(const SC(Relation) * in)
{
    static const UserName names[] = {
        {REL(SAMPLE), "DataFrame.sample"},
        {REL(UNPIVOT), "DataFrame.unpivot"},
        {REL(PARSE), "DataFrameReader.json and csv of a DataFrame"},
        {REL(APPLY_IN_PANDAS_WITH_STATE), "GroupedData.applyInPandasWithState"},
        {REL(COMMON_INLINE_USER_DEFINED_TABLE_FUNCTION), "user-defined table functions"},
        {REL(AS_OF_JOIN), "as-of joins (DataFrame._joinAsOf)"},
        {REL(COMMON_INLINE_USER_DEFINED_DATA_SOURCE), "Python data sources"},
        {REL(TRANSPOSE), "DataFrame.transpose"},
        {REL(RELATION_CHANGES), "DataFrameReader.changes"},
        {REL(NEAREST_BY_JOIN), "DataFrame.nearestByJoin"},
        {REL(SAMPLE_BY), "DataFrame.sampleBy"},
        {REL(ML_RELATION), "Spark ML"},
        {REL(EXTENSION), "extensions of Spark Connect"},
    };
    switch (in->rel_type_case) {
    case REL(MAP_PARTITIONS):
        return eval_type(in->map_partitions->func) == EVAL_MAP_ARROW ? "DataFrame.mapInArrow"
                                                                     : "DataFrame.mapInPandas";
    case REL(GROUP_MAP):
        return grouped_python(eval_type(in->group_map->func));
    case REL(CO_GROUP_MAP):
        return eval_type(in->co_group_map->func) == EVAL_COGROUP_ARROW
                   ? "PandasCogroupedOps.applyInArrow"
                   : "PandasCogroupedOps.applyInPandas";
    default:
        return FIND(names, in->rel_type_case);
    }
}

const char *command_user_name(const SC(Command) * in)
{
    static const UserName names[] = {
        {CMD(MERGE_INTO_TABLE_COMMAND), "DataFrame.mergeInto"},
        {CMD(CREATE_RESOURCE_PROFILE_COMMAND), "resource profiles"},
        {CMD(EXECUTE_EXTERNAL_COMMAND), "SparkSession.executeCommand"},
        {CMD(PIPELINE_COMMAND), "declarative pipelines"},
        {CMD(EXTENSION), "extensions of Spark Connect"},
    };
    return FIND(names, in->command_type_case);
}

const char *catalog_user_name(const SC(Catalog) * in)
{
    static const UserName names[] = {
        {CAT(CREATE_EXTERNAL_TABLE), "Catalog.createExternalTable"},
        {CAT(CREATE_TABLE), "Catalog.createTable"},
        {CAT(RECOVER_PARTITIONS), "Catalog.recoverPartitions"},
        {CAT(CACHE_TABLE), "Catalog.cacheTable"},
        {CAT(DROP_TABLE), "Catalog.dropTable"},
        {CAT(DROP_VIEW), "Catalog.dropView"},
        {CAT(CREATE_DATABASE), "Catalog.createDatabase"},
        {CAT(DROP_DATABASE), "Catalog.dropDatabase"},
        {CAT(LIST_PARTITIONS), "Catalog.listPartitions"},
        {CAT(GET_TABLE_PROPERTIES), "Catalog.getTableProperties"},
        {CAT(GET_CREATE_TABLE_STRING), "Catalog.getCreateTableString"},
        {CAT(TRUNCATE_TABLE), "Catalog.truncateTable"},
        {CAT(ANALYZE_TABLE), "Catalog.analyzeTable"},
    };
    return FIND(names, in->cat_type_case);
}
