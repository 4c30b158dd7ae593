"""Queries larger than spark.forebay.memory.limit: right answers, no files left, and a condition when even
the disk can't help."""
import os
import re
import subprocess
import uuid

import grpc
import pytest
from pyspark.errors.exceptions.connect import SparkException
from pyspark.sql.connect import functions as F
from pyspark.sql.connect.proto import base_pb2 as pb
from pyspark.sql.connect.proto import base_pb2_grpc
from pyspark.sql.connect.session import SparkSession

from harness import FOREBAY, eventually

ROWS = 400_000


class Server:
    def __init__(self, folder, session=True, **env):
        self.local = folder / "local"
        self.process = subprocess.Popen(
            [FOREBAY, "server", "--port", "0", "--workers", "2", "--conf", "spark.forebay.memory.limit=8m",
             "--conf", f"spark.local.dir={self.local}"],
            text=True, stdout=subprocess.PIPE, cwd=folder, env={**os.environ, **env})
        self.port = int(re.search(r":(\d+)", self.process.stdout.readline()).group(1))
        self.spark = SparkSession.builder.remote(f"sc://127.0.0.1:{self.port}").create() if session else None

    def temporary(self):
        """Temporary files that the process has open."""
        fds = f"/proc/{self.process.pid}/fd"
        return [t for t in (os.readlink(f"{fds}/{n}") for n in os.listdir(fds)) if t.startswith(str(self.local))]

    def close(self):
        self.spark.stop()
        self.process.terminate()
        assert self.process.wait(30) == 0


@pytest.fixture
def server(tmp_path):
    s = Server(tmp_path)
    yield s
    s.close()


def test_answers(server):
    spark = server.spark
    df = spark.range(ROWS).select("id", (F.col("id") * 7919 % 400_009).alias("k"),
                                  F.concat(F.lit("some text of a row, number "), "id").alias("s"))
    keys = [r.k for r in df.orderBy("k").select("k").toLocalIterator()]
    assert keys == sorted(i * 7919 % 400_009 for i in range(ROWS))
    groups = df.groupBy((F.col("id") % 150_000).alias("g")).agg(F.count("*").alias("n"), F.max("s").alias("m"))
    assert groups.agg(F.sum("n"), F.count("m")).first() == (ROWS, 150_000)
    assert df.agg(F.count_distinct("s"), F.count_distinct((F.col("id") % 1000))).first() == (ROWS, 1000)
    assert df.select((F.col("id") % 200_000).alias("d"), F.lit(1)).distinct().count() == 200_000
    assert df.withColumn("d", F.col("id") % 200_000).dropDuplicates(["d"]).agg(F.count("*"), F.sum("d")).first() \
        == (200_000, 199_999 * 100_000)
    both = df.alias("l").join(df.alias("r"), F.expr("l.k = r.k AND l.id != -1"))
    assert both.agg(F.count("*"), F.sum(F.expr("l.id - r.id"))).first() == (ROWS, 0)
    assert df.join(df.where("id % 2 = 0"), "id", "left_anti").count() == ROWS // 2
    eventually("temporary files are closed", lambda: not server.temporary())
    assert os.listdir(server.local) == []


def test_killed(tmp_path):
    """Nothing is left of the files of a process that was killed."""
    s = Server(tmp_path, session=False)
    channel = grpc.insecure_channel(f"127.0.0.1:{s.port}")
    request = pb.ExecutePlanRequest(session_id=str(uuid.uuid4()), user_context=pb.UserContext(user_id="me"))
    request.plan.root.sql.query = "SELECT id, -id AS k FROM range(3000000) ORDER BY k"
    responses = base_pb2_grpc.SparkConnectServiceStub(channel).ExecutePlan(request)
    while not next(responses).HasField("arrow_batch"):
        pass
    assert s.temporary()
    s.process.kill()
    s.process.wait(30)
    channel.close()
    assert os.listdir(s.local) == []


def test_no_folder(tmp_path):
    s = Server(tmp_path, SPARK_LOCAL_DIRS="/proc/nothing")
    with pytest.raises(SparkException) as e:
        s.spark.range(1_000_000).orderBy(F.desc("id")).limit(999_999).count()
    assert e.value.getCondition() == "SPILL_OUT_OF_MEMORY"
    assert "/proc/nothing" in str(e.value)
    with pytest.raises(SparkException) as e:
        s.spark.range(2_000_000).agg(F.collect_list("id")).first()
    assert e.value.getCondition() in ("UNABLE_TO_ACQUIRE_MEMORY", "SPILL_OUT_OF_MEMORY")
    assert s.spark.range(10).count() == 10
    s.close()
