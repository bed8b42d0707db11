"""Scores that are not divided by sqrt(head_dim)."""

import math

from chatzero.blocks.attention import MultiHeadAttention
from chatzero.lab.pitfall import Measured, Pitfall, Scale, Words
from chatzero.lab.versions import COLUMNS, right_and_wrong
from chatzero.shapes import Tensor


def _unscaled(
    block: MultiHeadAttention, q: Tensor, k: Tensor, v: Tensor, attn_mask: Tensor | None, is_causal: bool
) -> Tensor:
    # Queries sqrt(head_dim) times as long: the library's own attention then divides it away again.
    return MultiHeadAttention._attend(block, q * math.sqrt(block.head_dim), k, v, attn_mask, is_causal)


def run(scale: Scale) -> Measured:
    names = (Words("q @ k.T / sqrt(head_dim)", "q @ k.T / sqrt(head_dim)"), Words("q @ k.T", "q @ k.T"))
    # Without QK-norm, which holds queries and keys at a steady size and so hides the mistake.
    good, bad = right_and_wrong(scale, names, MultiHeadAttention, "_attend", _unscaled, qk_norm=False)
    good_loss, bad_loss = float(good.numbers["loss"]), float(bad.numbers["loss"])
    return Measured(
        columns=COLUMNS,
        versions=(good, bad),
        holds=bad_loss > 1.2 * good_loss,
        found=Words(
            f"After {scale.steps} steps: held-out loss {good_loss:.2f} with the division, {bad_loss:.2f} not.",
            f"{scale.steps} 步之后：除以 sqrt(head_dim) 时留出损失 {good_loss:.2f}，不除时 {bad_loss:.2f}。",
        ),
    )


pitfall = Pitfall(
    name="no-scale",
    title=Words("Forgetting sqrt(head_dim)", "忘了除以 sqrt(head_dim)"),
    said=Words(
        "Without the division softmax saturates, gradients vanish and training suffers.",
        "不除的话 softmax 会饱和，梯度消失，训练变差。",
    ),
    why=Words(
        "The product of two random vectors grows with the square root of their length; the division takes that out "
        "(Vaswani et al. 2017, section 3.2.1). Training can also learn smaller queries, so in a small model with "
        "narrow heads the harm may be small. QK-norm, on by default in our GPT, would hide it.",
        "两个随机向量的内积随长度的平方根增大，除法把它抵消（Vaswani 等 2017，3.2.1 节）。训练也可以学出更小的查询，"
        "所以在头很窄的小模型里危害可能不大。我们的 GPT 默认开启 QK-norm，会把这个错误盖住。",
    ),
    wrong_line="scores = q @ k.transpose(-2, -1)",
    right_line="scores = q @ k.transpose(-2, -1) / math.sqrt(head_dim)",
    run=run,
)
