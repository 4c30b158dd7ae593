"""A small part of the random cases, on real Spark and on Forebay, which gave the same answers once; `run.py` runs as
many others as one likes."""
import collections
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import engines  # noqa: E402  (the path comes first)
import run  # noqa: E402

SEED = 1
CASES = {"sql": range(50, 325, run.BLOCK), "frame": range(25, 300, run.BLOCK), "reader": range(0, 100, run.BLOCK),
         "writer": range(25, 75, run.BLOCK), "stream": range(0, 25, run.BLOCK)}
BLOCKS = [(kind, first) for kind, firsts in CASES.items() for first in firsts]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    spark = engines.Spark(str(tmp_path_factory.mktemp("spark")))
    forebay = engines.Forebay(str(tmp_path_factory.mktemp("forebay")))
    both = run.Pair(spark, forebay)
    yield both
    both.close()
    forebay.stop()
    spark.stop()


@pytest.mark.parametrize("kind, first", BLOCKS, ids=[f"{k}-{f}" for k, f in BLOCKS])
def test_same_answers(pair, kind, first):
    counts = collections.Counter()
    found = [(number, source, want[:3], got[:3])
             for number, _, source, want, got in run.differences(pair, kind, SEED, first, first + run.BLOCK, counts)]
    assert pair.servers[1].alive(), pair.servers[1].said()[-2000:]
    assert not found
    assert sum(counts.values()) == run.BLOCK
