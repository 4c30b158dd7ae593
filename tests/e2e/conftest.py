import os
import re
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import FOREBAY, Feed


def pytest_sessionstart(session):
    if not os.path.exists(FOREBAY):
        pytest.exit(f"{FOREBAY} is not built; run `make build`", returncode=3)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)


@pytest.fixture
def feed():
    f = Feed()
    yield f
    f.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Port of a `forebay server`."""
    p = subprocess.Popen([FOREBAY, "server", "--port", "0", "--workers", "2"], text=True,
                         stdout=subprocess.PIPE, cwd=tmp_path_factory.mktemp("server"))
    yield int(re.search(r":(\d+)", p.stdout.readline()).group(1))
    p.terminate()
    assert p.wait(30) == 0


@pytest.fixture
def spark(server):
    from pyspark.sql.connect.session import SparkSession

    s = SparkSession.builder.remote(f"sc://127.0.0.1:{server}").create()
    yield s
    s.stop()
