"""The comparison runs with every contender there is, and its figures belong together; no speed is promised here."""

import json
from pathlib import Path

import pytest

from benchmarks.compare_training import CONTENDERS, TASKS, main

NANO = ["--size", "nano", "--batch-tokens", "512", "--max-seq-len", "64", "--conversations", "200", "--device", "cpu"]


@pytest.mark.parametrize(("kind", "arch"), TASKS)
def test_every_contender_learns_from_tokens(kind: str, arch: str, tmp_path: Path) -> None:
    out = tmp_path / "training.json"
    main([*NANO, "--only", f"{kind}-{arch}", "--rounds", "1", "--seconds", "0.05", "--out", str(out)])
    document = json.loads(out.read_text(encoding="utf-8"))
    (task,) = document["tasks"]
    found = {contender["name"]: contender for contender in task["contenders"]}
    assert len(found) + len(task["not_installed"]) == len(CONTENDERS[task["task"]])
    assert set(task["not_installed"]) <= {"litgpt", "lightning"}
    mine = found["chatzero"]
    for contender in found.values():
        assert contender["tokens_per_s"][0] > 0
        assert contender["parameters"] == pytest.approx(mine["parameters"], rel=0.1), contender["name"]
        ratio = mine["tokens_per_s"][0] / contender["tokens_per_s"][0]
        assert contender["ours_is_faster_by"]["median"] == pytest.approx(ratio)
