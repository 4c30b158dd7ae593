"""forebay submit behaves as `python script.py` would."""
import os
import signal
import subprocess
import uuid

import pytest
from harness import FOREBAY, Script, eventually, processes_with, run_script, write_script

BUILDER = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.appName("t").master("local[2]").config("spark.sql.shuffle.partitions", 3).getOrCreate()
"""


def test_exit_status_and_arguments(tmp_path):
    rc, text = run_script(tmp_path, BUILDER + """
import sys
print(sys.argv[1:], __name__, spark.range(3).count())
sys.exit(7)
""", "a b", "--c")
    assert rc == 7, text
    assert "['a b', '--c'] __main__ 3" in text


def test_builder_config_is_set(tmp_path):
    rc, text = run_script(tmp_path, BUILDER + """
print(spark.conf.get("spark.sql.shuffle.partitions"), spark.version)
spark.sparkContext.setLogLevel("ERROR")
print(spark.sparkContext.appName)
spark.stop()
""")
    assert rc == 0, text
    assert "3 4.3.0" in text and "\nt\n" in text


def test_log_level(tmp_path):
    """A level that Spark does not know is refused with its words; one that it knows takes effect."""
    (tmp_path / "in.csv").write_text("1\n")
    rc, text = run_script(tmp_path, BUILDER + """
try:
    spark.sparkContext.setLogLevel("LOUD")
except Exception as e:
    print(type(e).__name__, e)
spark.sparkContext.setLogLevel("off")
spark.read.schema("a int").option("mode", "NO_SUCH_MODE").csv("in.csv").show()
print("said nothing", flush=True)
spark.sparkContext.setLogLevel("WARN")
spark.read.schema("a int").option("mode", "NO_SUCH_MODE").csv("in.csv").show()
""")
    assert rc == 0, text
    assert ("IllegalArgumentException requirement failed: Supplied level LOUD did not match one of: "
            "ALL,DEBUG,ERROR,WARN,INFO,OFF,FATAL,TRACE") in text
    quiet, loud = text.split("said nothing")
    assert "NO_SUCH_MODE" not in quiet and "NO_SUCH_MODE" in loud


def test_uncaught_exception_ends_with_its_traceback(tmp_path):
    rc, text = run_script(tmp_path, BUILDER + "spark.sql('select * from nowhere').show()\n")
    assert rc == 1
    assert "AnalysisException" in text and "TABLE_OR_VIEW_NOT_FOUND" in text


def test_imports_beside_the_script(tmp_path):
    write_script(tmp_path, "WORD = 'beside'\n", "helper_module.py")
    rc, text = run_script(tmp_path, "import helper_module\nprint(helper_module.WORD)\n")
    assert rc == 0 and "beside" in text


def test_conf_option(tmp_path):
    rc, text = run_script(tmp_path, """
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("partitions", spark.conf.get("spark.sql.shuffle.partitions"))
""", options=["--conf", "spark.sql.shuffle.partitions=5", "--master", "local[1]"])
    assert rc == 0 and "partitions 5" in text, text


@pytest.mark.parametrize("args, said", [
    ([], "which script"),
    (["no_such_script.py"], "can't open no_such_script.py"),
    (["--nonsense", "x.py"], "--nonsense"),
    (["--conf", "x", "y.py"], "KEY=VALUE"),
])
def test_wrong_usage_says_what(tmp_path, args, said):
    p = subprocess.run([FOREBAY, "submit", *args], cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert p.returncode == 2 and said in p.stderr


def test_unknown_command():
    p = subprocess.run([FOREBAY, "frobnicate"], capture_output=True, text=True, timeout=30)
    assert p.returncode == 2 and "frobnicate" in p.stderr


WAITING = BUILDER + """
q = spark.readStream.format("socket").option("host", "127.0.0.1").option("port", %d).load() \\
    .writeStream.format("console").start()
print("started", flush=True)
q.awaitTermination()
"""


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_both_sides(tmp_path, feed, sig):
    mark = f"FOREBAY_TEST_MARK={uuid.uuid4()}"
    s = Script(write_script(tmp_path, WAITING % feed.port), cwd=tmp_path, env=dict([mark.split("=")]))
    try:
        s.wait_for("the first batch", lambda: "Batch: 0" in s.text)
        s.signal(sig)
        s.p.wait(30)
        assert s.p.returncode in (-sig, 128 + sig, 1)
        eventually("no process is left", lambda: not processes_with(mark), wait_s=20)
    finally:
        s.kill()


@pytest.mark.parametrize("victim", ["engine", "python"])
def test_kill_of_one_side_takes_the_other(tmp_path, feed, victim):
    mark = f"FOREBAY_TEST_MARK={uuid.uuid4()}"
    s = Script(write_script(tmp_path, WAITING % feed.port), cwd=tmp_path, env=dict([mark.split("=")]))
    try:
        s.wait_for("the first batch", lambda: "Batch: 0" in s.text)
        others = [p for p in processes_with(mark) if p != s.p.pid]
        assert others
        os.kill(s.p.pid if victim == "engine" else others[0], signal.SIGKILL)
        eventually("no process is left", lambda: not processes_with(mark), wait_s=20)
    finally:
        s.kill()


@pytest.mark.parametrize("victim", ["engine", "script"])
def test_children_of_the_script_end_too(tmp_path, victim):
    """Also those of a session of their own, when one side is killed."""
    mark = f"mark-{uuid.uuid4()}"
    s = Script(write_script(tmp_path, BUILDER + f"""
import os, subprocess, sys, time
subprocess.Popen(["sh", "-c", "(setsid sleep 600 {mark}) & sleep 600; exit # {mark}"], stderr=subprocess.DEVNULL)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "{mark}"], start_new_session=True)
print("pid", os.getpid(), flush=True)
time.sleep(600)
"""), cwd=tmp_path)
    try:
        s.wait_for("children", lambda: "pid" in s.text and len(processes_with(mark)) >= 2)
        pid = int(s.text.split("pid ")[1].split()[0])
        os.kill(s.p.pid if victim == "engine" else pid, signal.SIGKILL)
        assert s.finish() == -signal.SIGKILL
        eventually("no child is left", lambda: not processes_with(mark))
    finally:
        s.kill()
