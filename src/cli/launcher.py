"""Runs a PySpark script, unmodified, against the engine that `forebay submit` started.

The environment names the engine: SPARK_REMOTE and SPARK_CONNECT_AUTHENTICATE_TOKEN. What scripts use of the classic API
and a Spark Connect client has no counterpart for is given one here: builder.master(...), SparkContext with what needs no
JVM, SQLContext, SparkFiles. What does need one is refused by a sentence that says what to use.
"""
import atexit
import getpass
import os
import runpy
import shutil
import signal
import sys
import tempfile
import threading
import time
import types

GRACE_S = 5
STARTED_MS = int(time.time() * 1000)

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

FRAME = "Use DataFrames: df.select, df.filter, df.groupBy; df.collect() or df.toLocalIterator() for the rows."
READ = "Use spark.read.text, spark.read.csv, spark.read.json or spark.read.parquet."
NO_JVM = "There is no JVM. Use pyspark.sql.functions, spark.sql(...) and, for settings, spark.conf."
INSTEAD = {
    "parallelize": "Use spark.createDataFrame(data, schema).", "emptyRDD": "Use spark.createDataFrame([], schema).",
    "range": "Use spark.range(start, end, step).", "union": "Use df.union(other).", "runJob": FRAME, "rdd": FRAME,
    "textFile": READ, "wholeTextFiles": READ, "binaryFiles": READ, "binaryRecords": READ, "sequenceFile": READ,
    "newAPIHadoopFile": READ, "newAPIHadoopRDD": READ, "hadoopFile": READ, "hadoopRDD": READ, "pickleFile": READ,
    "broadcast": "Use the value itself, or functions.broadcast(df) as the hint for a join.",
    "accumulator": "Use an aggregate, such as df.agg(functions.sum(...)).",
    "statusTracker": "Use spark.streams.active and query.lastProgress.",
    **dict.fromkeys(["_jvm", "_jsc", "_gateway", "_jconf", "_jsparkSession", "_jdf"], NO_JVM),
}


def refusal(name):
    """What a member that needs a JVM or RDDs raises."""
    from pyspark.errors import PySparkAttributeError

    e = PySparkAttributeError(errorClass="JVM_ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": name})
    e._message = f"Forebay has no `{name}`: it belongs to Spark's RDDs and its JVM. {INSTEAD.get(name, NO_JVM)}"
    return e


class Classic(type):
    """PySpark's own code looks for a running JVM at the class, where there is none; scripts look at the object."""
    _active_spark_context = _jvm = _gateway = None
    _lock = threading.RLock()


