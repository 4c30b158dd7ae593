/*
 * submit_options.c - spark-submit's options: those that mean something here are kept, those that
 * change nothing are taken with a note, what can't be done is refused.
 */
#include "cli/submit_options.h"

#include "base/vfs.h"
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void help(void)
{
    (void)puts(
        "usage: forebay submit [options] script.py [arguments]\n\n"
        "Runs the script with your Python (PYSPARK_PYTHON, an active virtual environment, or\n"
        "python3) against an engine of its own, and ends with the script's exit status.\n\n"
        "  --master M               local[N] gives N worker threads; default one a core\n"
        "  --name NAME              the application's name\n"
        "  --conf KEY=VALUE         a setting of every session; may be repeated\n"
        "  --properties-file FILE   settings, a line each, as in spark-defaults.conf\n"
        "  --py-files LIST          comma-separated folders, .zip and .py files for imports\n"
        "  --files LIST             comma-separated files that SparkFiles.get(name) finds\n\n"
        "Options of spark-submit that change nothing here (--deploy-mode, --driver-memory,\n"
        "--executor-memory, --num-executors, --queue, --verbose and others) are taken with a "
        "note,\n"
        "and so are --packages of what is built in (Kafka, Delta, Avro).");
}

typedef enum Meaning {
    OPT_MASTER,
    OPT_NAME,
    OPT_CONF,
    OPT_PROPERTIES,
    OPT_PY_FILES,
    OPT_FILES,
    OPT_PACKAGES,
    OPT_JARS,
    OPT_NOTED,      /* with a value, without effect */
    OPT_NOTED_FLAG, /* the same without a value */
    OPT_REFUSED,    /* text says why */
    OPT_REFUSED_FLAG
} Meaning;

typedef struct Option {
    const char *name;
    Meaning meaning;
    const char *text;
} Option;

#define NO_EXECUTORS "there are no executors"
#define NO_JVM "there is no JVM"
#define NO_CLUSTER "there is no cluster"

static const Option options[] = {
    {"--master", OPT_MASTER, NULL},
    {"--name", OPT_NAME, NULL},
    {"--conf", OPT_CONF, NULL},
    {"-c", OPT_CONF, NULL},
    {"--properties-file", OPT_PROPERTIES, NULL},
    {"--py-files", OPT_PY_FILES, NULL},
    {"--files", OPT_FILES, NULL},
    {"--packages", OPT_PACKAGES, NULL},
    {"--jars", OPT_JARS, NULL},
    {"--deploy-mode", OPT_NOTED, "the script and the engine run here"},
    {"--driver-memory", OPT_NOTED, "the limit is --conf spark.forebay.memory.limit=SIZE"},
    {"--driver-cores", OPT_NOTED, "threads are given by --master local[N]"},
    {"--driver-java-options", OPT_NOTED, NO_JVM},
    {"--driver-library-path", OPT_NOTED, NO_JVM},
    {"--driver-class-path", OPT_NOTED, NO_JVM},
    {"--executor-memory", OPT_NOTED, NO_EXECUTORS},
    {"--executor-cores", OPT_NOTED, NO_EXECUTORS},
    {"--num-executors", OPT_NOTED, NO_EXECUTORS},
    {"--total-executor-cores", OPT_NOTED, NO_EXECUTORS},
    {"--archives", OPT_NOTED, NO_EXECUTORS},
    {"--queue", OPT_NOTED, NO_CLUSTER},
    {"--principal", OPT_NOTED, NO_CLUSTER},
    {"--keytab", OPT_NOTED, NO_CLUSTER},
    {"--repositories", OPT_NOTED, NO_JVM},
    {"--exclude-packages", OPT_NOTED, NO_JVM},
    {"--verbose", OPT_NOTED_FLAG, "there is nothing more to say"},
    {"-v", OPT_NOTED_FLAG, "there is nothing more to say"},
    {"--supervise", OPT_NOTED_FLAG, NO_CLUSTER},
    {"--load-spark-defaults", OPT_NOTED_FLAG, "settings come from --properties-file and --conf"},
    {"--class", OPT_REFUSED, "classes need a JVM; Forebay runs Python scripts"},
    {"--proxy-user", OPT_REFUSED, "the script runs as you"},
    {"--remote", OPT_REFUSED,
     "for a server that runs already: SPARK_REMOTE=sc://... python script.py"},
    {"--kill", OPT_REFUSED, NO_CLUSTER},
    {"--status", OPT_REFUSED, NO_CLUSTER},
    {"--usage-error", OPT_REFUSED_FLAG, "see forebay submit --help"},
};

