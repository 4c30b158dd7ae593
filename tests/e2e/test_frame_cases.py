"""DataFrame cases against what real Spark answered: frame_cases.py has them, frame_cases.json the answers."""
import json

import frame_cases


def test_frames(spark):
    with open(frame_cases.ANSWERS, encoding="utf-8") as f:
        wanted = json.load(f)
    got = {label: frame_cases.answer(make) for label, make in frame_cases.cases(spark).items()}
    assert got.keys() == wanted.keys()
    wrong = {label: (a, wanted[label]) for label, a in got.items() if a != wanted[label]}
    assert not wrong, "\n".join(f"{label}: {a} for {w}" for label, (a, w) in wrong.items())
