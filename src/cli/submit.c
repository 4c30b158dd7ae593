/*
 * submit.c - forebay submit: the engine and the user's Python, side by side for one script.
 *
 * The Python process is forked before any thread exists and waits on a pipe for the engine's port
 * and token; this process becomes the engine and shares its terminal. Whichever side ends first
 * takes the other along: Python dies with its parent (PR_SET_PDEATHSIG), and the engine ends when
 * Python has. A signal from the terminal reaches both; the engine leaves SIGINT to the script. The
 * exit status, also death by a signal, is the script's.
 */
#include "cli/cli.h"

#include "base/clock.h"
#include "connect/service.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_BYTES 256
#define PORT_BYTES 16

typedef struct SubmitOptions {
    const char *master;
    char **script; /* script and its arguments, NULL-terminated */
    const char *py_files;
    const char **confs;
    int n_confs;
} SubmitOptions;

static void help(void)
{
    (void)puts(
        "usage: forebay submit [options] script.py [arguments]\n\n"
        "Runs the script with your Python (PYSPARK_PYTHON, an active virtual environment, or\n"
        "python3) against an engine of its own, and ends with the script's exit status.\n\n"
        "  --master M        local[N] gives N worker threads; default one a core\n"
        "  --name NAME       the application's name\n"
        "  --conf KEY=VALUE  a setting of every session; may be repeated\n"
        "  --py-files LIST   comma-separated folders and .zip files for the script's imports");
}

/* ---- options, in spark-submit's spelling ---- */

/* Value of "--name value" or "--name=value"; NULL if arg is another option. */
static const char *option_value(int argc, char **argv, int *i, const char *name)
{
    size_t n = strlen(name);
    if (strncmp(argv[*i], name, n) != 0) {
        return NULL;
    }
    if (argv[*i][n] == '=') {
        return argv[*i] + n + 1;
    }
    return argv[*i][n] == 0 && *i + 1 < argc ? argv[++*i] : NULL;
}

static int parse(int argc, char **argv, SubmitOptions *o, Arena *a)
{
    int i = 1;
    o->confs = ARENA_ARRAY(a, const char *, (size_t)argc + 1);
    for (; i < argc && argv[i][0] == '-'; i++) {
        const char *v;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            help();
            return 0;
        }
        if ((v = option_value(argc, argv, &i, "--master"))) {
            o->master = v;
        } else if ((v = option_value(argc, argv, &i, "--name"))) {
            o->confs[o->n_confs++] = arena_printf(a, "spark.app.name=%s", v);
        } else if ((v = option_value(argc, argv, &i, "--conf"))) {
            if (!strchr(v, '=')) {
                return cli_usage("submit", "--conf %s is not of the form KEY=VALUE", v);
            }
            o->confs[o->n_confs++] = v;
        } else if ((v = option_value(argc, argv, &i, "--py-files"))) {
            o->py_files = v;
        } else {
            return cli_usage("submit", "the option %s is not known, or its value is missing",
                             argv[i]);
        }
    }
    if (i >= argc) {
        return cli_usage("submit", "which script? usage: forebay submit script.py [arguments]");
    }
    struct stat st;
    if (stat(argv[i], &st) != 0) {
        return cli_usage("submit", "can't open %s: %s", argv[i], strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return cli_usage("submit", "%s is not a file", argv[i]);
    }
    o->script = argv + i;
    return -1;
}

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
        Arena a = {0};
        const char *old = getenv("PYTHONPATH");
        char *path = arena_printf(&a, "%s%s%s", o->py_files, old ? ":" : "", old ? old : "");
        for (char *p = path; *p; p++) {
            *p = *p == ',' ? ':' : *p;
        }
        (void)setenv("PYTHONPATH", path, 1);
        arena_free(&a);
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

static _Noreturn void be_python(const SubmitOptions *o, int fd, pid_t engine)
{
    char python_buf[4096], port[PORT_BYTES], token[LINE_BYTES];
    leave_group_without_terminal();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != engine || !read_address(fd, port, token)) {
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

/* Hands signals on until the script has ended: those from another process, for the terminal told
 * the script itself. */
static int wait_for_script(const sigset_t *signals, pid_t python)
{
    int status = 0;
    while (waitpid(python, &status, WNOHANG) == 0) {
        siginfo_t info;
        int sig = sigwaitinfo(signals, &info);
        if (sig > 0 && sig != SIGCHLD && (sig != SIGINT || info.si_code == SI_USER)) {
            (void)kill(python, sig);
        }
    }
    return status;
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

static void make_token(char token[65])
{
    for (int i = 0; i < 4; i++) {
        (void)snprintf(token + 16 * i, 17, "%016llx", (unsigned long long)random_u64());
    }
}

static int run_engine(const SubmitOptions *o, int fd, pid_t python, const sigset_t *signals)
{
    char token[65], line[LINE_BYTES];
    fb_error err = {0};
    make_token(token);
    Engine *engine = engine_new(workers_of(o->master));
    ConnectServer *server;
    ConnectOptions spec = {.token = token};
    fb_status st = FB_OK;
    for (int i = 0; i < o->n_confs && st == FB_OK; i++) {
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
        (void)waitpid(python, NULL, 0);
        engine_free(engine);
        return cli_failed("submit", &err);
    }
    int n = snprintf(line, sizeof(line), "%u %s\n", connect_server_port(server), token);
    if (write(fd, line, (size_t)n) != n) { /* checksrc-allow: a pipe */
        (void)kill(python, SIGKILL);
    }
    (void)close(fd);
    int status = wait_for_script(signals, python);
    connect_server_stop(server);
    engine_free(engine);
    return exit_like(status);
}

int cli_submit(int argc, char **argv)
{
    Arena a = {0};
    SubmitOptions o = {0};
    int pipe_fd[2];
    int status = parse(argc, argv, &o, &a);
    if (status >= 0) {
        arena_free(&a);
        return status;
    }
    if (pipe2(pipe_fd, O_CLOEXEC) != 0) {
        return cli_usage("submit", "can't make a pipe: %s", strerror(errno));
    }
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        return cli_usage("submit", "can't fork: %s", strerror(errno));
    }
    if (pid == 0) {
        (void)close(pipe_fd[1]);
        be_python(&o, pipe_fd[0], self);
    }
    (void)close(pipe_fd[0]);
    sigset_t signals;
    block_signals(&signals);
    status = run_engine(&o, pipe_fd[1], pid, &signals);
    arena_free(&a);
    return status;
}
