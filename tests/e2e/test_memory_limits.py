"""What makes much of little, under a small spark.forebay.memory.limit: each statement gives its answer or the
condition for memory, the process stays near the limit, and the server goes on answering."""
import gzip
import os
import random
import re
import subprocess
import uuid

import grpc
import pytest
from pyspark.errors import PySparkException
from pyspark.sql.connect.proto import base_pb2 as pb
from pyspark.sql.connect.proto import base_pb2_grpc
from pyspark.sql.connect.session import SparkSession

from harness import FOREBAY

LIMIT_MB = 96
MARGIN_MB = 140  # batches of two workers, what malloc keeps, the program
SANITIZED = "TSAN_OPTIONS" in os.environ or "ASAN_OPTIONS" in os.environ


def text(n):
    return f"repeat(CAST(id AS STRING), {n})"


STATEMENTS = [
    f"SELECT {text(200000000)} FROM range(3)",
    f"SELECT length(hex({text(30000000)})) FROM range(3)",
    f"SELECT length(unhex({text(80000000)})) FROM range(3)",
    f"SELECT length(base64({text(60000000)})) FROM range(3)",
    f"SELECT length(upper({text(60000000)})) FROM range(3)",
    f"SELECT length(url_encode({text(40000000)} || '%')) FROM range(3)",
    f"SELECT length(encode({text(60000000)}, 'UTF-16')) FROM range(3)",
    "SELECT length(space(100000000 + CAST(id AS INT))) FROM range(3)",
    "SELECT length(lpad(CAST(id AS STRING), 30000000, 'x')) FROM range(5)",
    f"SELECT length(replace({text(1000000)}, CAST(id AS STRING), repeat('y', 1000))) FROM range(3)",
    f"SELECT length(regexp_replace({text(1000000)}, '[0-9]', repeat('y', 1000))) FROM range(3)",
    f"SELECT length(translate({text(60000000)}, '0', 'é')) FROM range(3)",
    f"SELECT length(concat_ws({text(1000000)}, array_repeat('x', 1000))) FROM range(3)",
    "SELECT levenshtein(repeat('a', 30000000 + CAST(id AS INT)), 'b') FROM range(1)",
    "SELECT size(array_union(sequence(1L, 5000000 + id), sequence(2L, 6000000))) FROM range(3)",
    "SELECT size(flatten(array_repeat(sequence(1, 100000 + CAST(id AS INT)), 1000))) FROM range(3)",
    "SELECT size(array_sort(sequence(1L, 8000000 + id))) FROM range(3)",
    "SELECT size(transform(sequence(1L, 1000000 + id), x -> sequence(1, 1000))) FROM range(3)",
    "SELECT size(filter(sequence(1L, 9000000 + id), x -> x > 3)) FROM range(3)",
    "SELECT length(aggregate(sequence(1, 30), CAST(id AS STRING), (a, x) -> concat(a, a))) FROM range(3)",
    "SELECT size(map_from_arrays(sequence(1L, 3000000 + id), sequence(1L, 3000000 + id))) FROM range(3)",
    "SELECT size(transform_values(map_from_arrays(sequence(1L, 1000000 + id), sequence(1L, 1000000 + id)),"
    " (k, v) -> repeat('x', 100))) FROM range(3)",
    "SELECT size(collect_list(id)) FROM range(10000000)",
    f"SELECT size(collect_set({text(1000)})) FROM range(100000)",
    f"SELECT length(string_agg({text(100)}, ',')) FROM range(1000000)",
    f"SELECT length(max({text(50000000)})) FROM range(30)",
    "SELECT approx_percentile(id, 0.5, 1000000000) FROM range(3000000)",
    "SELECT size(from_json(concat('[', repeat('1,', 20000000 + CAST(id AS INT)), '1]'), 'array<int>')) FROM range(3)",
    "SELECT schema_of_json(repeat('[', 60000000))",
    f"SELECT length(from_csv({text(60000000)}, 'a string').a) FROM range(3)",
    "SELECT length(to_json(struct(repeat('\"', 20000000 + CAST(id AS INT)) AS a))) FROM range(30)",
    "SELECT length(to_csv(struct(repeat('\"', 20000000 + CAST(id AS INT)) AS a))) FROM range(30)",
    "SELECT sum(x) FROM (SELECT posexplode(sequence(1L, 9000000 + id)) AS (p, x) FROM range(3))",
    "SELECT sum(a) FROM (SELECT inline(transform(sequence(1L, 3000000 + id), x -> struct(x AS a))) FROM range(3))",
    f"SELECT sum(length(s)) FROM (SELECT {text(1000000)} s FROM range(300) ORDER BY s)",
    f"SELECT count(*) FROM (SELECT DISTINCT {text(30000000)} s FROM range(30))",
    "WITH a0 AS (SELECT 1 x)" + "".join(
        f", a{i} AS (SELECT * FROM a{i - 1} UNION ALL SELECT * FROM a{i - 1})" for i in range(1, 40)) + " FROM a39",
]


