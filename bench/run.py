#!/usr/bin/env python3
"""Forebay beside Apache Spark local[2] and DuckDB, on the same data in the same run.

usage: bench/run.py build/release/forebay [--quick] [--only J W L start] [--repeat N] [--json FILE]

Run it with a Python that has pyspark[connect] and duckdb (`make bench` does); see README.md for what
each line measures. Ratios come first: they are what carries over from one machine to another.
"""
import argparse
import datetime
import glob
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import data

HERE = os.path.dirname(os.path.abspath(__file__))
JOBS = os.path.join(HERE, "jobs.py")
CORES = 2
FILES = 8               # of the input, and so batches: maxFilesPerTrigger is 1
SKIP = 2                # first batches that the steady figures leave out: the JVM compiles its code there
LIMIT_S = 900           # no single run takes this long
PAUSE_S = 0.03          # between a row's arrival and the next line, so that the batch is over for each engine
WARM_LINES = 40

GOALS = {   # key: (text, whether the measured value reaches it)
    "J": ("J at least 8 x Spark, steady", lambda v: v >= 8),
    "W": ("W at least 8 x Spark, steady", lambda v: v >= 8),
    "L50": ("latency p50 at most 5 ms", lambda v: v <= 5),
    "L99": ("latency p99 at most 20 ms", lambda v: v <= 20),
    "listen": ("server listening within 50 ms", lambda v: v <= 50),
    "rss": ("idle server at most 40 MB", lambda v: v <= 40),
}


# ---- running the jobs ---------------------------------------------------------------------------

class Engine:
    """How one engine runs jobs.py."""

    def __init__(self, name, command, env):
        self.name, self.command = name, command
        clean = {k: v for k, v in os.environ.items() if k not in ("SPARK_REMOTE", "SPARK_HOME", "SPARK_API_MODE")}
        self.env = {**clean, **env, "PYSPARK_PYTHON": sys.executable, "TZ": "UTC"}

    def start(self, cwd, *args, **more):
        with open(os.path.join(cwd, "stderr"), "w") as log:
            return subprocess.Popen([*self.command, JOBS, *map(str, args)], cwd=cwd, env=self.env, text=True,
                                    start_new_session=True, stderr=log, **more)

    def run(self, cwd, *args):
        """Seconds that the whole process took."""
        begin = time.perf_counter()
        p = self.start(cwd, *args, stdout=subprocess.DEVNULL)
        with killed_after(p, LIMIT_S):
            rc = p.wait()
        if rc != 0:
            raise SystemExit(f"{self.name}: jobs.py {' '.join(map(str, args))} ended with {rc}\n"
                             + open(os.path.join(cwd, "stderr")).read()[-3000:])
        return time.perf_counter() - begin


class killed_after:
    """Ends a process group at the end of the block, or after a while."""

    def __init__(self, p, seconds):
        self.p, self.timer = p, threading.Timer(seconds, self.kill)

    def kill(self):
        try:
            os.killpg(self.p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def __enter__(self):
        self.timer.start()

    def __exit__(self, *exc):
        self.timer.cancel()
        if self.p.poll() is None:
            self.kill()
        self.p.wait()


def forebay_engine(binary):
    return Engine("forebay", [binary, "submit", "--master", f"local[{CORES}]"], {})


def spark_engine():
    return Engine("spark", [sys.executable], {"PYSPARK_SUBMIT_ARGS": f"--master local[{CORES}] --driver-memory 4g "
                                              "--conf spark.ui.enabled=false pyspark-shell"})


class folder:
    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="forebay-bench-")
        return self.path

    def __exit__(self, *exc):
        shutil.rmtree(self.path, ignore_errors=True)


def warm(source):
    """Puts the input into the page cache."""
    for f in glob.glob(source + "/*"):
        with open(f, "rb") as g:
            while g.read(1 << 20):
                pass


# ---- J and W: throughput ------------------------------------------------------------------------

def csv_size(out):
    return sum(os.path.getsize(f) for f in glob.glob(out + "/*.csv"))


def stream(engine, job, source, units, repeat):
    """Medians over runs: units a second in steady batches, in the job, and in the whole process; the answer: bytes of CSV or groups."""
    steady, wall, whole, answer = [], [], [], 0
    for _ in range(repeat):
        with folder() as d:
            out = [d + "/out"] if job == "orders" else []
            took = engine.run(d, job, d + "/result.json", source, *out, d + "/checkpoint")
            r = json.load(open(d + "/result.json"))
            answer = csv_size(d + "/out") if out else r["groups"]
        assert len(r["batches_ms"]) == FILES, f"{engine.name}: {len(r['batches_ms'])} batches"
        kept = r["batches_ms"][SKIP:]
        steady.append(units / FILES * len(kept) / (sum(kept) / 1000))
        wall.append(units / r["wall_s"])
        whole.append(units / took)
    return {"steady": statistics.median(steady), "job": statistics.median(wall),
            "process": statistics.median(whole), "answer": answer}


