"""When a run has stopped getting better."""

import json
from pathlib import Path

import pytest

from chatzero.training.patience import held_out_losses, out_of_patience


@pytest.mark.parametrize(
    ("losses", "patience", "wanted"),
    [
        ([3.0, 2.0, 2.5, 2.4], 2, True),
        ([3.0, 2.0, 2.5, 1.9], 2, False),
        ([3.0, 2.0, 2.5], 2, False),
        ([2.0, 2.0, 2.0], 2, True),  # as good is not better
        ([3.0, 4.0], 2, False),  # not that many looks yet
        ([], 1, False),
        ([1.0, 2.0, 3.0, 4.0], None, False),
    ],
)
def test_out_of_patience(losses: list[float], patience: int | None, wanted: bool) -> None:
    assert out_of_patience(losses, patience) is wanted


def test_the_looks_of_a_metrics_file(tmp_path: Path) -> None:
    rows = [
        {"kind": "eval", "step": 4, "loss": 3.0},
        {"kind": "step", "step": 5, "loss": 9.0},
        {"kind": "eval", "step": 8, "loss": 2.0},
        {"kind": "eval", "step": 8, "loss": 1.0},  # of the averaged weights
        {"kind": "eval", "step": 12, "loss": 2.5},  # after the checkpoint
    ]
    (tmp_path / "m.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert held_out_losses(tmp_path / "m.jsonl", up_to_step=8) == [3.0, 2.0]
    assert held_out_losses(tmp_path / "absent.jsonl", up_to_step=8) == []