def doubling_views(s):
    s.range(1).createOrReplaceTempView("d0")
    for i in range(1, 40):
        s.sql(f"SELECT a.id FROM d{i - 1} a CROSS JOIN d{i - 1}").createOrReplaceTempView(f"d{i}")


def drop_views(s):
    for i in range(40):
        s.catalog.dropTempView(f"d{i}")


def cached(s):
    df = s.sql(f"SELECT {text(1000000)} a FROM range(500)").cache()
    try:
        df.selectExpr("sum(length(a))").collect()
    finally:
        df.unpersist()


CALLS = {
    "doubling views": doubling_views,
    "collect": lambda s: s.sql(f"SELECT {text(1000000)} FROM range(500)").collect(),
    "tail": lambda s: s.sql(f"SELECT {text(1000000)} FROM range(500)").tail(400),
    "cache": cached,
    "crosstab": lambda s: s.sql(f"SELECT {text(100000)} a, id % 3 b FROM range(5000)").crosstab("a", "b").count(),
    "pivot": lambda s: s.sql(f"SELECT id, {text(100000)} b FROM range(9000)").groupBy("id").pivot("b").count(),
    "text of a statement": lambda s: s.sql("SELECT length('" + "x" * 10_000_000 + "')").collect(),
    "items of a statement": lambda s: s.sql("SELECT size(array(1" + ",1" * 300_000 + "))").collect(),
    "local rows": lambda s: s.createDataFrame([("x" * 1_000_000,)] * 30, "a string").count(),
    "IN": lambda s: s.sql("SELECT count(*) FROM range(9) WHERE id IN (" + ",".join(map(str, range(200_000))) + ")"),
}


class Server:
    def __init__(self, folder):
        self.p = subprocess.Popen([FOREBAY, "server", "--port", "0", "--workers", "2", "--conf",
                                   f"spark.forebay.memory.limit={LIMIT_MB}m"], text=True, stdout=subprocess.PIPE,
                                  cwd=folder)
        self.port = int(re.search(r":(\d+)", self.p.stdout.readline()).group(1))
        self.spark = SparkSession.builder.remote(f"sc://127.0.0.1:{self.port}").create()

    def check(self, what):
        """Runs it; it gives an answer or the condition, and the process is as large as it may be."""
        with open(f"/proc/{self.p.pid}/clear_refs", "w", encoding="ascii") as f:
            f.write("5")
        try:
            what(self.spark)
        except PySparkException as e:
            assert e.getCondition() == "UNABLE_TO_ACQUIRE_MEMORY", str(e)[:1000]
        assert self.spark.sql("SELECT 1").first()[0] == 1
        with open(f"/proc/{self.p.pid}/status", encoding="ascii") as f:
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", f.read()).group(1)) // 1024
        assert SANITIZED or peak < LIMIT_MB + MARGIN_MB

    def close(self):
        self.spark.stop()
        self.p.terminate()
        assert self.p.wait(30) == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("limits"))
    yield s
    s.close()


@pytest.mark.parametrize("sql", STATEMENTS, ids=[s[:60] for s in STATEMENTS])
def test_statement(server, sql):
    server.check(lambda s: s.sql(sql).collect())


@pytest.mark.parametrize("name", CALLS)
def test_call(server, name):
    server.check(CALLS[name])
    drop_views(server.spark)


LINES = {"x": b"x", "brackets": b"[", "commas": b","}


@pytest.fixture(scope="module")
def long_line(tmp_path_factory):
    """A compressed file of one line of 300 MB: members of one block, again and again."""
    def make(name, byte):
        path = tmp_path_factory.mktemp("lines") / f"{name}.gz"
        path.write_bytes(gzip.compress(byte * 1_000_000, 1) * 300 + gzip.compress(b"\n"))
        return str(path)
    return make


