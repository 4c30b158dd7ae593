"""A server whose clients wait or do not read: others are answered, memory stays within the limit, and what a client
of the JVM can't make a message of is told without a name."""
import os
import re
import subprocess
import uuid

import grpc
import pytest
from pyspark.sql.connect.proto import base_pb2 as pb
from pyspark.sql.connect.proto import base_pb2_grpc
from pyspark.sql.connect.session import SparkSession

from harness import FOREBAY, eventually

LIMIT_MB = 96
N_WAITING = 100  # more than the threads that plans have at a time
SLOW = 12
ROWS = 60_000


class Server:
    def __init__(self, folder):
        self.p = subprocess.Popen([FOREBAY, "server", "--port", "0", "--workers", "2", "--conf",
                                   f"spark.forebay.memory.limit={LIMIT_MB}m"], text=True, stdout=subprocess.PIPE,
                                  cwd=folder)
        self.port = int(re.search(r":(\d+)", self.p.stdout.readline()).group(1))

    def peak_mb(self):
        with open(f"/proc/{self.p.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmHWM:\s+(\d+) kB", f.read()).group(1)) // 1024

    def threads(self):
        return len(os.listdir(f"/proc/{self.p.pid}/task"))


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("limited"))
    yield s
    s.p.terminate()
    assert s.p.wait(30) == 0


@pytest.fixture
def session(limited):
    s = SparkSession.builder.remote(f"sc://127.0.0.1:{limited.port}").create()
    yield s
    s.stop()


class Client:
    """A session by the stubs, on a connection of its own."""

    def __init__(self, port):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[
            ("grpc.max_receive_message_length", -1), ("grpc.use_local_subchannel_pool", 1)])
        self.stub = base_pb2_grpc.SparkConnectServiceStub(self.channel)
        self.who = {"session_id": str(uuid.uuid4()), "user_context": pb.UserContext(user_id="me")}

    def request(self, query=None, reattachable=False):
        r = pb.ExecutePlanRequest(operation_id=str(uuid.uuid4()), **self.who)
        if query:
            r.plan.root.sql.query = query
        if reattachable:
            r.request_options.add().reattach_options.reattachable = True
        return r

    def run(self, request):
        return self.stub.ExecutePlan(request)

    def rows(self, query):
        return sum(m.arrow_batch.row_count for m in self.run(self.request(query)))

    def running(self):
        states = self.stub.GetStatus(pb.GetStatusRequest(operation_status={}, **self.who)).operation_statuses
        return [s.operation_id for s in states if s.state == s.OPERATION_STATE_RUNNING]

    def release_session(self):
        self.stub.ReleaseSession(pb.ReleaseSessionRequest(**self.who))

    def close(self):
        self.channel.close()


def answered(port):
    """Another client gets short answers of each kind."""
    other = Client(port)
    assert other.rows("SELECT 1") == 1
    assert other.stub.Config(pb.ConfigRequest(operation={"get_all": {}}, **other.who)).pairs
    other.release_session()
    other.close()


def await_any(client):
    r = client.request()
    r.plan.command.streaming_query_manager_command.await_any_termination.SetInParent()
    return client.run(r)


