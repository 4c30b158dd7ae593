/*
 * submit.c - forebay submit: the engine and the user's Python, side by side for one script.
 *
 * The Python process is forked before any thread exists, and waits on a pipe for the engine's port
 * and token; this process becomes the engine and shares its terminal. Whichever side ends first
 * takes the other along: between them is a keeper, a process that hands signals to Python, ends
 * with its status, and hears of the engine's death (PR_SET_PDEATHSIG), also by SIGKILL; the engine
 * ends when the keeper has. A signal from the terminal reaches both; the engine leaves SIGINT to
 * the script. The exit status, also death by a signal, is the script's. Processes that the script
 * started and left behind become children of the keeper (PR_SET_CHILD_SUBREAPER), or of the engine
 * if that dies, and end with it.
 */
#include "cli/cli.h"
#include "cli/submit_options.h"

#include "base/clock.h"
#include "connect/service.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_BYTES 256
#define PORT_BYTES 16
#define ASK_CHILDREN_US 1000000 /* between SIGTERM and SIGKILL */

/* local[N] -> N; 0: all cores. */
static uint32_t workers_of(const char *master)
{
    int64_t n;
    Str s = str_of(master ? master : "");
    if (str_has_prefix(s, STR_LIT("local[")) && s.n > 7) {
        Str inner = {s.p + 6, s.n - 7};
        const char *comma = memchr(inner.p, ',', inner.n);
        inner.n = comma ? (size_t)(comma - inner.p) : inner.n;
        if (parse_i64(str_trim(inner), &n) && n >= 1 && n <= 1024) {
            return (uint32_t)n;
        }
    }
    return 0;
}

/* ---- the Python side ---- */

static const char *find_python(char *buf, size_t n)
{
    static const char *const variables[] = {"PYSPARK_DRIVER_PYTHON", "PYSPARK_PYTHON"};
    for (size_t i = 0; i < 2; i++) {
        const char *v = getenv(variables[i]);
        if (v && *v) {
            return v;
        }
    }
    const char *venv = getenv("VIRTUAL_ENV");
    if (venv && *venv) {
        (void)snprintf(buf, n, "%s/bin/python3", venv);
        return buf;
    }
    return "python3";
}

static void set_environment(const SubmitOptions *o, const char *port, const char *token)
{
    char remote[64];
    static const char *const foreign[] = {"SPARK_API_MODE", "SPARK_LOCAL_CONNECT_REUSE",
                                          "SPARK_LOCAL_REMOTE", "SPARK_LOCAL_CONNECT_DISCOVERY"};
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        (void)unsetenv(foreign[i]);
    }
    (void)snprintf(remote, sizeof(remote), "sc://localhost:%s", port);
    (void)setenv("SPARK_REMOTE", remote, 1);
    (void)setenv("SPARK_CONNECT_MODE_ENABLED", "1", 1);
    (void)setenv("SPARK_CONNECT_AUTHENTICATE_TOKEN", token, 1);
    /* Some clients look for an installation when they are imported, and end if there is none. */
    (void)setenv("SPARK_HOME", "/", 0);
    (void)setenv("PYTHONUNBUFFERED", "1", 1); /* in step with what the engine prints */
    (void)setenv("FOREBAY_LAUNCHER", cli_launcher, 1);
    (void)setenv("FOREBAY_FALLBACK_PYTHON", FOREBAY_PYTHON, 1);
    if (o->py_files) {
        (void)setenv("FOREBAY_PY_FILES", o->py_files, 1);
    }
    if (o->files) {
        (void)setenv("FOREBAY_FILES", o->files, 1);
    }
}

/* Reads "port token\n"; false when the engine could not start. */
static bool read_address(int fd, char *port, char *token)
{
    char line[LINE_BYTES];
    size_t n = 0;
    for (ssize_t got;
         n + 1 < sizeof(line) && (got = read(fd, line + n, sizeof(line) - 1 - n)) > 0;) {
        n += (size_t)got;
    }
    line[n] = 0;
    char *space = strchr(line, ' '), *end = strchr(line, '\n');
    if (!space || !end) {
        return false;
    }
    *space = *end = 0;
    if (space - line >= PORT_BYTES) {
        return false;
    }
    memcpy(port, line, (size_t)(space - line) + 1);
    memcpy(token, space + 1, (size_t)(end - space));
    return true;
}

