"""Training state that outlives a process: `checkpoints/step-00000123/`, whole or absent.

A state is named tensors (weights, optimizer moments, random generators) and a JSON object of plain numbers. What is in
it is the business of `training.state`; here it is written, found again, checked, and the old ones are removed.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from chatzero.checkpoint.atomic import discard, problems, sweep, whole_folder
from chatzero.checkpoint.tensors import read_tensors, write_tensors
from chatzero.shapes import Tensor

_STEP = re.compile(r"step-(\d{8})")
_TENSOR_FILES = ("model", "optimizer", "random")


@dataclass(frozen=True)
class SavedState:
    """What a checkpoint holds. `tensors` maps a file ("model", "optimizer", "random") to its named tensors."""

    tensors: dict[str, dict[str, Tensor]]
    numbers: dict[str, object]


def save_state(checkpoints: Path, step: int, state: SavedState, keep: int) -> Path:
    """Write one checkpoint, then remove all but the newest `keep` (at least two: the newest may be the torn one)."""
    final = checkpoints / f"step-{step:08d}"
    with whole_folder(final) as draft:
        for name in _TENSOR_FILES:
            write_tensors(draft / f"{name}.safetensors", state.tensors[name])
        (draft / "state.json").write_text(json.dumps(state.numbers, indent=1) + "\n", encoding="utf-8")
    for old in saved_steps(checkpoints)[max(keep, 2) :]:
        discard(old)
    return final


def saved_steps(checkpoints: Path) -> list[Path]:
    """The checkpoint folders, newest first."""
    if not checkpoints.is_dir():
        return []
    return sorted((p for p in checkpoints.iterdir() if _STEP.fullmatch(p.name)), reverse=True)


def latest_state(checkpoints: Path) -> tuple[SavedState | None, list[str]]:
    """The newest sound checkpoint, or None, and a line for each damaged one that was passed over."""
    if checkpoints.is_dir():
        sweep(checkpoints)
    skipped = []
    for folder in saved_steps(checkpoints):
        if found := problems(folder):
            skipped.append(f"{folder.name}: {'; '.join(found)}")
            continue
        tensors = {name: read_tensors(folder / f"{name}.safetensors") for name in _TENSOR_FILES}
        numbers = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        return SavedState(tensors, numbers), skipped
    return None, skipped
