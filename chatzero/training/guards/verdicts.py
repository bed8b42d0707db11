"""What the curve of a run says: pure functions of its metrics, each a remark or nothing.

A loss is read against two marks that are known before training. `uniform_nats`, the logarithm of the vocabulary, is
the loss of a model that knows nothing. `unigram_nats`, the entropy of how often each token is a target, is the loss of
one that knows how often words occur and ignores what it is asked.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import torch

from chatzero.data.batch import IGNORE, LMBatch, Seq2SeqBatch
from chatzero.training.guards.remark import Remark
from chatzero.training.report import EvalReport, StepReport

_WINDOW = 20
"""Steps that are averaged: a single step's loss says more about its batch than about the model."""


@dataclass(frozen=True)
class Marks:
    """What the losses are read against, in nats per token. `fresh`: the weights began random."""

    uniform_nats: float
    unigram_nats: float
    fresh: bool = True


def marks(batches: Iterable[LMBatch | Seq2SeqBatch], vocab_size: int, fresh: bool) -> Marks:
    """Of the data that these batches stand for."""
    counts = torch.zeros(vocab_size)
    for batch in batches:
        counts += torch.bincount(batch.targets[batch.targets != IGNORE], minlength=vocab_size)
    shares = counts[counts > 0] / counts.sum()
    return Marks(math.log(vocab_size), float(-(shares * shares.log()).sum()), fresh)


def verdicts(steps: Sequence[StepReport], looks: Sequence[EvalReport], against: Marks) -> list[Remark]:
    """Every remark that these metrics give rise to."""
    if not steps:
        return []
    of_steps: tuple[Callable[[Sequence[StepReport], Marks], Remark | None], ...] = (
        wrong_start, diverging, too_slow, stuck_at_frequencies, spike,
    )  # fmt: skip
    found = [verdict(steps, against) for verdict in of_steps]
    return [remark for remark in [*found, memorising(steps, looks)] if remark is not None]


def wrong_start(steps: Sequence[StepReport], against: Marks) -> Remark | None:
    """The first loss of random weights is that of knowing nothing; another one says that something else is wrong."""
    first, uniform = steps[0], against.uniform_nats
    if not against.fresh or first.step != 1:
        return None
    if first.loss > uniform + 1.0:
        return Remark(
            first.step,
            "start too high",
            (
                f"the first loss is {first.loss:.2f}; random weights give about {uniform:.2f} (ln of vocabulary)",
                f"第一步 loss 为 {first.loss:.2f}；随机权重应约为 {uniform:.2f}（词表大小的对数）",
            ),
            (
                "the scores are too large: starting weights, or a missing scale by 1/sqrt(d_model)",
                "得分过大：初始权重有误，或缺少 1/sqrt(d_model) 缩放",
            ),
            (
                "compare with models/init; training will get over it, but loses its first steps",
                "对照 models/init；训练能恢复，但会浪费前面的步数",
            ),
        )
    if first.loss < 0.5 * uniform:
        return Remark(
            first.step,
            "start too low",
            (
                f"the first loss is {first.loss:.2f}; random weights cannot be better than about {uniform:.2f}",
                f"第一步 loss 为 {first.loss:.2f}；随机权重不可能好于约 {uniform:.2f}",
            ),
            (
                "the model can see its targets: a mask or the shift by one is wrong, or the weights are not random",
                "模型看到了答案：掩码或错位有误，或者权重并非随机",
            ),
            ("check that changing a later token changes no earlier score", "检查：改动后面的 token 不应改变前面的得分"),
        )
    return None


def diverging(steps: Sequence[StepReport], against: Marks) -> Remark | None:
    """Worse than at its best by much and for long: each update overshoots."""
    if len(steps) < 3 * _WINDOW:
        return None
    means = _means(steps)
    now, best = means[-1], min(means)
    if now < 1.3 * best + 0.5 or min(means[-3:]) < 1.3 * best + 0.5:
        return None
    return Remark(
        steps[-1].step,
        "diverging",
        (
            f"the loss has risen from {best:.2f} to {now:.2f} and stays there",
            f"loss 从 {best:.2f} 升到 {now:.2f} 并停在高位",
        ),
        (
            f"the learning rate ({steps[-1].learning_rate:.2g}) is too high for this model",
            f"学习率（{steps[-1].learning_rate:.2g}）对该模型过高",
        ),
        (
            "stop, and train anew with a third of train.learning_rate, or a longer train.warmup",
            "停止训练，把 train.learning_rate 降到三分之一（或加长 train.warmup）后重新训练",
        ),
    )


