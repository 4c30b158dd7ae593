/*
 * unsafe_row.c - fuzz target: rows of state, Spark's UnsafeRow bytes.
 *
 * The first byte chooses the columns. A row that is accepted, encoded again, must be accepted and
 * be the same values; one that is not leaves the columns as they were.
 */
#include "column/unsafe_row.h"
#include "support/fuzz.h"

static const char *const schemas[] = {
    "a STRING, b BIGINT",
    "a INT, b SMALLINT, c TINYINT, d BOOLEAN, e FLOAT, f DOUBLE",
    "a DECIMAL(10,2), b DECIMAL(38,18), c DATE, d TIMESTAMP, e TIMESTAMP_NTZ",
    "a BINARY, b INTERVAL DAY TO SECOND, c INTERVAL YEAR TO MONTH, d INTERVAL, e VOID",
    "a ARRAY<INT>, b MAP<STRING, BIGINT>, c STRUCT<d: STRING, e: ARRAY<DECIMAL(38,0)>>",
    "a ARRAY<ARRAY<STRING>>, b MAP<INT, STRUCT<c: INTERVAL, d: BOOLEAN>>",
    "a ARRAY<VOID>, b ARRAY<STRUCT<>>, c MAP<VOID, VOID>",
};

#define COLUMNS_MAX 8

typedef struct Columns {
    const Type *type[COLUMNS_MAX];
    VecBuilder *builder[COLUMNS_MAX];
    uint32_t n;
} Columns;

static void make_builders(Columns *c, const Type *schema, Arena *a)
{
    c->n = schema->n_fields;
    for (uint32_t k = 0; k < c->n; k++) {
        c->type[k] = schema->fields[k].type;
        c->builder[k] = vecb_new(a, c->type[k]);
    }
}

static void finish(Columns *c, Vec *out)
{
    for (uint32_t k = 0; k < c->n; k++) {
        FB_ASSERT(vecb_len(c->builder[k]) == 1);
        vecb_finish(c->builder[k], &out[k]);
    }
}

static void encode_again(Columns *c)
{
    Vec first[COLUMNS_MAX], second[COLUMNS_MAX];
    StrBuf row = {0};
    fb_error err = {0};

    finish(c, first);
    unsafe_row_encode(first, c->n, 0, &row);
    FB_ASSERT(unsafe_row_decode(row.p, row.n, c->builder, c->n, c->type, &err) == FB_OK);
    finish(c, second);
    for (uint32_t k = 0; k < c->n; k++) {
        FB_ASSERT(vec_eq_at(&first[k], 0, &second[k], 0));
    }
    strbuf_free(&row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzIn in = {data, size};
    Arena a = {0};
    Columns c = {0};
    const Type *schema = NULL;
    fb_error err = {0};

    const char *ddl = schemas[fuzz_choice(&in, sizeof(schemas) / sizeof(schemas[0]))];
    FB_ASSERT(type_from_ddl(str_of(ddl), &schema, &err) == FB_OK);
    make_builders(&c, schema, &a);
    Str row = fuzz_exact(fuzz_rest(&in));
    fb_status st = unsafe_row_decode(row.p, row.n, c.builder, c.n, c.type, &err);
    fuzz_failed(st, &err);
    mem_free((void *)(uintptr_t)row.p); /* nothing of it is borrowed */
    if (st == FB_OK) {
        encode_again(&c);
    }
    for (uint32_t k = 0; k < c.n; k++) {
        FB_ASSERT(vecb_len(c.builder[k]) == 0);
    }
    arena_free(&a);
    return 0;
}
