/*
 * Expressions: the tree that each text gives. Precedence and associativity were compared with the
 * trees of Spark 4.3's parser.
 */
#include "column/timezone.h"
#include "sql_dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

typedef struct Case {
    const char *sql, *tree;
} Case;

static const Case operators[] = {
    {"1 + 2 * 3", "(+ 1 (* 2 3))"},
    {"(1 + 2) * 3", "(* (+ 1 2) 3)"},
    {"a = b = c", "(== (== a b) c)"},
    {"a - b - c", "(- (- a b) c)"},
    {"1 | 2 & 3 ^ 4", "(| 1 (^ (& 2 3) 4))"},
    {"1 << 2 + 1", "(<< 1 (+ 2 1))"},
    {"~a + -b * +c", "(+ (~ a) (* (- b) (+ c)))"},
    {"- -1", "(- -1)"},
    {"2--3", "2"},
    {"NOT a = b AND c OR d", "(or (and (not (== a b)) c) d)"},
    {"NOT NOT a", "(not (not a))"},
    {"! a", "(not a)"},
    {"a AND b AND c AND d AND e", "(and (and (and a b) c) (and d e))"},
    {"a OR b AND c OR d", "(or (or a (and b c)) d)"},
    {"a IS NULL AND b IS NOT NULL", "(and (isNull a) (isNotNull b))"},
    {"a = b IS TRUE", "(<=> (== a b) true)"},
    {"a IS NOT FALSE", "(not (<=> a false))"},
    {"a IS UNKNOWN", "(isNull a)"},
    {"a IS DISTINCT FROM b + 1", "(not (<=> a (+ b 1)))"},
    {"a IS NOT DISTINCT FROM b", "(<=> a b)"},
    {"a <> b", "(not (== a b))"},
    {"a != b", "(not (== a b))"},
    {"a <=> b", "(<=> a b)"},
    {"a BETWEEN 1 AND 2 AND b", "(and (between a 1 2) b)"},
    {"a NOT BETWEEN 1 AND 2", "(not (between a 1 2))"},
    {"a IN (1, 2)", "(in a 1 2)"},
    {"a NOT IN (1)", "(not (in a 1))"},
    {"a LIKE 'x%'", "(like a 'x%')"},
    {"a NOT LIKE 'x' ESCAPE '/'", "(not (like a 'x' '/'))"},
    {"a ILIKE 'x'", "(ilike a 'x')"},
    {"a RLIKE 'x'", "(rlike a 'x')"},
    {"a REGEXP 'x'", "(rlike a 'x')"},
    {"a LIKE ANY ('x', 'y')", "(or (like a 'x') (like a 'y'))"},
    {"a NOT LIKE ALL ('x', 'y')", "(and (not (like a 'x')) (not (like a 'y')))"},
    {"a LIKE ANY ('x') || 'y'", "(like a (concat (ANY 'x') 'y'))"},
    {"a LIKE b = c", "(like a (== b c))"},
    {"a || b || c", "(concat (concat a b) c)"},
    {"a DIV 2 % 3", "(% (div a 2) 3)"},
    {"a >> 1 >>> 2", "(>>> (>> a 1) 2)"},
    {"CASE WHEN a THEN 1 ELSE 2 END", "(when a 1 2)"},
    {"CASE a WHEN 1 THEN 'x' WHEN 2 THEN 'y' END", "(when (== a 1) 'x' (== a 2) 'y')"},
    {"CAST(a AS DECIMAL(10, 2))", "cast(a decimal(10,2))"},
    {"TRY_CAST(a AS ARRAY<MAP<STRING, INT>>)", "try_cast(a array<map<string,int>>)"},
    {"a::INT + 1", "(+ cast(a int) 1)"},
    {"a::int < b", "(< cast(a int) b)"},
    {"CAST(a AS INTERVAL DAY TO SECOND)", "cast(a interval day to second)"},
    {"CAST(a AS TIMESTAMP WITHOUT TIME ZONE)", "cast(a timestamp_ntz)"},
    {"f(a, b => 1)", "(f a b=>1)"},
    {"count(*)", "(count *)"},
    {"count(DISTINCT a, b) FILTER (WHERE c > 0)", "(count DISTINCT a b FILTER (> c 0))"},
    {"first(a IGNORE NULLS)", "(first a IGNORE NULLS)"},
    {"first(a) IGNORE NULLS", "(first a IGNORE NULLS)"},
    {"last(a) RESPECT NULLS", "(last a)"},
    {"sum(a) OVER (PARTITION BY b ORDER BY c DESC)", "over((sum a), b, c desc last)"},
    {"sum(a) OVER w", "over((sum a))"},
    {"x.y.z(1)", "(x.y.z 1)"},
    {"transform(a, x -> x + 1)", "(transform a \\x -> (+ x 1))"},
    {"aggregate(a, 0, (acc, x) -> acc + x)", "(aggregate a 0 \\acc.x -> (+ acc x))"},
    {"EXTRACT(YEAR FROM d)", "(extract 'YEAR' d)"},
    {"TRIM(a)", "(trim a)"},
    {"TRIM(BOTH 'x' FROM a)", "(trim 'x' a)"},
    {"TRIM(LEADING FROM a)", "(ltrim a)"},
    {"TRIM('x' FROM a)", "(trim 'x' a)"},
    {"SUBSTRING(a FROM 2 FOR 3)", "(substring a 2 3)"},
    {"SUBSTRING(a, 2)", "(SUBSTRING a 2)"},
    {"POSITION('x' IN a)", "(locate 'x' a)"},
    {"POSITION('x', a)", "(position 'x' a)"},
    {"OVERLAY(a PLACING b FROM 1 FOR 2)", "(overlay a b 1 2)"},
    {"DATEADD(DAY, 1, d)", "(timestampadd 'DAY' 1 d)"},
    {"DATE_ADD(d, 1)", "(DATE_ADD d 1)"},
    {"TIMESTAMPDIFF(MONTH, a, b)", "(timestampdiff 'MONTH' a b)"},
    {"a.b.c", "a.b.c"},
    {"a[0].b['c']", "a[0]['b']['c']"},
    {"(a).b", "a.b"},
    {"f(x).y", "(f x)['y']"},
    {"`a b`.`c``d`", "`a b`.`c`d`"},
    {"t.*", "t.*"},
    {"* EXCEPT (a, b.c)", "*-(a, b.c)"},
    {"(a, b, 1)", "(named_struct 'a' a 'b' b 'col3' 1)"},
    {"(a AS x, 2)", "(named_struct 'x' a AS x 'col2' 2)"},
    {"struct(a AS x, b)", "(struct a AS x b)"},
    {"(SELECT 1) + 1", "(+ scalar(Project[1](One)) 1)"},
    {"EXISTS (SELECT 1)", "exists(Project[1](One))"},
    {"exists(a, x -> x > 0)", "(exists a \\x -> (> x 0))"},
    {"a IN (SELECT 1)", "in(Project[1](One) : a)"},
    {"(a, b) NOT IN (SELECT 1, 2)", "(not in(Project[1, 2](One) : a, b))"},
    {"a IN ((SELECT 1))", "(in a scalar(Project[1](One)))"},
    {"((SELECT 1) UNION (SELECT 2))", "scalar(Union[](Project[1](One), Project[2](One)))"},
    {"((a))", "a"},
    {"IDENTIFIER('a.b')", "a.b"},
    {"IDENTIFIER('abs')(1)", "(abs 1)"},
    {"a AS b", "a AS b"},
    {"explode(m) AS (k, v)", "(explode m) AS (k.v)"},
    {"explode(m) (k, v)", "(explode m) AS (k.v)"},
    {"date", "date"},
    {"current_date", "current_date"},
    {"interval", "interval"},
    {"case", "case"},
    {"left(a, 1)", "(left a 1)"},
};

