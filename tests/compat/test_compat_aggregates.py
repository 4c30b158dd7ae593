"""Aggregation state of many types, in update mode, resumed by the other engine.

The expected rows are Spark's own batch answer over the same rows. Each engine's state is also decoded: keys, the
partition each key lies in, and which keys a batch touched.
"""
import json

import pytest
import state_reader
from engines import Job

SCHEMA = ("s string, l bigint, d date, p decimal(10,2), big decimal(25,3), x double, f float, b boolean, i int, "
          "t timestamp, v bigint, m decimal(7,2), y double")

AGGREGATES = """count(*) as n, count(v) as nv, sum(v) as sv, sum(m) as sm, sum(p) as sp, sum(big) as sbig, sum(y) as sy,
    avg(v) as av, avg(m) as am, avg(y) as ay, min(s) as mins, max(d) as maxd, min(x) as minx, max(t) as maxt,
    min(b) as minb, max(big) as maxbig, first(v) as fv, first(s) as fs, collect_list(v) as lv, collect_list(s) as ls"""


def line(**values):
    return json.dumps(values)


def batch(k):
    """A dozen rows: two values of each key, and nulls."""
    rows = []
    for j in range(12):
        odd = j % 2
        rows.append(line(
            s=None if j % 5 == 0 else ("é" * 9 if odd else "a"), l=None if j % 6 == 1 else (2 ** 40 + odd),
            d=None if j % 7 == 2 else f"20{10 + odd}-02-28", p=None if j % 4 == 3 else (odd - 0.5) * 8.5,
            big=None if j % 6 == 5 else (-1) ** odd * 123456789012345678, x=[0.0, -0.0, 1.5, None, "NaN"][j % 5],
            f=[-0.0, 0.25, None][j % 3], b=[True, False, None][j % 3], i=None if j % 8 == 4 else -3 + odd,
            t=None if j % 9 == 8 else f"2024-01-0{1 + odd}T10:00:00.{100 + j}Z", v=None if j % 5 == 4 else 100 * k + j,
            m=None if j % 3 == 2 else k + j / 4, y=j / 8 - k))
    return rows


# Rounded where the order of additions shows: the batch answer doesn't merge.
OTHERS = ["round(stddev(y), 9)", "round(var_pop(y), 9)", "round(skewness(y), 9)", "round(kurtosis(y), 9)",
          "round(corr(v, y), 9)", "round(covar_samp(v, y), 9)", "max_by(s, v)", "min_by(d, y)", "bool_and(b)",
          "bool_or(b)", "bit_and(i)", "bit_or(l)", "bit_xor(v)", "count_if(b)", "try_sum(v)", "try_avg(m)", "last(v)",
          "last(s, true)", "first(m, true)", "any_value(d)", "sort_array(collect_set(s))", "sort_array(collect_set(m))",
          "collect_list(struct(v, s))", "collect_list(p)", "approx_count_distinct(v)", "approx_count_distinct(s)",
          "avg(big)", "sum(x)", "max(f)", "min(p)", "avg(p)", "sum(i)", "avg(f)", "max(struct(v, s))", "median(v)",
          "percentile_approx(v, 0.5)", "mode(s)", "regr_count(v, y)"]

KEYS = ["s", "l", "d", "p", "big", "x", "f", "b", "i", "t", "s, l, d", "p, x, big, b"]


def key_query(keys):
    return f"select {keys}, {AGGREGATES} from input group by {keys}"


def plain(rows):
    """Rows as comparable text: names, values and their types; -0.0 and 0.0 are one."""
    def text(v):
        return repr(v + 0.0 if isinstance(v, float) else v)
    return sorted(tuple(f"{k}={text(v)}" for k, v in r.asDict().items()) for r in rows)


def answer(spark, sql, rows, folder):
    """What Spark says of all rows at once, read in their order."""
    path = str(folder / "all.json")
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(r + "\n" for r in rows)
    spark.read.schema(SCHEMA).json(path).coalesce(1).createOrReplaceTempView("input")
    found = plain(spark.sql(sql).collect())
    assert found
    return found


@pytest.mark.parametrize("first", ["forebay", "spark"])
@pytest.mark.parametrize("keys", KEYS)
def test_update_mode_state_is_resumed(tmp_path, spark, forebay, keys, first):
    job = Job(tmp_path, key_query(keys), SCHEMA, "update")
    engines = [forebay, spark, forebay] if first == "forebay" else [spark, forebay, spark]
    rows = []
    for k, session in enumerate(engines):
        job.drop(*batch(k))
        rows += batch(k)
        if k < 2:
            job.discard(session)
            state_reader.check(job.checkpoint)
    assert plain(job.table(engines[2])) == answer(spark, job.sql, rows, tmp_path)
    state_reader.check(job.checkpoint)


