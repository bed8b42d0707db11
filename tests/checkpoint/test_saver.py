"""Saving beside training: what is written is the state at the call; the disk's refusal comes with the next call."""

import threading
from pathlib import Path

import pytest
import torch

from chatzero.checkpoint import saver as saver_module
from chatzero.checkpoint.resume import SavedState, latest_state, save_state
from chatzero.checkpoint.saver import Saver
from chatzero.errors import StorageError


def state(tensor: torch.Tensor) -> SavedState:
    return SavedState({name: {"x": tensor} for name in ("model", "optimizer", "random")}, {"step": 1})


def test_training_goes_on_while_the_state_of_the_call_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_write = threading.Event()
    real = save_state

    def slow_disk(checkpoints: Path, step: int, saved: SavedState, keep: int, best_step: int | None) -> Path:
        assert may_write.wait(30)
        return real(checkpoints, step, saved, keep, best_step)

    monkeypatch.setattr(saver_module, "save_state", slow_disk)
    weights = torch.zeros(3)
    saver = Saver(tmp_path, keep=2)
    saver.save(1, state(weights), None)
    weights += 1  # the next update, before anything is on the disk
    saver.check()
    assert latest_state(tmp_path)[0] is None
    may_write.set()
    saver.wait()
    saver.close()
    found, _ = latest_state(tmp_path)
    assert found is not None
    assert torch.equal(found.tensors["model"]["x"], torch.zeros(3))


def test_a_refusal_is_raised_by_the_next_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> Path:
        raise StorageError(what="no room", why="full", do="free some")

    monkeypatch.setattr(saver_module, "save_state", full)
    saver = Saver(tmp_path, keep=2)
    saver.save(1, state(torch.zeros(1)), None)
    with pytest.raises(StorageError, match="no room"):
        saver.wait()
    saver.wait()  # once
    saver.close()