static void note(const char *option, const char *why)
{
    (void)fprintf(stderr, "forebay submit: %s changes nothing here: %s.\n", option, why);
}

/* The option that arg names, alone or as --name=value; NULL: none. */
static const Option *find_option(const char *arg)
{
    size_t n = strcspn(arg, "=");
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (strlen(options[i].name) == n && strncmp(options[i].name, arg, n) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static void add_conf(SubmitOptions *o, const char *conf)
{
    if (o->n_confs == o->cap_confs) {
        size_t cap = o->cap_confs ? o->cap_confs * 2 : 16;
        const char **v = ARENA_ARRAY(o->arena, const char *, cap);
        if (o->n_confs) {
            memcpy(v, o->confs, o->n_confs * sizeof(*v));
        }
        o->confs = v;
        o->cap_confs = cap;
    }
    o->confs[o->n_confs++] = conf;
}

/* ---- packages and jars ---- */

static const char *const built_in[] = {"spark-sql-kafka-0-10", "spark-token-provider-kafka-0-10",
                                       "kafka-clients",        "delta-spark",
                                       "delta-core",           "delta-storage",
                                       "spark-avro",           "spark-protobuf"};

/* artifact, artifact_2.13, artifact-1.2.jar, artifact_2.13-4.0.0.jar */
static bool is_built_in(Str artifact)
{
    for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++) {
        size_t n = strlen(built_in[i]);
        if (artifact.n >= n && memcmp(artifact.p, built_in[i], n) == 0 &&
            (artifact.n == n || artifact.p[n] == '_' || artifact.p[n] == '-')) {
            return true;
        }
    }
    return false;
}

/* What decides about an item of the list: a package's artifact, a jar's file name. */
static Str artifact_of(Str item, bool package)
{
    Str s = item;
    const char *colon = package && s.n ? memchr(s.p, ':', s.n) : NULL;
    if (colon) {
        s = (Str){colon + 1, s.n - (size_t)(colon + 1 - s.p)};
        colon = s.n ? memchr(s.p, ':', s.n) : NULL;
        s.n = colon ? (size_t)(colon - s.p) : s.n;
    }
    for (size_t i = s.n; !package && i > 0; i--) {
        if (s.p[i - 1] == '/') {
            return (Str){s.p + i, s.n - i};
        }
    }
    return s;
}

static int check_jars(const char *option, const char *list, bool packages)
{
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, ",");
        Str item = str_trim((Str){p, n});
        p += n + (p[n] == ',');
        if (item.n && !is_built_in(artifact_of(item, packages))) {
            return cli_usage("submit",
                             "%s %.*s: Forebay has no JVM to load it into, and what it does is not "
                             "built in. Leave it away if the script can do without",
                             option, (int)item.n, item.p);
        }
    }
    note(option, "what it brings is built in, or will be refused by name when it is used");
    return -1;
}

/* ---- settings ---- */

static int take_conf(SubmitOptions *o, const char *conf)
{
    static const char packages[] = "spark.jars.packages=", jars[] = "spark.jars=";
    if (!strchr(conf, '=')) {
        return cli_usage("submit", "--conf %s is not of the form KEY=VALUE", conf);
    }
    if (strncmp(conf, packages, sizeof(packages) - 1) == 0) {
        return check_jars("spark.jars.packages", conf + sizeof(packages) - 1, true);
    }
    if (strncmp(conf, jars, sizeof(jars) - 1) == 0) {
        return check_jars("spark.jars", conf + sizeof(jars) - 1, false);
    }
    if (strncmp(conf, "spark.master=", 13) == 0) {
        o->master = conf + 13;
    } else if (strncmp(conf, "spark.files=", 12) == 0) {
        o->files = conf + 12;
    } else if (strncmp(conf, "spark.submit.pyFiles=", 21) == 0) {
        o->py_files = conf + 21;
    }
    add_conf(o, conf);
    return -1;
}

