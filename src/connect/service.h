/*
 * service.h - the Spark Connect server: what `forebay server` and `forebay submit` start.
 *
 *     ConnectServer *s;
 *     ConnectOptions o = {.port = 15002};
 *     if (connect_server_start(engine, &o, &s, &err) == FB_OK) {
 *         printf("sc://127.0.0.1:%u\n", connect_server_port(s));
 *         connect_server_stop(s);
 *     }
 *
 * Ownership: the engine belongs to the caller and outlives the server. Threads: all functions may
 * be called from any thread; stop is called once.
 */
#ifndef CONNECT_SERVICE_H
#define CONNECT_SERVICE_H

#include "session/session.h"

/* The version of Spark that clients are told; PySpark compares it with its own. */
#define CONNECT_SPARK_VERSION "4.3.0"

typedef struct ConnectServer ConnectServer;

typedef struct ConnectOptions {
    const char *host;        /* NULL: 127.0.0.1 */
    uint16_t port;           /* 0: any that is free */
    const char *token;       /* NULL, or what every call must carry as a bearer token */
    uint32_t threads;        /* polling threads; 0: 1 */
    int64_t session_idle_ms; /* a session that nobody uses for so long ends; 0: 1 hour; -1: never */
} ConnectOptions;

/* Starts to listen. The strings are copied. Fails with FAILED_IO that names host and port. */
fb_status connect_server_start(Engine *e, const ConnectOptions *o, ConnectServer **ret,
                               fb_error *err);
uint16_t connect_server_port(const ConnectServer *s);
/* Ends all operations and sessions and their streaming queries, and frees s. */
void connect_server_stop(ConnectServer *s);

#endif
