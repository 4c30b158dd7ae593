"""Word counts go back and forth between Forebay and Spark: state, logs and their compaction."""
import collections
import os

import pytest
import state_reader
from engines import PARTITIONS, Job

LINES = [
    ["the cat sat on the mat", "the end"],
    ["a cat and a dog", ""],
    ["the  dog sat", "データ is data", "a word that is rather longer than eight bytes: antidisestablishmentarianism"],
    [],
    ["cat dog bird", "データ"],
    ["the end"],
]
COUNT = "select word, count(*) as n from (select explode(split(value, ' ')) as word from input) group by word"


def counts(lines):
    return dict(collections.Counter(w for ln in lines for w in ln.split(" ")))


def table(job, session):
    return {r["word"]: r["n"] for r in job.table(session)}


@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_word_count_goes_back_and_forth(tmp_path, spark, forebay, first):
    job = Job(tmp_path, COUNT)
    one, other = (forebay, spark) if first == "forebay" else (spark, forebay)
    seen = []
    for session, batches in ((one, LINES[:2]), (other, LINES[2:4]), (one, LINES[4:5]), (other, LINES[5:])):
        for lines in batches:
            job.drop(*lines)
            seen += lines
        assert table(job, session) == counts(seen)
        assert {k: v for (k,), (v,) in state_reader.check(job.checkpoint)} == counts(seen)
    assert len(state_reader.numbers(job.checkpoint + "/commits")) == len(LINES)


def test_delta_holds_what_changed(tmp_path, forebay):
    job = Job(tmp_path, COUNT)
    for lines in LINES[:3]:
        job.drop(*lines)
    job.discard(forebay)
    for version, lines in enumerate(LINES[:3], 1):
        keys = state_reader.changed(job.checkpoint, version)
        assert sorted(keys) == sorted((w,) for w in counts(lines))


def test_uncommitted_batch_runs_again_elsewhere(tmp_path, spark, forebay):
    """Each engine finds the other's batch without its commit: the state of that version is written anew."""
    job = Job(tmp_path, COUNT)
    seen = []
    for k, (writes, resumes) in enumerate(((forebay, spark), (spark, forebay))):
        job.drop(*LINES[k])
        seen += LINES[k]
        job.discard(writes)
        os.remove(f"{job.checkpoint}/commits/{k}")
        hidden = f"{job.checkpoint}/commits/.{k}.crc"
        if os.path.exists(hidden):
            os.remove(hidden)
        assert table(job, resumes) == counts(seen)
        state_reader.check(job.checkpoint)


@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_compacted_source_log_and_snapshots(tmp_path, spark, forebay, first):
    """Twelve files make 9.compact; Forebay also writes snapshots of the state by then."""
    job = Job(tmp_path, COUNT)
    one, other = (forebay, spark) if first == "forebay" else (spark, forebay)
    seen = []
    for k in range(12):
        job.drop(f"word{k} again", "again")
        seen += [f"word{k} again", "again"]
    job.discard(one)
    assert os.path.exists(job.checkpoint + "/sources/0/9.compact")
    assert not os.path.exists(job.checkpoint + "/sources/0/9")
    if first == "forebay":
        assert all(state_reader.numbers(f"{job.checkpoint}/state/0/{p}", ".snapshot") for p in range(PARTITIONS))
    for session in (other, one):
        job.drop("once more")
        seen.append("once more")
        assert table(job, session) == counts(seen)
    state_reader.check(job.checkpoint)


@pytest.mark.parametrize("first", ["forebay", "spark"])
def test_names_of_files_are_escaped_alike(tmp_path, spark, forebay, first):
    """The source log has paths as URIs; a name that is spelled in another way would be read twice."""
    job = Job(tmp_path, COUNT)
    one, other = (forebay, spark) if first == "forebay" else (spark, forebay)
    for prefix in ("a b ", "100%25 ", "é日", "+&=;,", "#?[x]{y}", "'\"^`|~"):
        job.drop("word", prefix=prefix)
    job.discard(one)
    for n, session in ((7, other), (8, one)):
        job.drop("word")
        assert table(job, session) == {"word": n}


def test_old_files_go_and_the_rest_is_enough(tmp_path, spark, forebay):
    """After 115 batches the oldest entries of the logs are gone, and so are old states; Spark goes on from there."""
    job = Job(tmp_path, COUNT)
    for k in range(115):
        job.drop(f"word{k % 7}")
    job.discard(forebay)
    assert state_reader.numbers(job.checkpoint + "/offsets")[0] == 14
    assert state_reader.numbers(job.checkpoint + "/commits")[0] == 14
    job.drop("word0")
    want = counts([f"word{k % 7}" for k in range(115)] + ["word0"])
    assert table(job, spark) == want
    job.drop("word1")
    want["word1"] += 1
    assert table(job, forebay) == want


ELSEWHERE = {
    "spark.sql.streaming.stateStore.providerClass":
        "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
    "spark.sql.streaming.stateStore.compression.codec": "zstd",
    "spark.sql.streaming.aggregation.stateFormatVersion": "1",
}


@pytest.mark.parametrize("key", ELSEWHERE)
def test_other_state_formats_are_refused_unharmed(tmp_path, spark, forebay, key):
    """Forebay reads the state right or refuses it; Spark can go on either way."""
    from pyspark.errors import PySparkException
    job = Job(tmp_path, COUNT)
    job.drop("a b")
    before = spark.conf.get(key)
    spark.conf.set(key, ELSEWHERE[key])
    try:
        job.discard(spark)
    finally:
        spark.conf.set(key, before)
    job.drop("b c")
    try:
        assert table(job, forebay) == {"a": 1, "b": 2, "c": 1}
        job.drop("c")
        want = {"a": 1, "b": 2, "c": 2}
    except PySparkException as e:
        assert key.split(".")[-1].lower() in str(e).lower() or "UNSUPPORTED" in str(e), str(e)
        want = {"a": 1, "b": 2, "c": 1}
    assert table(job, spark) == want