def too_slow(steps: Sequence[StepReport], against: Marks) -> Remark | None:
    """A fifth of the way, still nearer to knowing nothing than to knowing how often words occur, and falling."""
    last = steps[-1]
    if last.progress < 0.2 or len(steps) < 3 * _WINDOW:
        return None
    means = _means(steps)
    half_way = (against.uniform_nats + against.unigram_nats) / 2
    if means[-1] < half_way or means[-1] >= means[-2]:
        return None
    return Remark(
        last.step,
        "too slow",
        (
            f"{last.progress:.0%} of the time is over and the loss is still {means[-1]:.2f}, falling evenly",
            f"已用 {last.progress:.0%} 的时间，loss 仍为 {means[-1]:.2f}，匀速下降",
        ),
        (
            f"the learning rate ({last.learning_rate:.2g}) is too low, or there are too few steps",
            f"学习率（{last.learning_rate:.2g}）过低，或步数太少",
        ),
        (
            "train anew with three times the train.learning_rate, or for longer",
            "把 train.learning_rate 提高到三倍，或延长训练时间后重新训练",
        ),
    )


def stuck_at_frequencies(steps: Sequence[StepReport], against: Marks) -> Remark | None:
    """A quarter of the way, at the unigram entropy, and not moving."""
    last = steps[-1]
    if last.progress < 0.25 or len(steps) < 6 * _WINDOW:
        return None
    means = _means(steps)
    if abs(means[-1] / against.unigram_nats - 1) > 0.06 or abs(means[-1] / means[-4] - 1) > 0.02:
        return None
    return Remark(
        last.step,
        "stuck at the frequencies",
        (
            f"the loss stands still at {means[-1]:.2f}: the entropy of word frequencies ({against.unigram_nats:.2f})",
            f"loss 停在 {means[-1]:.2f}，正好是词频的熵（{against.unigram_nats:.2f}）",
        ),
        (
            "the model says what is frequent and ignores what it reads",
            "模型只学会了词频，没有利用输入",
        ),
        (
            "in this order: are questions and answers paired rightly (chatzero data preview)? a larger learning rate? "
            "do masks and positions let it see the input?",
            "依次检查：问答是否配对（chatzero data preview）；学习率是否过低；掩码和位置是否让模型看得到输入",
        ),
    )


def spike(steps: Sequence[StepReport], against: Marks) -> Remark | None:
    """One step's loss far above those before and after it. Where it stays up, that is `diverging`."""
    for i in range(max(_WINDOW, len(steps) - 10 * _WINDOW), len(steps) - _WINDOW):
        usual = median(step.loss for step in steps[i - _WINDOW : i])
        after = median(step.loss for step in steps[i + 1 : i + 1 + _WINDOW])
        if steps[i].loss > 2.0 * max(usual, after) + 1.0:
            at = steps[i]
            return Remark(
                at.step,
                "spike",
                (
                    f"at step {at.step} the loss jumped from {usual:.2f} to {at.loss:.2f} (gradient norm "
                    f"{at.grad_norm:.1f}, clipped)",
                    f"第 {at.step} 步 loss 从 {usual:.2f} 跳到 {at.loss:.2f}（梯度范数 {at.grad_norm:.1f}，已裁剪）",
                ),
                (
                    "an unusual batch, or a learning rate near its limit",
                    "批次异常，或学习率接近上限",
                ),
                (
                    "one alone is harmless; when they come often, lower train.learning_rate or train.grad_clip",
                    "偶尔一次无碍；如果频繁出现，请降低 train.learning_rate 或 train.grad_clip",
                ),
            )
    return None


def memorising(steps: Sequence[StepReport], looks: Sequence[EvalReport]) -> Remark | None:
    """The training loss goes on falling while the held-out loss has turned."""
    if len(looks) < 3 or len(steps) < _WINDOW:
        return None
    best = min(looks, key=lambda look: look.loss)
    last, training = looks[-1], fmean(step.loss for step in steps[-_WINDOW:])
    if last.loss < 1.05 * best.loss + 0.02 or training > 0.7 * last.loss:
        return None
    return Remark(
        last.step,
        "memorising",
        (
            f"training loss {training:.2f}, held-out loss {last.loss:.2f} ({best.loss:.2f} at step {best.step})",
            f"训练 loss {training:.2f}，留出集 loss {last.loss:.2f}，而第 {best.step} 步时为 {best.loss:.2f}",
        ),
        (
            "the model learns its examples by heart instead of what they have in common",
            "模型在背样本，而不是学规律",
        ),
        (
            "more data, a smaller model.size, model.dropout = 0.1, or fewer steps; the best checkpoint is kept",
            "增加数据、减小 model.size、设 model.dropout = 0.1，或减少步数；最好的检查点已保留",
        ),
    )


def _means(steps: Sequence[StepReport]) -> list[float]:
    """Mean losses of neighbouring windows, the last window ending with the last step."""
    first = len(steps) % _WINDOW
    return [fmean(step.loss for step in steps[i : i + _WINDOW]) for i in range(first, len(steps), _WINDOW)]
