/*
 * server.c - forebay server: Spark Connect for notebooks, teams and other clients.
 */
#include "cli/cli.h"

#include "base/log.h"
#include "connect/service.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_PORT 15002
#define TOKEN_VARIABLE "SPARK_CONNECT_AUTHENTICATE_TOKEN"

typedef struct ServerOptions {
    const char *host, *token;
    int port;
    uint32_t workers;
    const char **confs; /* KEY=VALUE; room for all arguments */
    int n_confs;
} ServerOptions;

static void help(void)
{
    (void)puts(
        "usage: forebay server [--host ADDRESS] [--port PORT] [--token TOKEN] [--workers N]\n"
        "                      [--conf KEY=VALUE]...\n\n"
        "  --host ADDRESS    address to listen on; default 127.0.0.1. Another one than a\n"
        "                    loopback address needs a token.\n"
        "  --port PORT       default 15002; 0 chooses a free one\n"
        "  --token TOKEN     clients must send it; default $" TOKEN_VARIABLE "\n"
        "  --workers N       worker threads; default one a core\n"
        "  --conf KEY=VALUE  a setting of every session; may be repeated\n\n"
        "Connect with SparkSession.builder.remote(\"sc://127.0.0.1:15002\").getOrCreate().");
}

/* Addresses only: a name that begins with 127 may lead anywhere. */
static bool is_loopback(const char *host)
{
    struct in_addr v4;
    return (inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127) ||
           strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || strcmp(host, "[::1]") == 0;
}

/* -1: go on; else the exit status. */
static int parse(int argc, char **argv, ServerOptions *o)
{
    static const struct option known[] = {{"host", required_argument, NULL, 'H'},
                                          {"port", required_argument, NULL, 'p'},
                                          {"token", required_argument, NULL, 't'},
                                          {"workers", required_argument, NULL, 'w'},
                                          {"conf", required_argument, NULL, 'c'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int64_t n;
    for (int c; (c = getopt_long(argc, argv, "H:p:t:w:c:h", known, NULL)) != -1;) {
        switch (c) {
        case 'H':
            o->host = optarg;
            break;
        case 't':
            o->token = optarg;
            break;
        case 'p':
            if (!parse_i64(str_of(optarg), &n) || n < 0 || n > 65535) {
                return cli_usage("server", "--port %s is not a port number (0 to 65535)", optarg);
            }
            o->port = (int)n;
            break;
        case 'w':
            if (!parse_i64(str_of(optarg), &n) || n < 1 || n > 1024) {
                return cli_usage("server", "--workers %s is not a number from 1 to 1024", optarg);
            }
            o->workers = (uint32_t)n;
            break;
        case 'c':
            if (!strchr(optarg, '=')) {
                return cli_usage("server", "--conf %s is not of the form KEY=VALUE", optarg);
            }
            o->confs[o->n_confs++] = optarg;
            break;
        case 'h':
            help();
            return 0;
        default:
            return 2;
        }
    }
    if (optind < argc) {
        return cli_usage("server", "what is \"%s\"? See forebay server --help", argv[optind]);
    }
    if (!is_loopback(o->host) && (!o->token || !*o->token)) {
        return cli_usage("server",
                         "%s can be reached from other machines; give --token or set "
                         "$" TOKEN_VARIABLE ", or listen on 127.0.0.1",
                         o->host);
    }
    return -1;
}

static fb_status apply_confs(const ServerOptions *o, Engine *engine, fb_error *err)
{
    fb_status st = FB_OK;
    Arena a = {0};
    for (int i = 0; i < o->n_confs && st == FB_OK; i++) {
        const char *eq = strchr(o->confs[i], '=');
        const char *key = arena_strndup(&a, o->confs[i], (size_t)(eq - o->confs[i]));
        st = engine_set_conf(engine, key, eq + 1, err);
    }
    arena_free(&a);
    return st;
}

static int serve(const ServerOptions *o)
{
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &wanted, NULL); /* for all threads made from here on */
    fb_error err = {0};
    Engine *engine = engine_new(o->workers);
    ConnectServer *server;
    const char *token = o->token && *o->token ? o->token : NULL;
    ConnectOptions spec = {.host = o->host, .port = (uint16_t)o->port, .token = token};
    if (apply_confs(o, engine, &err) != FB_OK ||
        connect_server_start(engine, &spec, &server, &err) != FB_OK) {
        engine_free(engine);
        return cli_failed("server", &err);
    }
    (void)printf("Forebay %s is listening on sc://%s:%u\n", FOREBAY_VERSION, o->host,
                 connect_server_port(server));
    (void)fflush(stdout);
    int sig;
    (void)sigwait(&wanted, &sig);
    connect_server_stop(server);
    engine_free(engine);
    return 0;
}

int cli_server(int argc, char **argv)
{
    ServerOptions o = {.host = "127.0.0.1", .token = getenv(TOKEN_VARIABLE), .port = DEFAULT_PORT};
    o.confs = mem_zalloc(mem_mul((size_t)argc + 1, sizeof(*o.confs)));
    int status = parse(argc, argv, &o);
    if (status < 0) {
        status = serve(&o);
    }
    mem_free(o.confs);
    return status;
}
