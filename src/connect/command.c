/*
 * command.c - commands: SQL statements, temp views, writes, and the small ones.
 *
 * spark.sql(text) arrives as sql_command. A SELECT is analysed, so that its errors surface there,
 * and its relation goes back to the client unexecuted; any other statement runs at once and its
 * result goes back as a local relation.
 */
#include "connect/service_priv.h"
#include "connect/user_names.h"

#include "base/clock.h"

/* ---- SQL ---- */

static fb_status send_relation(Operation *op, SC(Relation) * r, fb_error *err)
{
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    SC(ExecutePlanResponse__SqlCommandResult)
    result = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__SQL_COMMAND_RESULT__INIT;
    result.relation = r;
    m.response_type_case = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__RESPONSE_TYPE_SQL_COMMAND_RESULT;
    m.sql_command_result = &result;
    return operation_send(op, &m, err);
}

static fb_status send_rows(Operation *op, const RowSet *rows, fb_error *err)
{
    Arena a = {0};
    SC(LocalRelation) local = SPARK__CONNECT__LOCAL_RELATION__INIT;
    SC(Relation) r = SPARK__CONNECT__RELATION__INIT;
    r.rel_type_case = REL(LOCAL_RELATION);
    r.local_relation = &local;
    fb_status st = rows_message(op->conn->session, rows, &a, &local, err);
    if (st == FB_OK) {
        st = send_relation(op, &r, err);
    }
    arena_free(&a);
    return st;
}

/* The statement runs or is analysed; unexecuted is what stands for a SELECT. */
static fb_status run_statement(Operation *op, const char *text, const SqlArgs *args,
                               SC(Relation) * unexecuted, fb_error *err)
{
    PlanTree *tree = NULL;
    RowSet *rows = NULL;
    Arena own = {0};
    Str sql = str_text(&own, text != NULL ? text : "");
    fb_status st = session_sql(op->conn->session, sql, args, &tree, &rows, err);
    arena_free(&own);
    TRY(st);
    st = rows != NULL ? send_rows(op, rows, err) : send_relation(op, unexecuted, err);
    plantree_release(tree);
    rowset_release(rows);
    return st;
}

static fb_status with_relations(Operation *op, Convert *c, SC(Relation) * in, fb_error *err)
{
    PlanTree *t;
    TRY(convert_analyze(c, in, &t, err));
    plantree_release(t);
    return send_relation(op, in, err);
}

/* Clients up to 3.5 give the statement in the command itself. */
static fb_status old_sql_command(Operation *op, Convert *c, const SC(SqlCommand) * in,
                                 fb_error *err)
{
    SqlArgs args;
    SC(SQL) sql = SPARK__CONNECT__SQL__INIT;
    SC(Relation) r = SPARK__CONNECT__RELATION__INIT;
    TRY(convert_command_args(c, in, &args, err));
    sql.query = in->sql;
    sql.n_pos_args = in->n_pos_args;
    sql.pos_args = in->pos_args;
    sql.n_pos_arguments = in->n_pos_arguments;
    sql.pos_arguments = in->pos_arguments;
    /* The entries of the maps are separate message types of the same layout on the wire only. */
    sql.n_args = in->n_args;
    sql.args = ARENA_ARRAY(c->arena, SC(SQL__ArgsEntry) *, in->n_args);
    for (size_t i = 0; i < in->n_args; i++) {
        sql.args[i] = ARENA_NEW(c->arena, SC(SQL__ArgsEntry));
        spark__connect__sql__args_entry__init(sql.args[i]);
        sql.args[i]->key = in->args[i]->key;
        sql.args[i]->value = in->args[i]->value;
    }
    sql.n_named_arguments = in->n_named_arguments;
    sql.named_arguments =
        ARENA_ARRAY(c->arena, SC(SQL__NamedArgumentsEntry) *, in->n_named_arguments);
    for (size_t i = 0; i < in->n_named_arguments; i++) {
        sql.named_arguments[i] = ARENA_NEW(c->arena, SC(SQL__NamedArgumentsEntry));
        spark__connect__sql__named_arguments_entry__init(sql.named_arguments[i]);
        sql.named_arguments[i]->key = in->named_arguments[i]->key;
        sql.named_arguments[i]->value = in->named_arguments[i]->value;
    }
    r.rel_type_case = REL(SQL);
    r.sql = &sql;
    return run_statement(op, in->sql, &args, &r, err);
}

