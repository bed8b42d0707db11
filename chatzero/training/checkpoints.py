"""A team's checkpoints: who writes, who reads, and which one is the newest.

Where every process holds the whole model, the leader writes an ordinary checkpoint; where each holds a part, each
writes its part. Either is read by any number of processes. The folder must be one that all machines see.
"""

import json
from pathlib import Path

import torch

from chatzero.checkpoint.resume import SavedState, latest_folder, latest_state, read_state, save_state
from chatzero.checkpoint.saver import Saver
from chatzero.checkpoint.shards import write_shards
from chatzero.shapes import Tensor
from chatzero.training.distributed import Sharded
from chatzero.training.state import TrainState, moved_by
from chatzero.training.team import Team


def newest_state(checkpoints: Path, state: TrainState) -> tuple[SavedState | None, list[str]]:
    """The newest sound checkpoint, which is the leader's to choose, read by everybody; see `latest_state`."""
    together = state.together
    if together.team.size == 1:
        return latest_state(checkpoints)

    def choose() -> str:
        folder, skipped = latest_folder(checkpoints)
        return json.dumps([folder.name if folder is not None else None, skipped])

    name, skipped = json.loads(together.team.told(choose))
    if name is None:
        return None, skipped
    if isinstance(together, Sharded):
        return read_state(checkpoints / name, _Places(state), together.beside.group), skipped
    return read_state(checkpoints / name), skipped


def saver(checkpoints: Path, keep: int, state: TrainState) -> Saver:
    """What writes this process's share of the checkpoints: all, nothing, or its parts."""
    together = state.together
    if not isinstance(together, Sharded):
        return Saver(checkpoints, keep, silent=not together.team.leads)
    beside = together.beside

    def write(checkpoints: Path, step: int, saved: SavedState, keep: int, best_step: int | None) -> None:
        _save_parts(checkpoints, step, saved, keep, best_step, beside)

    return Saver(checkpoints, keep, write)


def _save_parts(checkpoints: Path, step: int, saved: SavedState, keep: int, best_step: int | None, team: Team) -> None:
    """The leader makes the folder and puts it in place when everybody has written into it."""
    assert team.group is not None
    group = team.group
    parts = {
        f"{file}/{name}": tensor for file in ("model", "optimizer") for name, tensor in saved.tensors[file].items()
    }

    def write(draft: Path) -> None:
        write_shards(Path(team.told(lambda: str(draft))), parts, group)

    if team.leads:
        rest = SavedState({"random": saved.tensors["random"]}, saved.numbers)
        save_state(checkpoints, step, rest, keep, best_step, also=write)
    else:
        write(checkpoints)


class _Places:
    """Where the tensors of a checkpoint belong in this process: beside their parameter, divided like it."""

    def __init__(self, state: TrainState) -> None:
        self._parameters = {f"model/{name}": parameter for name, parameter in state.model.named_parameters()}
        self._moved = [moved_by(optimizer) for optimizer in state.optimizers]

    def __call__(self, name: str, shape: torch.Size, dtype: torch.dtype) -> Tensor:
        parameter: Tensor | None = self._parameters.get(name)
        if parameter is None and name.startswith("optimizer/"):
            which, index, _ = name.removeprefix("optimizer/").split(".", 2)
            parameter = self._moved[int(which)][int(index)]
        if parameter is None or parameter.shape != shape:
            return torch.empty(shape, dtype=dtype)
        return torch.empty_like(parameter, dtype=dtype, requires_grad=False)
