"""Expressions that make much of little, over spark.forebay.memory.limit: the query fails with a condition, the
process stays near the limit and goes on."""
import os
import re
import subprocess

import pytest
from pyspark.errors.exceptions.connect import SparkException
from pyspark.sql.connect.session import SparkSession

from harness import FOREBAY

LIMIT_MB = 300
# A sanitizer's shadow of the memory is resident too.
PEAK_MB = float("inf") if "TSAN_OPTIONS" in os.environ else 2 * LIMIT_MB + 100
OVER = [
    "SELECT sequence(1, 1000000000)",
    "SELECT size(sequence(1L, id + 1000000000)) FROM range(3)",
    "SELECT size(sequence(DATE '0001-01-01', date_add(DATE '9999-12-01', CAST(id AS INT) % 30), INTERVAL 1 DAY))"
    " FROM range(4096)",
    "SELECT array_repeat('x', 2000000000)",
    "SELECT size(array_repeat(id, 1000000)) FROM range(4096)",
    "SELECT size(array_insert(array(id), 100000000, 1L)) FROM range(3)",
    "SELECT repeat('x', 2000000000)",
    "SELECT length(repeat(repeat(repeat(CAST(id AS STRING), 1000), 1000), 1000)) FROM range(3)",
    "SELECT length(repeat('x', 1000000 + CAST(id AS INT))) FROM range(4096)",
    "SELECT space(2147483647)",
    "SELECT lpad('x', 2147483647)",
    "SELECT length(rpad(CAST(id AS STRING), 1000000000, 'ab')) FROM range(3)",
    "SELECT length(replace(repeat(CAST(id AS STRING), 1000000), CAST(id AS STRING), repeat('y', 1000))) FROM range(3)",
    "SELECT length(regexp_replace(repeat(CAST(id AS STRING), 1000000), '[0-9]', repeat('y', 1000))) FROM range(3)",
    "SELECT length(translate(repeat(CAST(id AS STRING), 200000000), '0', 'é')) FROM range(3)",
    "SELECT length(concat(s, s, s, s)) FROM (SELECT repeat(CAST(id AS STRING), 100000) s FROM range(4096))",
    "SELECT length(concat_ws(repeat(CAST(id AS STRING), 1000000), array_repeat('x', 1000))) FROM range(3)",
    "SELECT length(array_join(array_repeat(repeat(CAST(id AS STRING), 100000), 100000), ',')) FROM range(3)",
    "SELECT length(CAST(array_repeat(repeat(CAST(id AS STRING), 100000), 100000) AS STRING)) FROM range(3)",
    "SELECT length(to_json(array_repeat(repeat(CAST(id AS STRING), 100000), 100000))) FROM range(3)",
    "SELECT size(flatten(array_repeat(sequence(1, 100000 + CAST(id AS INT)), 100000))) FROM range(3)",
    "SELECT size(concat(a, a, a, a)) FROM (SELECT sequence(1L, 20000 + id) a FROM range(4096))",
    "SELECT size(split(repeat(CAST(id AS STRING), 100000000), '')) FROM range(3)",
    "SELECT size(regexp_extract_all(repeat(CAST(id AS STRING), 50000000), '([0-9])', 1)) FROM range(3)",
    "SELECT sum(x) FROM (SELECT explode(array_repeat(id, 100000000)) x FROM range(3))",
    "SELECT count(a) FROM (SELECT a, explode(a) FROM (SELECT sequence(1L, 20000 + id) a FROM range(10)))",
    "SELECT max(size(l.a)) FROM (SELECT sequence(1L, 20000 + id) a, id FROM range(10)) l, range(100000) r"
    " WHERE l.id + r.id < 99999999",
    "SELECT length(format_string(repeat('%1$99999d', 1000000), id)) FROM range(3)",
    "SELECT collect_list(s) FROM (SELECT repeat(CAST(id AS STRING), 100000) s FROM range(100000))",
]


class Server:
    def __init__(self, folder):
        self.process = subprocess.Popen(
            [FOREBAY, "server", "--port", "0", "--workers", "2", "--conf",
             f"spark.forebay.memory.limit={LIMIT_MB}m"], text=True, stdout=subprocess.PIPE, cwd=folder)
        port = int(re.search(r":(\d+)", self.process.stdout.readline()).group(1))
        self.spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").create()

    def peak_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmHWM:\s+(\d+) kB", f.read()).group(1)) // 1024

    def close(self):
        self.spark.stop()
        self.process.terminate()
        assert self.process.wait(30) == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("memory"))
    yield s
    s.close()


@pytest.mark.parametrize("sql", OVER)
def test_over(server, sql):
    with pytest.raises(SparkException) as e:
        server.spark.sql(sql).collect()
    assert e.value.getCondition() == "UNABLE_TO_ACQUIRE_MEMORY", str(e.value)
    assert server.spark.sql("SELECT length(repeat('x', 1000)) + size(sequence(1, 1000))").first()[0] == 2000
    assert server.peak_mb() < PEAK_MB


def test_show(server):
    with pytest.raises(SparkException) as e:
        server.spark.sql("SELECT repeat('x', 2000000000)").show()
    assert e.value.getCondition() == "UNABLE_TO_ACQUIRE_MEMORY"


def test_within(server):
    """What fits is still answered, also when it is more than is folded."""
    spark = server.spark
    assert spark.sql("SELECT length(repeat('x', 60000000))").first()[0] == 60000000
    assert spark.sql("SELECT size(sequence(1, 10000000))").first()[0] == 10000000
    assert spark.sql("SELECT sum(x) FROM (SELECT explode(sequence(1, 10000000)) x)").first()[0] == 50000005000000
    shared = spark.sql("SELECT CASE WHEN id % 2 = 0 THEN repeat('x', 1000000) ELSE 'y' END s FROM range(200)")
    assert sum(len(r.s) for r in shared.collect()) == 100 * 1000000 + 100
    lists = spark.sql("SELECT sequence(1, 1000000) FROM range(300)").toLocalIterator()
    assert len(next(lists)[0]) == 1000000
    assert server.peak_mb() < PEAK_MB
