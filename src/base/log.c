/*
 * log.c - the log, in the shape of Spark's default log4j2 pattern: "yy/MM/dd HH:mm:ss LEVEL Name:
 * text".
 *
 * A line is put together in memory and handed to standard error in one call, so that lines of
 * several threads do not mix. Times are local, as log4j's.
 */
#include "base/log.h"
#include "base/clock.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static const char *const level_names[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF"};

static _Atomic int current_level = LOG_LEVEL_WARN; /* set by log_set_level() only */

void log_set_level(LogLevel level)
{
    atomic_store_explicit(&current_level, (int)level, memory_order_relaxed);
}

LogLevel log_level(void)
{
    return (LogLevel)atomic_load_explicit(&current_level, memory_order_relaxed);
}

int log_level_parse(const char *name)
{
    for (int i = 0; i <= LOG_LEVEL_OFF; i++) {
        if (cstr_eq_nocase(name, level_names[i])) {
            return i;
        }
    }
    /* log4j's ends of the scale, which Spark accepts as well. */
    if (cstr_eq_nocase(name, "ALL")) {
        return LOG_LEVEL_TRACE;
    }
    return cstr_eq_nocase(name, "FATAL") ? LOG_LEVEL_ERROR : -1;
}

void log_write(LogLevel level, const char *name, const char *fmt, ...)
{
    if (level < log_level() || level >= LOG_LEVEL_OFF) {
        return;
    }
    char stack[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(stack, sizeof(stack), fmt, ap);
    va_end(ap);
    StrBuf b = {0};
    struct tm tm;
    time_t now = (time_t)(clock_now_us() / 1000000);
    localtime_r(&now, &tm);
    strbuf_printf(&b, "%02d/%02d/%02d %02d:%02d:%02d %s %s: ", tm.tm_year % 100, tm.tm_mon + 1,
                  tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, level_names[level], name);
    if (n >= 0 && (size_t)n < sizeof(stack)) {
        strbuf_append(&b, stack, (size_t)n);
    } else if (n >= 0) {
        strbuf_reserve(&b, (size_t)n);
        va_start(ap, fmt);
        vsnprintf(b.p + b.n, (size_t)n + 1, fmt, ap);
        va_end(ap);
        b.n += (size_t)n;
    }
    strbuf_putc(&b, '\n');
    fwrite(b.p, 1, b.n, stderr);
    strbuf_free(&b);
}
