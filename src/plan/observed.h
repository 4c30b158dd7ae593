/*
 * observed.h - what DataFrame.observe() has seen: one row of values under a name.
 *
 * An Observed is made with the plan node that asks for it and gets its row when a run of that node
 * ends well; who made it reads the row. The last run wins. A stream's batches are told by its
 * progress instead.
 *
 * Ownership: counted; a plan's tree keeps those of its nodes. Threads: any.
 */
#ifndef PLAN_OBSERVED_H
#define PLAN_OBSERVED_H

#include "base/error.h"
#include "column/vec.h"

typedef struct Observed Observed;

Observed *observed_new(const char *name, int64_t plan_id); /* the name is copied */
Observed *observed_retain(Observed *o);
void observed_release(Observed *o);
const char *observed_name(const Observed *o);
int64_t observed_plan_id(const Observed *o); /* Connect's id of the DataFrame */
/* It is over a stream. */
void observed_set_streaming(Observed *o);
bool observed_is_streaming(Observed *o);
/* row: one row, retained here. NULL: its values could not be made, for the reason that failed
 * gives, which is moved here. */
void observed_set(Observed *o, RowSet *row, fb_error *failed);
/* The last row, retained; or NULL, with the reason, if there is one, moved to err. */
RowSet *observed_take(Observed *o, fb_error *err);
/* The row that from has, also in to. */
void observed_copy(Observed *to, Observed *from);

#endif
