"""Files as sources against what real Spark answered: source_cases.py has the cases, source_cases.json the answers."""
import json
import socket
import threading
import time

import pytest
import source_cases
from pyspark.errors.exceptions.connect import StreamingQueryException
from pyspark.sql.connect import functions as F


@pytest.fixture
def utc(monkeypatch):
    """Python shows times in the zone of the process."""
    with monkeypatch.context() as m:
        m.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def test_sources(utc, spark, tmp_path):
    with open(source_cases.ANSWERS, encoding="utf-8") as f:
        wanted = json.load(f)
    got = source_cases.answers(spark, str(tmp_path))
    assert got.keys() == wanted.keys()
    wrong = {label: (a, wanted[label]) for label, a in got.items() if a != wanted[label]}
    assert not wrong, "\n".join(f"{label}: {a} for {w}" for label, (a, w) in wrong.items())


def test_blocks_are_of_one_file(spark, tmp_path):
    """Ranges of a large file tile it, however many workers there are, and _metadata says the same as the functions."""
    source_cases.put(str(tmp_path), "large/a.txt", ("%099d\n" % 1) * 100000)
    df = spark.read.text(f"{tmp_path}/large")
    both = df.select(F.expr("input_file_block_start()"), F.expr("input_file_block_length()"), "_metadata.file_block_start",
                     "_metadata.file_block_length", "_metadata.file_size").distinct().collect()
    alone = df.select("_metadata.file_block_start", "_metadata.file_block_length").distinct().collect()
    assert all(r[:2] == r[2:4] and r[4] == 10000000 for r in both)
    assert sorted(alone) == sorted(r[2:4] for r in both)
    at = 0
    for start, length in sorted(alone):
        assert start == at
        at += length
    assert at == 10000000 and df.count() == 100000


@pytest.mark.parametrize("name, condition", [("p=zz/b.txt", "INVALID_PARTITION_VALUE"),
                                             ("q=2/b.txt", "CONFLICTING_PARTITION_COLUMN_NAMES"),
                                             ("x/b.txt", "CONFLICTING_DIRECTORY_STRUCTURES")])
def test_a_file_that_comes_later(spark, tmp_path, name, condition):
    """What does not fit the columns that a stream began with ends it; its rows are not dropped and not NULL."""
    source_cases.put(str(tmp_path), "in/p=1/a.txt")
    df = spark.readStream.text(f"{tmp_path}/in")
    q = df.writeStream.format("memory").queryName("later").option("checkpointLocation", f"{tmp_path}/c").start()
    try:
        q.processAllAvailable()
        assert [tuple(r) for r in spark.table("later").collect()] == [("r", 1)]
        source_cases.put(str(tmp_path), f"in/{name}")
        with pytest.raises(StreamingQueryException, match=condition):
            q.processAllAvailable()
    finally:
        q.stop()


def test_files_that_a_sink_wrote_stay(spark, tmp_path):
    source_cases.put(str(tmp_path), "in/a.txt")
    source_cases.run(spark, str(tmp_path), "w", spark.readStream.text(f"{tmp_path}/in"))
    files = sorted(p.name for p in (tmp_path / "out/w").iterdir())
    df = spark.readStream.schema("value string").option("cleanSource", "delete").json(f"{tmp_path}/out/w")
    with pytest.raises(StreamingQueryException, match="cleanSource"):
        source_cases.run(spark, str(tmp_path), "r", df)
    assert sorted(p.name for p in (tmp_path / "out/w").iterdir()) == files


def test_a_socket_does_not_go_on(spark, tmp_path):
    """Lines of a new connection begin at 0 again: a checkpoint that is further ends the query, as in Spark."""
    def serve():
        while True:
            try:
                c, _ = listener.accept()
            except OSError:
                return
            taken.append(c)
            c.sendall(b"a\nb\nc\n")

    taken = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        df = spark.readStream.format("socket").option("host", "127.0.0.1").option("port", listener.getsockname()[1]).load()
        write = df.writeStream.format("json").option("checkpointLocation", f"{tmp_path}/c").option("path", f"{tmp_path}/out")

        def rows():
            return spark.read.schema("value string").json(f"{tmp_path}/out").count()

        q = write.start()
        while rows() < 3:
            assert q.isActive, q.exception()
            q.processAllAvailable()
        q.stop()
        q = write.start()
        with pytest.raises(StreamingQueryException, match="Offsets committed out of order: 2 followed by -1"):
            q.awaitTermination()
        assert rows() == 3
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for c in taken:
        c.close()
