"""The course's streaming jobs: counting words, orders to CSV with kills between, counts by status."""
import collections
import json
import os

import pytest
from harness import EXAMPLES, Script, by_status, console_batches, drop, orders, sink_rows


def example(name):
    return os.path.join(EXAMPLES, name)


def shown(script, want):
    return any({tuple(r) for r in rows} == want for _, _, rows in console_batches(script.text))


def test_word_count_grows(tmp_path, feed):
    s = Script(example("wordcount.py"), feed.port, cwd=tmp_path)
    try:
        s.wait_for("a connection", lambda: feed.peers)
        seen = collections.Counter()
        for text in ("big data is big\n", "big  gap\nhi\n", "データ big\n"):
            feed.send(text)
            for line in text.splitlines():
                seen.update(line.split(" "))
            want = {(w, str(n)) for w, n in seen.items()}
            s.wait_for(f"{dict(seen)}", lambda: shown(s, want))
    finally:
        s.kill()


def complete(rows):
    return sorted((str(r["order_id"]), r["order_date"], str(r["order_customer_id"]), r["order_status"])
                  for r in rows if r["order_status"] == "COMPLETE")


def test_orders_to_csv_survives_kill_9(tmp_path):
    box, out, ck = (str(tmp_path / d) for d in ("in", "out", "ck"))
    rows = orders(1, 300)
    drop(box, "1.json", rows[:100])
    args = (example("orders_to_csv.py"), box, out, ck)
    s = Script(*args, cwd=tmp_path)
    try:
        s.wait_for("the first file", lambda: sink_rows(out) == complete(rows[:100]))
        drop(box, "2.json", rows[100:200])
        s.wait_for("the second file", lambda: sink_rows(out) == complete(rows[:200]))
        s.kill()
        drop(box, "3.json", rows[200:])
        s = Script(*args, cwd=tmp_path)
        s.wait_for("the third file", lambda: sink_rows(out) == complete(rows))
    finally:
        s.kill()
    assert json.load(open(os.path.join(ck, "metadata")))["id"]
    offsets = {f for f in os.listdir(os.path.join(ck, "offsets")) if f.isdigit()}
    assert offsets == {"0", "1", "2"}


@pytest.mark.parametrize("mode", ["complete", "update"])
def test_orders_by_status(tmp_path, mode):
    box = str(tmp_path / "in")
    rows = orders(1, 50)
    drop(box, "1.json", rows)
    s = Script(example("orders_by_status.py"), box, mode, cwd=tmp_path)
    try:
        n = by_status(rows)
        s.wait_for("the first counts", lambda: shown(s, {(k, str(v)) for k, v in n.items()}))
        late = orders(100, 1)
        drop(box, "2.json", late)
        n.update(by_status(late))
        want = n if mode == "complete" else {k: n[k] for k in by_status(late)}
        s.wait_for("the second counts", lambda: shown(s, {(k, str(v)) for k, v in want.items()}))
    finally:
        s.kill()


def test_append_without_watermark_is_refused(tmp_path):
    os.makedirs(tmp_path / "in")
    s = Script(example("orders_by_status.py"), tmp_path / "in", "append", cwd=tmp_path)
    assert s.finish() == 1
    assert "AnalysisException" in s.text and "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION" in s.text
    assert "watermark" in s.text and "42KDE" in s.text


def test_nest_orders(tmp_path):
    drop(str(tmp_path / "orders"), "o.json", orders(1, 20))
    items = [{"order_item_id": k, "order_item_order_id": k % 20 + 1, "order_item_quantity": k % 3,
              "order_item_subtotal": k / 4} for k in range(60)]
    drop(str(tmp_path / "items"), "i.json", items)
    s = Script(example("nest_orders.py"), tmp_path / "orders", tmp_path / "items", tmp_path / "out", cwd=tmp_path)
    assert s.finish() == 0, s.text
    parts = [f for f in os.listdir(tmp_path / "out") if f.startswith("part-")]
    assert len(parts) == 1 and (tmp_path / "out" / "_SUCCESS").exists()
    got = [json.loads(ln) for ln in open(tmp_path / "out" / parts[0])]
    assert [g["order_id"] for g in got] == list(range(1, 21))
    for g in got:
        want = sorted((i["order_item_id"], i["order_item_quantity"], i["order_item_subtotal"])
                      for i in items if i["order_item_order_id"] == g["order_id"])
        assert sorted(tuple(x.values()) for x in g["line_items"]) == want