DUCKDB = {
    "orders": """copy (select * from read_json('{source}/*.json', format='newline_delimited', columns={{order_id:
        'BIGINT', order_date: 'DATE', order_customer_id: 'BIGINT', order_status: 'VARCHAR'}})
        where order_status = 'COMPLETE') to '{out}' (header false)""",
    "words": """select count(*), sum(n) from (select word, count(*) as n from (select unnest(string_split(line, ' '))
        as word from read_csv('{source}/*.txt', columns={{line: 'VARCHAR'}}, delim='\x01', quote='', escape='',
        header=false, auto_detect=false)) group by word)""",
}


def duckdb_batch(job, source, units, repeat):
    """The same query over all files at once: no stream, no checkpoint, no state."""
    import duckdb
    rates, answer = [], 0
    for _ in range(repeat):
        with folder() as d, duckdb.connect(config={"threads": CORES}) as con:
            begin = time.perf_counter()
            rows = con.execute(DUCKDB[job].format(source=source, out=d + "/duckdb.csv")).fetchall()
            rates.append(units / (time.perf_counter() - begin))
            answer = csv_size(d) if job == "orders" else rows[0][0]
    return {"steady": statistics.median(rates), "answer": answer}


def throughput(key, job, title, source, units, engines, repeat, results):
    warm(source)
    forebay, spark = engines
    f = stream(forebay, job, source, units, repeat)
    s = stream(spark, job, source, units, 1)
    d = duckdb_batch(job, source, units, repeat)
    answers = [e["answer"] for e in (f, s, d)]
    assert len(set(answers)) == 1, f"{key}: {answers} bytes of CSV or groups"
    m = 1e6
    results["goals"][key] = f["steady"] / s["steady"]
    results["lines"] += [
        (f"{key}  {title}: steady batches", f["steady"] / s["steady"], f["steady"] / d["steady"],
         f"{f['steady'] / m:.2f}", f"{s['steady'] / m:.2f}", f"{d['steady'] / m:.2f}", "M/s"),
        (f"{key}  the whole job, without process start", f["job"] / s["job"], f["job"] / d["steady"],
         f"{f['job'] / m:.2f}", f"{s['job'] / m:.2f}", "", "M/s"),
        (f"{key}  with process start", f["process"] / s["process"], None,
         f"{f['process'] / m:.2f}", f"{s['process'] / m:.2f}", "", "M/s"),
    ]


# ---- L: latency ---------------------------------------------------------------------------------

def latencies(engine, job, n):
    """Milliseconds from sending a line until the console shows its row, sorted."""
    took = []
    with folder() as d, socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT_S)
        p = engine.start(d, job, server.getsockname()[1], d + "/checkpoint", stdout=subprocess.PIPE)
        with killed_after(p, LIMIT_S), p.stdout:
            peer, _ = server.accept()
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for k in range(WARM_LINES + n):
                token = f"line-{k:06d}"
                begin = time.perf_counter()
                peer.sendall(token.encode() + b"\n")
                shown = any(token in text for text in iter(p.stdout.readline, ""))
                if not shown:
                    raise SystemExit(f"{engine.name}: ended\n" + open(d + "/stderr").read()[-3000:])
                took.append(1000 * (time.perf_counter() - begin))
                time.sleep(PAUSE_S)
            peer.close()
    return sorted(took[WARM_LINES:])


def percentile(ordered, p):
    return ordered[min(len(ordered) - 1, int(len(ordered) * p / 100))]


def latency(engines, n, results):
    for job, title in (("line", "a line in, its row out"), ("count", "a word in, its count out (state)")):
        f, s = (latencies(e, job, n) for e in engines)
        for p in (50, 99):
            a, b = percentile(f, p), percentile(s, p)
            if job == "line":
                results["goals"][f"L{p}"] = a
            results["lines"].append((f"L  {title}: p{p}", b / a, None, f"{a:.1f}", f"{b:.1f}", "", "ms"))


# ---- start-up and memory ------------------------------------------------------------------------

def rss_mb(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(ln.split()[1]) for ln in f if ln.startswith("VmRSS")) / 1024


def children(pid):
    out = []
    for task in glob.glob(f"/proc/{pid}/task/*/children"):
        for child in map(int, open(task).read().split()):
            out += [child, *children(child)]
    return out


def engine_mb(pid):
    """MB of a process that is not a Python; 0 also if it has just ended."""
    try:
        return 0 if "python" in os.readlink(f"/proc/{pid}/exe") else rss_mb(pid)
    except (OSError, StopIteration):
        return 0


