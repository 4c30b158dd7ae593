/*
 * arrow_ipc.c - Arrow IPC streams, through the shim library libforebay_arrow.so.
 *
 * The shim (arrow_shim.cc) is loaded by dlopen when the first stream is read or written, so that a
 * process which needs none does not pay for libarrow. RTLD_LOCAL keeps its symbols away from the
 * rest of the process. It is looked for, in this order:
 *
 *   1. beside the executable, in ../lib of that folder, and in .. of it (test programs of a build)
 *   2. the path in the environment variable FOREBAY_ARROW_SHIM
 *   3. beside the library or program that this code is part of (a Python process loads libforebay)
 *
 * A place that fails is noted and the next is tried; when none is left the error lists them all,
 * and the next use tries again. Once loaded the library stays.
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

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define SHIM_FILE "libforebay_arrow.so"
#define SHIM_ENV "FOREBAY_ARROW_SHIM"
#define SHIM_MESSAGE 1024
#define PATH_BYTES 4096

typedef struct Shim {
    ArrowShimWrite write;
    ArrowShimOpen open;
} Shim;

/* Set once under the lock; read without it. */
static struct {
    pthread_mutex_t lock;
    _Atomic bool loaded;
    Shim shim;
} loader = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void note_failure(StrBuf *tried, const char *path, const char *why)
{
    strbuf_printf(tried, "%s%s (%s)", tried->n > 0 ? ", " : "", path, why);
}

static bool load_from(const char *path, Shim *ret, StrBuf *tried)
{
    if (access(path, F_OK) != 0) {
        note_failure(tried, path, "not found");
        return false;
    }
    void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!lib) {
        const char *why = dlerror();
        note_failure(tried, path, why ? why : "cannot be loaded");
        return false;
    }
    /* POSIX lets a data pointer of dlsym hold a function; C has no cast for it. */
    ArrowShimAbi abi;
    void *p = dlsym(lib, ARROW_SHIM_ABI_NAME);
    memcpy(&abi, &p, sizeof(abi));
    bool ok = p && abi() == ARROW_SHIM_ABI;
    void *write = dlsym(lib, ARROW_SHIM_WRITE_NAME), *open = dlsym(lib, ARROW_SHIM_OPEN_NAME);
    if (!ok || !write || !open) {
        note_failure(tried, path, "it belongs to another version of Forebay");
        dlclose(lib);
        return false;
    }
    memcpy(&ret->write, &write, sizeof(write));
    memcpy(&ret->open, &open, sizeof(open));
    return true;
}

/* SHIM_FILE in the folder of file, or in sub of it. */
static bool load_beside(const char *file, const char *sub, Shim *ret, StrBuf *tried)
{
    const char *slash = strrchr(file, '/');
    StrBuf path = {0};
    strbuf_append(&path, file, slash ? (size_t)(slash - file) : 0);
    strbuf_printf(&path, "%s%s" SHIM_FILE, slash ? "/" : "", sub);
    bool ok = load_from(path.p, ret, tried);
    strbuf_free(&path);
    return ok;
}

static bool load_anywhere(Shim *ret, StrBuf *tried)
{
    char exe[PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    exe[n > 0 ? n : 0] = '\0';
    if (n > 0 && (load_beside(exe, "", ret, tried) || load_beside(exe, "../lib/", ret, tried) ||
                  load_beside(exe, "../", ret, tried))) {
        return true;
    }
    const char *env = getenv(SHIM_ENV);
    if (env && env[0] != '\0' && load_from(env, ret, tried)) {
        return true;
    }
    /* A relative name may mean another folder by now. */
    Dl_info self;
    bool known = dladdr(&loader, &self) != 0 && self.dli_fname && self.dli_fname[0] == '/';
    return known && strcmp(self.dli_fname, exe) != 0 && load_beside(self.dli_fname, "", ret, tried);
}

static fb_status shim_load(const Shim **ret, fb_error *err)
{
    *ret = &loader.shim;
    if (atomic_load_explicit(&loader.loaded, memory_order_acquire)) {
        return FB_OK;
    }
    StrBuf tried = {0};
    pthread_mutex_lock(&loader.lock);
    bool ok = atomic_load_explicit(&loader.loaded, memory_order_relaxed) ||
              load_anywhere(&loader.shim, &tried);
    atomic_store_explicit(&loader.loaded, ok, memory_order_release);
    pthread_mutex_unlock(&loader.lock);
    fb_status st = FB_OK;
    if (!ok) {
        strbuf_puts(&tried, ". Build the target forebay_arrow, which needs the pyarrow package, or "
                            "set " SHIM_ENV " to the path of the library");
        st = err_set(err, ERR_IO, "action", "load the Arrow library", "path", SHIM_FILE, "reason",
                     tried.p, NULL);
    }
    strbuf_free(&tried);
    return st;
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
    TRY(shim_load(&shim, err));
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
    TRY(shim_load(&shim, err));
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
