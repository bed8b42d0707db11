"""chatzero's own step, on its own batches: with AdamW as everyone here, and with Muon as the quickstart trains."""

from collections.abc import Iterator
from typing import Literal

import torch

from benchmarks.contenders.contender import Contender, looping
from benchmarks.task import LEARNING_RATE, Task
from chatzero.models.build import build
from chatzero.models.kernels import suit_kernels
from chatzero.training.config import TrainConfig
from chatzero.training.optimizer import build_optimizers
from chatzero.training.state import TrainState
from chatzero.training.step import train_step


def ours(task: Task, optimizer: Literal["adamw", "muon"]) -> Contender:
    model = build(task.config, torch.Generator().manual_seed(0)).to(task.device)
    suit_kernels(model, task.device)
    config = TrainConfig(steps=10**6, optimizer=optimizer, learning_rate=LEARNING_RATE)

    def steps() -> Iterator[int]:
        state, loader = TrainState(model, build_optimizers(model, config)), task.loader()
        while True:
            yield train_step(state, loader.batch_at(state.step), 0.5, config, task.dtype).tokens

    name = "chatzero" if optimizer == "adamw" else "chatzero, its defaults (Muon)"
    return looping(name, model, task.dtype, steps())
