/*
 * parquet_load.c - the shim library libforebay_parquet.so, loaded when the first Parquet file is
 * read or written.
 *
 * libparquet brings OpenSSL and simdjson of its own along and exports their names. Loaded with
 * RTLD_DEEPBIND it keeps to them, and RTLD_LOCAL keeps them from everybody else; linked into the
 * program it would not.
 */
#include "column/shim_load.h"
#include "format/parquet_priv.h"

#include <dlfcn.h>

/* Set once, under the lock of lib; read without it. */
static const ParquetShim *loaded_shim;

static bool accept(void *handle)
{
    ParquetShimGet get;
    void *p = dlsym(handle, PARQUET_SHIM_NAME);
    memcpy(&get, &p, sizeof(get));
    const ParquetShim *shim = p ? get() : NULL;

    if (!shim || shim->abi != PARQUET_SHIM_ABI) {
        return false;
    }
    loaded_shim = shim;
    return true;
}

fb_status parquet_shim(const ParquetShim **ret, fb_error *err)
{
    static ShimLib lib = {.lock = PTHREAD_MUTEX_INITIALIZER,
                          .file = "libforebay_parquet.so",
                          .env = "FOREBAY_PARQUET_SHIM",
                          .target = "forebay_parquet",
                          .deep_bind = true,
                          .accept = accept};

    TRY(shim_load(&lib, err));
    *ret = loaded_shim;
    return FB_OK;
}
