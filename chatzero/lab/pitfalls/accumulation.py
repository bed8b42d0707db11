"""Gradient accumulation that averages the means of micro-batches of different size."""

import torch

from chatzero.lab.bench import bench_of
from chatzero.lab.pitfall import Measured, Number, Pitfall, Scale, Version, Words
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Float, Tensor
from chatzero.training.objective import batch_loss

_PARTS = 8


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    model = bench.model().eval()
    batch = bench.loader.batch_at(0)
    parts = batch.split(_PARTS)
    counts = [part.num_targets for part in parts]
    losses = [batch_loss(model, part).sum_nats for part in parts]
    whole = batch_loss(model, batch).sum_nats / sum(counts)
    right = sum(losses[1:], losses[0]) / sum(counts)
    means = [loss / count for loss, count in zip(losses, counts, strict=True)]
    mean_of_means = sum(means[1:], means[0]) / len(means)
    undivided = sum(means[1:], means[0])
    reference = _gradient(model, whole)
    versions = tuple(
        Version(name, _row(loss, _gradient(model, loss), reference))
        for name, loss in (
            (Words("one batch", "一个大批次"), whole),
            (Words("sum / all targets", "总和 / 全部目标数"), right),
            (Words("mean of means", "均值的均值"), mean_of_means),
            (Words("means, not divided", "均值相加，没有除"), undivided),
        )
    )
    off, length = float(versions[2].numbers["off"]), float(versions[3].numbers["length"])
    return Measured(
        columns={
            "loss": Words("loss", "损失"),
            "length": Words("gradient's length, 1 = right", "梯度长度，1 = 正确"),
            "off": Words("gradient's error", "梯度的误差"),
        },
        versions=versions,
        holds=off < 0.01,
        found=Words(
            f"{_PARTS} micro-batches of {min(counts)} to {max(counts)} targets: the mean of means is off by {off:.1%} "
            f"of the gradient's length; without the division the gradient is {length:.1f} times too long.",
            f"{_PARTS} 个小批次，各有 {min(counts)} 到 {max(counts)} 个目标：均值的均值使梯度偏差达其长度的 {off:.1%}；"
            f"不除的话梯度长了 {length:.1f} 倍。",
        ),
    )


def _gradient(model: LanguageModel, loss: Float[Tensor, ""]) -> Float[Tensor, "N"]:
    grads = torch.autograd.grad(loss, list(model.parameters()), retain_graph=True)
    return torch.cat([grad.flatten() for grad in grads])


def _row(loss: Float[Tensor, ""], gradient: Float[Tensor, "N"], right: Float[Tensor, "N"]) -> dict[str, Number]:
    length = float(right.norm())
    return {
        "loss": loss.item(),
        "length": float(gradient.norm()) / length,
        "off": float((gradient - right).norm()) / length,
    }


pitfall = Pitfall(
    name="accumulation",
    title=Words("Accumulation that divides wrongly", "梯度累积除错了数"),
    said=Words(
        "Averaging the losses of the micro-batches gives the same gradient as one large batch.",
        "把各小批次的损失取平均，就等于一个大批次的梯度。",
    ),
    why=Words(
        "Only when every micro-batch has the same number of targets. Otherwise a token in a short one weighs more. Add "
        "up sums, and divide once by the number of all targets.",
        "只有每个小批次的目标数相同时才成立；否则目标少的小批次里，每个词元的分量更重。应当累加总和，最后一次除以全部目标数。",
    ),
    wrong_line="(loss.mean() / num_micro_batches).backward()",
    right_line="(loss.sum() / num_targets_of_the_whole_batch).backward()",
    run=run,
)
