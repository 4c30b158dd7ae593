/*
 * Crash points: a child runs a few durable writes and dies at step k, for every k. Whatever k is,
 * each file is then the old one, the new one or missing, and files appear in the order in which
 * they were written. The parent never touches the table, whose environment is read once a process.
 */
#include "base/vfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define OLD "old content of the file"
#define NEW "new content"

static char dir[64];

static const char *at(const char *name)
{
    static char path[4][128];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
    return path[turn];
}

/* NULL when the file is missing; a static buffer. */
static const char *content(const char *name)
{
    static char text[4096];
    FILE *f = fopen(at(name), "r");
    if (f == NULL) {
        return NULL;
    }
    size_t n = fread(text, 1, sizeof(text) - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

static void fresh(void)
{
    char command_free[64] = "/tmp/forebay_crash_XXXXXX";
    assert_non_null(mkdtemp(command_free));
    memcpy(dir, command_free, sizeof(dir));
    FILE *f = fopen(at("replaced"), "w");
    assert_non_null(f);
    fputs(OLD, f);
    fclose(f);
}

/* What the child does: 6 + 5 + 6 + 1 steps, with the folder's parent synced once. */
static void scenario(void)
{
    fb_error e = {0};
    bool exists = false;
    if (vfs_write_file(at("log/0"), NEW, sizeof(NEW) - 1, false, &exists, &e) != FB_OK ||
        vfs_write_file(at("replaced"), NEW, sizeof(NEW) - 1, true, NULL, &e) != FB_OK ||
        vfs_write_file(at("log/1"), NEW, sizeof(NEW) - 1, false, &exists, &e) != FB_OK ||
        vfs()->remove(at("log/0"), &e) != FB_OK) {
        _exit(2);
    }
    _exit(0);
}

static void clean(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        fb_error e = {0};
        _exit(vfs_remove_tree(dir, &e) == FB_OK ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* True when the child died by SIGKILL, false when it reached its end. */
static bool run_child(int k, const char *torn, const char *log)
{
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char number[16];
        snprintf(number, sizeof(number), "%d", k);
        if (k > 0) {
            setenv("FOREBAY_CRASH_AT", number, 1);
        }
        if (torn != NULL) {
            setenv("FOREBAY_CRASH_TORN", torn, 1);
        }
        if (log != NULL) {
            setenv("FOREBAY_CRASH_LOG", log, 1);
        }
        scenario();
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return true;
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

static int count_lines(const char *text)
{
    int n = 0;
    for (; text != NULL && *text != '\0'; text++) {
        n += *text == '\n';
    }
    return n;
}

static void test_log_counts_steps(void **state)
{
    (void)state;
    fresh();
    assert_false(run_child(0, NULL, at("steps")));
    static const char *const names[] = {
        "sync_dir", "create", "write", "sync",   "link",     "sync_dir", /* log/0 */
        "create",   "write",  "sync",  "rename", "sync_dir",             /* replaced */
        "create",   "write",  "sync",  "link",   "sync_dir",             /* log/1 */
        "remove",
    };
    char *p = strdup(content("steps"));
    char *save = p;
    int n = (int)(sizeof(names) / sizeof(names[0]));
    assert_int_equal(count_lines(p), n);
    for (int i = 0; i < n; i++) {
        char want[128];
        snprintf(want, sizeof(want), "%d %s %s", i + 1, names[i], dir);
        assert_memory_equal(p, want, strlen(want));
        p = strchr(p, '\n') + 1;
    }
    free(save);
    clean();
}

static void check_state(void)
{
    const char *replaced = content("replaced");
    assert_non_null(replaced);
    bool is_new = strcmp(replaced, NEW) == 0;
    assert_true(is_new || strcmp(replaced, OLD) == 0);
    const char *first = content("log/0");
    bool has_first = first != NULL;
    assert_true(!has_first || strcmp(first, NEW) == 0);
    const char *second = content("log/1");
    assert_true(second == NULL || strcmp(second, NEW) == 0);
    assert_true(!is_new || has_first || second != NULL);
    assert_true(second == NULL || is_new);
}

static void test_every_step(void **state)
{
    (void)state;
    for (int torn = 0; torn < 2; torn++) {
        int k = 1;
        bool died = true;
        for (; died; k++) {
            assert_true(k < 100);
            fresh();
            died = run_child(k, torn ? "1" : NULL, NULL);
            check_state();
            clean();
        }
        assert_int_equal(k - 1, 17 + 1);
    }
}

static void test_torn_write(void **state)
{
    (void)state;
    for (int torn = 0; torn < 2; torn++) {
        fresh();
        assert_true(run_child(3, torn ? "1" : "0", at("steps"))); /* the first write */
        assert_int_equal(count_lines(content("steps")), 3);
        char *line = strstr((char *)content("steps"), "3 write ");
        assert_non_null(line);
        line += strlen("3 write ");
        *strchr(line, '\n') = '\0';
        FILE *f = fopen(line, "r");
        assert_non_null(f);
        char text[32] = {0};
        assert_int_equal(fread(text, 1, sizeof(text) - 1, f), torn ? (sizeof(NEW) - 1) / 2 : 0);
        assert_memory_equal(text, NEW, strlen(text));
        fclose(f);
        clean();
    }
}

int main(void)
{
    unsetenv("FOREBAY_CRASH_AT");
    unsetenv("FOREBAY_CRASH_TORN");
    unsetenv("FOREBAY_CRASH_LOG");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_counts_steps),
        cmocka_unit_test(test_every_step),
        cmocka_unit_test(test_torn_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
