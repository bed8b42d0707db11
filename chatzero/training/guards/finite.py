"""A loss or gradient that is not a number: where it came from, as far as that can be found out.

The update has been refused by then, so the weights are those the fault arose with. The step is repeated with everybody
watching: the weights, each row alone, each module's output, each gradient.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from chatzero.data.batch import LMBatch, Seq2SeqBatch
from chatzero.errors import TrainingError
from chatzero.language import tr
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Tensor
from chatzero.training.objective import batch_loss

Place = Literal["weights", "rows", "precision", "layer", "gradient", "nowhere"]


class NotFiniteError(TrainingError):
    """The update was refused; the weights are as they were."""

    def __init__(self, step: int, what: str, loss: float, grad_norm: float, learning_rate: float) -> None:
        self.step, self.loss, self.grad_norm, self.learning_rate = step, loss, grad_norm, learning_rate
        super().__init__(
            what=tr(
                f"the {what} is not finite at step {step} (loss {loss}, gradient norm {grad_norm})",
                f"第 {step} 步的 {what} 不是有限数（loss {loss}，梯度范数 {grad_norm}）",
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


@dataclass(frozen=True)
class Cause:
    """Where the first number that is none was found. `name`: of the weight or module; `rows`: of the batch."""

    place: Place
    name: str = ""
    rows: tuple[int, ...] = ()

    @property
    def words(self) -> tuple[str, str]:
        """(English, Chinese)"""
        rows = ", ".join(map(str, self.rows))
        match self.place:
            case "weights":
                return (
                    f"the weight {self.name} itself holds numbers that are none: an earlier update threw it away",
                    f"权重 {self.name} 本身已含非有限数：更早的一次更新把它毁掉了",
                )
            case "rows":
                return (
                    f"only row {rows} of the batch gives no number; the others do",
                    f"只有批次中的第 {rows} 行得不出数；其余各行正常",
                )
            case "precision":
                return (
                    f"{self.name} overflows in bfloat16; in float32 the same batch gives a number",
                    f"{self.name} 在 bfloat16 下溢出；同一批次用 float32 正常",
                )
            case "layer":
                return (
                    f"the first output that is no number is that of {self.name}",
                    f"最先出现非有限数的是 {self.name} 的输出",
                )
            case "gradient":
                return (
                    f"the loss is a number, the gradient of {self.name} is not",
                    f"loss 正常，{self.name} 的梯度不是有限数",
                )
            case _:
                return (
                    "the same batch gives a number when repeated: chance (dropout) or a fault of the machine",
                    "重复同一批次时正常：偶然（dropout）或机器故障",
                )


def find_cause(model: LanguageModel, batch: LMBatch | Seq2SeqBatch, dtype: torch.dtype) -> Cause:
    """Repeat the step and look where it goes wrong. Leaves weights, gradients and random generator as they were."""
    device = next(model.parameters()).device
    batch = batch.to(device)
    for name, parameter in model.named_parameters():
        if not _finite(parameter):
            return Cause("weights", name)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        rows: Sequence[LMBatch | Seq2SeqBatch] = batch.split(batch.num_rows)
        bad = tuple(row for row, alone in enumerate(rows) if not _computes(model, alone, dtype))
        if bad and len(bad) < batch.num_rows:
            return Cause("rows", rows=bad)
        with _first_not_finite(model) as found:
            whole = _computes(model, batch, dtype)
        if not whole:
            name = found[0] if found else "loss"
            if dtype != torch.float32 and _computes(model, batch, torch.float32):
                return Cause("precision", name)
            return Cause("layer", name)
        return _cause_in_gradients(model, batch, dtype)


def _computes(model: LanguageModel, batch: LMBatch | Seq2SeqBatch, dtype: torch.dtype) -> bool:
    device = next(model.parameters()).device
    with torch.no_grad(), torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
        return _finite(batch_loss(model, batch).sum_nats)


def _cause_in_gradients(model: LanguageModel, batch: LMBatch | Seq2SeqBatch, dtype: torch.dtype) -> Cause:
    device = next(model.parameters()).device
    names = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    with torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
        loss = batch_loss(model, batch)
    gradients = torch.autograd.grad(loss.sum_nats, parameters, allow_unused=True)
    for name, gradient in reversed(list(zip(names, gradients, strict=True))):  # backward meets the last layer first
        if gradient is not None and not _finite(gradient):
            return Cause("gradient", name)
    return Cause("nowhere")


@contextmanager
def _first_not_finite(model: nn.Module) -> Iterator[list[str]]:
    """Inside the `with`, the list receives the names of modules whose output is not finite, in the order they ran."""
    found: list[str] = []
    hooks = []
    for name, module in model.named_modules():

        def look(_: nn.Module, __: object, output: object, name: str = name) -> None:
            if isinstance(output, Tensor) and not _finite(output):
                found.append(name)

        hooks.append(module.register_forward_hook(look))
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def _finite(tensor: Tensor) -> bool:
    return bool(torch.isfinite(tensor).all())
