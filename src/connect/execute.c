/*
 * execute.c - what the job of an operation does: convert the plan, run it, send what comes.
 */
#include "connect/service_priv.h"

static fb_status run_relation(Operation *op, Convert *c, const SC(Relation) * in, fb_error *err)
{
    PlanTree *t;
    TRY(convert_analyze(c, in, &t, err));
    fb_status st = send_plan(op, t, err);
    if (st != FB_OK) {
        convert_locate(c, err);
    }
    plantree_release(t);
    return st;
}

static fb_status run_plan(Operation *op, Convert *c, fb_error *err)
{
    const SC(Plan) *p = op->plan;
    switch (p != NULL ? p->op_type_case : SPARK__CONNECT__PLAN__OP_TYPE__NOT_SET) {
    case SPARK__CONNECT__PLAN__OP_TYPE_ROOT:
        return run_relation(op, c, p->root, err);
    case SPARK__CONNECT__PLAN__OP_TYPE_COMMAND:
        return run_command(op, c, p->command, err);
    case SPARK__CONNECT__PLAN__OP_TYPE_COMPRESSED_OPERATION:
        return err_unsupported(err, "compressed plans");
    default:
        return err_set(err, ERR_CONNECT_ONE_OF_NOT_SET, "name", "op_type", "fullName",
                       "spark.connect.Plan", NULL);
    }
}

static bool is_waiting(Operation *op)
{
    pthread_mutex_lock(&op->lock);
    bool waiting = op->state == OPERATION_WAITING;
    pthread_mutex_unlock(&op->lock);
    return waiting;
}

void execute_operation(void *arg)
{
    Operation *op = arg;
    Convert c;
    Arena a = {0};
    fb_error err = {0};
    convert_init(&c, &a, op->conn, op->conn->session, &op->cancel);
    fb_status st = run_plan(op, &c, &err);
    if (st == FB_OK && !is_waiting(op)) {
        st = send_observed(op, &c, &err);
    }
    convert_locate(&c, &err);
    convert_free(&c);
    arena_free(&a);
    if (st != FB_OK) {
        operation_fail(op, &err);
    } else if (!is_waiting(op)) {
        operation_complete(op);
    }
    err_clear(&err);
    operation_release(op);
}
