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


def test_the_best_is_kept_beside_the_newest(tmp_path: Path) -> None:
    for step in range(1, 7):
        save_state(tmp_path, step, state(step), keep=2, best_step=min(step, 3))
    assert [p.name[-1] for p in saved_steps(tmp_path)] == ["6", "5", "3"]


def test_damaged_ones_never_push_out_a_sound_one(tmp_path: Path) -> None:
    """Found newest first, and all later steps damaged: what is written then must stay."""
    for step in (7, 8):
        save_state(tmp_path, step, state(step), keep=2)
        (tmp_path / f"step-0000000{step}" / "state.json").write_text("{}")
    assert latest_state(tmp_path)[0] is None
    save_state(tmp_path, 1, state(1), keep=2)
    found, skipped = latest_state(tmp_path)
    assert found is not None
    assert found.numbers == {"step": 1}
    assert skipped == []


def test_a_manifest_that_names_too_little_is_no_way_in(tmp_path: Path) -> None:
    for step in (1, 2):
        save_state(tmp_path, step, state(step), keep=2)
    (tmp_path / "step-00000002" / "optimizer.safetensors").unlink()
    (tmp_path / "step-00000002" / "manifest.json").write_text('{"sha256": {}}')
    found, skipped = latest_state(tmp_path)
    assert found is not None
    assert found.numbers == {"step": 1}
    assert "optimizer.safetensors" in skipped[0]


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