def test_await_any_takes_no_thread(limited, session, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("a\n")
    spark = session
    query = spark.readStream.text(str(tmp_path / "in")).writeStream.format("noop").start()
    client = Client(limited.port)
    client.who = {"session_id": spark.session_id, "user_context": pb.UserContext(user_id=spark.client._user_id or "")}
    waiting = [await_any(client) for _ in range(N_WAITING)]
    eventually("all of them wait", lambda: len(client.running()) >= N_WAITING)
    assert limited.threads() < N_WAITING
    answered(limited.port)
    query.processAllAvailable()
    assert query.awaitTermination(0.01) is False
    query.stop()
    for call in waiting:
        done = [m for m in call if m.HasField("streaming_query_manager_command_result")]
        assert done[0].streaming_query_manager_command_result.await_any_termination.terminated
    r = client.request()
    r.plan.command.streaming_query_manager_command.await_any_termination.timeout_ms = 1
    done = [m for m in client.run(r) if m.HasField("streaming_query_manager_command_result")]
    assert done[0].streaming_query_manager_command_result.await_any_termination.terminated  # still, until a reset
    spark.streams.resetTerminated()
    assert spark.streams.awaitAnyTermination(0.01) is False
    client.close()


def test_a_session_that_ends_lets_go_of_who_waits(limited):
    client = Client(limited.port)
    call = await_any(client)
    eventually("it waits", client.running)
    client.release_session()
    with pytest.raises(grpc.RpcError) as e:
        list(call)
    assert "OPERATION_CANCELED" in e.value.details()
    client.close()


def test_clients_that_do_not_read(limited):
    """They hold neither threads that others need nor memory beyond the limit, and get all rows in the end."""
    query = f"SELECT id, repeat('x', 1000) s FROM range({ROWS})"
    clients = [Client(limited.port) for _ in range(SLOW)]
    calls = [c.run(c.request(query, reattachable=i % 2 == 1)) for i, c in enumerate(clients)]
    for call in calls:
        next(call)  # it runs
    answered(limited.port)
    assert clients[0].rows("SELECT id, repeat('y', 1000) FROM range(20000)") == 20000
    for call in calls:
        assert sum(m.arrow_batch.row_count for m in call) == ROWS
    if "TSAN_OPTIONS" not in os.environ and "ASAN_OPTIONS" not in os.environ:
        assert limited.peak_mb() < 1.25 * LIMIT_MB + 60
    for c in clients:
        c.release_session()
        c.close()


def details(client, request):
    """What FetchErrorDetails tells of the failure."""
    with pytest.raises(grpc.RpcError) as e:
        list(client.run(request))
    trailer = dict(e.value.trailing_metadata())["grpc-status-details-bin"]
    error_id = re.search(rb"errorId\x12\$([0-9a-f-]{36})", trailer).group(1).decode()
    r = client.stub.FetchErrorDetails(pb.FetchErrorDetailsRequest(error_id=error_id, **client.who))
    return r.errors[r.root_error_idx]


def test_conditions_that_a_jvm_client_lacks(limited):
    client = Client(limited.port)
    known = details(client, client.request("SELECT * FROM nowhere"))
    assert known.spark_throwable.error_class == "TABLE_OR_VIEW_NOT_FOUND"
    assert set(known.spark_throwable.message_parameters) == {"relationName", "searchPath"}
    r = client.request()
    r.plan.compressed_operation.SetInParent()
    ours = details(client, r)
    assert not ours.spark_throwable.HasField("error_class")
    assert ours.message.startswith("[UNSUPPORTED_FEATURE] ")
    client.release_session()
    client.close()


@pytest.mark.parametrize("query, n", [
    ("SELECT size(array_repeat(repeat('x', 1000000), 2000))", 2000),
    ("SELECT sum(length(a)) FROM VALUES (repeat('x', 30000000)), (repeat('y', 30000000)), ('z') t(a)", 60000001),
    ("SELECT length(a) FROM VALUES (repeat('x', 10)) t(a)", 10),
])
def test_constants_are_not_outside_of_the_limit(session, query, n):
    assert session.sql(query).first()[0] == n


def test_long_lines_of_compressed_files(limited, session, tmp_path):
    import gzip
    with gzip.open(tmp_path / "a.json.gz", "wb", compresslevel=1) as f:
        f.write(b'{"a": "')
        for _ in range(200):
            f.write(b"x" * 1_000_000)
        f.write(b'"}\n')
    spark = session
    path = str(tmp_path / "a.json.gz")
    for read in (lambda: spark.read.json(path), lambda: spark.read.schema("a string").json(path).collect(),
                 lambda: spark.read.text(path).selectExpr("length(value)").collect(),
                 lambda: spark.read.text(path, wholetext=True).selectExpr("length(value)").collect(),
                 lambda: spark.read.csv(path).collect()):
        with pytest.raises(Exception) as e:
            read().count()
        assert e.value.getCondition() == "UNABLE_TO_ACQUIRE_MEMORY", str(e.value)
    if "TSAN_OPTIONS" not in os.environ and "ASAN_OPTIONS" not in os.environ:
        assert limited.peak_mb() < 1.25 * LIMIT_MB + 60


def test_running_operations_are_bounded(limited):
    client = Client(limited.port)
    query = "SELECT id, repeat('x', 1000) FROM range(1000000)"
    calls = [client.run(client.request(query)) for _ in range(256)]
    eventually("they run", lambda: len(client.running()) == 256)
    with pytest.raises(grpc.RpcError) as e:
        list(client.run(client.request("SELECT 1")))
    assert "256 running operations" in e.value.details()
    answered(limited.port)
    client.release_session()
    for call in calls:
        with pytest.raises(grpc.RpcError):
            list(call)
    client.close()