static fb_status sql_command(Operation *op, Convert *c, const SC(SqlCommand) * in, fb_error *err)
{
    SqlArgs args;
    if (in->input == NULL) {
        return old_sql_command(op, c, in, err);
    }
    switch (in->input->rel_type_case) {
    case REL(SQL):
        TRY(convert_sql_args(c, in->input->sql, &args, err));
        return run_statement(op, in->input->sql->query, &args, in->input, err);
    case REL(WITH_RELATIONS):
        return with_relations(op, c, in->input, err);
    default: {
        const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(
            SC_DESC(relation), (unsigned)in->input->rel_type_case);
        return err_set(err, ERR_CONNECT_SQL_COMMAND, "other", f != NULL ? f->name : "none", NULL);
    }
    }
}

/* ---- temp views ---- */

static fb_status create_view(Operation *op, Convert *c, const SC(CreateDataFrameViewCommand) * in,
                             fb_error *err)
{
    PlanTree *t;
    TRY(convert_analyze(c, in->input, &t, err));
    convert_strip_positions(t);
    fb_status st = session_create_view(op->conn->session, in->name != NULL ? in->name : "", t,
                                       in->is_global, in->replace, err);
    plantree_release(t);
    return st;
}

/* ---- writing ---- */

#define SAVE_METHOD(name)                                                                          \
    SPARK__CONNECT__WRITE_OPERATION__SAVE_TABLE__TABLE_SAVE_METHOD__TABLE_SAVE_METHOD_##name

static SaveMode save_mode(int mode)
{
    switch (mode) {
    case SPARK__CONNECT__WRITE_OPERATION__SAVE_MODE__SAVE_MODE_APPEND:
        return SAVE_APPEND;
    case SPARK__CONNECT__WRITE_OPERATION__SAVE_MODE__SAVE_MODE_OVERWRITE:
        return SAVE_OVERWRITE;
    case SPARK__CONNECT__WRITE_OPERATION__SAVE_MODE__SAVE_MODE_IGNORE:
        return SAVE_IGNORE;
    default:
        return SAVE_ERROR_IF_EXISTS;
    }
}

static fb_status write_table(Operation *op, Convert *c, const SC(Relation) * input,
                             const WriteSpec *w, fb_error *err)
{
    PlanTree *t;
    TRY(convert_analyze(c, input, &t, err));
    fb_status st = session_write(op->conn->session, t, w, &op->cancel, err);
    if (st != FB_OK) {
        convert_locate(c, err);
    }
    plantree_release(t);
    return st;
}

static fb_status check_write(const SC(WriteOperation) * in, fb_error *err)
{
    if (in->bucket_by != NULL) {
        return err_unsupported(err, "DataFrameWriter.bucketBy");
    }
    if (in->n_sort_column_names) {
        return err_unsupported(err, "DataFrameWriter.sortBy");
    }
    if (in->n_clustering_columns) {
        return err_unsupported(err, "DataFrameWriter.clusterBy");
    }
    if (in->with_schema_evolution) {
        return err_unsupported(err, "DataFrameWriter.withSchemaEvolution");
    }
    return FB_OK;
}

