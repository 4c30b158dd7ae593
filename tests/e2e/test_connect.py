"""Spark Connect as clients use it: `forebay server`, PySpark sessions, and the protocol's own calls.

What a client sees after a lost stream, a cancellation or a released session is asked with the bare
stubs, since PySpark hides it.
"""
import subprocess
import sys
import threading
import uuid
import zlib

import grpc
import pyspark
import pytest
from pyspark.errors import (AnalysisException, ArithmeticException, IllegalArgumentException, ParseException,
                            StreamingQueryException)
from pyspark.errors.exceptions.connect import SparkException, SparkNoSuchElementException
from pyspark.sql.connect import functions as F
from pyspark.sql.connect.proto import base_pb2 as pb
from pyspark.sql.connect.proto import base_pb2_grpc
from pyspark.sql.types import ArrayType, IntegerType, StringType, StructField, StructType

from harness import drop, eventually

LARGE = 300_000


def since(version):
    """For what older clients do not have."""
    def numbers(v):
        return [int(x) for x in v.split(".")[:2]]

    return pytest.mark.skipif(numbers(pyspark.__version__) < numbers(version), reason=f"PySpark {version}")



class Client:
    """One session by the stubs."""

    def __init__(self, port):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.max_receive_message_length", -1)])
        self.stub = base_pb2_grpc.SparkConnectServiceStub(self.channel)
        self.who = {"session_id": str(uuid.uuid4()), "user_context": pb.UserContext(user_id="me")}

    def request(self, n, reattachable=True):
        r = pb.ExecutePlanRequest(operation_id=str(uuid.uuid4()), **self.who)
        r.plan.root.range.end = n
        r.plan.root.range.step = 1
        r.request_options.add().reattach_options.reattachable = reattachable
        return r

    def reattach(self, request, after=None):
        return self.stub.ReattachExecute(pb.ReattachExecuteRequest(
            operation_id=request.operation_id, last_response_id=after, **self.who))

    def release(self, request, until=None):
        r = pb.ReleaseExecuteRequest(operation_id=request.operation_id, **self.who)
        if until:
            r.release_until.response_id = until
        else:
            r.release_all.SetInParent()
        return self.stub.ReleaseExecute(r)

    def state(self, request):
        r = pb.GetStatusRequest(**self.who)
        r.operation_status.operation_ids.append(request.operation_id)
        return self.stub.GetStatus(r).operation_statuses[0].state


@pytest.fixture
def client(server):
    c = Client(server)
    yield c
    c.channel.close()


def payload(responses):
    """What was answered, without the heartbeats."""
    return [r for r in responses if not r.HasField("execution_progress")]


def rows(responses):
    return sum(r.arrow_batch.row_count for r in responses)


def refusal(call):
    with pytest.raises(grpc.RpcError) as e:
        call()
    return e.value.details()


# ---- results ----

def test_rows_and_types(spark):
    got = spark.sql("select 1 a, 'x' b, date'2024-01-02' c, array(1, 2) d, map('k', 1.5BD) e, null f").collect()
    assert str(got[0]) == ("Row(a=1, b='x', c=datetime.date(2024, 1, 2), d=[1, 2], e={'k': Decimal('1.5')}, f=None)")
    assert spark.range(0).collect() == []
    assert spark.range(3).select().count() == 3
    assert len(spark.range(LARGE).select("id", F.col("id").cast("string").alias("s")).toPandas()) == LARGE


def test_remote_scripts_end(server):
    """The client's last call, at the interpreter's end, must not leave gRPC waiting for it."""
    code = ("from pyspark.sql import SparkSession; "
            f"print(SparkSession.builder.remote('sc://127.0.0.1:{server}').getOrCreate().sql('SELECT 1').collect())")
    for _ in range(5):
        p = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, timeout=60)
        assert p.returncode == 0 and "Row(1=1)" in p.stdout, p.stderr


def test_batches_number_their_rows(client):
    got = payload(client.stub.ExecutePlan(client.request(LARGE)))
    assert got[0].schema.struct.fields[0].name == "id"
    assert got[-1].HasField("result_complete")
    at = 0
    for r in got[1:-1]:
        assert r.arrow_batch.start_offset == at
        at += r.arrow_batch.row_count
    assert at == LARGE
    assert len({r.response_id for r in got}) == len(got)


def test_small_batches_are_gathered(client):
    r = client.request(LARGE)
    child = r.plan.root.range
    end, step = child.end, child.step
    r.plan.root.filter.input.range.end = end
    r.plan.root.filter.input.range.step = step
    f = r.plan.root.filter.condition.unresolved_function
    f.function_name = "=="
    mod = f.arguments.add().unresolved_function
    mod.function_name = "%"
    mod.arguments.add().unresolved_attribute.unparsed_identifier = "id"
    mod.arguments.add().literal.integer = 1000
    f.arguments.add().literal.integer = 7
    got = payload(client.stub.ExecutePlan(r))
    assert rows(got) == LARGE // 1000
    assert len(got) == 3