class SparkContext(metaclass=Classic):
    """What scripts use of a SparkContext."""
    PACKAGE_EXTENSIONS = (".zip", ".egg", ".jar")
    _master = None

    def __new__(cls, master=None, appName=None, sparkHome=None, pyFiles=None, environment=None, batchSize=0, serializer=None,
                conf=None, *_, **__):
        options = dict(conf.getAll()) if conf is not None else {}
        options.update({k: v for k, v in (("spark.master", master), ("spark.app.name", appName)) if v})
        context = cls.of(ClassicSession.builder.config(map=options).getOrCreate())
        for path in pyFiles or ():
            context.addPyFile(path)
        return context

    @classmethod
    def of(cls, session):
        """The context of a session: always the same one."""
        context = session.__dict__.get("_forebay_context")
        if context is None:
            context = session.__dict__["_forebay_context"] = object.__new__(cls)
            context._session, context._properties = session, {}
        return context

    @classmethod
    def getOrCreate(cls, conf=None):
        return cls(conf=conf)

    @classmethod
    def setSystemProperty(cls, key, value):
        """Java's properties: there are none."""

    version = property(lambda self: self._session.version)
    appName = property(lambda self: self._session.conf.get("spark.app.name", "forebay"))
    applicationId = property(lambda self: f"local-{STARTED_MS}")
    startTime = property(lambda self: STARTED_MS)
    uiWebUrl = property(lambda self: None)
    master = property(lambda self: SparkContext._master or self._session.conf.get("spark.master", "local[*]"))
    defaultParallelism = property(lambda self: len(os.sched_getaffinity(0)))
    defaultMinPartitions = property(lambda self: min(2, self.defaultParallelism))
    pythonVer = property(lambda self: f"{sys.version_info.major}.{sys.version_info.minor}")
    resources = property(lambda self: {})
    environment = property(lambda self: {})

    def getConf(self):
        from pyspark.conf import SparkConf

        known = self._session.conf.getAll if hasattr(type(self._session.conf), "getAll") else {}
        return SparkConf(loadDefaults=False).setAll({**known, "spark.master": self.master, "spark.app.name": self.appName,
                                                     "spark.app.id": self.applicationId}.items())

    def setLogLevel(self, level):
        self._session.conf.set("spark.log.level", level)

    def sparkUser(self):
        return os.environ.get("SPARK_USER") or getpass.getuser()

    def addFile(self, path, recursive=False):
        SparkFiles._add(path, recursive)

    def addPyFile(self, path):
        name = SparkFiles._add(path, True)
        entry = os.path.join(SparkFiles.getRootDirectory(), name)
        entry = SparkFiles.getRootDirectory() if name.endswith(".py") else entry
        if entry not in sys.path:
            sys.path.insert(1, entry)

    listFiles = property(lambda self: ["file:" + SparkFiles.get(f) for f in sorted(os.listdir(SparkFiles.getRootDirectory()))])
    listArchives = property(lambda self: [])

    def setLocalProperty(self, key, value):
        self._properties[key] = value

    def getLocalProperty(self, key):
        return self._properties.get(key)

    def setJobDescription(self, value):
        self.setLocalProperty("spark.job.description", value)

    def setJobGroup(self, groupId, description, interruptOnCancel=False):
        self._session.addTag(groupId)
        self.setLocalProperty("spark.jobGroup.id", groupId)

    def cancelJobGroup(self, groupId):
        self._session.interruptTag(groupId)

    def cancelAllJobs(self):
        self._session.interruptAll()

    def addJobTag(self, tag):
        self._session.addTag(tag)

    def removeJobTag(self, tag):
        self._session.removeTag(tag)

    def getJobTags(self):
        return self._session.getTags()

    def clearJobTags(self):
        self._session.clearTags()

    def cancelJobsWithTag(self, tag):
        self._session.interruptTag(tag)

    def setCheckpointDir(self, dirName):
        self._checkpoint_dir = dirName

    def getCheckpointDir(self):
        return self.__dict__.get("_checkpoint_dir")

    def stop(self):
        self._session.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def __getattr__(self, name):
        if name in INSTEAD:
            raise refusal(name)
        raise AttributeError(f"'SparkContext' object has no attribute '{name}'")


class SparkFiles:
    """Files of --files and addFile: copies in a folder of this run."""
    _root_directory = None

    @classmethod
    def getRootDirectory(cls):
        if cls._root_directory is None:
            cls._root_directory = tempfile.mkdtemp(prefix="forebay-files-")
            atexit.register(shutil.rmtree, cls._root_directory, ignore_errors=True)
        return cls._root_directory

    @classmethod
    def get(cls, filename):
        return os.path.abspath(os.path.join(cls.getRootDirectory(), filename))

    @classmethod
    def _add(cls, path, recursive):
        path = path.removeprefix("file://").removeprefix("file:")
        name = os.path.basename(os.path.normpath(path))
        if os.path.isdir(path):
            if not recursive:
                raise ValueError(f"{path} is a folder: addFile takes it with recursive=True")
            shutil.copytree(path, cls.get(name), dirs_exist_ok=True)
        else:
            shutil.copy(path, cls.get(name))
        return name


class SQLContext:
    """Spark 1's door to SQL, which old scripts still use: a session by another name."""

    def __init__(self, sparkContext=None, sparkSession=None, *_):
        self.sparkSession = sparkSession or (sparkContext or SparkContext.getOrCreate())._session

    @classmethod
    def getOrCreate(cls, sc=None):
        return cls(sc)

    def newSession(self):
        return SQLContext(None, self.sparkSession.newSession())

    def setConf(self, key, value):
        self.sparkSession.conf.set(key, value)

    def getConf(self, key, *default):
        return self.sparkSession.conf.get(key, *default)

    def registerDataFrameAsTable(self, df, tableName):
        df.createOrReplaceTempView(tableName)

    def dropTempTable(self, tableName):
        self.sparkSession.catalog.dropTempView(tableName)

    def registerFunction(self, name, f, returnType=None):
        return self.sparkSession.udf.register(name, f, returnType)

    def tables(self, dbName=None):
        return self.sparkSession.sql("SHOW TABLES" + (f" IN `{dbName}`" if dbName else ""))

    def tableNames(self, dbName=None):
        return [t.tableName for t in self.tables(dbName).collect()]

    def cacheTable(self, tableName):
        self.sparkSession.catalog.cacheTable(tableName)

    def uncacheTable(self, tableName):
        self.sparkSession.catalog.uncacheTable(tableName)

    def clearCache(self):
        self.sparkSession.catalog.clearCache()

    def __getattr__(self, name):
        if name in ("sql", "table", "range", "createDataFrame", "read", "readStream", "streams", "udf", "udtf"):
            return getattr(self.sparkSession, name)
        raise AttributeError(f"'SQLContext' object has no attribute '{name}'")


