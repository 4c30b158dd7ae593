import os
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