static fb_status write_operation(Operation *op, Convert *c, const SC(WriteOperation) * in,
                                 fb_error *err)
{
    WriteSpec w = {.mode = save_mode((int)in->mode)};
    TRY(check_write(in, err));
    if (in->source != NULL && in->source[0] != '\0') {
        w.format = in->source;
    }
    switch (in->save_type_case) {
    case SPARK__CONNECT__WRITE_OPERATION__SAVE_TYPE_PATH:
        w.path = in->path;
        break;
    case SPARK__CONNECT__WRITE_OPERATION__SAVE_TYPE_TABLE:
        if (in->table->save_method == SAVE_METHOD(INSERT_INTO)) {
            return err_unsupported(err, "DataFrameWriter.insertInto");
        }
        w.table = in->table->table_name;
        break;
    default:
        break;
    }
    for (size_t i = 0; i < in->n_options; i++) {
        options_set(&w.options, c->arena, convert_str(c, in->options[i]->key),
                    convert_str(c, in->options[i]->value));
    }
    w.partition_by = convert_names(c, in->partitioning_columns, in->n_partitioning_columns);
    w.n_partition_by = (uint32_t)in->n_partitioning_columns;
    return write_table(op, c, in->input, &w, err);
}

static fb_status check_write_v2(const SC(WriteOperationV2) * in, fb_error *err)
{
    const char *what = NULL;
    switch (in->mode) {
    case SPARK__CONNECT__WRITE_OPERATION_V2__MODE__MODE_APPEND:
        what = in->with_schema_evolution    ? "withSchemaEvolution"
               : in->n_partitioning_columns ? "partitionedBy"
               : in->n_clustering_columns   ? "clusterBy"
               : in->n_table_properties     ? "tableProperty"
                                            : NULL;
        break;
    case SPARK__CONNECT__WRITE_OPERATION_V2__MODE__MODE_CREATE:
        what = "create";
        break;
    case SPARK__CONNECT__WRITE_OPERATION_V2__MODE__MODE_OVERWRITE:
        what = "overwrite";
        break;
    case SPARK__CONNECT__WRITE_OPERATION_V2__MODE__MODE_OVERWRITE_PARTITIONS:
        what = "overwritePartitions";
        break;
    case SPARK__CONNECT__WRITE_OPERATION_V2__MODE__MODE_REPLACE:
        what = "replace";
        break;
    case SPARK__CONNECT__WRITE_OPERATION_V2__MODE__MODE_CREATE_OR_REPLACE:
        what = "createOrReplace";
        break;
    default:
        return err_set(err, ERR_CONNECT_ENUM, "name", "mode", "number", "0", "fullName",
                       "spark.connect.WriteOperationV2", NULL);
    }
    return what ? err_unsupported(err, "DataFrameWriterV2.%s", what) : FB_OK;
}

static fb_status write_operation_v2(Operation *op, Convert *c, const SC(WriteOperationV2) * in,
                                    fb_error *err)
{
    TRY(check_write_v2(in, err));
    WriteSpec w = {.mode = SAVE_APPEND, .format = in->provider, .table = in->table_name};
    for (size_t i = 0; i < in->n_options; i++) {
        options_set(&w.options, c->arena, convert_str(c, in->options[i]->key),
                    convert_str(c, in->options[i]->value));
    }
    return write_table(op, c, in->input, &w, err);
}

/* ---- kept DataFrames ---- */

static fb_status send_checkpoint(Operation *op, char *id, fb_error *err)
{
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    SC(CheckpointCommandResult) result = SPARK__CONNECT__CHECKPOINT_COMMAND_RESULT__INIT;
    SC(CachedRemoteRelation) relation = SPARK__CONNECT__CACHED_REMOTE_RELATION__INIT;
    relation.relation_id = id;
    result.relation = &relation;
    m.response_type_case =
        SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__RESPONSE_TYPE_CHECKPOINT_COMMAND_RESULT;
    m.checkpoint_command_result = &result;
    return operation_send(op, &m, err);
}

/* localCheckpoint: the rows are kept in memory until the client lets go of the DataFrame. */
static fb_status checkpoint(Operation *op, Convert *c, const SC(CheckpointCommand) * in,
                            fb_error *err)
{
    PlanTree *t, *kept = NULL;
    RowSet *rows = NULL;
    char id[37];
    if (!in->local) {
        return err_unsupported(err, "DataFrame.checkpoint; localCheckpoint is there");
    }
    TRY(convert_analyze(c, in->relation, &t, err));
    fb_status st = session_collect(op->conn->session, t, &op->cancel, &rows, err);
    if (st != FB_OK) {
        convert_locate(c, err);
    }
    plantree_release(t);
    TRY(st);
    TRY(convert_resolve(c, convert_rows(c, rows), &kept, err));
    uuid_new(id);
    session_cache_plan(op->conn->session, id, kept);
    plantree_release(kept);
    return send_checkpoint(op, id, err);
}

