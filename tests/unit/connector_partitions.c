/*
 * connector_partitions.c - partition columns from folders: which there are, of what types, and the
 * values of each folder, as Spark told them of such trees (its TIME is a type that is not there).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "connector/partitions.h"

enum { NTZ = 1, NO_INFER = 2, NO_CHECK = 4, LEGACY = 8, CASE = 16, IGNORE = 32 };

typedef struct Tree {
    const char *name;
    int rules;
    const char *schema;   /* the user's, NULL: none */
    const char *folders;  /* below /t, with | between them; . is /t itself; each has one file */
    const char *expected; /* columns: values of the first folder; of the second ("-": not read) */
} Tree;

static const Tree trees[] = {
    {"whole numbers", 0, NULL, "k=1|k=2", "k int: 1; 2"},
    {"a sign and zeros", 0, NULL, "k=007|k=-3|k=+5", "k int: 7; -3; 5"},
    {"int and long", 0, NULL, "k=1|k=2147483648", "k bigint: 1; 2147483648"},
    {"above long", 0, NULL, "k=1|k=9223372036854775808", "k decimal(19,0): 1; 9223372036854775808"},
    {"exponents are decimals", 0, NULL, "k=1e5|k=3", "k decimal(10,0): 100000; 3"},
    {"double", 0, NULL, "k=1|k=2.5", "k double: 1.0; 2.5"},
    {"long and double", 0, NULL, "k=2147483648|k=2.5", "k string: 2147483648; 2.5"},
    {"decimal and double", 0, NULL, "k=9223372036854775808|k=2.5",
     "k string: 9223372036854775808; 2.5"},
    {"names of doubles", 0, NULL, "k=NaN|k=Infinity|k=1", "k double: NaN; Infinity; 1.0"},
    {"suffix of a double", 0, NULL, "k=1.5d|k=2", "k double: 1.5; 2.0"},
    {"39 digits", 0, NULL, "k=123456789012345678901234567890123456789",
     "k double: 1.2345678901234568E38"},
    {"38 digits", 0, NULL, "k=12345678901234567890123456789012345678",
     "k decimal(38,0): 12345678901234567890123456789012345678"},
    {"digits and a string", 0, NULL, "k=1|k=x", "k string: 1; x"},
    {"date", 0, NULL, "k=2024-02-29|k=1970-01-01", "k date: 2024-02-29; 1970-01-01"},
    {"no such day", 0, NULL, "k=2023-02-29", "k string: 2023-02-29"},
    {"short date", 0, NULL, "k=2024-2-9", "k string: 2024-2-9"},
    {"escaped date", 0, NULL, "k=2024%2D02-29", "k string: 2024-02-29"},
    {"timestamp", 0, NULL, "k=2024-02-29 12%3A30%3A00|k=2024-01-01 00%3A00%3A00.5",
     "k timestamp: 2024-02-29 12:30:00; 2024-01-01 00:00:00.5"},
    {"date and timestamp", 0, NULL, "k=2024-02-29|k=2024-01-01 00%3A00%3A00",
     "k timestamp: 2024-02-29 00:00:00; 2024-01-01 00:00:00"},
    {"timestamp of ntz", NTZ, NULL, "k=2024-02-29 12%3A30%3A00",
     "k timestamp_ntz: 2024-02-29 12:30:00"},
    {"date and number", 0, NULL, "k=2024-02-29|k=1", "k string: 2024-02-29; 1"},
    {"time of day", 0, NULL, "k=12%3A30%3A00", "ERR UNSUPPORTED_TIME_TYPE"},
    {"time and string", 0, NULL, "k=12%3A30%3A00|k=x", "k string: 12:30:00; x"},
    {"boolean is a string", 0, NULL, "k=true|k=false", "k string: true; false"},
    {"no inference", NO_INFER, NULL, "k=1|k=2.5", "k string: 1; 2.5"},
    {"escapes of a value", 0, NULL, "k=a%2Fb|k=c%3Dd|k=%25", "k string: a/b; c=d; %"},
    {"escapes of a name", 0, NULL, "a%20b=1|a%20b=2", "a b int: 1; 2"},
    {"half an escape", 0, NULL, "k=a%2|k=b%zz|k=%", "k string: a%2; b%zz; %"},
    {"escapes beyond ASCII", 0, NULL, "k=%C3%A9", "k string: Ã©"},
    {"equals in a value", 0, NULL, "k=a=b|k==c", "k string: a=b; =c"},
    {"null and numbers", 0, NULL, "k=1|k=__HIVE_DEFAULT_PARTITION__", "k int: 1; ~"},
    {"null and strings", 0, NULL, "k=x|k=__HIVE_DEFAULT_PARTITION__", "k string: x; ~"},
    {"null alone", 0, NULL, "k=__HIVE_DEFAULT_PARTITION__", "k void: ~"},
    {"null of a schema", 0, "k int", "k=__HIVE_DEFAULT_PARTITION__", "k int: ~"},
    {"null in small letters", 0, NULL, "k=__hive_default_partition__",
     "k string: __hive_default_partition__"},
    {"null and dates", 0, NULL, "k=2024-02-29|k=__HIVE_DEFAULT_PARTITION__",
     "k date: 2024-02-29; ~"},
    {"two columns", 0, NULL, "k=1/q=a|k=2/q=b", "k int, q string: 1|a; 2|b"},
    {"schema wins", 0, "k string, q double", "k=1/q=2", "k string, q double: 1|2.0"},
    {"schema names one", 0, "q string", "k=1/q=2", "k int, q string: 1|2"},
    {"name of the schema", 0, "K string", "k=1", "K string: 1"},
    {"byte wraps", 0, "k tinyint", "k=300", "k tinyint: 44"},
    {"smallint", 0, "k smallint", "k=-7", "k smallint: -7"},
    {"no int", 0, "k int", "k=x", "ERR INVALID_PARTITION_VALUE"},
    {"no int, not checked", NO_CHECK, "k int", "k=x", "k int: ~"},
    {"int too large", 0, "k int", "k=2147483648", "ERR INVALID_PARTITION_VALUE"},
    {"boolean of a schema", 0, "k boolean", "k=TRUE|k=false", "k boolean: true; false"},
    {"no boolean", 0, "k boolean", "k=yes", "ERR INVALID_PARTITION_VALUE"},
    {"float of a schema", 0, "k float", "k=1.5|k=1e40", "k float: 1.5; Infinity"},
    {"decimal of a schema", 0, "k decimal(5,2)", "k=1.255|k=7", "k decimal(5,2): 1.26; 7.00"},
    {"decimal without room", 0, "k decimal(3,2)", "k=1234", "k decimal(3,2): ~"},
    {"no decimal", 0, "k decimal(5,2)", "k=x", "ERR INVALID_PARTITION_VALUE"},
    {"date of a schema", 0, "k date", "k=2024-2-9", "k date: 2024-02-09"},
    {"no date", 0, "k date", "k=x", "ERR INVALID_PARTITION_VALUE"},
    {"no date, legacy", LEGACY, "k date", "k=x", "k date: ~"},
    {"timestamp of a schema", 0, "k timestamp", "k=2024-02-29", "k timestamp: 2024-02-29 00:00:00"},
    {"binary of a schema", 0, "k binary", "k=a%20b", "k binary: 6125323062"},
    {"interval of a schema", 0, "k interval year", "k=INTERVAL '3' YEAR",
     "k interval year: INTERVAL '3' YEAR"},
    {"other case", 0, NULL, "K=2|k=1", "K int: 2; 1"},
    {"other case matters", CASE, NULL, "k=1|K=2", "ERR CONFLICTING_PARTITION_COLUMN_NAMES"},
    {"other names", 0, NULL, "k=1|q=2", "ERR CONFLICTING_PARTITION_COLUMN_NAMES"},
    {"other depths", 0, NULL, "k=1|k=2/q=3", "ERR CONFLICTING_PARTITION_COLUMN_NAMES"},
    {"other order", 0, NULL, "k=1/q=2|q=3/k=4", "ERR CONFLICTING_PARTITION_COLUMN_NAMES"},
    {"beside plain files", 0, NULL, ".|k=1", "k int: -; 1"},
    {"beside plain files, ignored", IGNORE, NULL, ".|k=1", "k int: -; 1"},
    {"plain folder between", 0, NULL, "k=1/x|k=2", "k int: 1; 2"},
    {"plain folder above", 0, NULL, "x/k=1|y/k=2", "ERR CONFLICTING_DIRECTORY_STRUCTURES"},
    {"one plain folder above", 0, NULL, "x/k=1|x/k=2", "k int: 1; 2"},
    {"no name", 0, NULL, "=1", "ERR EMPTY_PARTITION_COLUMN_NAME"},
    {"no value", 0, NULL, "k=", "ERR EMPTY_PARTITION_COLUMN_VALUE"},
    {"temporary", 0, NULL, "_temporary/k=1|k=2", "k int: -; 2"},
};

