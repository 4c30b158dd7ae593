/*
 * plan_key.h - a text that two resolved plans share if they read the same and do the same with it.
 */
#ifndef PLAN_PLAN_KEY_H
#define PLAN_PLAN_KEY_H

#include "plan/plan.h"

/* Appends the key of the plan. Names do not count, numbers of attributes only as far as they tell
 * columns apart; literals, options, seeds and content of local rows do. */
void plan_key(const Plan *p, StrBuf *out);

#endif
