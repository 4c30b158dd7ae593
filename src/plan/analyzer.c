/*
 * analyzer.c - the entry of the analyzer.
 */
#include "plan/analyzer_priv.h"

#include "base/clock.h"
#include "column/timezone.h"

#define TIME_ZONE "spark.sql.session.timeZone"

fb_status analyze(const Catalog *cat, const Plan *in, Str sql, PlanTree *tree, fb_error *err)
{
    AnalyzeCtx cx = {.cat = cat, .tree = tree, .arena = &tree->arena, .sql = sql};
    const char *tz_name = conf_get(cat->conf, TIME_ZONE, cx.arena);
    const TimeZone *tz = tz_system();
    if (tz_name) {
        TRY(tz_get(str_of(tz_name), &tz, err));
    }
    cx.case_sensitive = conf_get_bool(cat->conf, "spark.sql.caseSensitive");
    cx.bind = (BindCtx){
        .arena = cx.arena,
        .mode = conf_get_bool(cat->conf, "spark.sql.ansi.enabled") ? EVAL_ANSI : EVAL_LEGACY,
        .tz_name = tz_id(tz),
        .tz = tz,
        .decimal_precision_loss =
            conf_get_bool(cat->conf, "spark.sql.decimalOperations.allowPrecisionLoss"),
        .conf = cat->conf,
        .codecs = cat->codecs};
    cx.eval = (EvalCtx){.arena = cx.arena,
                        .tz = tz,
                        .tz_name = cx.bind.tz_name,
                        .now_us = clock_now_us(),
                        .user = cat->user,
                        .database = cat->current_database(cat->self)};
    TRY(resolve_plan(&cx, in, &tree->plan, err));
    TRY(check_observed(tree->plan, err));
    return check_plan(&cx, tree->plan, err);
}