static const Case literals[] = {
    {"1", "1"},
    {"-1", "-1"},
    {"- 1", "-1"},
    {"2147483648", "2147483648:bigint"},
    {"-2147483648", "-2147483648"},
    {"9223372036854775808", "9223372036854775808:decimal(19,0)"},
    {"1L", "1:bigint"},
    {"-128Y", "-128:tinyint"},
    {"1S", "1:smallint"},
    {"1.5", "1.5:decimal(2,1)"},
    {".5", "0.5:decimal(1,1)"},
    {"5.", "5:decimal(1,0)"},
    {"-0.10", "-0.10:decimal(2,2)"},
    {"1e3", "1000.0:double"},
    {"1.5E-2", "0.015:double"},
    {"1D", "1.0:double"},
    {"1.5F", "1.5:float"},
    {"1BD", "1:decimal(1,0)"},
    {"1e3BD", "1000:decimal(4,0)"},
    {"1.a", "1['a']"},
    {"1a", "1a"},
    {"'a' \"b\" r'c'", "'abc'"},
    {"'it''s'", "'it's'"},
    {"\"d\"\"q\"", "'d\"q'"},
    {"'\\t\\\\\\'\\%\\_'", "'\t\\'\\%\\_'"},
    {"'\\101\\u00e9\\U0001F600\\uD83D\\uDE00'", "'A\303\251\360\237\230\200\360\237\230\200'"},
    {"r'\\n'", "'\\n'"},
    {"X'4a4B'", "JK:binary"},
    {"TRUE", "true"},
    {"NULL", "NULL"},
    {"DATE '2024-02-29'", "2024-02-29:date"},
    {"DATE '2024'", "2024-01-01:date"},
    {"DATE 'epoch'", "1970-01-01:date"},
    {"DATE 'tomorrow'", "(date_add (current_date) 1)"},
    {"TIMESTAMP '2024-01-01 10:00:00'", "cast('2024-01-01 10:00:00' timestamp timestamp_literal)"},
    {"TIMESTAMP_LTZ '2024-01-01'", "cast('2024-01-01' timestamp timestamp_literal)"},
    {"TIMESTAMP_NTZ '2024-01-01T10:00:00.5'", "2024-01-01 10:00:00.5:timestamp_ntz"},
    {"TIMESTAMP 'now'", "(current_timestamp)"},
    {"INTERVAL 1 DAY", "INTERVAL '1' DAY:interval day"},
    {"INTERVAL '1' YEAR", "INTERVAL '1' YEAR:interval year"},
    {"INTERVAL -2 WEEKS", "INTERVAL '-14' DAY:interval day"},
    {"INTERVAL 1 DAY 2 HOURS 3.5 SECONDS",
     "INTERVAL '1 02:00:03.5' DAY TO SECOND:interval day to second"},
    {"INTERVAL '1-2' YEAR TO MONTH", "INTERVAL '1-2' YEAR TO MONTH:interval year to month"},
    {"INTERVAL -'1 02:03:04' DAY TO SECOND",
     "INTERVAL '-1 02:03:04' DAY TO SECOND:interval day to second"},
    {"INTERVAL '1 day 2 hours'", "INTERVAL '1 02' DAY TO HOUR:interval day to hour"},
    {"INTERVAL 5 MILLISECONDS", "INTERVAL '00.005' SECOND:interval second"},
    {"-INTERVAL 1 DAY", "(- INTERVAL '1' DAY:interval day)"},
};

