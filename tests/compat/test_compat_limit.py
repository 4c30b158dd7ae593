"""LIMIT on a stream, and grouping sets, go back and forth: the number of rows that went through, and the keys."""
import glob
import json
import os

import pytest
import state_reader
from engines import Job

SCHEMA = "k string, v bigint"


def batch(k):
    return [json.dumps({"k": "ab"[j % 2], "v": 10 * k + j}) for j in range(4)]


def engines(first, forebay, spark):
    return (forebay, spark) if first == "forebay" else (spark, forebay)


def went_through(checkpoint, op=0):
    """The number in the state of a limit; None: no row yet."""
    rows = state_reader.check(checkpoint, op, "globalLimit")
    assert [k for k, _ in rows] in ([], [(None,)])
    return rows[0][1][0] if rows else None


def written(out):
    files = glob.glob(os.path.join(out, "part-*"))
    return sorted(int(line) for f in files for line in open(f, encoding="utf-8"))


@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_limit_goes_back_and_forth(tmp_path, spark, forebay, first):
    job = Job(tmp_path, "select v from input where v % 4 <> 3 limit 7", SCHEMA, mode="append")
    one, other = engines(first, forebay, spark)
    passed = [10 * k + j for k in range(4) for j in range(4) if (10 * k + j) % 4 != 3]
    sizes = (3, 6, 7, 7)
    for k, session in enumerate((one, other, one, other)):
        job.drop(*batch(k))
        job.write(session)
        assert written(job.out) == passed[:sizes[k]]
        assert went_through(job.checkpoint) == sizes[k]


@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_uncommitted_batch_of_a_limit(tmp_path, spark, forebay, first):
    """The other engine runs the batch again: from the number before it."""
    job = Job(tmp_path, "select v from input limit 6", SCHEMA, mode="append")
    one, other = engines(first, forebay, spark)
    for k in range(2):
        job.drop(*batch(k))
        job.write(one)
    os.remove(f"{job.checkpoint}/commits/1")
    job.drop(*batch(2))
    job.write(other)
    assert written(job.out) == [0, 1, 2, 3, 10, 11]
    assert went_through(job.checkpoint) == 6


# Which limits keep state, and under which number: the other engine refuses a checkpoint with other operators.
PLANS = [
    ("select v from input limit 0", []),
    ("select v from (select v from input limit 5) limit 3", [3]),
    ("select v from (select v from input limit 5) limit 9", [5]),
    ("select v from (select v from input where v % 2 = 0 limit 5) limit 3", [3]),
    ("select v from (select v from input limit 5) where v % 2 = 0 limit 3", [3, 5]),
    ("select v from (select v from input limit 3) where v % 2 = 0 limit 5", [3]),
    ("(select v from input limit 3) union all select v + 100 from input limit 4", [4, 3]),
    ("(select v from input limit 3) union all (select v + 100 from input limit 4)", [3, 4]),
    ("(select v from input limit 3) union all (select v + 100 from input limit 4) limit 7", [3, 4]),
    ("select i.v from (select v from input limit 2) i join range(3) r on i.v = r.id limit 6", [2]),
    ("select i.v from (select v from input limit 2) i join range(3) r on i.v = r.id limit 1", [1, 2]),
]


@pytest.mark.parametrize("sql, numbers", PLANS)
@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_which_limits_keep_state(tmp_path, spark, forebay, first, sql, numbers):
    job = Job(tmp_path, sql, SCHEMA, mode="append")
    one, other = engines(first, forebay, spark)
    for k, session in enumerate((one, other)):
        job.drop(*batch(k))
        job.discard(session)
    ops = state_reader.numbers(job.checkpoint + "/state") if os.path.exists(job.checkpoint + "/state") else []
    assert ops == list(range(len(numbers)))
    assert all((went_through(job.checkpoint, op) or 0) <= n for op, n in enumerate(numbers))


@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_limit_below_an_aggregate(tmp_path, spark, forebay, first):
    job = Job(tmp_path, "select k, count(*) as n, sum(v) as s from (select * from input limit 7) group by k", SCHEMA)
    one, other = engines(first, forebay, spark)
    answers = [{"a": (2, 2), "b": (2, 4)}, {"a": (4, 24), "b": (3, 15)}, {"a": (4, 24), "b": (3, 15)}]
    for k, session in enumerate((one, other, one)):
        job.drop(*batch(k))
        assert {r["k"]: (r["n"], r["s"]) for r in job.table(session)} == answers[k]
        assert len(state_reader.check(job.checkpoint)) == 2
        assert went_through(job.checkpoint, 1) == (4, 7, 7)[k]


SETS = [("rollup(k)", 2), ("cube(k, v % 2)", 4), ("grouping sets ((k), (v % 2), ())", 3),
        ("grouping sets ((k), (k), ())", 3)]


@pytest.mark.parametrize("by, n_sets", SETS)
@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_grouping_sets_go_back_and_forth(tmp_path, spark, forebay, first, by, n_sets):
    """The set's number is a key of the state, its position only where two sets are the same."""
    job = Job(tmp_path, f"select k, count(*) as n from input group by {by}", SCHEMA)
    one, other = engines(first, forebay, spark)
    for k, session in enumerate((one, other, one)):
        job.drop(*batch(k))
        rows = job.table(session)
        assert sum(r["n"] for r in rows) == 4 * (k + 1) * n_sets
        assert len(rows) == len(state_reader.check(job.checkpoint))


@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_pivot_goes_back_and_forth(tmp_path, spark, forebay, first):
    """One aggregate where the results are no numbers: its state has a column for each value."""
    sql = ("select * from (select k, v % 2 as odd, v from input) "
           "pivot (sort_array(collect_list(v)) as l, count(v) as n for k in ('a', 'b'))")
    job = Job(tmp_path, sql, SCHEMA)
    one, other = engines(first, forebay, spark)
    seen = [[], []]
    for k, session in enumerate((one, other, one)):
        job.drop(*batch(k))
        for j in range(4):
            seen[j % 2].append(10 * k + j)
        rows = {r["odd"]: tuple(r)[1:] for r in job.table(session)}
        assert rows == {0: (seen[0], len(seen[0]), [], 0), 1: ([], 0, seen[1], len(seen[1]))}
        state_reader.check(job.checkpoint)