def test_update_rows_in_spark_after_forebay(tmp_path, spark, forebay):
    """Update mode shows the touched groups only, with what Forebay had counted before."""
    sql = "select s, count(*) as n, sum(v) as sv, min(l) as ml from input group by s"
    job = Job(tmp_path, sql, SCHEMA, "update")
    rows = batch(0) + batch(1)
    job.drop(*batch(0))
    job.drop(*batch(1))
    job.discard(forebay)
    late = [line(s="a", l=1, v=7), line(s="new", l=2, v=8)]
    job.drop(*late)
    got = []
    job.finish(job.writer(spark).foreachBatch(lambda df, k: got.extend((k, r) for r in df.collect())))
    assert {k for k, _ in got} == {2}
    assert plain(r for _, r in got) == [r for r in answer(spark, sql, rows + late, tmp_path)
                                        if "s='a'" in r or "s='new'" in r]


def test_update_touches_only_its_keys(tmp_path, spark, forebay):
    job = Job(tmp_path, "select s, count(*) as n from input group by s", SCHEMA, "update")
    job.drop(*batch(0))
    job.discard(spark)
    job.drop(line(s="a"), line(s="new"), line(s="a"))
    job.discard(forebay)
    assert sorted(state_reader.changed(job.checkpoint, 2)) == [("a",), ("new",)]
    job.drop(line(s="newer"))
    job.discard(spark)
    assert state_reader.changed(job.checkpoint, 3) == [("newer",)]
    assert dict(state_reader.check(job.checkpoint))[("newer",)] == (1,)


@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_global_aggregate(tmp_path, spark, forebay, first):
    job = Job(tmp_path, f"select {AGGREGATES} from input", SCHEMA, "update")
    engines = [forebay, spark] if first == "forebay" else [spark, forebay]
    rows = []
    for k in range(4):
        job.drop(*batch(k))
        rows += batch(k)
        if k < 3:
            job.discard(engines[k % 2])
            assert len(state_reader.check(job.checkpoint)) == 1
    assert plain(job.table(engines[1])) == answer(spark, job.sql, rows, tmp_path)


def test_shuffle_partitions_are_the_checkpoint_s(tmp_path, spark, forebay):
    """The number of partitions of the first run stays, whatever the session says later."""
    job = Job(tmp_path, "select l, count(*) as n from input group by l", SCHEMA, "complete")
    job.drop(*batch(0))
    job.discard(forebay)
    for session in (spark, forebay):
        session.conf.set("spark.sql.shuffle.partitions", 5)
        try:
            job.drop(*batch(1))
            job.discard(session)
        finally:
            session.conf.set("spark.sql.shuffle.partitions", 3)
        assert len(state_reader.check(job.checkpoint)) == 3


@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_other_aggregates(tmp_path, spark, forebay, first):
    """All that Forebay has on a stream, in one query; what it doesn't have there it refuses."""
    from pyspark.errors import PySparkException

    def known(k, text):
        trial = Job(tmp_path / f"trial{k}", f"select s as k, {text} from input group by s", SCHEMA, "update")
        trial.drop(*batch(0))
        try:
            trial.discard(forebay)
            return True
        except PySparkException as e:
            assert "UNRESOLVED_ROUTINE" in str(e) or "UNSUPPORTED_FEATURE" in str(e), f"{text}: {e}"
            return False

    have = [t for k, t in enumerate(OTHERS) if known(k, t)]
    columns = ", ".join(f"{t} as c{k}" for k, t in enumerate(have))
    job = Job(tmp_path, f"select s as k, {columns} from input group by s", SCHEMA, "update")
    engines = [forebay, spark, forebay] if first == "forebay" else [spark, forebay, spark]
    rows = []
    for k, session in enumerate(engines):
        job.drop(*batch(k))
        rows += batch(k)
        if k < 2:
            job.discard(session)
            state_reader.check(job.checkpoint)
    got, want = plain(job.table(engines[2])), answer(spark, job.sql, rows, tmp_path)
    wrong = {have[int(a.split("=")[0][1:])]: (a, b) for x, y in zip(got, want) for a, b in zip(x, y) if a != b}
    assert len(got) == len(want) and not wrong, wrong
