"""Training a GPT without the causal mask: it reads the answer off the input."""

from dataclasses import replace

import torch

from chatzero.data.batch import Batch, LMBatch
from chatzero.lab.bench import bench_of
from chatzero.lab.pitfall import Measured, Pitfall, Scale, Words
from chatzero.lab.versions import with_and_without


def _unmasked(batch: Batch) -> Batch:
    assert isinstance(batch, LMBatch)
    rows, length = batch.token_ids.shape
    return replace(batch, attn_mask=torch.ones(rows, 1, length, length, dtype=torch.bool))


def run(scale: Scale) -> Measured:
    names = (Words("with the mask", "有掩码"), Words("without", "无掩码"))
    good, bad = with_and_without(bench_of(scale), names, _unmasked)
    seen, true = float(bad.numbers["shown"]), float(bad.numbers["true"])
    return Measured(
        columns={
            "shown": Words("held-out loss as it sees it", "它自己看到的留出损失"),
            "true": Words("held-out loss with the mask", "有掩码时的留出损失"),
            "right": Words("right answers", "答对"),
        },
        versions=(good, bad),
        holds=seen < float(good.numbers["shown"]) and true > 2 * float(good.numbers["true"]),
        found=Words(
            f"Without the mask the loss looks like {seen:.3f}; asked to write for itself it is {true:.2f}, and "
            f"{bad.numbers['right']} of the answers are right, against {good.numbers['right']}.",
            f"没有掩码时损失看起来是 {seen:.3f}；真要它自己写时是 {true:.2f}，答对 {bad.numbers['right']}，"
            f"而正确版本答对 {good.numbers['right']}。",
        ),
    )


pitfall = Pitfall(
    name="no-causal-mask",
    title=Words("No causal mask", "没有因果掩码"),
    said=Words(
        "The held-out loss looks wonderful, and what the model writes is useless.",
        "留出损失好得惊人，而模型写出来的东西毫无用处。",
    ),
    why=Words(
        "Without the mask each position sees the next token in its own input and only learns to copy it. The held-out "
        "loss is computed the same way, so it shows nothing. When it writes there is no next token to see.",
        "没有掩码，每个位置都能在输入里看到下一个词元，只学会了抄它。留出损失也是这样算的，所以看不出问题。"
        "真正写的时候，并没有下一个词元可看。",
    ),
    wrong_line="attn_mask = ones(T, T)",
    right_line="attn_mask = ones(T, T).tril()",
    run=run,
)