def test_show_explain_and_schema(spark, capsys):
    df = spark.createDataFrame([(1, "a"), (2, None)], "id int, s string")
    df.show()
    df.printSchema()
    df.explain()
    out = capsys.readouterr().out
    assert "| id|   s|\n+---+----+\n|  1|   a|\n|  2|NULL|" in out
    assert " |-- id: integer (nullable = true)" in out
    assert "== Physical Plan ==" in out


def test_rows_from_the_client(spark):
    # Above the threshold rows go as artifacts, in chunks.
    big = spark.createDataFrame([(i, "x" * 100) for i in range(20_000)], "a long, b string")
    assert big.agg(F.sum("a"), F.count("b")).collect()[0][:] == (199_990_000, 20_000)
    named = spark.createDataFrame([(1, 2)], "a int not null, b long")
    assert named.schema.simpleString() == "struct<a:int,b:bigint>"
    assert not named.schema[0].nullable


def test_artifact_with_a_wrong_checksum_is_not_kept(client):
    data = b"some bytes"
    name = "cache/" + "0" * 64

    def upload(crc):
        a = pb.AddArtifactsRequest(**client.who)
        one = a.batch.artifacts.add()
        one.name, one.data.data, one.data.crc = name, data, crc
        return client.stub.AddArtifacts(iter([a])).artifacts[0].is_crc_successful

    def there():
        asked = pb.ArtifactStatusesRequest(names=[name], **client.who)
        return client.stub.ArtifactStatus(asked).statuses[name].exists

    assert not upload(zlib.crc32(data) ^ 1) and not there()
    assert upload(zlib.crc32(data)) and there()


def test_columns_of_two_dataframes(spark):
    a, b = spark.range(3), spark.range(2)
    got = a.join(b, a.id == b.id, "left").select(a.id.alias("x"), b.id.alias("y")).orderBy("x").collect()
    assert [tuple(r) for r in got] == [(0, 0), (1, 1), (2, None)]


def test_local_checkpoint_and_views(spark):
    assert spark.range(5).localCheckpoint().count() == 5
    spark.range(5).createOrReplaceTempView("v")
    assert spark.sql("select sum(v.id) s from {d}, v where v.id = 1", d=spark.range(3)).collect()[0].s == 3
    assert [t.name for t in spark.catalog.listTables()] == ["v"]
    assert spark.catalog.dropTempView("v") and not spark.catalog.tableExists("v")


# ---- failures ----

