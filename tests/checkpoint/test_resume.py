"""The newest sound checkpoint is found; damaged ones are passed over by name; the old ones go."""

from pathlib import Path

import torch

from chatzero.checkpoint.resume import SavedState, latest_state, save_state, saved_steps


def state(step: int) -> SavedState:
    names = ("model", "optimizer", "random")
    return SavedState({name: {"x": torch.full((2,), float(step))} for name in names}, {"step": step})


def test_round_trip_and_keep(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        save_state(tmp_path, step, state(step), keep=2)
    assert [p.name for p in saved_steps(tmp_path)] == ["step-00000003", "step-00000002"]
    found, skipped = latest_state(tmp_path)
    assert found is not None
    assert skipped == []
    assert found.numbers == {"step": 3}
    assert torch.equal(found.tensors["model"]["x"], torch.full((2,), 3.0))


def test_never_fewer_than_two_are_kept(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        save_state(tmp_path, step, state(step), keep=1)
    assert len(saved_steps(tmp_path)) == 2


def test_a_torn_checkpoint_is_passed_over_by_name(tmp_path: Path) -> None:
    for step in (1, 2):
        save_state(tmp_path, step, state(step), keep=2)
    file = tmp_path / "step-00000002" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-3])
    found, skipped = latest_state(tmp_path)
    assert found is not None
    assert found.numbers == {"step": 1}
    assert len(skipped) == 1
    assert "step-00000002" in skipped[0]
    assert "model.safetensors" in skipped[0]


def test_nothing_there(tmp_path: Path) -> None:
    assert latest_state(tmp_path / "none") == (None, [])
