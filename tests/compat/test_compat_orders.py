"""Orders from JSON to CSV, handed over between Forebay and Spark at every place where a batch can be cut off."""
import os

import pytest
from engines import Job
from harness import eventually, orders, sink_files, sink_rows
from state_reader import numbers

SCHEMA = "order_id long, order_date date, order_customer_id long, order_status string"
SQL = "select * from input where order_status = 'COMPLETE'"


def complete(rows):
    return sorted((str(r["order_id"]), r["order_date"], str(r["order_customer_id"]), r["order_status"])
                  for r in rows if r["order_status"] == "COMPLETE")


def forget(folder, number):
    """Takes an entry of a log back, with its side file: as if the process had died before writing it."""
    os.remove(os.path.join(folder, str(number)))
    hidden = os.path.join(folder, f".{number}.crc")
    if os.path.exists(hidden):
        os.remove(hidden)


def cut(job, batch, after):
    """after: 'commit' leaves all; 'sink' no commit; 'offsets' neither a commit nor a sink entry."""
    if after != "commit":
        forget(job.checkpoint + "/commits", batch)
    if after == "offsets":
        forget(job.out + "/_spark_metadata", batch)


def read_by(session, job):
    rows = session.read.schema(SCHEMA).csv(job.out).collect()
    return sorted(tuple(map(str, r)) for r in rows)


@pytest.mark.parametrize("after", ["commit", "sink", "offsets"])
@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_orders_go_back_and_forth(tmp_path, spark, forebay, first, after):
    job = Job(tmp_path, SQL, SCHEMA, "append")
    engines = [forebay, spark] if first == "forebay" else [spark, forebay]
    rows = []
    for batch in range(4):
        more = orders(1 + 100 * batch, 20)
        job.drop(*more)
        rows += more
        job.write(engines[batch % 2])
        assert sink_rows(job.out) == complete(rows)
        assert numbers(job.out + "/_spark_metadata") == list(range(batch + 1))
        if batch < 3:
            cut(job, batch, after)
    assert read_by(spark, job) == read_by(forebay, job) == complete(rows)
    assert len(sink_files(job.out)) == len(set(sink_files(job.out)))


def test_spark_takes_over_from_a_killed_forebay(tmp_path, spark, server):
    job = Job(tmp_path, SQL, SCHEMA, "append")
    rows = orders(1, 40)
    job.drop(*rows)
    job.writer(server.session()).format("csv").option("path", job.out).start()
    eventually("the first batch in the sink", lambda: sink_rows(job.out) == complete(rows))
    server.kill()
    for take_over in (lambda: spark, server.session):
        more = orders(1000 + len(rows), 20)
        job.drop(*more)
        rows += more
        job.write(take_over())
        assert sink_rows(job.out) == complete(rows)


@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_compacted_sink_log(tmp_path, spark, forebay, first):
    job = Job(tmp_path, SQL, SCHEMA, "append")
    one, other = (forebay, spark) if first == "forebay" else (spark, forebay)
    rows = []
    for k in range(11):
        rows += orders(1 + 10 * k, 8)
        job.drop(*rows[-8:])
    job.write(one)
    assert os.path.exists(job.out + "/_spark_metadata/9.compact")
    assert read_by(other, job) == complete(rows)
    for session in (other, one):
        rows += orders(1000 + len(rows), 8)
        job.drop(*rows[-8:])
        job.write(session)
        assert sink_rows(job.out) == complete(rows)


@pytest.mark.parametrize("first", ["forebay", "spark"])
@pytest.mark.parametrize("form, partition_by", [("json", ()), ("csv", ("order_status",))])
def test_other_sinks(tmp_path, spark, forebay, first, form, partition_by):
    job = Job(tmp_path, "select * from input", SCHEMA, "append")
    engines = [forebay, spark] if first == "forebay" else [spark, forebay]
    rows = []
    for k in range(3):
        rows += orders(1 + 100 * k, 9)
        job.drop(*rows[-9:])
        job.write(engines[k % 2], form, partition_by)
    want = sorted(tuple(map(str, r.values())) for r in rows)
    for session in engines:
        read = session.read.schema(SCHEMA).format(form).load(job.out)
        got = read.select("order_id", "order_date", "order_customer_id", "order_status").collect()
        assert sorted(tuple(map(str, r)) for r in got) == want


def test_a_sink_is_a_source_by_its_log(tmp_path, spark, forebay):
    """Files that the sink's log doesn't list aren't there for readers, in batch and as a stream."""
    job = Job(tmp_path, SQL, SCHEMA, "append")
    rows = orders(1, 40)
    job.drop(*rows)
    job.write(forebay)
    with open(os.path.join(job.out, "part-00000-left-over-c000.csv"), "w", encoding="utf-8") as f:
        f.write("7,2013-07-01,7,COMPLETE\n")
    assert read_by(forebay, job) == read_by(spark, job) == complete(rows)
    for name, session in (("f", forebay), ("s", spark)):
        second = Job(tmp_path / name, "select * from input", SCHEMA, "append")
        stream = session.readStream.schema(SCHEMA).csv(job.out)
        second.finish(stream.writeStream.format("csv").option("checkpointLocation", second.checkpoint)
                      .option("path", second.out))
        assert sink_rows(second.out) == complete(rows)
