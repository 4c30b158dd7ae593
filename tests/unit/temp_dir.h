/*
 * temp_dir.h - a folder of its own for each test of a program: setup() and teardown() for cmocka,
 * and paths in it. Include it behind <cmocka.h>; one program, one thread.
 */
#ifndef TESTS_TEMP_DIR_H
#define TESTS_TEMP_DIR_H

#include "base/vfs.h"

#include <stdio.h>
#include <stdlib.h>

static char dir[64];

static inline int setup(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/forebay_test_XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static inline int teardown(void **state)
{
    fb_error err = {0};
    (void)state;
    return vfs_remove_tree(dir, &err) == FB_OK ? 0 : -1;
}

/* The path of a file in the folder; four of them are good at a time. */
static inline const char *at(const char *name)
{
    static char path[4][160];
    static int turn;
    turn = (turn + 1) % 4;
    (void)snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
    return path[turn];
}

#endif
