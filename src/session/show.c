/* show.c - show(): one row more than asked for is taken, to know whether there are more. */
#include "session/session_priv.h"

#include "column/timezone.h"

/* Spark's ByteArrayMethods.MAX_ROUNDED_ARRAY_LENGTH, less the row that tells of more. */
#define MAX_SHOWN 2147483631

fb_status session_show(Session *s, const PlanTree *t, int64_t n_rows, int64_t truncate,
                       bool vertical, StrBuf *out, fb_error *err)
{
    Arena a = {0};
    const TimeZone *tz = tz_system();
    RowSet *rows = NULL;
    int64_t n = n_rows < 0 ? 0 : n_rows > MAX_SHOWN ? MAX_SHOWN : n_rows;
    fb_status st = FB_OK;
    TRY_DONE(check_batch(t->plan, err));
    const char *zone = conf_get(s->conf, "spark.sql.session.timeZone", &a);
    if (zone) {
        TRY_DONE(tz_get(str_of(zone), &tz, err));
    }
    rows = rowset_new(plan_schema(t->plan));
    TRY_DONE(run_into(s, limit_of(&a, t->plan, n + 1), NULL, op_collect(rows), err));
    show_rows(rows, n, truncate, vertical, rows->n_rows > (uint64_t)n, tz, out);
done:
    rowset_release(rows);
    arena_free(&a);
    return st;
}