static fb_status remove_cached(Operation *op, const SC(RemoveCachedRemoteRelationCommand) * in)
{
    if (in->relation != NULL && in->relation->relation_id != NULL) {
        session_uncache_plan(op->conn->session, in->relation->relation_id);
    }
    return FB_OK;
}

static fb_status resources(Operation *op, fb_error *err)
{
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    SC(GetResourcesCommandResult) result = SPARK__CONNECT__GET_RESOURCES_COMMAND_RESULT__INIT;
    m.response_type_case =
        SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__RESPONSE_TYPE_GET_RESOURCES_COMMAND_RESULT;
    m.get_resources_command_result = &result;
    return operation_send(op, &m, err);
}

/* ---- dispatch ---- */

static fb_status unsupported(const SC(Command) * in, fb_error *err)
{
    const char *name;
    switch (in->command_type_case) {
    case CMD(REGISTER_FUNCTION):
        name = in->register_function->function_name;
        return err_unsupported(err, "user-defined functions (%s)", name ? name : "");
    case CMD(REGISTER_TABLE_FUNCTION):
        name = in->register_table_function->function_name;
        return err_unsupported(err, "user-defined table functions (%s)", name ? name : "");
    case CMD(REGISTER_DATA_SOURCE):
        name = in->register_data_source->name;
        return err_unsupported(err, "Python data sources (%s)", name ? name : "");
    default:
        break;
    }
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field(SC_DESC(command), (unsigned)in->command_type_case);
    if (f == NULL) {
        return err_set(err, ERR_CONNECT_ONE_OF_NOT_SET, "name", "command_type", "fullName",
                       "spark.connect.Command", NULL);
    }
    name = command_user_name(in);
    return err_unsupported(err, "%s", name ? name : f->name);
}

/* Refused as a whole, also the clean-up that each Python client sends as its last call: what comes
 * back at once and well lets the interpreter end while gRPC still waits for the call's status, and
 * hang (grpc's _Rendezvous.__del__ waits for a lock that a dead thread has). A client that is told
 * of an error has had the status, and passes over it. */
static fb_status ml_command(fb_error *err)
{
    return err_unsupported(err, "Spark ML");
}

fb_status run_command(Operation *op, Convert *c, const SC(Command) * in, fb_error *err)
{
    switch (in->command_type_case) {
    case CMD(SQL_COMMAND):
        return sql_command(op, c, in->sql_command, err);
    case CMD(CREATE_DATAFRAME_VIEW):
        return create_view(op, c, in->create_dataframe_view, err);
    case CMD(WRITE_OPERATION):
        return write_operation(op, c, in->write_operation, err);
    case CMD(WRITE_OPERATION_V2):
        return write_operation_v2(op, c, in->write_operation_v2, err);
    case CMD(WRITE_STREAM_OPERATION_START):
        return run_stream_start(op, c, in->write_stream_operation_start, err);
    case CMD(STREAMING_QUERY_COMMAND):
        return run_stream_query(op, in->streaming_query_command, err);
    case CMD(STREAMING_QUERY_MANAGER_COMMAND):
        return run_stream_manager(op, in->streaming_query_manager_command, err);
    case CMD(STREAMING_QUERY_LISTENER_BUS_COMMAND):
        return run_listener_bus(op, in->streaming_query_listener_bus_command, err);
    case CMD(CHECKPOINT_COMMAND):
        return checkpoint(op, c, in->checkpoint_command, err);
    case CMD(REMOVE_CACHED_REMOTE_RELATION_COMMAND):
        return remove_cached(op, in->remove_cached_remote_relation_command);
    case CMD(GET_RESOURCES_COMMAND):
        return resources(op, err);
    case CMD(ML_COMMAND):
        return ml_command(err);
    default:
        return unsupported(in, err);
    }
}
