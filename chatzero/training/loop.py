"""`steps()`: a generator of StepReport until the horizon. The caller decides when to evaluate, save and stop."""

import time
from collections.abc import Iterator
from dataclasses import replace

import torch

from chatzero.data.batch import Batch
from chatzero.data.loader import Loader
from chatzero.training.config import TrainConfig
from chatzero.training.report import StepReport
from chatzero.training.state import TrainState
from chatzero.training.step import train_step

_SAMPLED_BATCHES = 64
"""Of the first epoch: enough to know the usual number of targets in a batch to a few percent."""


def progress(state: TrainState, config: TrainConfig) -> float:
    """How far the run is, from 0 to 1: the share of its steps, or of its minutes.

    By the clock, a run ends on time on any machine, and the learning rate still comes down to its floor.
    """
    if config.steps is not None:
        return state.step / config.steps
    assert config.minutes is not None
    return state.elapsed_s / (60 * config.minutes)


def left_over(state: TrainState, loader: Loader) -> Batch:
    """The batch of this step, less the rows that no loss could be computed of."""
    batch = loader.batch_at(state.step)
    bad = state.left_out.get(state.step, [])
    return batch.rows([row for row in range(batch.num_rows) if row not in bad]) if bad else batch


def own_part(state: TrainState, loader: Loader) -> Batch:
    """What this process computes of it: all, or in a team its part, a function of seed, step and rank."""
    team = state.together.team
    if team.size == 1:
        return left_over(state, loader)
    return loader.part_at(state.step, team.rank, team.size, without=state.left_out.get(state.step, ()))


def steps(state: TrainState, loader: Loader, config: TrainConfig, dtype: torch.dtype) -> Iterator[StepReport]:
    """Train until the horizon, a report after each update.

    What the caller does between two reports (evaluate, sample, save) counts as training time.
    """
    usual = sum(loader.batch_at(step).num_targets for step in range(_SAMPLED_BATCHES)) / _SAMPLED_BATCHES
    team = state.together.team
    before_s, started = state.elapsed_s, time.perf_counter()

    def elapsed_s() -> float:
        """By the leader's clock: on it hang the learning rate and the end of a run by the minute."""
        return team.led(before_s + time.perf_counter() - started)

    while (done := progress(state, config)) < 1.0:
        report = train_step(state, own_part(state, loader), done, config, dtype, usual)
        state.elapsed_s = elapsed_s()
        yield replace(report, elapsed_s=state.elapsed_s)
        state.elapsed_s = elapsed_s()
