"""Input of the benchmark: made once, always the same bytes, kept outside the repository.

orders(rows, files)  JSON orders as the examples use them, about 100 bytes a row
words(words, files)  lines of ten words out of 5,000, each as likely as the next
"""
import os
import random
import shutil
import tempfile

BASE = os.environ.get("FOREBAY_BENCH_DATA") or os.path.expanduser("~/.cache/forebay-bench")
VERSION = 1         # of the generators below: another version, another folder
SEED = 20131107
BLOCK = 50_000      # rows made at a time
WORDS_A_LINE = 10

STATUS = ["COMPLETE", "CLOSED", "PENDING_PAYMENT", "PROCESSING", "PENDING", "ON_HOLD", "SUSPECTED_FRAUD",
          "CANCELED", "PAYMENT_REVIEW"]
STATUS_WEIGHTS = [33, 11, 22, 12, 11, 6, 2, 2, 1]
DAYS = [f"2013-{m:02d}-{d:02d}" for m in range(1, 13) for d in range(1, 29)]


def _folder(name, make):
    """The folder BASE/name; made in a temporary one first, so that an interrupted run leaves no half."""
    path = os.path.join(BASE, name)
    if not os.path.isdir(path):
        os.makedirs(BASE, exist_ok=True)
        print(f"making {path}", flush=True)
        tmp = tempfile.mkdtemp(prefix="." + name, dir=BASE)
        try:
            make(tmp)
            os.rename(tmp, path)
        finally:
            shutil.rmtree(tmp, ignore_errors=True)
    return path


def _split(total, files):
    return [total // files + (1 if k < total % files else 0) for k in range(files)]


def _blocks(n):
    return [min(BLOCK, n - at) for at in range(0, n, BLOCK)]


def orders(rows, files):
    def make(folder):
        rng, first = random.Random(SEED), 1
        for k, n in enumerate(_split(rows, files)):
            with open(os.path.join(folder, f"orders-{k:03d}.json"), "w", encoding="ascii") as f:
                for m in _blocks(n):
                    days, status = rng.choices(DAYS, k=m), rng.choices(STATUS, STATUS_WEIGHTS, k=m)
                    customers = rng.choices(range(1, 12_500), k=m)
                    f.writelines(f'{{"order_id":{i},"order_date":"{d}","order_customer_id":{c},"order_status":"{s}"}}\n'
                                 for i, d, c, s in zip(range(first, first + m), days, customers, status))
                    first += m
    return _folder(f"orders-v{VERSION}-{rows}-{files}", make)


def words(n_words, files):
    def make(folder):
        rng = random.Random(SEED)
        letters = "abcdefghijklmnopqrstuvwxyz"
        drawn = ("".join(rng.choices(letters, k=rng.randint(3, 10))) for _ in range(5_500))
        vocabulary = list(dict.fromkeys(drawn))[:5_000]
        for k, n in enumerate(_split(n_words // WORDS_A_LINE, files)):
            with open(os.path.join(folder, f"words-{k:03d}.txt"), "w", encoding="ascii") as f:
                for m in _blocks(n):
                    flat = rng.choices(vocabulary, k=m * WORDS_A_LINE)
                    f.writelines(" ".join(flat[i:i + WORDS_A_LINE]) + "\n" for i in range(0, len(flat), WORDS_A_LINE))
    return _folder(f"words-v{VERSION}-{n_words}-{files}", make)