def drop_master(builder):
    """A master says where Spark runs; here it is the engine, so it is only remembered."""
    SparkContext._master = builder._options.pop("spark.master", SparkContext._master)


def session_of(cls, sparkContext=None, *_, **__):
    """SparkSession(sc), as scripts of Spark 2 make it."""
    return sparkContext._session if isinstance(sparkContext, SparkContext) else object.__new__(cls)


def refuse_members(cls, names):
    """The client's own sentence about its missing members gives way to one that says what to use."""
    own = cls.__getattr__

    def getattr_(self, name):
        if name in names:
            raise refusal(name)
        return own(self, name)

    cls.__getattr__ = getattr_
    for name in names:
        if name in cls.__dict__:
            setattr(cls, name, property(lambda self, name=name: getattr_(self, name)))


def install():
    import pyspark
    import pyspark.sql
    import pyspark.sql.context
    from pyspark.sql.connect.dataframe import DataFrame
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    if hasattr(ClassicSession.Builder, "_validate_startup_urls"):
        ClassicSession.Builder._validate_startup_urls = drop_master
    ClassicSession.__new__ = session_of
    ConnectSession.sparkContext = property(SparkContext.of)
    refuse_members(ConnectSession, ("_jvm", "_jsc", "_jconf", "_jsparkSession"))
    refuse_members(DataFrame, ("rdd", "_jdf"))
    for module, members in (("pyspark.context", ("SparkContext",)), ("pyspark.files", ("SparkFiles",)), ("pyspark", (
            "SparkContext", "SparkFiles", "SQLContext", "HiveContext")), ("pyspark.sql", ("SQLContext", "HiveContext")), (
            "pyspark.sql.context", ("SQLContext", "HiveContext"))):
        target = sys.modules.setdefault(module, types.ModuleType(module))
        for name in members:
            setattr(target, name, SQLContext if name == "HiveContext" else globals()[name])
    for path in filter(None, os.environ.pop("FOREBAY_FILES", "").split(",")):
        SparkFiles._add(path, True)
    for path in filter(None, os.environ.pop("FOREBAY_PY_FILES", "").split(",")):
        SparkContext.addPyFile(None, path)
    for name in ("FOREBAY_LAUNCHER", "FOREBAY_FALLBACK_PYTHON", "MASTER"):
        os.environ.pop(name, None)


def run(script):
    """Exit status of the script as `python script.py` would give it; negative: death by that signal."""
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as e:
        if e.code is None or isinstance(e.code, int):
            return e.code or 0
        if sys.stderr is not None:
            print(e.code, file=sys.stderr)
        return 1
    except BaseException as e:
        trace = e.__traceback__
        while trace and trace.tb_frame.f_code.co_filename != script:
            trace = trace.tb_next        # the frames of this launcher are no business of the script's
        sys.excepthook(type(e), e.with_traceback(trace), trace)
        return -signal.SIGINT if isinstance(e, KeyboardInterrupt) else 1
    return 0


def flushed(stream):
    """Whether what was written to it is out. One that is closed, or was from the start, has nothing to lose."""
    try:
        if stream is not None and not stream.closed:
            stream.flush()
        return True
    except (OSError, ValueError):
        return False


def end(status):
    """Ends the process without the interpreter's own tear-down, in which a gRPC client that was
    interrupted can wait for ever for a lock of a thread that is gone."""
    if status < 0:
        # A client that was interrupted may not come to rest either: it gets a few seconds.
        threading.Thread(target=lambda: (time.sleep(GRACE_S), die(-status)), daemon=True).start()
    getattr(threading, "_shutdown", lambda: None)()
    atexit._run_exitfuncs()
    if not all([flushed(sys.stdout), flushed(sys.stderr)]):
        status = 120 if status >= 0 else status
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