static PartitionRules rules_of(const Tree *t)
{
    return (PartitionRules){.infer = !(t->rules & NO_INFER),
                            .validate = !(t->rules & NO_CHECK),
                            .case_sensitive = t->rules & CASE,
                            .ignore_invalid = t->rules & IGNORE,
                            .ansi = !(t->rules & LEGACY),
                            .ntz = t->rules & NTZ,
                            .zone = tz_utc(),
                            .zone_name = "UTC",
                            .after_us = INT64_MIN,
                            .before_us = INT64_MAX};
}

/* The folders as files_group() would leave them, each with one file f. */
static void plant(Arena *a, const char *folders, FileList *list)
{
    static FileRoot root = {.path = "/t"};

    *list = (FileList){.root = &root, .n_roots = 1};
    list->folder = ARENA_ARRAY(a, FileFolder, strlen(folders) + 1);
    list->file = ARENA_ARRAY(a, FileEntry, strlen(folders) + 1);
    for (const char *p = folders; *p;) {
        size_t n = strcspn(p, "|");
        const char *name = arena_strndup(a, p, n);
        const char *path = strcmp(name, ".") == 0 ? "/t" : vfs_join(a, "/t", name);
        uint32_t at = list->n_folders++;
        list->folder[at] = (FileFolder){.path = path, .first = at, .n = 1};
        list->file[at] = (FileEntry){.path = vfs_join(a, path, "f"), .folder = at};
        p += n + (p[n] == '|');
    }
    list->n = list->n_folders;
}

