"""One update: split, forward, backward, prove it finite, move. Reads like the book."""

import time

import torch

from chatzero.data.batch import LMBatch, Seq2SeqBatch
from chatzero.errors import TrainingError
from chatzero.language import tr
from chatzero.training.config import TrainConfig
from chatzero.training.objective import batch_loss
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
    """Learn from one batch. Moves `state` one step on, or raises `TrainingError` and leaves the weights as they were.

    The loss is a sum, divided once, so that many micro-batches equal one batch. The divisor is `targets_per_batch`,
    the usual number of targets: then a token weighs the same in a batch of few long questions with short answers as
    in one of many targets. None divides by the batch's own number.
    """
    started = time.perf_counter()
    device = next(state.model.parameters()).device
    share = learning_rate_share(progress, schedule=config.schedule, warmup=config.warmup_share, floor=config.floor)
    set_learning_rate(state.optimizers, config, share)

    state.model.train()
    num_targets = max(1, batch.num_targets)
    nats = torch.zeros((), device=device)
    for micro_batch in batch.split(config.accumulate):
        with torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
            loss = batch_loss(state.model, micro_batch.to(device), config.label_smoothing)
        torch.autograd.backward(loss.sum_nats / (targets_per_batch or num_targets))
        nats += loss.plain_nats

    grad_norm = torch.nn.utils.clip_grad_norm_(state.model.parameters(), config.grad_clip)
    loss_value, norm_value = float(nats) / num_targets, float(grad_norm)
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
        tokens=batch.num_targets,
        padded_tokens=batch.padded_tokens,
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
    raise TrainingError(
        what=tr(
            f"the {what} is not finite at step {state.step + 1} (loss {loss}, gradient norm {grad_norm})",
            f"第 {state.step + 1} 步的 {what} 不是有限数（loss {loss}，梯度范数 {grad_norm}）",
        ),
        why=tr(
            f"most often the learning rate ({learning_rate:.2g}) is too high; the update was refused",
            f"最常见的原因是学习率（{learning_rate:.2g}）过高；这次更新已被拒绝，权重未变",
        ),
        do=tr(
            "run again with --set train.learning_rate=<half of it>: training resumes from the last checkpoint",
            "用 --set train.learning_rate=<减半> 重新运行，会从上一个检查点续训",
        ),
    )
