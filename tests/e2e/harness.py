"""What the end-to-end tests share: running scripts with `forebay submit`, feeding sockets, dropping files."""
import collections
import csv
import glob
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOREBAY = os.path.abspath(os.environ.get("FOREBAY", os.path.join(ROOT, "build/release/forebay")))
WAIT_S = float(os.environ.get("FOREBAY_TEST_WAIT_S", "60"))
EXAMPLES = os.path.join(ROOT, "examples")


def eventually(what, predicate, alive=None, wait_s=WAIT_S):
    """The first true value of predicate(); fails after wait_s, or once alive() is false."""
    end = time.monotonic() + wait_s
    while True:
        got = predicate()
        if got:
            return got
        if alive and not alive():
            got = predicate()
            if got:
                return got
            raise AssertionError(f"ended before: {what}")
        if time.monotonic() > end:
            raise AssertionError(f"not within {wait_s:.0f} s: {what}")
        time.sleep(0.02)


def default_sigint():
    """A shell starts background jobs with SIGINT ignored, and Python leaves it so; tests want the default."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Script:
    """A script run by `forebay submit` in a session of its own; its output is kept."""

    def __init__(self, script, *args, cwd, env=None, options=()):
        self.lines = []
        self.p = subprocess.Popen([FOREBAY, "submit", *options, script, *map(str, args)], cwd=cwd, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
                                  preexec_fn=default_sigint, env={**os.environ, **(env or {})})
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.p.stdout:
            self.lines.append(line)

    @property
    def text(self):
        return "".join(self.lines)

    def wait_for(self, what, predicate):
        try:
            return eventually(what, predicate, alive=lambda: self.p.poll() is None)
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.text[-2000:]}") from None

    def finish(self):
        try:
            self.p.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running after {WAIT_S:.0f} s\n{self.text[-2000:]}") from None
        self.reader.join(5)
        return self.p.returncode

    def signal(self, sig):
        os.killpg(self.p.pid, sig)

    def kill(self):
        try:
            os.killpg(self.p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.p.wait(30)
        self.reader.join(5)


def write_script(folder, text, name="job.py"):
    path = os.path.join(str(folder), name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def run_script(folder, text, *args, env=None, options=()):
    """Exit status and output of a script given as text."""
    s = Script(write_script(folder, text), *args, cwd=str(folder), env=env, options=options)
    return s.finish(), s.text


class Feed:
    """A line server: what `nc -lk` is to the course."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.peers = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                self.peers.append(self.server.accept()[0])
            except OSError:
                return

    def send(self, text):
        for p in list(self.peers):
            p.sendall(text.encode())

    def close(self):
        for p in self.peers:
            p.close()
        self.server.close()


def drop(folder, name, rows):
    """Puts a JSON file into a watched folder whole, by rename."""
    os.makedirs(folder, exist_ok=True)
    tmp = os.path.join(folder, "." + name + ".tmp")
    with open(tmp, "w", encoding="utf-8") as f:
        for r in rows:
            f.write((r if isinstance(r, str) else json.dumps(r, ensure_ascii=False)) + "\n")
    os.rename(tmp, os.path.join(folder, name))


def console_batches(text):
    """[(batch id, header, rows)] of what the console sink printed."""
    out = []
    for m in re.finditer(r"-{43}\nBatch: (\d+)\n-{43}\n((?:[+|].*\n)+)", text):
        rows = [[c.strip() for c in ln.strip().strip("|").split("|")] for ln in m.group(2).splitlines()
                if ln.startswith("|")]
        out.append((int(m.group(1)), rows[0], rows[1:]))
    return out


def sink_files(folder):
    """Files that a sink's log lists."""
    names = set()
    for log in glob.glob(os.path.join(folder, "_spark_metadata", "*")):
        if not os.path.basename(log).startswith("."):
            for line in open(log, encoding="utf-8").read().splitlines()[1:]:
                names.add(json.loads(line)["path"].removeprefix("file://"))
    return sorted(names)


def sink_rows(folder):
    return sorted(tuple(r) for f in sink_files(folder) for r in csv.reader(open(f, encoding="utf-8")))


def orders(first, n):
    status = ["COMPLETE", "CLOSED", "PENDING", "NEW"]
    return [{"order_id": i, "order_date": f"2013-07-{i % 28 + 1:02d}", "order_customer_id": i % 7,
             "order_status": status[i % 4]} for i in range(first, first + n)]


def by_status(rows):
    return collections.Counter(r["order_status"] for r in rows)


def processes_with(text):
    """Pids whose command line or environment mentions the text."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            blob = open(f"/proc/{pid}/cmdline", "rb").read() + open(f"/proc/{pid}/environ", "rb").read()
        except OSError:
            continue
        if text.encode() in blob and int(pid) != os.getpid():
            found.append(int(pid))
    return found
