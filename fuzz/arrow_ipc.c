/*
 * arrow_ipc.c - fuzz target: Arrow IPC streams to rows.
 *
 * libarrow parses and validates the stream; what arrow_import.c makes of it must then be sound: all
 * values can be printed, and the rows written as a stream again come back as they are.
 */
#include "column/arrow.h"
#include "column/timezone.h"
#include "support/fuzz.h"

static void print_rows(const RowSet *r, StrBuf *out)
{
    for (uint32_t b = 0; b < r->n_batches; b++) {
        const Batch *batch = &r->batches[b];
        for (uint32_t i = 0; i < batch->n_rows; i++) {
            for (uint32_t k = 0; k < batch->n_cols; k++) {
                vec_value_text(&batch->col[k], i, tz_utc(), out);
                strbuf_putc(out, '|');
            }
            strbuf_putc(out, '\n');
        }
    }
}

static void write_again(const RowSet *r, const Batch *b)
{
    StrBuf ipc = {0}, first = {0}, second = {0};
    RowSet one = {.schema = r->schema, .batches = (Batch *)(uintptr_t)b, .n_batches = 1};
    RowSet *again = NULL;
    fb_error err = {0};

    fb_status st = arrow_ipc_encode(b, r->schema, "UTC", &ipc, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        if (arrow_ipc_decode(ipc.p, ipc.n, &again, &err) != FB_OK) {
            fb_assert_fail(err.message, __FILE__, __LINE__);
        }
        print_rows(&one, &first);
        print_rows(again, &second);
        FB_ASSERT(str_eq(strbuf_str(&first), strbuf_str(&second)));
        rowset_release(again);
    }
    strbuf_free(&ipc);
    strbuf_free(&first);
    strbuf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RowSet *rows = NULL;
    StrBuf text = {0};
    fb_error err = {0};

    if (size > 8192) { /* types live as long as the process */
        return 0;
    }
    fb_status st = arrow_ipc_decode(data, size, &rows, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        if (rows->n_rows <= 100000) { /* void columns cost a sender nothing */
            print_rows(rows, &text);
            for (uint32_t i = 0; i < rows->n_batches; i++) {
                write_again(rows, &rows->batches[i]);
            }
        }
        rowset_release(rows);
    }
    strbuf_free(&text);
    return 0;
}
