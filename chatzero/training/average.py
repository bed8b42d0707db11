"""Averaging the last checkpoints: the mean of the weights at the last looks is better than the last weights.

Near the end the weights swing around a better place than any they pass through; their mean lies nearer to it
(Vaswani et al. 2017, section 6.1, average the last 5 to 20; Izmailov et al. 2018). The weights at each look are kept on
the disk, so that a run taken up again averages what it would have.
"""

import shutil
from pathlib import Path

import torch

from chatzero.checkpoint.atomic import whole_folder
from chatzero.checkpoint.tensors import read_tensors, write_tensors
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Tensor
from chatzero.training.sharding import divided_like

FOLDER = "snapshots"
_FILE = "model.safetensors"


def keep_snapshot(run: Path, step: int, model: LanguageModel, last: int) -> None:
    """Write down the weights of this step; forget all but the newest `last`, and what a killed run did after it."""
    for old in [path for path in _snapshots(run) if _step(path) >= step]:
        shutil.rmtree(old, ignore_errors=True)
    with whole_folder(run / FOLDER / f"step-{step:08d}") as draft:
        write_tensors(draft / _FILE, dict(model.named_parameters()))
    for old in _snapshots(run)[:-last]:
        shutil.rmtree(old, ignore_errors=True)


@torch.no_grad()
def take_average(run: Path, model: LanguageModel, up_to_step: int) -> list[int]:
    """Give the model the mean of the weights kept up to this step; their steps. None kept: it stays as it is."""
    kept = [path for path in _snapshots(run) if _step(path) <= up_to_step]
    if not kept:
        return []
    mean: dict[str, Tensor] = {}
    for path in kept:
        for name, tensor in read_tensors(path / _FILE).items():
            # float64: the mean of equal numbers is then that number, however many there are
            mean[name] = mean.get(name, torch.zeros_like(tensor, dtype=torch.float64)) + tensor.double() / len(kept)
    for name, parameter in model.named_parameters():
        parameter.copy_(divided_like(mean[name], parameter))
    return [_step(path) for path in kept]


def _snapshots(run: Path) -> list[Path]:
    return sorted((run / FOLDER).glob("step-*"))


def _step(path: Path) -> int:
    return int(path.name.removeprefix("step-"))
