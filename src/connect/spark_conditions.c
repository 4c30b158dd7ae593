/*
 * spark_conditions.c - which errors a client of the JVM can make a message of.
 *
 * Such a client has Spark's table of conditions and builds its exception from the condition and the
 * parameters: one that the table does not have, or a parameter that is missing, ends in an
 * assertion there, and the user sees nothing of the error. spark_conditions.def says what it has.
 */
#include "connect/service_priv.h"

#include <stdlib.h>

typedef struct SparkCondition {
    const char *name, *parameters; /* separated by spaces */
} SparkCondition;

#define CONDITION(name, parameters) {name, parameters},
static const SparkCondition conditions[] = {
#include "connect/spark_conditions.def"
};
#undef CONDITION

static int compare(const void *key, const void *row)
{
    return strcmp(key, ((const SparkCondition *)row)->name);
}

static bool has_parameter(const fb_error *err, Str name)
{
    for (size_t i = 0; i < err->n_params; i++) {
        if (str_eq(str_of(err->params[i].key), name)) {
            return true;
        }
    }
    return false;
}

bool spark_has_condition(const char *name, const char **ret_parameters)
{
    const SparkCondition *c = bsearch(name, conditions, sizeof(conditions) / sizeof(conditions[0]),
                                      sizeof(conditions[0]), compare);
    *ret_parameters = c != NULL ? c->parameters : "";
    return c != NULL;
}

bool spark_can_format(const fb_error *err)
{
    const char *rest;
    if (!spark_has_condition(err_condition(err->id), &rest)) {
        return false;
    }
    while (*rest != '\0') {
        size_t n = strcspn(rest, " ");
        if (!has_parameter(err, (Str){rest, n})) {
            return false;
        }
        rest += n + (rest[n] == ' ');
    }
    return true;
}
