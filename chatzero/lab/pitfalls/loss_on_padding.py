"""Padding that counts as something to be learnt."""

from dataclasses import replace

import torch

from chatzero.data.batch import IGNORE, Batch, LMBatch
from chatzero.lab.bench import bench_of
from chatzero.lab.pitfall import Measured, Pitfall, Scale, Words
from chatzero.lab.versions import SHOWN_COLUMNS, with_and_without


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    pad_id, end_id = bench.tokenizer.pad_id, bench.tokenizer.end_id

    def count_padding(batch: Batch) -> Batch:
        """Every padded place is to be answered with the end token, and counted."""
        assert isinstance(batch, LMBatch)
        padding = batch.token_ids == pad_id
        return replace(batch, targets=torch.where(padding & (batch.targets == IGNORE), end_id, batch.targets))

    names = (Words("padding left out", "不计填充"), Words("padding counted", "计入填充"))
    good, bad = with_and_without(bench, names, count_padding)
    shown, true, reference = float(bad.numbers["shown"]), float(bad.numbers["true"]), float(good.numbers["true"])
    return Measured(
        columns=SHOWN_COLUMNS,
        versions=(good, bad),
        holds=shown < 0.9 * reference and true > 1.05 * reference,
        found=Words(
            f"With padding counted the loss shown is {shown:.2f}; that of the answers is {true:.2f}, against "
            f"{reference:.2f} where padding is left out. Right answers: {bad.numbers['right']} and "
            f"{good.numbers['right']}.",
            f"计入填充时显示的损失是 {shown:.2f}，回答真正的损失是 {true:.2f}；不计填充时是 {reference:.2f}；"
            f"答对 {bad.numbers['right']} 与 {good.numbers['right']}。",
        ),
    )


pitfall = Pitfall(
    name="loss-on-padding",
    title=Words("Loss on padding", "在填充上算损失"),
    said=Words(
        "The loss looks lower than it is, and the model learns less.",
        "损失看起来比实际的低，模型学到的也更少。",
    ),
    why=Words(
        "After the end there is nothing to say, so padding is soon predicted perfectly: it dilutes the mean, and "
        "the share of the gradient that is about words shrinks with it. Give such places the ignored target (-100).",
        "结尾之后无话可说，所以填充很快就能预测得完美：它稀释了平均值，梯度中关于文字的份额也随之变小。"
        "应给这些位置设为被忽略的目标（-100）。",
    ),
    wrong_line="loss = cross_entropy(logits, targets)",
    right_line="loss = cross_entropy(logits, targets, ignore_index=-100)",
    run=run,
)
