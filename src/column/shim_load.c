/*
 * shim_load.c - finding and loading shim libraries.
 *
 * deep_bind asks for RTLD_DEEPBIND: a library that exports names which the process has too (other
 * versions of them) then uses its own. Programs with a sanitizer can't have that, since the
 * sanitizer's functions would be passed over; there such a library is loaded without.
 *
 * Threads: shim_load() may be called from any thread; loading takes the library's lock.
 */
#include "column/shim_load.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define PATH_BYTES 4096

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DEEP_BIND 0
#else
#define DEEP_BIND RTLD_DEEPBIND
#endif

static void note_failure(StrBuf *tried, const char *path, const char *why)
{
    strbuf_printf(tried, "%s%s (%s)", tried->n > 0 ? ", " : "", path, why);
}

static bool load_from(const ShimLib *lib, const char *path, StrBuf *tried)
{
    if (access(path, F_OK) != 0) {
        note_failure(tried, path, "not found");
        return false;
    }
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | (lib->deep_bind ? DEEP_BIND : 0));
    if (!handle) {
        const char *why = dlerror();
        note_failure(tried, path, why ? why : "cannot be loaded");
        return false;
    }
    if (!lib->accept(handle)) {
        note_failure(tried, path, "it belongs to another version of Forebay");
        dlclose(handle);
        return false;
    }
    return true;
}

/* The library in the folder of file, or in sub of it. */
static bool load_beside(const ShimLib *lib, const char *file, const char *sub, StrBuf *tried)
{
    const char *slash = strrchr(file, '/');
    StrBuf path = {0};
    strbuf_append(&path, file, slash ? (size_t)(slash - file) : 0);
    strbuf_printf(&path, "%s%s%s", slash ? "/" : "", sub, lib->file);
    bool ok = load_from(lib, path.p, tried);
    strbuf_free(&path);
    return ok;
}

static bool load_anywhere(ShimLib *lib, StrBuf *tried)
{
    static const char here;
    char exe[PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    exe[n > 0 ? n : 0] = '\0';
    if (n > 0 && (load_beside(lib, exe, "", tried) || load_beside(lib, exe, "../lib/", tried) ||
                  load_beside(lib, exe, "../", tried))) {
        return true;
    }
    const char *env = getenv(lib->env);
    if (env && env[0] != '\0' && load_from(lib, env, tried)) {
        return true;
    }
    /* A relative name may mean another folder by now. */
    Dl_info self;
    bool known = dladdr(&here, &self) != 0 && self.dli_fname && self.dli_fname[0] == '/';
    return known && strcmp(self.dli_fname, exe) != 0 && load_beside(lib, self.dli_fname, "", tried);
}

fb_status shim_load(ShimLib *lib, fb_error *err)
{
    if (atomic_load_explicit(&lib->loaded, memory_order_acquire)) {
        return FB_OK;
    }
    StrBuf tried = {0};
    pthread_mutex_lock(&lib->lock);
    bool ok =
        atomic_load_explicit(&lib->loaded, memory_order_relaxed) || load_anywhere(lib, &tried);
    atomic_store_explicit(&lib->loaded, ok, memory_order_release);
    pthread_mutex_unlock(&lib->lock);
    fb_status st = FB_OK;
    if (!ok) {
        strbuf_printf(&tried,
                      ". Build the target %s, which needs the pyarrow package, or set %s to the "
                      "path of the library",
                      lib->target, lib->env);
        st = err_set(err, ERR_IO, "action", "load the Arrow library", "path", lib->file, "reason",
                     tried.p, NULL);
        err->os_error = ELIBACC; /* not the fault of the file that it was wanted for */
    }
    strbuf_free(&tried);
    return st;
}
