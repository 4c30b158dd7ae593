import logging
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "e2e")]
os.environ["TZ"] = "UTC"
os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
os.environ["PYSPARK_SUBMIT_ARGS"] = "--master local[2] --conf spark.ui.enabled=false " \
    "--conf spark.ui.showConsoleProgress=false pyspark-shell"
for name in ("SPARK_REMOTE", "SPARK_HOME", "SPARK_API_MODE"):
    os.environ.pop(name, None)

logging.getLogger("SQLQueryContextLogger").disabled = True     # refusals are expected here

from engines import ForebayServer, settings  # noqa: E402  (the path comes first)
from harness import FOREBAY  # noqa: E402


def pytest_sessionstart(session):
    if not os.path.exists(FOREBAY):
        pytest.exit(f"{FOREBAY} is not built; run `make build`", returncode=3)


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """Real Spark, in this process; one JVM for all tests."""
    from pyspark.sql import SparkSession
    session = SparkSession.builder.config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse"))) \
        .getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    settings(session)
    yield session
    session.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    s = ForebayServer(str(tmp_path_factory.mktemp("forebay")))
    yield s
    s.kill()


@pytest.fixture
def forebay(server):
    """A session of Forebay, spoken to by PySpark's Connect client from this same process."""
    yield server.session()
    assert server.p.poll() is None, "the server died: " + open(server.log, encoding="utf-8").read()[-2000:]
