"""Splitting into heads with the wrong view: no error, another model."""

from chatzero.blocks.attention import MultiHeadAttention
from chatzero.blocks.norm import RMSNorm
from chatzero.blocks.positions import Rotation, rotate
from chatzero.lab.pitfall import Measured, Pitfall, Scale, Words
from chatzero.lab.versions import COLUMNS, right_and_wrong
from chatzero.shapes import Tensor


def _viewed(
    block: MultiHeadAttention, x: Tensor, norm: RMSNorm | None = None, rotation: Rotation | None = None
) -> Tensor:
    batch_size, length, _ = x.shape
    x = x.reshape(batch_size, -1, length, block.head_dim)
    x = x if norm is None else norm(x)
    return x if rotation is None else rotate(x, rotation)


def run(scale: Scale) -> Measured:
    names = (Words("view, transpose(1, 2)", "view 再 transpose(1, 2)"), Words("view alone", "只有 view"))
    good, bad = right_and_wrong(scale, names, MultiHeadAttention, "_split", _viewed)
    return Measured(
        columns=COLUMNS,
        versions=(good, bad),
        holds=False,  # an error would have ended the run before this line
        found=Words(
            f"No error anywhere. Held-out loss {float(good.numbers['loss']):.2f} and {float(bad.numbers['loss']):.2f}; "
            f"right answers {good.numbers['right']} and {bad.numbers['right']}.",
            f"全程没有任何报错。留出损失 {float(good.numbers['loss']):.2f} 与 {float(bad.numbers['loss']):.2f}；"
            f"答对 {good.numbers['right']} 与 {bad.numbers['right']}。",
        ),
    )


pitfall = Pitfall(
    name="wrong-transpose",
    title=Words("view for view + transpose(1, 2)", "该 view + transpose(1, 2) 时只写了 view"),
    said=Words(
        "A wrong transpose is caught by an error about shapes.",
        "转置写错了，会有形状错误来提醒你。",
    ),
    why=Words(
        "transpose(0, 1) is caught (`chatzero trace --mistake transpose` shows where). A bare view gives the right "
        "shape and mixes positions with heads: each head gets a stretch of the text, what is later in the text ends up "
        "in an earlier row, and the causal mask no longer hides the future.",
        "transpose(0, 1) 会报错（`chatzero trace --mistake transpose` 会指出位置）。只用 view 得到的形状是对的，"
        "却把位置和头搅在一起：每个头拿到一段文字，后面的内容跑到前面的行里，因果掩码再也遮不住未来。",
    ),
    wrong_line="x.view(B, H, T, K)",
    right_line="x.view(B, T, H, K).transpose(1, 2)",
    run=run,
)
