"""forebay submit with spark-submit's options, SparkContext without a JVM, closed streams, processes left behind."""
import os
import subprocess
import uuid

import pytest
from harness import FOREBAY, eventually, processes_with, run_script, write_script

OK = """
from pyspark.sql import SparkSession
print(SparkSession.builder.getOrCreate().sql("select 41 + 1 a").collect())
"""


def submit(cwd, *args, shell=None, **kwargs):
    command = [FOREBAY, "submit", *args] if shell is None else ["bash", "-c", shell, FOREBAY]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, **kwargs)


def test_options_that_change_nothing(tmp_path):
    p = submit(tmp_path, "--deploy-mode", "client", "--driver-memory=2g", "--executor-memory", "1g", "--num-executors", "3", "--verbose",
               "--queue", "q", "--packages", "org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0,io.delta:delta-spark_2.13:4.0.0",
               "--jars", "/x/spark-avro_2.13-4.0.0.jar", "--master", "yarn", write_script(tmp_path, OK))
    assert p.returncode == 0 and p.stdout == "[Row(a=42)]\n"
    for option in ("--deploy-mode", "--driver-memory", "--executor-memory", "--num-executors", "--verbose", "--queue", "--packages",
                   "--jars", "--master yarn"):
        assert f"{option} changes nothing here" in p.stderr, p.stderr


@pytest.mark.parametrize("args, said", [
    (["--packages", "org.apache.spark:spark-avro_2.13:4.0.0,com.foo:bar_2.13:1"], "com.foo:bar_2.13:1"),
    (["--jars", "lib/spark-avro_2.13.jar,lib/driver.jar"], "lib/driver.jar"),
    (["--conf", "spark.jars.packages=com.foo:bar:1"], "com.foo:bar:1"),
    (["--class", "Main"], "JVM"),
    (["--conf", "spark.sql.shuffle.partitions=4294967296"], "spark.sql.shuffle.partitions"),
    (["--properties-file", "none.conf"], "none.conf"),
])
def test_what_is_refused(tmp_path, args, said):
    p = submit(tmp_path, *args, write_script(tmp_path, OK))
    assert p.returncode in (1, 2) and said in p.stderr and not p.stdout


def test_files_and_properties(tmp_path):
    (tmp_path / "lib").mkdir()
    write_script(tmp_path / "lib", "WORD = 'imported'\n", "of_py_files.py")
    (tmp_path / "data.txt").write_text("data")
    (tmp_path / "p.conf").write_text("# settings\nspark.sql.shuffle.partitions   7\nspark.app.name=from file\nspark.driver.memory: 4g\n")
    rc, text = run_script(tmp_path, """
import of_py_files
from pyspark import SparkFiles
from pyspark.sql import SparkSession
s = SparkSession.builder.getOrCreate()
print(of_py_files.WORD, open(SparkFiles.get("data.txt")).read(), s.conf.get("spark.sql.shuffle.partitions"), s.sparkContext.appName)
""", options=["--properties-file", "p.conf", "--name", "given", "--py-files", "lib/of_py_files.py", "--files", "data.txt"])
    assert rc == 0 and "imported data 7 given" in text, text


def test_spark_context(tmp_path):
    rc, text = run_script(tmp_path, """
from pyspark import SparkConf, SparkContext, SparkFiles
from pyspark.sql import SparkSession, SQLContext

sc = SparkContext(conf=SparkConf().setAppName("old").setMaster("local[2]").set("spark.sql.shuffle.partitions", "3"))
spark = SparkSession(sc)
assert SparkContext.getOrCreate() is sc and spark.sparkContext is sc
conf = dict(sc.getConf().getAll())
assert (conf["spark.app.name"], conf["spark.master"], conf["spark.sql.shuffle.partitions"]) == ("old", "local[2]", "3"), conf
assert (sc.appName, sc.master, sc.uiWebUrl) == ("old", "local[2]", None) and sc.startTime > 1e12
assert sc.sparkUser() and sc.applicationId.startswith("local-") and sc.defaultParallelism >= 1
open("side.txt", "w").write("hi")
sc.addFile("side.txt")
assert open(SparkFiles.get("side.txt")).read() == "hi" and sc.listFiles == ["file:" + SparkFiles.get("side.txt")]
q = SQLContext(sc)
q.registerDataFrameAsTable(q.range(3), "t")
assert q.sql("select count(*) c from t").first().c == 3 and q.tableNames() == ["t"]
for member, instead in ((lambda: sc.parallelize([1]), "createDataFrame"), (lambda: sc._jvm, "no JVM"),
                        (lambda: spark._jvm, "no JVM"), (lambda: spark.range(1).rdd, "Use DataFrames"),
                        (lambda: sc.textFile("x"), "spark.read.text"), (lambda: sc.broadcast(1), "the value itself")):
    try:
        member()
        raise SystemExit("not refused: " + instead)
    except AttributeError as e:
        assert instead in str(e), e
assert not hasattr(sc, "nonsense")
sc.setLogLevel("ERROR")
sc.stop()
print("all there")
""")
    assert rc == 0 and "all there" in text, text


@pytest.mark.parametrize("shell, status", [
    ("exec $0 submit ok.py >&-", 0),
    ("exec $0 submit ok.py >&- 2>&- <&-", 0),
    ("exec $0 submit closes.py", 0),
    ("exec $0 submit quiet.py > /dev/full", 0),
    ("exec $0 submit ok.py > /dev/full", 1),
    ("exec $0 submit kept.py > /dev/full", 120),
])
def test_streams_that_are_closed(tmp_path, shell, status):
    """As Python's own exit status; 120 is its word for what could not be written at the end."""
    write_script(tmp_path, OK, "ok.py")
    write_script(tmp_path, "import os, sys\n" + OK + "sys.stdout.close()\nos.close(1)\nos.close(2)\n", "closes.py")
    write_script(tmp_path, "import sys\n", "quiet.py")
    write_script(tmp_path, "import sys\nsys.stdout = open(1, 'w', buffering=4096, closefd=False)\nprint('kept')\n", "kept.py")
    assert submit(tmp_path, shell=shell).returncode == status


def test_processes_of_the_script_end_with_it(tmp_path):
    mark = f"FOREBAY_TEST_MARK={uuid.uuid4()}"
    rc, text = run_script(tmp_path, """
import subprocess, sys
subprocess.Popen(["sleep", "1000"])
subprocess.Popen(["sh", "-c", "trap '' TERM; (setsid sleep 1000 &); while :; do sleep 1000; done"], start_new_session=True)
sys.exit(4)
""", env=dict([mark.split("=")]))
    assert rc == 4, text
    eventually("no process is left", lambda: not processes_with(mark), wait_s=5)