/* key value, key=value or key: value, a line each; # and ! begin comments. Only spark.* counts. */
static int take_property(SubmitOptions *o, Str line, const char *path)
{
    line = str_trim(line);
    if (line.n == 0 || line.p[0] == '#' || line.p[0] == '!') {
        return -1;
    }
    size_t k = 0;
    while (k < line.n && !memchr("=: \t", line.p[k], 4)) {
        k++;
    }
    size_t v = k;
    while (v < line.n && memchr(" \t", line.p[v], 2)) {
        v++;
    }
    if (v < line.n && memchr("=:", line.p[v], 2)) {
        v++;
    }
    Str value = str_trim((Str){line.p + v, line.n - v});
    if (!str_has_prefix(line, STR_LIT("spark."))) {
        (void)fprintf(stderr, "forebay submit: %.*s in %s is no setting of Spark's: left out.\n",
                      (int)k, line.p, path);
        return -1;
    }
    return take_conf(o, arena_printf(o->arena, "%.*s=%.*s", (int)k, line.p, (int)value.n, value.p));
}

static int take_properties(SubmitOptions *o, const char *path)
{
    char *text;
    size_t n;
    fb_error err = {0};
    if (vfs_read_file(path, &text, &n, &err) != FB_OK) {
        return cli_failed("submit", &err);
    }
    int status = -1;
    for (size_t at = 0; at < n && status < 0;) {
        const char *end = memchr(text + at, '\n', n - at);
        size_t length = end ? (size_t)(end - text) - at : n - at;
        status = take_property(o, (Str){text + at, length}, path);
        at += length + 1;
    }
    mem_free(text);
    return status;
}

/* ---- the command line ---- */

static int take_option(SubmitOptions *o, const Option *option, const char *value)
{
    switch (option->meaning) {
    case OPT_MASTER:
        if (strncmp(value, "local", 5) != 0) {
            note(arena_printf(o->arena, "--master %s", value), "the engine runs here");
        }
        return take_conf(o, arena_printf(o->arena, "spark.master=%s", value));
    case OPT_NAME:
        return take_conf(o, arena_printf(o->arena, "spark.app.name=%s", value));
    case OPT_CONF:
        return take_conf(o, value);
    case OPT_PY_FILES:
        o->py_files = value;
        return -1;
    case OPT_FILES:
        o->files = value;
        return -1;
    case OPT_PACKAGES:
        return check_jars("--packages", value, true);
    case OPT_JARS:
        return check_jars("--jars", value, false);
    case OPT_NOTED:
    case OPT_NOTED_FLAG:
        note(option->name, option->text);
        return -1;
    case OPT_PROPERTIES: /* read before all others, which it gives way to */
        return -1;
    case OPT_REFUSED:
    case OPT_REFUSED_FLAG:
        break;
    }
    return cli_usage("submit", "%s can't be done: %s", option->name, option->text);
}

typedef int (*TakeFn)(SubmitOptions *o, const Option *option, const char *value);

static int take_properties_only(SubmitOptions *o, const Option *option, const char *value)
{
    return option->meaning == OPT_PROPERTIES ? take_properties(o, value) : -1;
}

/* Hands each option before the script to the function; *ret_script is where they end. */
static int each_option(int argc, char **argv, SubmitOptions *o, TakeFn take, int *ret_script)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        const char *arg = argv[i], *eq = strchr(arg, '=');
        const Option *option = find_option(arg);
        bool flag =
            option && (option->meaning == OPT_NOTED_FLAG || option->meaning == OPT_REFUSED_FLAG);
        const char *value = eq ? eq + 1 : !flag && i + 1 < argc ? argv[i + 1] : NULL;
        if (!option || (flag ? eq != NULL : !value)) {
            return cli_usage("submit", "the option %s is not known, or its value is missing", arg);
        }
        int status = take(o, option, value);
        if (status >= 0) {
            return status;
        }
        i += !flag && !eq;
    }
    *ret_script = i;
    return -1;
}

int submit_parse(int argc, char **argv, SubmitOptions *o, Arena *a)
{
    int i = 1;
    o->arena = a;
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        help();
        return 0;
    }
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        (void)printf("forebay %s\n", FOREBAY_VERSION);
        return 0;
    }
    int status = each_option(argc, argv, o, take_properties_only, &i);
    status = status < 0 ? each_option(argc, argv, o, take_option, &i) : status;
    if (status >= 0) {
        return status;
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
    if (str_has_suffix(str_of(argv[i]), STR_LIT(".jar"))) {
        return cli_usage("submit", "%s needs a JVM; Forebay runs Python scripts", argv[i]);
    }
    o->script = argv + i;
    return -1;
}
