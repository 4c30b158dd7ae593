"""Each statement of the text cases, run on a Forebay server through PySpark, must give the answer that Spark gave."""
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
ZONE = os.environ.get("TZ")      # the server's; the client shows times in its own, so that one is pinned
os.environ["TZ"] = "UTC"
for name in ("SPARK_REMOTE", "SPARK_HOME", "SPARK_API_MODE"):
    os.environ.pop(name, None)

import run  # noqa: E402  (the path comes first)

FOREBAY = os.environ.get("FOREBAY", os.path.join(HERE, "..", "..", "build", "release", "forebay"))
CASES = [c for path in run.files() for c in run.parse(path)]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forebay")
    environ = {k: v for k, v in os.environ.items() if k != "TZ"} | ({"TZ": ZONE} if ZONE else {})
    with open(folder / "log", "w", encoding="utf-8") as log:
        p = subprocess.Popen([os.path.abspath(FOREBAY), "server", "--port", "0"], cwd=folder, stdout=subprocess.PIPE,
                             stderr=log, text=True, env=environ)
    try:
        yield "sc://127.0.0.1:" + p.stdout.readline().rsplit(":", 1)[1].strip()
    finally:
        p.kill()
        p.wait()
        p.stdout.close()


@pytest.fixture(scope="module")
def sessions(url):
    """By file: a session, and the statements that have prepared it."""
    from pyspark.sql.connect.session import SparkSession
    known = {}

    def get(path):
        if path not in known:
            known[path] = (run.prepare(SparkSession.builder.remote(url).create()), set())
        return known[path]

    yield get
    for session, _ in known.values():
        session.stop()


@pytest.mark.parametrize("case", CASES, ids=[c.id for c in CASES])
def test_answer(sessions, case):
    session, done = sessions(case.path)
    for c in CASES:
        if c.path == case.path and c.number < case.number and c.prepares and not c.answer and c.number not in done:
            session.sql(c.sql).collect()
            done.add(c.number)
    if case.prepares:
        done.add(case.number)
    got = run.answer(session, case)
    assert got == case.answer or case.not_yet and got in run.REFUSALS, case.sql