/* Without a terminal, a signal to the process group is one for the engine to pass on: Python is put
 * into a group of its own so that it does not get it twice, which it takes badly. */
static void leave_group_without_terminal(void)
{
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC); /* checksrc-allow: no file */
    if (tty < 0) {
        (void)setpgid(0, 0);
        return;
    }
    (void)close(tty);
}

static _Noreturn void be_python(const SubmitOptions *o, int fd, pid_t keeper)
{
    char python_buf[4096], port[PORT_BYTES], token[LINE_BYTES];
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != keeper || !read_address(fd, port, token)) {
        _exit(1);
    }
    (void)close(fd);
    (void)signal(SIGPIPE, SIG_DFL);
    size_t n = 0;
    while (o->script[n]) {
        n++;
    }
    const char *python = find_python(python_buf, sizeof(python_buf));
    char **argv = mem_zalloc(mem_mul(n + 4, sizeof(*argv)));
    argv[0] = (char *)python;
    argv[1] = (char *)"-c";
    argv[2] = (char *)cli_launcher;
    memcpy(argv + 3, o->script, n * sizeof(*argv));
    set_environment(o, port, token);
    (void)execvp(python, argv);
    (void)fprintf(stderr, "forebay submit: can't start %s: %s. Name a Python in PYSPARK_PYTHON.\n",
                  python, strerror(errno));
    _exit(127);
}

/* ---- the engine side ---- */

/* All threads of the engine leave these to the main one, which waits for them. */
static void block_signals(sigset_t *set)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD};
    sigemptyset(set);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        sigaddset(set, signals[i]);
    }
    (void)sigprocmask(SIG_BLOCK, set, NULL);
}

/* Waits for the script if it has ended, and for what it left behind. */
static bool script_ended(pid_t python, int *ret_status)
{
    int status;
    bool ended = false;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == python) {
            *ret_status = status;
            ended = true;
        }
    }
    return ended;
}

/* Hands signals on until the script has ended: those from another process, for the terminal told
 * the script itself. */
static int wait_for_script(const sigset_t *signals, pid_t python)
{
    int status = 0;
    while (!script_ended(python, &status)) {
        siginfo_t info;
        int sig = sigwaitinfo(signals, &info);
        if (sig > 0 && sig != SIGCHLD && (sig != SIGINT || info.si_code == SI_USER)) {
            (void)kill(python, sig);
        }
    }
    return status;
}

/* Signals every child of this process; whether there was one. */
static bool signal_children(int sig)
{
    DIR *proc = opendir("/proc"); /* checksrc-allow: no file */
    bool any = false;
    for (struct dirent *e; proc && (e = readdir(proc));) {
        char path[64], line[LINE_BYTES];
        int64_t pid, parent;
        if (!parse_i64(str_of(e->d_name), &pid)) {
            continue;
        }
        (void)snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
        int fd = open(path, O_RDONLY | O_CLOEXEC);                 /* checksrc-allow: no file */
        ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1); /* checksrc-allow: no file */
        if (fd >= 0) {
            (void)close(fd);
        }
        line[n > 0 ? n : 0] = 0;
        /* pid (name) state parent …; a name may hold anything */
        char *after = strrchr(line, ')');
        char *end = after && after[1] && after[2] && after[3] ? strchr(after + 4, ' ') : NULL;
        if (end && parse_i64((Str){after + 4, (size_t)(end - after) - 4}, &parent) &&
            parent == getpid() && after[2] != 'Z') {
            (void)kill((pid_t)pid, sig);
            any = true;
        }
    }
    if (proc) {
        (void)closedir(proc);
    }
    return any;
}

/* What the script left behind: asked to end, then made to. Children of children arrive here as
 * their parents end. */
static void end_children(const sigset_t *signals)
{
    int64_t ask_until = clock_mono_us() + ASK_CHILDREN_US;
    static const struct timespec slice = {.tv_nsec = 20000000};
    while (waitpid(-1, NULL, WNOHANG) >= 0) {
        int sig = clock_mono_us() < ask_until ? SIGTERM : SIGKILL;
        if (signal_children(sig)) {
            (void)sigtimedwait(signals, NULL, &slice);
        }
    }
}

