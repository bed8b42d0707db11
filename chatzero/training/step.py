"""One update: split, forward, backward, prove it finite, move. Reads like the book."""

import time
from collections.abc import Sequence

import torch

from chatzero.data.batch import LMBatch, Seq2SeqBatch
from chatzero.shapes import Tensor
from chatzero.training.config import TrainConfig
from chatzero.training.guards.finite import NotFiniteError
from chatzero.training.guards.memory import split_until_it_fits
from chatzero.training.optimizer import set_learning_rate
from chatzero.training.report import StepReport
from chatzero.training.schedule import learning_rate_share
from chatzero.training.state import TrainState


def train_step(
    state: TrainState,
    batch: LMBatch | Seq2SeqBatch,
    progress: float,
    config: TrainConfig,
    dtype: torch.dtype,
    targets_per_batch: float | None = None,
) -> StepReport:
    """Learn from one batch. Moves `state` one step on, or raises `NotFiniteError` and leaves the weights as they were.

    The loss is a sum, divided once, so that many micro-batches equal one batch. The divisor is `targets_per_batch`,
    the usual number of targets: then a token weighs the same in a batch of few long questions with short answers as
    in one of many targets. None divides by the batch's own number. In a team, `batch` is this process's part, and
    what is divided by, and reported, is of the whole.
    """
    started = time.perf_counter()
    device = next(state.model.parameters()).device
    share = learning_rate_share(progress, schedule=config.schedule, warmup=config.warmup_share, floor=config.floor)
    share *= state.learning_rate_factor
    set_learning_rate(state.optimizers, config, share)

    state.model.train()
    together, team = state.together, state.together.team
    together.begin(config.seed, state.step)
    num_targets, padded_tokens = map(int, team.totals(batch.num_targets, batch.padded_tokens))
    divisor = (targets_per_batch or max(1, num_targets)) / team.size

    def learn(micro_batches: Sequence[LMBatch | Seq2SeqBatch]) -> Tensor:
        nats = torch.zeros((), device=device)
        for number, micro_batch in enumerate(micro_batches, start=1):
            with together.summing(now=number == len(micro_batches)):
                with torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
                    loss = together.loss(state.model, micro_batch.to(device), config.label_smoothing)
                torch.autograd.backward(loss.sum_nats / divisor)
            nats += loss.plain_nats
        return nats

    nats = split_until_it_fits(state, batch, config.accumulate, learn)
    norm_value = together.clip(state.model, config.grad_clip)
    loss_value = team.totals(float(nats))[0] / max(1, num_targets)
    _require_finite(loss_value, norm_value, state, config.learning_rate * share)
    for optimizer in state.optimizers:
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    seconds = time.perf_counter() - started
    state.step += 1
    return StepReport(
        step=state.step,
        progress=progress,
        loss=loss_value,
        learning_rate=config.learning_rate * share,
        grad_norm=norm_value,
        tokens=num_targets,
        padded_tokens=padded_tokens,
        seconds=seconds,
        elapsed_s=state.elapsed_s,
    )


def _require_finite(loss: float, grad_norm: float, state: TrainState, learning_rate: float) -> None:
    """Refuse the update when loss or gradient is not a number: after it, no weight would be one either."""
    if loss == loss and abs(loss) != float("inf") and grad_norm == grad_norm and grad_norm != float("inf"):
        return
    for optimizer in state.optimizers:
        optimizer.zero_grad(set_to_none=True)
    what = "loss" if loss != loss or abs(loss) == float("inf") else "gradient"
    raise NotFiniteError(state.step + 1, what, loss, grad_norm, learning_rate)
