"""Training state that outlives a process: `checkpoints/step-00000123/`, whole or absent.

A state is named tensors (weights, optimizer moments, random generators) and a JSON object of plain numbers. What is in
it is the business of `training.state`; here it is written, found again, checked, and the old ones are removed.
"""

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from torch import distributed

from chatzero.checkpoint.atomic import discard, problems, sweep, whole_folder
from chatzero.checkpoint.shards import Place, has_shards, read_shards
from chatzero.checkpoint.tensors import read_tensors, write_tensors
from chatzero.errors import ModelFolderError
from chatzero.language import tr
from chatzero.shapes import Tensor

_STEP = re.compile(r"step-(\d{8})")
_TENSOR_FILES = ("model", "optimizer", "random")
Found = TypeVar("Found")


@dataclass(frozen=True)
class SavedState:
    """What a checkpoint holds. `tensors` maps a file ("model", "optimizer", "random") to its named tensors."""

    tensors: dict[str, dict[str, Tensor]]
    numbers: dict[str, object]

    def copy(self) -> "SavedState":
        """The same values in memory of their own, on the CPU: what trains on cannot change them any more."""
        tensors = {
            file: {name: tensor.detach().to("cpu", copy=True) for name, tensor in named.items()}
            for file, named in self.tensors.items()
        }
        return SavedState(tensors, json.loads(json.dumps(self.numbers)))


def save_state(
    checkpoints: Path,
    step: int,
    state: SavedState,
    keep: int,
    best_step: int | None = None,
    also: Callable[[Path], None] | None = None,
) -> Path:
    """Write one checkpoint, then remove all but the newest `keep` and that of `best_step`.

    At least two are kept: the newest may be the torn one. `also` writes what `state` does not hold: tensors in shards.
    """
    final = checkpoints / _name(step)
    with whole_folder(final) as draft:
        for name, tensors in state.tensors.items():
            write_tensors(draft / f"{name}.safetensors", tensors)
        if also is not None:
            also(draft)
        (draft / "state.json").write_text(json.dumps(state.numbers, indent=1) + "\n", encoding="utf-8")
    for old in saved_steps(checkpoints)[max(keep, 2) :]:
        if best_step is None or old.name != _name(best_step):
            discard(old)
    return final


def saved_steps(checkpoints: Path) -> list[Path]:
    """The checkpoint folders, newest first."""
    if not checkpoints.is_dir():
        return []
    return sorted((p for p in checkpoints.iterdir() if _STEP.fullmatch(p.name)), reverse=True)


def latest_state(checkpoints: Path) -> tuple[SavedState | None, list[str]]:
    """The newest sound checkpoint, or None, and a line for each damaged one that was passed over.

    A damaged one is set aside under the name `damaged-...`: left among the others it would count as one of the newest,
    and a sound one would be removed in its place.
    """
    return _latest(checkpoints, _read)


def latest_folder(checkpoints: Path) -> tuple[Path | None, list[str]]:
    """The same, but only where it is."""
    return _latest(checkpoints, _sound)


def _latest(checkpoints: Path, read: Callable[[Path], Found]) -> tuple[Found | None, list[str]]:
    if checkpoints.is_dir():
        sweep(checkpoints)
    skipped: list[str] = []
    for folder in saved_steps(checkpoints):
        try:
            return read(folder), skipped
        except ModelFolderError as error:
            skipped.append(f"{folder.name}: {error.what}")
            aside = folder.with_name(f"damaged-{folder.name}")
            shutil.rmtree(aside, ignore_errors=True)
            os.replace(folder, aside)
    return None, skipped


def _name(step: int) -> str:
    return f"step-{step:08d}"


def _sound(folder: Path) -> Path:
    """Raises `ModelFolderError` unless the folder is whole and unchanged."""
    if found := problems(folder):
        raise _damaged("; ".join(found))
    return folder


def _read(folder: Path) -> SavedState:
    """Raises `ModelFolderError` unless the folder is whole and unchanged."""
    return read_state(_sound(folder))


def read_state(folder: Path, place: Place | None = None, group: distributed.ProcessGroup | None = None) -> SavedState:
    """A checkpoint that is known to be sound. Shards are put together, or read to where `place` says (`shards`)."""
    if has_shards(folder):
        tensors: dict[str, dict[str, Tensor]] = {"model": {}, "optimizer": {}}
        for path, tensor in read_shards(folder, place, group).items():
            file, name = path.split("/", 1)
            tensors[file][name] = tensor
        tensors["random"] = read_tensors(folder / "random.safetensors")
    else:
        tensors = {name: read_tensors(folder / f"{name}.safetensors") for name in _TENSOR_FILES}
    try:
        numbers = dict(json.loads((folder / "state.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise _damaged(f"state.json: {error}") from error
    return SavedState(tensors, numbers)


def _damaged(what: str) -> ModelFolderError:
    return ModelFolderError(
        what=what,
        why=tr("its files do not match the checksums written with them", "文件与写入时的校验和不一致"),
        do=tr("use the checkpoint before it", "请使用它之前的检查点"),
    )
