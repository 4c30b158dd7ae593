/*
 * parquet_file.c - an open Parquet file: its bytes come from the vfs, its footer is read.
 *
 * Ownership: a ParquetInput owns what it opened; parquet_close() also ends one that was opened only
 * in part. Threads: one thread at a time for each.
 */
#include "base/budget.h"
#include "format/parquet_priv.h"

static int read_bytes(void *arg, int64_t offset, int64_t n, void *to)
{
    ParquetInput *in = arg;
    size_t got = 0;

    if (vfs()->read_at(in->bytes, to, (size_t)n, offset, &got, &in->io) != FB_OK) {
        return -1;
    }
    if (got != (size_t)n) {
        err_set(&in->io, ERR_IO, "action", "read", "path", in->path, "reason",
                "it is shorter than it was", NULL);
        return -1;
    }
    return 0;
}

fb_status parquet_failed(ParquetInput *in, const char *reason, bool io, fb_error *err)
{
    if (io && err_is_set(&in->io)) {
        err_move(err, &in->io);
        return FB_ERR;
    }
    return err_set(err, ERR_IO, "action", "read", "path", in->path, "reason", reason, NULL);
}

fb_status parquet_open(const char *path, int64_t size, ParquetInput *in, fb_error *err)
{
    ParquetWhy why = {0};

    *in = (ParquetInput){.path = path};
    TRY(parquet_shim(&in->shim, err));
    TRY(vfs()->open_read(path, &in->bytes, err));
    if (in->shim->open(read_bytes, in, size, budget_default_limit(), &in->file, &why) != 0) {
        return parquet_failed(in, why.text, why.io, err);
    }
    in->nodes = in->shim->schema(in->file, &in->n_nodes);
    return FB_OK;
}

void parquet_close(ParquetInput *in)
{
    if (in->file) {
        in->shim->close(in->file);
    }
    if (in->bytes) {
        vfs()->close(in->bytes);
    }
    err_clear(&in->io);
    *in = (ParquetInput){0};
}
