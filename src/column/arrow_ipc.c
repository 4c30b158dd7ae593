/*
 * arrow_ipc.c - Arrow IPC streams, through the shim library libforebay_arrow.so.
 *
 * The shim (arrow_shim.cc) is loaded when the first stream is read or written; shim_load.h says
 * from where.
 *
 * Encoding lends the batch's own buffers to libarrow, which writes them straight to the output.
 * Decoding validates in the shim and then goes through arrow_import.c; the rows of one stream are
 * bounded, since columns without data (void, no columns at all) cost its sender nothing.
 *
 * Threads: everything may be called from any thread; loading takes a lock.
 */
#include "column/arrow_priv.h"
#include "column/arrow_shim.h"

#include "base/budget.h"
#include "column/shim_load.h"

#include <dlfcn.h>

#define SHIM_MESSAGE 1024

typedef struct Shim {
    ArrowShimWrite write;
    ArrowShimOpen open;
} Shim;

/* Set once, under the lock of lib; read without it. */
static Shim loaded_shim;

/* POSIX lets a data pointer of dlsym hold a function; C has no cast for it. */
static bool accept(void *handle)
{
    ArrowShimAbi abi;
    void *p = dlsym(handle, ARROW_SHIM_ABI_NAME);
    memcpy(&abi, &p, sizeof(abi));
    bool ok = p && abi() == ARROW_SHIM_ABI;
    void *write = dlsym(handle, ARROW_SHIM_WRITE_NAME), *open = dlsym(handle, ARROW_SHIM_OPEN_NAME);
    if (!ok || !write || !open) {
        return false;
    }
    memcpy(&loaded_shim.write, &write, sizeof(write));
    memcpy(&loaded_shim.open, &open, sizeof(open));
    return true;
}

static fb_status get_shim(const Shim **ret, fb_error *err)
{
    static ShimLib lib = {.lock = PTHREAD_MUTEX_INITIALIZER,
                          .file = "libforebay_arrow.so",
                          .env = "FOREBAY_ARROW_SHIM",
                          .target = "forebay_arrow",
                          .accept = accept};
    *ret = &loaded_shim;
    return shim_load(&lib, err);
}

static fb_status ipc_failure(const char *action, const char *reason, fb_error *err)
{
    return err_set(err, ERR_IO, "action", action, "path", "Arrow data", "reason", reason, NULL);
}

/* ---- writing ---- */

static void append_bytes(void *arg, const void *p, size_t n)
{
    strbuf_append(arg, p, n);
}

fb_status arrow_ipc_encode(const Batch *b, const Type *schema, const char *time_zone, StrBuf *out,
                           fb_error *err)
{
    const Shim *shim;
    struct ArrowSchema c_schema;
    struct ArrowArray c_batch;
    Arena scratch = {0};
    size_t start = out->n;
    TRY(get_shim(&shim, err));
    TRY(arrow_export_schema(schema, time_zone, &c_schema, err));
    fb_status st = arrow_export_borrowed(b, schema, &scratch, &c_batch, err);
    if (st != FB_OK) {
        c_schema.release(&c_schema);
    } else {
        char why[SHIM_MESSAGE] = "";
        if (shim->write(&c_schema, &c_batch, append_bytes, out, why, sizeof(why)) != 0) {
            out->n = start;
            st = ipc_failure("write", why, err);
        }
    }
    arena_free(&scratch);
    return st;
}

/* ---- reading ---- */

static fb_status stream_failure(struct ArrowArrayStream *in, fb_error *err)
{
    const char *why = in->get_last_error(in);
    return ipc_failure("read", why ? why : "no reason was given", err);
}

static fb_status read_batches(struct ArrowArrayStream *in, const struct ArrowSchema *schema,
                              RowSet *to, fb_error *err)
{
    for (;;) {
        struct ArrowArray batch = {0};
        if (in->get_next(in, &batch) != 0) {
            return stream_failure(in, err);
        }
        if (!batch.release) {
            return FB_OK;
        }
        fb_status st;
        if (batch.length < 0 || batch.length > INT32_MAX - (int64_t)to->n_rows) {
            st = err_unsupported(err, "more than 2^31 rows in one Arrow stream");
        } else {
            st = arrow_import_rows(&batch, schema, to, err);
        }
        batch.release(&batch);
        TRY(st);
    }
}

fb_status arrow_ipc_decode(const void *p, size_t n, RowSet **ret, fb_error *err)
{
    const Shim *shim;
    const Type *type;
    struct ArrowArrayStream in = {0};
    struct ArrowSchema schema = {0};
    char why[SHIM_MESSAGE] = "";
    *ret = NULL;
    TRY(get_shim(&shim, err));
    if (n > INT64_MAX || shim->open(p, n, budget_default_limit(), &in, why, sizeof(why)) != 0) {
        return ipc_failure("read", why, err);
    }
    fb_status st = FB_OK;
    if (in.get_schema(&in, &schema) != 0) {
        st = stream_failure(&in, err);
        goto done;
    }
    TRY_DONE(arrow_import_schema(&schema, &type, err));
    *ret = rowset_new(type);
    TRY_DONE(read_batches(&in, &schema, *ret, err));
done:
    if (st != FB_OK && *ret) {
        rowset_release(*ret);
        *ret = NULL;
    }
    if (schema.release) {
        schema.release(&schema);
    }
    in.release(&in);
    return st;
}
