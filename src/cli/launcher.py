"""Runs a PySpark script, unmodified, against the engine that `forebay submit` started.

The environment names the engine: SPARK_REMOTE and SPARK_CONNECT_AUTHENTICATE_TOKEN. Two things of
the classic API that scripts use at once have no counterpart in a Spark Connect client and are
given one here: builder.master(...), and the few members of sparkContext that make sense.
"""
import atexit
import os
import runpy
import signal
import sys
import threading
import time

GRACE_S = 5

try:
    from pyspark.sql.session import SparkSession as ClassicSession
except ImportError as missing:
    fallback = os.environ.pop("FOREBAY_FALLBACK_PYTHON", "")
    if fallback != sys.executable and os.path.exists(fallback):
        os.execv(fallback, [fallback, "-c", os.environ["FOREBAY_LAUNCHER"], *sys.argv[1:]])
    sys.exit(f"forebay: {sys.executable} has no PySpark ({missing}). Install one of\n"
             "    pip install pyspark-client        (light)\n"
             "    pip install 'pyspark[connect]'\n"
             "or name the Python that has it in PYSPARK_PYTHON.")


def drop_master(builder):
    """A master says where Spark runs; here it is the engine, so it is only remembered."""
    builder._options.pop("spark.master", None)


class EngineContext:
    """What scripts use of a SparkContext."""

    def __init__(self, session):
        self._session = session

    def setLogLevel(self, level):
        self._session.conf.set("spark.log.level", level)

    @property
    def version(self):
        return self._session.version

    @property
    def appName(self):
        return self._session.conf.get("spark.app.name", "forebay")

    @property
    def applicationId(self):
        return "local-" + self._session.session_id

    @property
    def master(self):
        return self._session.conf.get("spark.master", "local[*]")

    @property
    def defaultParallelism(self):
        return len(os.sched_getaffinity(0))

    def stop(self):
        self._session.stop()


def install():
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    if hasattr(ClassicSession.Builder, "_validate_startup_urls"):
        ClassicSession.Builder._validate_startup_urls = drop_master
    ConnectSession.sparkContext = property(EngineContext)
    for name in ("FOREBAY_LAUNCHER", "FOREBAY_FALLBACK_PYTHON", "MASTER"):
        os.environ.pop(name, None)


def run(script):
    """Exit status of the script as `python script.py` would give it; negative: death by that signal."""
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as e:
        if e.code is None or isinstance(e.code, int):
            return e.code or 0
        print(e.code, file=sys.stderr)
        return 1
    except BaseException as e:
        trace = e.__traceback__
        while trace and trace.tb_frame.f_code.co_filename != script:
            trace = trace.tb_next        # the frames of this launcher are no business of the script's
        sys.excepthook(type(e), e.with_traceback(trace), trace)
        return -signal.SIGINT if isinstance(e, KeyboardInterrupt) else 1
    return 0


def end(status):
    """Ends the process without the interpreter's own tear-down, in which a gRPC client that was
    interrupted can wait for ever for a lock of a thread that is gone."""
    if status < 0:
        # A client that was interrupted may not come to rest either: it gets a few seconds.
        threading.Thread(target=lambda: (time.sleep(GRACE_S), die(-status)), daemon=True).start()
    getattr(threading, "_shutdown", lambda: None)()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            status = status or 120
    if status < 0:
        die(-status)
    os._exit(status & 255)


def die(sig):
    """Death by the signal, so that whoever waits sees it; signal.signal() is for the main thread only."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [sig])
    if threading.current_thread() is threading.main_thread():
        signal.signal(sig, signal.SIG_DFL)
        os.kill(os.getpid(), sig)
    os._exit(128 + sig)


install()
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
end(run(sys.argv[0]))
