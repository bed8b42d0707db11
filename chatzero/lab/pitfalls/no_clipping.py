"""Learning rates that are too high, with the gradient clipped and not, for SGD and for AdamW."""

import math

import torch

from chatzero.lab.bench import Bench, Trained, bench_of, nothing
from chatzero.lab.pitfall import Measured, Number, Pitfall, Scale, Version, Words
from chatzero.training.state import TrainState

_USUAL = {"SGD": 0.3, "AdamW": 2e-3}
_TIMES = (1, 10, 100, 1000)
_CLIP, _NO_CLIP = 1.0, 1e30
_SHARE_OF_STEPS = 6  # such runs need no more to show what becomes of them


def _train(bench: Bench, optimizer: str, times: int, clip: float) -> Trained:
    steps = max(2, bench.scale.steps // _SHARE_OF_STEPS)
    rate = _USUAL[optimizer] * times
    config = bench.config(optimizer="adamw", steps=steps, learning_rate=rate, grad_clip=clip)

    def with_sgd(state: TrainState) -> None:
        if state.step == 0:
            state.optimizers = [torch.optim.SGD(state.model.parameters(), lr=rate)]

    return bench.train(bench.model(), config=config, before=with_sgd if optimizer == "SGD" else nothing)


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    versions = []
    for optimizer in _USUAL:
        for clip, word in ((_CLIP, Words("clipped", "裁剪")), (_NO_CLIP, Words("not clipped", "不裁剪"))):
            runs = {str(times): _train(bench, optimizer, times, clip) for times in _TIMES}
            numbers: dict[str, Number] = {
                key: trained.loss if trained.lost_at is None else f"NaN, {trained.lost_at}"
                for key, trained in runs.items()
            }
            name = Words(f"{optimizer}, {word.en}", f"{optimizer}，{word.zh}")
            versions.append(Version(name, numbers, runs["10"].curve))
    return _judged(tuple(versions), math.log(bench.tokenizer.vocab_size - 1))


def _judged(versions: tuple[Version, ...], guessing: float) -> Measured:
    """`guessing`: the loss of a model that gives every token but the padding the same share."""
    lost = [sum(isinstance(number, str) for number in version.numbers.values()) for version in versions]
    sgd, sgd_free, adamw, adamw_free = (_short(version.numbers["10"]) for version in versions)
    return Measured(
        columns={
            str(times): Words(
                "held-out loss, usual rate" if times == 1 else f"{times} times the rate",
                "留出损失，通常的学习率" if times == 1 else f"学习率 {times} 倍",
            )
            for times in _TIMES
        },
        versions=versions,
        holds=lost[1] > lost[0] and lost[3] > lost[2],
        found=Words(
            f"At ten times the usual rate SGD ends at {sgd} clipped and at {sgd_free} not clipped, AdamW at {adamw} "
            f"and {adamw_free}; guessing gives {guessing:.2f}. Of {len(versions) * len(_TIMES)} runs {sum(lost)} "
            "ended in NaN.",
            f"学习率为通常的十倍时，SGD 裁剪后为 {sgd}，不裁剪 {sgd_free}；AdamW 为 {adamw} 和 {adamw_free}；"
            f"瞎猜是 {guessing:.2f}。{len(versions) * len(_TIMES)} 次训练中有 {sum(lost)} 次以 NaN 告终。",
        ),
        notes=(Words("The curves are those of ten times the usual rate.", "曲线是学习率为通常的十倍时的。"),),
    )


def _short(number: Number) -> str:
    return f"{number:.2f}" if isinstance(number, float) else str(number)


pitfall = Pitfall(
    name="no-clipping",
    title=Words("Too high a learning rate, no clipping", "学习率过高，又不裁剪梯度"),
    said=Words(
        "A learning rate that is too high ends in NaN, and clipping the gradient saves the run.",
        "学习率过高会得到 NaN，裁剪梯度可以救回训练。",
    ),
    why=Words(
        "SGD moves by the gradient itself, so one that explodes throws the weights away; a clipped one has at most a "
        "known length. Adam divides by the gradient's own size: its steps are as long as the learning rate says, "
        "clipped or not. A rate that is too high stays so when clipped. And a run can be lost without a NaN, when all "
        "the model does is guess: read the loss. An update that is not finite is refused by this library.",
        "SGD 按梯度本身移动，梯度爆炸就会把权重抛远；裁剪后长度有上限。Adam 会除以梯度自身的大小：裁不裁剪，"
        "步长都由学习率决定。过高的学习率，裁剪了也还是过高。没有 NaN 也可能已经毁了，模型只会瞎猜：要看损失。"
        "非有限数的更新，本库拒绝执行。",
    ),
    wrong_line="loss.backward(); optimizer.step()",
    right_line="loss.backward(); clip_grad_norm_(model.parameters(), 1.0); optimizer.step()",
    run=run,
)
