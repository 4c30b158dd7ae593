"""The two engines behind one face: real Spark's Connect server and Forebay's, both reached by the same PySpark client."""
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FOREBAY = os.path.abspath(os.environ.get("FOREBAY", os.path.join(ROOT, "build/release/forebay")))
START_S = 180
SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "3"}
COMPILING = {"spark.sql.codegen.wholeStage": ("false", "true"), "spark.sql.codegen.factoryMode": ("NO_CODEGEN", "FALLBACK")}    # no, yes


class Server:
    """A server process that is killed, with its children, at the end."""

    def __init__(self, command, folder, env=None, listening=None):
        self.log = os.path.join(folder, "log")
        with open(self.log, "w", encoding="utf-8") as log:
            self.p = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + START_S
        while not listening(self):
            if self.p.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError("no server: " + self.said()[-2000:])
            time.sleep(0.05)

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def session(self):
        from pyspark.sql.connect.session import SparkSession
        session = SparkSession.builder.remote(self.url).create()
        for key, setting in SETTINGS.items():
            session.conf.set(key, setting)
        return session

    def alive(self):
        return self.p.poll() is None

    def stop(self):
        try:
            os.killpg(self.p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.p.wait()


class Forebay(Server):
    def __init__(self, folder):
        super().__init__([FOREBAY, "server", "--port", "0", "--workers", "2"], folder,
                         {**os.environ, "TZ": "UTC"}, Forebay.listening)

    def listening(self):
        m = re.search(r"listening.*:(\d+)", self.said())
        self.url = m and f"sc://127.0.0.1:{m.group(1)}"
        return m


class Spark(Server):
    """The Connect server inside the installed PySpark."""

    def __init__(self, folder):
        import pyspark
        home = os.path.dirname(pyspark.__file__)
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        self.url = f"sc://127.0.0.1:{port}"
        self.port = port
        conf = {"spark.connect.grpc.binding.port": port, "spark.ui.enabled": "false",
                "spark.sql.warehouse.dir": os.path.join(folder, "warehouse")}
        command = [os.path.join(home, "bin", "spark-submit"), "--master", "local[2]", "--driver-memory", "2g",
                   "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
        for key, setting in conf.items():
            command += ["--conf", f"{key}={setting}"]
        env = {**os.environ, "SPARK_HOME": home, "SPARK_LOCAL_IP": "127.0.0.1", "TZ": "UTC",
               "SPARK_SUBMIT_OPTS": "-Duser.timezone=UTC -Duser.language=en -Duser.country=US"}
        super().__init__(command + ["spark-internal"], folder, env, Spark.listening)

    def listening(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0


class Remote:
    """A server that somebody else started."""

    def __init__(self, url):
        self.url = url

    session = Server.session

    def alive(self):
        return True

    def stop(self):
        pass


def scratch(folder):
    """What a case left in its folder, out of the way of the next one."""
    for path in glob.glob(os.path.join(folder, "*")):
        shutil.rmtree(path)
