"""A run in a line and as curves: also one that trains, is torn, or is long."""

import json
from pathlib import Path

import pytest

from chatzero.pipeline.run_summary import MAX_POINTS, curves, run_folders, run_id, stamp, summary


def step(number: int, loss: float, seconds: float = 1.0, progress: float = 0.5) -> dict[str, object]:
    row = {"kind": "step", "step": number, "loss": loss, "tokens": 100, "seconds": seconds}
    return {**row, "elapsed_s": float(number), "progress": progress}


def make_run(folder: Path, state: str = "finished") -> Path:
    folder.mkdir(parents=True)
    settings = {"stage": "sft", "model": {"arch": "gpt"}}
    (folder / "run.json").write_text(json.dumps({"state": state, "settings": settings}), encoding="utf-8")
    write(folder, [step(1, 5.5, 2.0), {"kind": "eval", "step": 1, "loss": 4.5}, step(2, 3.25)])
    return folder


def write(folder: Path, rows: list[dict[str, object]]) -> None:
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_a_line_and_the_curves(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "mine")
    line, found = summary(folder), curves(folder)
    assert (line.step, line.loss, line.held_out_loss, line.state) == (2, 3.25, 4.5, "finished")
    assert found.training == [(1, 5.5, 50.0), (2, 3.25, 100.0)]
    assert found.held_out == [(1, 4.5)]
    assert found.elapsed_s == 2.0
    assert found.remaining_s == pytest.approx(2.0)


def test_a_run_that_has_not_begun_and_one_with_a_torn_line(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "mine", state="running")
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"kind": "step", "st')
    assert len(curves(folder).training) == 2
    (folder / "metrics.jsonl").unlink()
    assert curves(folder).training == []
    assert curves(folder).remaining_s is None
    assert curves(folder).quiet_s is None


@pytest.mark.parametrize("steps", [MAX_POINTS, MAX_POINTS + 1, 10 * MAX_POINTS + 3])
def test_a_long_run_is_drawn_in_few_points_that_leave_no_step_out(tmp_path: Path, steps: int) -> None:
    folder = make_run(tmp_path / "mine")
    write(folder, [step(i + 1, float(i)) for i in range(steps)])
    found = curves(folder).training
    assert MAX_POINTS / 2 < len(found) <= MAX_POINTS
    assert found[-1][0] == steps
    sizes = [b - a for a, b in zip([0, *(x for x, _, _ in found)], (x for x, _, _ in found), strict=False)]
    total = sum(size * loss for size, (_, loss, _) in zip(sizes, found, strict=True))
    assert total == pytest.approx(steps * (steps - 1) / 2)


def test_the_stamp_changes_with_the_run(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "mine")
    before = stamp(folder)
    assert stamp(folder) == before
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps(step(3, 1.0)) + "\n")
    assert stamp(folder) != before
    (folder / "metrics.jsonl").unlink()
    assert stamp(folder) != before


def test_ids_differ_and_say_nothing(tmp_path: Path) -> None:
    folders = [make_run(tmp_path / name) for name in ("a", "b")]
    assert run_folders(tmp_path, None) == folders
    ids = {run_id(folder) for folder in folders}
    assert len(ids) == 2
    assert all(name.isalnum() and len(name) == 16 for name in ids)
