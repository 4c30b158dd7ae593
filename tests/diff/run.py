#!/usr/bin/env python3
"""Random cases by seed, run on real Spark and on Forebay and compared.

usage: run.py [--kind sql frame reader writer stream] [--seed S] [--cases N] [--jobs N] [--spark URL] [--forebay URL] [--show N]

Without URLs both servers are started. A case is Python text made from (kind, seed, number) alone, so a difference is repeated
by its number. What Forebay refuses as unsupported is counted apart: it is no difference. Blocks of cases run side by side.
Prints each difference with the text that shows it, and last `N passed, N failed`.
"""
import argparse
import collections
import concurrent.futures
import importlib
import logging
import os
import random
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
os.environ["TZ"] = "UTC"
os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"      # functions make Connect expressions
for name in ("SPARK_REMOTE", "SPARK_HOME", "SPARK_API_MODE"):
    os.environ.pop(name, None)

import answers  # noqa: E402  (the path comes first)
import engines  # noqa: E402

KINDS = ["sql", "frame", "reader", "writer", "stream"]
BLOCK = 25      # cases that share tables and settings


class Pair:
    """A session on each engine and a folder of its own for each."""

    def __init__(self, spark, forebay):
        self.servers = (spark, forebay)
        self.sessions = [s.session() for s in self.servers]
        self.top = tempfile.TemporaryDirectory(prefix="diff-")
        self.folders = [os.path.join(self.top.name, name, "w") for name in ("a", "b")]
        for folder in self.folders:
            os.makedirs(folder)

    def both(self, source):
        return [answers.run(source, s, f) for s, f in zip(self.sessions, self.folders)]

    def tune(self, block):
        """In most blocks Spark runs its expressions as they are instead of compiling them to Java: it is much faster so."""
        for key in engines.COMPILING:
            self.sessions[0].conf.set(key, engines.COMPILING[key][block % 4 == 0])

    def close(self):
        for s in self.sessions:
            try:
                s.stop()
            except Exception:   # the server has died: that is reported by its case
                pass
        self.top.cleanup()


def generate(kind, seed, first, last):
    """(number, text that prepares or None, text of the case) from first to before last."""
    made = importlib.import_module(kind + "_cases")
    for number in range(first, last):
        block = number // BLOCK
        prepare = made.prepare(random.Random(f"{kind} {seed} block {block}")) if number in (first, block * BLOCK) else None
        yield number, prepare, made.case(random.Random(f"{kind} {seed} {number}"))


def differences(pair, kind, seed, first, last, counts):
    """Yields (number, preparation, case, want, got) for each difference; counts the verdicts."""
    prepared = ""
    for number, prepare, source in generate(kind, seed, first, last):
        if prepare:
            prepared = prepare
            pair.tune(number // BLOCK)
            want, got = pair.both(prepare)
            if want != got:
                yield number, "", prepare, want, got
        want, got = pair.both(source)
        verdict = answers.verdict(want, got)
        counts[kind, verdict] += 1
        if verdict == answers.DIFFERENT:
            yield number, prepared, source, want, got
        for folder in pair.folders:
            engines.scratch(folder)


def blocks(first, last):
    """The range cut where tables and settings change."""
    cuts = [first, *range((first // BLOCK + 1) * BLOCK, last, BLOCK), last]
    return list(zip(cuts, cuts[1:]))


def show(kind, seed, number, source, want, got):
    print(f"--- {kind} seed {seed} case {number}\n{source}")
    for name, lines, other in (("spark", want, got), ("forebay", got, want)):
        for line in [ln for ln in lines if ln not in other or lines[0].startswith("error")][:4] or ["(the same lines, in another order)"]:
            print(f"  {name:8}{line[:600]}")
    sys.stdout.flush()


class Hunt:
    """All cases of a command line, on as many pairs of sessions as jobs."""

    def __init__(self, servers, seed, most):
        self.servers, self.seed, self.most = servers, seed, most
        self.counts, self.shown, self.dead = collections.Counter(), 0, False
        self.local, self.lock, self.pairs = threading.local(), threading.Lock(), []

    def pair(self):
        if not hasattr(self.local, "pair"):
            self.local.pair = Pair(*self.servers)
            with self.lock:
                self.pairs.append(self.local.pair)
        return self.local.pair

    def block(self, kind, first, last):
        counts = collections.Counter()
        for number, _, source, want, got in differences(self.pair(), kind, self.seed, first, last, counts):
            with self.lock:
                self.shown += 1
                if self.shown <= self.most:
                    show(kind, self.seed, number, source, want, got)
            self.dead |= not self.servers[1].alive()
            if self.dead:
                break
        with self.lock:
            self.counts += counts

    def run(self, kind, first, last, jobs):
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for done in [pool.submit(self.block, kind, *b) for b in blocks(first, last)]:
                done.result()
        for pair in self.pairs:
            pair.close()
        self.pairs, self.local = [], threading.local()
        told = ", ".join(f"{self.counts[kind, v]} {v}" for v in answers.VERDICTS)
        print(f"{kind}: {told}; {(last - first) / (time.monotonic() - begun):.1f} a second", flush=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--kind", nargs="+", default=KINDS, choices=KINDS)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--first", type=int, default=0)
    ap.add_argument("--cases", type=int, default=200, help="of each kind")
    ap.add_argument("--jobs", type=int, default=3)
    ap.add_argument("--spark")
    ap.add_argument("--forebay")
    ap.add_argument("--show", type=int, default=50)
    a = ap.parse_args()
    logging.disable()     # refusals are expected here
    with tempfile.TemporaryDirectory() as top:
        folders = [os.path.join(top, n) for n in ("spark", "forebay")]
        for folder in folders:
            os.makedirs(folder)
        servers = [engines.Remote(a.spark) if a.spark else engines.Spark(folders[0]),
                   engines.Remote(a.forebay) if a.forebay else engines.Forebay(folders[1])]
        hunt = Hunt(servers, a.seed, a.show)
        try:
            for kind in a.kind:
                hunt.run(kind, a.first, a.first + a.cases, a.jobs)
                if hunt.dead:
                    print("Forebay died:", servers[1].said()[-1000:])
                    return 1
        finally:
            for s in servers:
                s.stop()
    failed = sum(n for (_, v), n in hunt.counts.items() if v == answers.DIFFERENT)
    print(f"{sum(hunt.counts.values()) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