@pytest.mark.parametrize("call, cls, condition, state", [
    (lambda s: s.sql("selec 1"), ParseException, "PARSE_SYNTAX_ERROR", "42601"),
    (lambda s: s.range(1).select("nope").schema, AnalysisException, "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"),
    (lambda s: s.table("none").schema, AnalysisException, "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    (lambda s: s.sql("select 1/0").collect(), ArithmeticException, "DIVIDE_BY_ZERO", "22012"),
    (lambda s: s.conf.get("not.set"), SparkNoSuchElementException, "SQL_CONF_NOT_FOUND", "42K0I"),
    (lambda s: s.conf.set("spark.sql.warehouse.dir", "x"), AnalysisException, "CANNOT_MODIFY_STATIC_CONFIG", "46110"),
    (lambda s: s.conf.set("spark.sql.shuffle.partitions", "x"), IllegalArgumentException,
     "INVALID_CONF_VALUE.TYPE_MISMATCH", "22022"),
])
def test_errors_have_their_class(spark, call, cls, condition, state):
    with pytest.raises(cls) as e:
        call(spark)
    assert (e.value.getCondition(), e.value.getSqlState()) == (condition, state)


def test_error_names_the_place(spark):
    with pytest.raises(ArithmeticException) as e:
        spark.range(3).selectExpr("id + 1", "id / 0").collect()
    assert e.value.getQueryContext()[0].fragment() == "id / 0"


def test_long_messages_arrive_whole(spark):
    name = "x" * 20_000
    with pytest.raises(AnalysisException) as e:
        spark.range(1).select(name).collect()
    assert name in str(e.value)
    assert e.value.getMessageParameters()["objectName"] == f"`{name}`"


def test_what_is_not_there_is_named(spark):
    with pytest.raises(Exception, match="map_partitions|mapInArrow"):
        spark.range(1).mapInArrow(lambda batches: batches, "id long").collect()


# ---- streams that break ----

def test_reattach_gives_what_follows(client):
    r = client.request(LARGE)
    whole = client.stub.ExecutePlan(r)
    seen = [next(whole) for _ in range(4)]
    whole.cancel()
    rest = list(client.reattach(r, seen[-1].response_id))
    assert rows(seen) + rows(rest) == LARGE
    assert rest[-1].HasField("result_complete")
    again = list(client.reattach(r, seen[1].response_id))
    assert [x.response_id for x in payload(again)][:2] == [x.response_id for x in seen[2:4]]
    assert rows(client.reattach(r)) == LARGE
    assert rows(client.stub.ExecutePlan(r)) == LARGE  # the same request: the same operation


def test_released_responses_are_gone(client):
    r = client.request(LARGE)
    got = list(client.stub.ExecutePlan(r))
    assert client.release(r, until=got[2].response_id).operation_id == r.operation_id
    assert rows(client.reattach(r, got[2].response_id)) == rows(got[3:])
    assert "INVALID_CURSOR.POSITION_NOT_FOUND" in refusal(lambda: list(client.reattach(r, got[0].response_id)))
    assert "INVALID_CURSOR.POSITION_NOT_AVAILABLE" in refusal(lambda: list(client.reattach(r)))
    client.release(r)
    assert "INVALID_HANDLE.OPERATION_NOT_FOUND" in refusal(lambda: list(client.reattach(r, got[2].response_id)))
    assert not client.release(r).HasField("operation_id")


@since("4.2")
def test_a_dropped_stream_ends_what_can_not_be_reattached(client):
    r = client.request(10**12, reattachable=False)
    s = client.stub.ExecutePlan(r)
    next(s)
    s.cancel()
    unknown = pb.GetStatusResponse.OperationStatus.OPERATION_STATE_UNKNOWN
    eventually("the operation has ended", lambda: client.state(r) == unknown)


@pytest.mark.parametrize("how", ["all", "tag", "operation"])
def test_interrupt(client, how):
    r = client.request(10**12)
    r.tags.append("mine")
    s = client.stub.ExecutePlan(r)
    seen = [next(s).response_id]
    i = pb.InterruptRequest(**client.who)
    i.interrupt_type = {"all": 1, "tag": 2, "operation": 3}[how]
    if how == "tag":
        i.operation_tag = "other"
        assert not client.stub.Interrupt(i).interrupted_ids
        i.operation_tag = "mine"
    elif how == "operation":
        i.operation_id = r.operation_id
    assert list(client.stub.Interrupt(i).interrupted_ids) == [r.operation_id]
    assert "OPERATION_CANCELED" in refusal(lambda: seen.extend(x.response_id for x in s))
    # From the last one seen: how many are kept before it depends on how fast they went.
    assert "OPERATION_CANCELED" in refusal(lambda: list(client.reattach(r, seen[-1])))


# ---- sessions ----

def test_sessions_end(client):
    first = client.stub.Config(pb.ConfigRequest(operation={"get_all": {}}, **client.who))
    assert first.session_id == client.who["session_id"]
    again = pb.ConfigRequest(operation={"get_all": {}}, **client.who,
                             client_observed_server_side_session_id=first.server_side_session_id)
    assert client.stub.Config(again).server_side_session_id == first.server_side_session_id
    again.client_observed_server_side_session_id = str(uuid.uuid4())
    assert "INVALID_HANDLE.SESSION_CHANGED" in refusal(lambda: client.stub.Config(again))
    client.stub.ReleaseSession(pb.ReleaseSessionRequest(**client.who))
    assert "INVALID_HANDLE.SESSION_CLOSED" in refusal(lambda: list(client.stub.ExecutePlan(client.request(1))))
    client.stub.ReleaseSession(pb.ReleaseSessionRequest(allow_reconnect=True, **client.who))
    assert rows(client.stub.ExecutePlan(client.request(3))) == 3
    client.who["session_id"] = "no uuid"
    assert "INVALID_HANDLE.FORMAT" in refusal(lambda: list(client.stub.ExecutePlan(client.request(1))))


@since("4.1")
def test_clone_has_settings_and_views(spark):
    spark.conf.set("my.key", "v")
    spark.range(2).createOrReplaceTempView("v")
    clone = spark.cloneSession()
    assert clone.conf.get("my.key") == "v" and clone.table("v").count() == 2
    clone.conf.set("my.key", "other")
    assert spark.conf.get("my.key") == "v"


def test_config(spark):
    assert spark.conf.get("spark.sql.shuffle.partitions") == "200"
    assert spark.conf.get("not.set", "mine") == "mine"
    assert spark.conf.isModifiable("spark.sql.shuffle.partitions")
    assert not spark.conf.isModifiable("spark.sql.warehouse.dir")
    spark.conf.set("a.b", "1")
    assert spark.conf.getAll["a.b"] == "1"
    spark.conf.unset("a.b")
    assert spark.conf.get("a.b", "gone") == "gone"


def test_deep_plans(spark):
    df = spark.range(3)
    for i in range(400):
        df = df.withColumn(f"c{i % 3}", F.col("id") + i)
    assert df.agg(F.max("c0")).collect()[0][0] == 401
    sql = "select " + "(" * 3000 + "1" + ")" * 3000
    with pytest.raises(ParseException):
        spark.sql(sql)


# ---- streaming queries ----

@pytest.fixture
def stream(spark, tmp_path):
    folder = str(tmp_path / "in")
    drop(folder, "0.json", [{"k": "a", "v": 1}, {"k": "b", "v": 2}])
    return folder, spark.readStream.schema("k string, v long").json(folder)


def test_ask_a_query(spark, stream):
    folder, df = stream
    q = df.writeStream.format("memory").queryName("mem").start()
    q.processAllAvailable()
    assert spark.table("mem").count() == 2
    assert q.lastProgress["numInputRows"] == 2 and len(q.recentProgress) == 1
    assert [x.name for x in spark.streams.active] == ["mem"] and spark.streams.get(q.id).runId == q.runId
    assert q.awaitTermination(0.05) is False and q.exception() is None
    threading.Timer(0.2, q.stop).start()
    q.awaitTermination()
    assert not q.isActive and spark.streams.active == []


@since("4.1")  # the pool with which 4.0 releases operations ends with the first session of the process
def test_a_cancelled_wait_leaves_the_query(spark, stream):
    q = stream[1].writeStream.format("noop").start()
    seen = []

    def wait():
        try:
            q.awaitTermination()
        except SparkException as e:
            seen.append(e.getCondition())

    t = threading.Thread(target=wait)
    t.start()
    eventually("the wait can be interrupted", lambda: spark.interruptAll())
    t.join()
    assert seen == ["OPERATION_CANCELED"] and q.isActive
    q.stop()


def test_texts_that_hold_values(spark, tmp_path):
    """Messages of JSON text, as a queue would deliver them, to columns and back, in two runs of a query."""
    folder, out, ck = (str(tmp_path / d) for d in ("in", "out", "ck"))
    schema = StructType([StructField("id", IntegerType(), False), StructField("tags", ArrayType(StringType())),
                         StructField("bad", StringType())])

    def run(name, lines):
        drop(folder, name, lines)
        j = F.from_json("value", schema, {"columnNameOfCorruptRecord": "bad"})
        rows = spark.readStream.text(folder).select(j.alias("j"), F.from_csv("value", "n int, rest string").alias("c"))
        q = rows.where("j is not null").select(F.to_json(F.struct("j.id", "j.tags", "j.bad", "c.n")).alias("value")) \
            .writeStream.option("checkpointLocation", ck).trigger(availableNow=True).format("text").start(out)
        q.awaitTermination()
        return sorted(r.value for r in spark.read.text(out).collect())

    want = ['{"bad":"7,oops","n":7}', '{"id":1,"tags":["a","b"]}']
    assert run("0.txt", ['{"id": 1, "tags": ["a", "b"]}', "7,oops", ""]) == want
    want += ['{"id":2,"tags":["1",null]}', '{"bad":"{\\"id\\": \\"x\\"}"}']
    assert run("1.txt", ['{"tags": [1, null], "id": 2}', '{"id": "x"}']) == sorted(want)


def test_a_failed_query_says_why(spark, stream):
    q = stream[1].selectExpr("v / 0").writeStream.format("noop").start()
    with pytest.raises(StreamingQueryException, match="DIVIDE_BY_ZERO"):
        q.awaitTermination()
    assert "STREAM_FAILED" in str(q.exception())


def test_listener(spark, stream):
    from pyspark.sql.streaming import StreamingQueryListener

    events = []

    class Listener(StreamingQueryListener):
        def onQueryStarted(self, e):
            events.append(("started", e.name))

        def onQueryProgress(self, e):
            events.append(("progress", e.progress.batchId, e.progress.numInputRows))

        def onQueryIdle(self, e):
            pass

        def onQueryTerminated(self, e):
            events.append(("terminated", e.exception))

    listener = Listener()
    spark.streams.addListener(listener)
    q = stream[1].writeStream.format("noop").queryName("heard").start()
    q.processAllAvailable()
    q.stop()
    eventually("the end is heard", lambda: ("terminated", None) in events)
    assert events == [("started", "heard"), ("progress", 0, 2), ("terminated", None)]
    spark.streams.removeListener(listener)