def server_start(binary, repeat):
    """Medians: milliseconds until a client can connect, and the server's MB then."""
    ms, mb = [], []
    for _ in range(repeat):
        with folder() as d:
            begin = time.perf_counter()
            p = subprocess.Popen([binary, "server", "--port", "0"], cwd=d, stdout=subprocess.PIPE, text=True,
                                 start_new_session=True)
            with killed_after(p, LIMIT_S), p.stdout:
                port = int(p.stdout.readline().rsplit(":", 1)[1])
                socket.create_connection(("127.0.0.1", port)).close()
                ms.append(1000 * (time.perf_counter() - begin))
                mb.append(rss_mb(p.pid))
    return statistics.median(ms), statistics.median(mb)


def idle_mb(engine):
    """MB of the engine's process, not of the script's Python, once a session has run a query and waits."""
    with folder() as d:
        p = engine.start(d, "idle", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with killed_after(p, LIMIT_S), p.stdout, p.stdin:
            if not any("ready" in ln for ln in iter(p.stdout.readline, "")):
                raise SystemExit(f"{engine.name}: idle ended\n" + open(d + "/stderr").read()[-3000:])
            return sum(map(engine_mb, [p.pid, *children(p.pid)]))


def wall_of_hello(engine, repeat):
    def once():
        with folder() as d:
            return engine.run(d, "hello")
    return statistics.median(once() for _ in range(repeat))


def start_up(binary, engines, repeat, results):
    forebay, spark = engines
    ms, mb = server_start(binary, 10)
    f, s = wall_of_hello(forebay, repeat), wall_of_hello(spark, 1)
    fm, sm = idle_mb(forebay), idle_mb(spark)
    results["goals"] |= {"listen": ms, "rss": mb}
    results["lines"] += [
        ("start  server: process start to listening", None, None, f"{ms:.0f}", "", "", "ms"),
        ("start  a script with one small query", s / f, None, f"{f:.2f}", f"{s:.2f}", "", "s"),
        ("memory  server, idle", None, None, f"{mb:.0f}", "", "", "MB"),
        ("memory  engine of a waiting script", sm / fm, None, f"{fm:.0f}", f"{sm:.0f}", "", "MB"),
    ]


# ---- the table ----------------------------------------------------------------------------------

def report(results, args):
    import duckdb
    import pyspark
    version = subprocess.run([args.forebay, "--version"], capture_output=True, text=True).stdout.split()[-1]
    goals = results["goals"]
    missed = [f"  {GOALS[k][0]}: {v:.1f}" for k, v in goals.items() if not GOALS[k][1](v)]
    print(f"\nForebay {version} beside Spark {pyspark.__version__} local[{CORES}] and DuckDB {duckdb.__version__} "
          f"({CORES} threads), {platform.machine()}, {datetime.date.today()}")
    print(f"J and W: {FILES} files, one a batch (maxFilesPerTrigger=1), availableNow, checkpoint on disk; DuckDB: all "
          "files in one query, no checkpoint")
    if args.quick:
        print("--quick: small input; for a look, not for quoting")
    print("\nmissed goals:\n" + "\n".join(missed) if missed else f"\nall {len(goals)} goals that were measured are met")
    head = ("", "x Spark", "x DuckDB", "Forebay", "Spark", "DuckDB", "")
    ratio = lambda v: "" if v is None else f"{v:.1f}"
    rows = [head] + [(a, ratio(b), ratio(c), *rest) for a, b, c, *rest in results["lines"]]
    width = [max(len(r[k]) for r in rows) for k in range(len(head))]
    print()
    for r in rows:
        print("  ".join(c.ljust(w) if k in (0, 6) else c.rjust(w) for k, (c, w) in enumerate(zip(r, width))).rstrip())
    if args.json:
        with open(args.json, "w") as f:
            json.dump({"version": version, "quick": args.quick, **results}, f, indent=1)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("forebay", type=os.path.abspath)
    ap.add_argument("--quick", action="store_true", help="an eighth of the data, fewer lines")
    ap.add_argument("--only", nargs="+", choices=["J", "W", "L", "start"], default=["J", "W", "L", "start"])
    ap.add_argument("--repeat", type=int, default=3, help="runs of Forebay and DuckDB of which the median counts")
    ap.add_argument("--json", help="also write the figures to this file")
    args = ap.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))     # so that what was started here ends too
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])    # for everything that is started here
    engines = forebay_engine(args.forebay), spark_engine()
    part = 8 if args.quick else 1
    results = {"goals": {}, "lines": []}
    if "J" in args.only:
        n = 8_000_000 // part
        throughput("J", "orders", f"{n / 1e6:g} M JSON orders, filter, CSV", data.orders(n, FILES), n, engines, args.repeat,
                   results)
    if "W" in args.only:
        n = 32_000_000 // part
        throughput("W", "words", f"{n / 1e6:g} M words, count", data.words(n, FILES), n, engines, args.repeat, results)
    if "L" in args.only:
        latency(engines, 50 if args.quick else 200, results)
    if "start" in args.only:
        start_up(args.forebay, engines, args.repeat, results)
    report(results, args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
