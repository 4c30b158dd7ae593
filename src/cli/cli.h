/* cli.h - the sub-commands of the forebay program; each returns the process's exit status. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/error.h"

int cli_submit(int argc, char **argv);
int cli_server(int argc, char **argv);

/* "forebay <command>: message" on standard error; returns 2. */
int cli_usage(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prints the error's message; returns 1. */
int cli_failed(const char *command, fb_error *err);

/* The PySpark launcher's source (launcher.py), embedded at build time. */
extern const char cli_launcher[];

#endif