@pytest.mark.parametrize("name", LINES)
def test_long_line(server, long_line, name):
    path = long_line(name, LINES[name])
    for read in (lambda s: s.read.text(path).collect(),
                 lambda s: s.read.text(path, wholetext=True).collect(),
                 lambda s: s.read.schema("a string").json(path).collect(),
                 lambda s: s.read.schema("a string").csv(path).collect(),
                 lambda s: s.read.option("multiLine", True).json(path),
                 lambda s: s.read.option("multiLine", True).csv(path)):
        server.check(read)


def test_lines_that_are_skipped(server, tmp_path):
    path = tmp_path / "empty.csv.gz"
    path.write_bytes(gzip.compress(b"\n" * 1_000_000, 1) * 12 + gzip.compress(b"7\n"))
    assert server.spark.read.schema("a int").csv(str(path)).collect() == [(7,)]
    server.check(lambda s: s.read.option("header", True).schema("a int").csv(str(path)).count())


# ---- mutated messages ----

WILD = [0, 1, -1, 2**31 - 1, -2**31, 2**31, 2**63 - 1, -2**63]


def requests(s):
    """Messages of each kind, as a client makes them, with wild numbers in them."""
    frames = [s.sql("SELECT id, 'x' s FROM range(9) WHERE id > 3"), s.range(5).selectExpr("id + 1 a").groupBy("a").count(),
              s.range(3).orderBy("id").limit(2).offset(1), s.createDataFrame([(1, "a")], "a int, b string"),
              s.range(7).sample(0.5, 3).repartition(3), s.range(3).hint("x").distinct()]
    plans = [f._plan.to_proto(s.client) for f in frames]
    for n in WILD:
        p = pb.Plan()
        p.root.limit.input.range.CopyFrom(plans[2].root.offset.input.limit.input.sort.input.range)
        p.root.limit.limit = max(-2**31, min(n, 2**31 - 1))
        plans.append(p)
        p = pb.Plan()
        p.root.range.end, p.root.range.step = 10, n
        p.root.range.num_partitions = max(-2**31, min(n, 2**31 - 1))
        plans.append(p)
    who = {"session_id": str(uuid.uuid4()), "user_context": pb.UserContext(user_id="me")}
    out = [("ExecutePlan", pb.ExecutePlanRequest(plan=p, **who)) for p in plans]
    out += [("AnalyzePlan", pb.AnalyzePlanRequest(schema={"plan": p}, **who)) for p in plans]
    out += [("AnalyzePlan", pb.AnalyzePlanRequest(explain={"plan": p, "explain_mode": 3}, **who)) for p in plans[:5]]
    out.append(("Config", pb.ConfigRequest(operation={"set": {"pairs": [{"key": "a.b", "value": "c"}]}}, **who)))
    out.append(("Config", pb.ConfigRequest(operation={"get_all": {"prefix": "spark."}}, **who)))
    artifact = {"name": "cache/" + "0" * 64, "data": {"data": b"abc", "crc": 1}}
    out.append(("AddArtifacts", pb.AddArtifactsRequest(batch={"artifacts": [artifact]}, **who)))
    return [(name, m.SerializeToString()) for name, m in out]


def mutated(rng, data):
    b = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(b))
        how = rng.randrange(4)
        if how == 0:
            b[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            b[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif how == 2:
            b[at:at] = b[at:at + rng.randrange(1, 20)]
        else:
            del b[at:at + rng.randrange(1, 5)]
    return bytes(b)


def test_mutated_messages(server):
    rng = random.Random(7)
    recorded = requests(server.spark)
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        stub = base_pb2_grpc.SparkConnectServiceStub(channel)
        assert stub
        prefix = "/spark.connect.SparkConnectService/"
        calls = {"ExecutePlan": channel.unary_stream(prefix + "ExecutePlan"),
                 "AnalyzePlan": channel.unary_unary(prefix + "AnalyzePlan"),
                 "Config": channel.unary_unary(prefix + "Config"),
                 "AddArtifacts": channel.stream_unary(prefix + "AddArtifacts")}
        for i in range(1500):
            name, data = recorded[i] if i < len(recorded) else rng.choice(recorded)
            data = data if i < len(recorded) else mutated(rng, data)
            try:
                if name == "ExecutePlan":
                    call = calls[name](data, timeout=30)
                    for k, _ in enumerate(call):
                        if k > 20:  # a range of many rows
                            call.cancel()
                elif name == "AddArtifacts":
                    calls[name](iter([data]), timeout=30)
                else:
                    calls[name](data, timeout=30)
            except grpc.RpcError as e:
                assert e.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED), (name, data)
    server.check(lambda s: s.range(3).collect())