static void check(const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        Arena a = {0};
        fb_error err = {0};
        StrBuf b = {0};
        Expr *e = NULL;
        if (sql_parse_expr(&a, str_of(cases[i].sql), &e, &err) != FB_OK) {
            fail_msg("%s: %s", cases[i].sql, err.message);
        }
        dump_expr(&b, e);
        if (strcmp(b.p, cases[i].tree) != 0) {
            fail_msg("%s:\nwant %s\ngot  %s", cases[i].sql, cases[i].tree, b.p);
        }
        strbuf_free(&b);
        arena_free(&a);
    }
}

static void test_operators(void **state)
{
    (void)state;
    check(operators, sizeof(operators) / sizeof(operators[0]));
}

static void test_literals(void **state)
{
    (void)state;
    check(literals, sizeof(literals) / sizeof(literals[0]));
}

/* A node's place is the text it was made of. */
static void test_places(void **state)
{
    (void)state;
    Arena a = {0};
    fb_error err = {0};
    Expr *e = NULL;
    const char *sql = "  a.b + f( c ) * 2 ";
    assert_int_equal(sql_parse_expr(&a, str_of(sql), &e, &err), FB_OK);
    assert_int_equal(e->start, 2);
    assert_int_equal(e->stop, 18);
    assert_int_equal(e->args[0]->start, 2);
    assert_int_equal(e->args[0]->stop, 5);
    assert_int_equal(e->args[1]->start, 8);
    assert_int_equal(e->args[1]->args[0]->stop, 14);
    assert_int_equal(e->args[1]->args[1]->start, 17);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