static int exit_like(int status)
{
    if (WIFEXITED(status)) {
        return WEXITSTATUS(status);
    }
    int sig = WIFSIGNALED(status) ? WTERMSIG(status) : SIGKILL;
    (void)signal(sig, SIG_DFL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, sig);
    (void)fflush(stdout);
    (void)raise(sig);
    (void)sigprocmask(SIG_UNBLOCK, &one, NULL);
    return 128 + sig;
}

/* ---- between them ---- */

/* Hands on what the engine sends until the script has ended; the engine's death is one for it too.
 */
static int keep_script(const sigset_t *signals, pid_t python, pid_t engine)
{
    int status = 0;
    while (!script_ended(python, &status)) {
        siginfo_t info;
        if (getppid() != engine) {
            (void)kill(python, SIGKILL);
        }
        int sig = sigwaitinfo(signals, &info);
        if (sig > 0 && sig != SIGCHLD && info.si_code == SI_USER && info.si_pid == engine &&
            getppid() == engine) {
            (void)kill(python, sig);
        }
    }
    return status;
}

static _Noreturn void be_keeper(const SubmitOptions *o, int fd, pid_t engine)
{
    sigset_t signals, before;
    leave_group_without_terminal();
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)prctl(PR_SET_DUMPABLE, 0); /* it ends by the script's signal, and has no core to show */
    (void)sigprocmask(SIG_BLOCK, NULL, &before);
    block_signals(&signals);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    pid_t self = getpid(), python = fork();
    if (python == 0) {
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
        be_python(o, fd, self);
    }
    (void)close(fd);
    if (python < 0) {
        _exit(1);
    }
    int status = keep_script(&signals, python, engine);
    end_children(&signals);
    _exit(exit_like(status));
}

static void make_token(char token[65])
{
    for (int i = 0; i < 4; i++) {
        (void)snprintf(token + 16 * i, 17, "%016llx", (unsigned long long)random_u64());
    }
}

static int run_engine(const SubmitOptions *o, int fd, pid_t keeper, const sigset_t *signals)
{
    char token[65], line[LINE_BYTES];
    fb_error err = {0};
    make_token(token);
    Engine *engine = engine_new(workers_of(o->master));
    ConnectServer *server;
    ConnectOptions spec = {.token = token};
    fb_status st = FB_OK;
    for (size_t i = 0; i < o->n_confs && st == FB_OK; i++) {
        const char *eq = strchr(o->confs[i], '=');
        Arena a = {0};
        const char *key = arena_strndup(&a, o->confs[i], (size_t)(eq - o->confs[i]));
        st = engine_set_conf(engine, key, eq + 1, &err);
        arena_free(&a);
    }
    if (st == FB_OK) {
        st = connect_server_start(engine, &spec, &server, &err);
    }
    if (st != FB_OK) {
        (void)close(fd);
        (void)waitpid(keeper, NULL, 0);
        engine_free(engine);
        return cli_failed("submit", &err);
    }
    int n = snprintf(line, sizeof(line), "%u %s\n", connect_server_port(server), token);
    if (write(fd, line, (size_t)n) != n) { /* checksrc-allow: a pipe */
        (void)kill(keeper, SIGKILL);
    }
    (void)close(fd);
    int status = wait_for_script(signals, keeper);
    end_children(signals);
    connect_server_stop(server);
    engine_free(engine);
    return exit_like(status);
}

int cli_submit(int argc, char **argv)
{
    Arena a = {0};
    SubmitOptions o = {0};
    int pipe_fd[2];
    int status = submit_parse(argc, argv, &o, &a);
    if (status >= 0) {
        arena_free(&a);
        return status;
    }
    if (pipe2(pipe_fd, O_CLOEXEC) != 0) {
        return cli_usage("submit", "can't make a pipe: %s", strerror(errno));
    }
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        return cli_usage("submit", "can't fork: %s", strerror(errno));
    }
    if (pid == 0) {
        (void)close(pipe_fd[1]);
        be_keeper(&o, pipe_fd[0], self);
    }
    (void)close(pipe_fd[0]);
    sigset_t signals;
    block_signals(&signals);
    status = run_engine(&o, pipe_fd[1], pid, &signals);
    arena_free(&a);
    return status;
}