static void told_value(const Vec *v, StrBuf *out)
{
    assert_int_equal(v->len, 1);
    if (!vec_is_valid(v, 0)) {
        strbuf_putc(out, '~');
    } else if (v->type->id == T_BINARY) {
        Str s = view_str(&VEC_AT(View, v, 0));
        for (size_t i = 0; i < s.n; i++) {
            strbuf_printf(out, "%02X", (unsigned)(unsigned char)s.p[i]);
        }
    } else {
        vec_value_text(v, 0, tz_utc(), out);
    }
}

static void told(const PartitionKeys *keys, const FileList *list, StrBuf *out)
{
    for (uint32_t k = 0; k < keys->n; k++) {
        strbuf_printf(out, "%s%s ", k ? ", " : "", keys->name[k]);
        type_simple_string(keys->type[k], out);
    }
    strbuf_putc(out, ':');
    for (size_t i = 0; i < list->n; i++) {
        const Vec *values = list->file[i].values;
        strbuf_puts(out, i ? "; " : " ");
        strbuf_puts(out, values ? "" : "-");
        for (uint32_t k = 0; values && k < keys->n; k++) {
            strbuf_puts(out, k ? "|" : "");
            told_value(&values[k], out);
        }
    }
}

static void check(const Tree *t)
{
    Arena a = {0};
    StrBuf out = {0};
    fb_error err = {0};
    FileList list;
    PartitionKeys keys;
    const Type *schema = NULL;
    PartitionRules rules = rules_of(t);

    plant(&a, t->folders, &list);
    if (t->schema && type_from_ddl(str_of(t->schema), &schema, &err) != FB_OK) {
        fail_msg("%s: %s", t->name, err.message);
    }
    if (partitions_find(&a, &rules, &list, schema, &keys, &err) == FB_OK) {
        told(&keys, &list, &out);
    } else {
        strbuf_printf(&out, "ERR %s", err_condition(err.id));
        err_clear(&err);
    }
    if (strcmp(strbuf_str(&out).p, t->expected) != 0) {
        fail_msg("%s:\n%s\n-- Spark:\n%s", t->name, strbuf_str(&out).p, t->expected);
    }
    strbuf_free(&out);
    arena_free(&a);
}

