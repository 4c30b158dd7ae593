"""Spark and Forebay behind one face: a job is SQL over a streaming temp view, so the same words run on both.

Spark is a classic session with its JVM; Forebay a server of its own process, reached by PySpark's Connect client.
Both sessions live in the test's process, so that a checkpoint goes from one to the other within a test.
"""
import os
import signal
import subprocess
import uuid

from harness import FOREBAY, WAIT_S, drop

PARTITIONS = 3


def settings(session):
    session.conf.set("spark.sql.shuffle.partitions", PARTITIONS)
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


class ForebayServer:
    """`forebay server` on a free port; after a kill the next session() starts it again."""

    def __init__(self, cwd):
        self.cwd, self.p, self.log = cwd, None, os.path.join(cwd, "server.log")

    def start(self):
        with open(self.log, "a", encoding="utf-8") as log:
            self.p = subprocess.Popen([FOREBAY, "server", "--port", "0"], cwd=self.cwd, text=True,
                                      stdout=subprocess.PIPE, stderr=log)
        line = self.p.stdout.readline()
        assert "listening" in line, line + open(self.log, encoding="utf-8").read()[-2000:]
        self.url = "sc://127.0.0.1:" + line.rsplit(":", 1)[1].strip()

    def session(self):
        from pyspark.sql.connect.session import SparkSession
        if self.p is None or self.p.poll() is not None:
            self.start()
        session = SparkSession.builder.remote(self.url).create()
        session.client.set_retry_policies([])       # a server that has died is an answer too
        return settings(session)

    def kill(self):
        if self.p is not None:
            self.p.send_signal(signal.SIGKILL)
            self.p.wait()
            self.p.stdout.close()
            self.p = None


class Job:
    """A streaming query in words: an input folder (a file a batch), a schema or none for text, and SQL over `input`."""

    def __init__(self, folder, sql, schema=None, mode="complete"):
        self.box, self.checkpoint, self.out = (os.path.join(str(folder), d) for d in ("in", "checkpoint", "out"))
        self.sql, self.schema, self.mode = sql, schema, mode
        self.dropped = 0
        os.makedirs(self.box, exist_ok=True)

    def drop(self, *rows, prefix=""):
        """One more input file; later files have later times, so that every engine takes them in this order."""
        self.dropped += 1
        name = f"{prefix}{self.dropped:04d}" + (".json" if self.schema else ".txt")
        drop(self.box, name, rows)
        at = 1_700_000_000 + self.dropped
        os.utime(os.path.join(self.box, name), (at, at))

    def writer(self, session, mode=None):
        reader = session.readStream.option("maxFilesPerTrigger", 1)
        stream = reader.schema(self.schema).json(self.box) if self.schema else reader.text(self.box)
        stream.createOrReplaceTempView("input")
        return session.sql(self.sql).writeStream.outputMode(mode or self.mode) \
            .option("checkpointLocation", self.checkpoint)

    def finish(self, writer):
        query = writer.trigger(availableNow=True).start()
        if not query.awaitTermination(int(WAIT_S)):
            query.stop()
            raise AssertionError(f"still running after {WAIT_S:.0f} s: {self.sql}")

    def table(self, session):
        """Runs what is there; the rows of the last batch, in complete mode."""
        name = "t" + uuid.uuid4().hex
        self.finish(self.writer(session, "complete").format("memory").queryName(name))
        return session.table(name).collect()

    def discard(self, session):
        """Runs what is there for its state."""
        self.finish(self.writer(session).format("noop"))

    def write(self, session, form="csv", partition_by=()):
        """Runs what is there into the folder `out`."""
        self.finish(self.writer(session).format(form).option("path", self.out).partitionBy(*partition_by))
