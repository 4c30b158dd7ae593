/*
 * main.c - the forebay program: finds the sub-command.
 */
#include "cli/cli.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

typedef struct Command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what;
} Command;

static const Command commands[] = {
    {"submit", cli_submit, "run a PySpark script: forebay submit script.py [arguments]"},
    {"server", cli_server, "serve Spark Connect: forebay server [--port 15002]"},
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

int cli_usage(const char *command, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)fprintf(stderr, "forebay %s: ", command);
    (void)vfprintf(stderr, fmt, ap);
    (void)fputc('\n', stderr);
    va_end(ap);
    return 2;
}

int cli_failed(const char *command, fb_error *err)
{
    (void)fprintf(stderr, "forebay %s: %s\n", command, err->message ? err->message : "failed");
    err_clear(err);
    return 1;
}

static void help(FILE *out)
{
    (void)fprintf(out,
                  "Forebay %s: Spark Structured Streaming jobs on a native engine.\n\n"
                  "usage: forebay COMMAND [arguments]\n\n",
                  FOREBAY_VERSION);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        (void)fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].what);
    }
    (void)fprintf(out, "  %-8s %s\n", "help", "this text; forebay COMMAND --help tells more");
}

/*
 * Large blocks go back to the system when they are freed. Left to itself glibc raises its
 * thresholds with the blocks that it sees, and then each thread keeps up to 64 MiB of what queries
 * have given back to the budget.
 */
static void set_malloc(void)
{
#ifdef M_MMAP_THRESHOLD
    (void)mallopt(M_MMAP_THRESHOLD, 4 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 8 << 20);
#endif
}

/* A standard stream that is closed would become the next file that is opened, and get what is
 * printed. Programs that are started from here find it closed again. */
static void fill_closed_streams(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR | O_CLOEXEC); /* checksrc-allow: no file */
    } while (fd >= 0 && fd <= 2);
    if (fd > 2) {
        (void)close(fd);
    }
}

int main(int argc, char **argv)
{
    set_malloc();
    (void)signal(SIGPIPE, SIG_IGN);
    fill_closed_streams();
    if (argc < 2) {
        help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        (void)printf("forebay %s\n", FOREBAY_VERSION);
        return 0;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        help(stdout);
        return 0;
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    (void)fprintf(stderr, "forebay: there is no command \"%s\".\n\n", argv[1]);
    help(stderr);
    return 2;
}