static void recorded_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
        check(&trees[i]);
    }
}

/* A root below the base tells the columns above it too; one outside of it is refused. */
static void base_path(void **state)
{
    Arena a = {0};
    fb_error err = {0};
    FileList list;
    PartitionKeys keys;
    Tree t = {.name = "base"};
    PartitionRules rules = rules_of(&t);
    FileRoot root = {.path = "/t/k=1"};

    (void)state;
    plant(&a, "k=1/q=2", &list);
    list.root = &root;
    assert_int_equal(partitions_find(&a, &rules, &list, NULL, &keys, &err), FB_OK);
    assert_int_equal(keys.n, 1);
    assert_string_equal(keys.name[0], "q");
    rules.base = "/t";
    assert_int_equal(partitions_find(&a, &rules, &list, NULL, &keys, &err), FB_OK);
    assert_int_equal(keys.n, 2);
    assert_string_equal(keys.name[0], "k");
    rules.base = rules.base_given = "/u";
    assert_int_equal(partitions_find(&a, &rules, &list, NULL, &keys, &err), FB_ERR);
    assert_non_null(strstr(err.message, "Wrong basePath /u"));
    err_clear(&err);
    arena_free(&a);
}

/* Messages name what was found: folders, columns and the value. */
static void messages(void **state)
{
    static const struct {
        const char *folders, *schema, *part;
    } cases[] = {
        {"k=1|q=2", NULL, "Partition column name list #1: q"},
        {"x/k=1|y/k=2", NULL, "file:/t/y"},
        {"a`b=z", "`a``b` int", "'z'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena a = {0};
        fb_error err = {0};
        FileList list;
        PartitionKeys keys;
        const Type *schema = NULL;
        Tree t = {0};
        PartitionRules rules = rules_of(&t);

        plant(&a, cases[i].folders, &list);
        if (cases[i].schema) {
            assert_int_equal(type_from_ddl(str_of(cases[i].schema), &schema, &err), FB_OK);
        }
        assert_int_equal(partitions_find(&a, &rules, &list, schema, &keys, &err), FB_ERR);
        assert_non_null(strstr(err.message, cases[i].part));
        err_clear(&err);
        arena_free(&a);
    }
}

/* Of a dataset with partitions the files beside the folders are left out; without, those below. */
static void chosen_files(void **state)
{
    static const struct {
        const char *folders, *expected;
        bool recursive, beside;
    } cases[] = {
        {".|k=1", "/t/k=1/f ", false, false},
        {".|k=1", "/t/f /t/k=1/f ", false, true},
        {".|x", "/t/f ", false, true},
        {".|x|x/k=1", "/t/f /t/x/f /t/x/k=1/f ", true, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena a = {0};
        StrBuf out = {0};
        fb_error err = {0};
        FileList list;
        PartitionKeys keys;
        Tree t = {.rules = IGNORE};
        PartitionRules rules = rules_of(&t);

        rules.recursive = cases[i].recursive;
        plant(&a, cases[i].folders, &list);
        assert_int_equal(partitions_find(&a, &rules, &list, NULL, &keys, &err), FB_OK);
        partitions_choose(&a, &rules, cases[i].beside, &list);
        for (size_t k = 0; k < list.n; k++) {
            strbuf_printf(&out, "%s ", list.file[k].path);
        }
        assert_string_equal(strbuf_str(&out).p, cases[i].expected);
        strbuf_free(&out);
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_trees),
        cmocka_unit_test(base_path),
        cmocka_unit_test(messages),
        cmocka_unit_test(chosen_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
