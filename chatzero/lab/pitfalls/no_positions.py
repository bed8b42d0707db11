"""A decoder-only model whose queries and keys are not turned: does it know the order of words?"""

import torch

from chatzero.blocks.positions import RotaryPositions, Rotation
from chatzero.lab.pitfall import Measured, Pitfall, Scale, Words
from chatzero.lab.versions import COLUMNS, right_and_wrong
from chatzero.shapes import Tensor


def _unturned(block: RotaryPositions, positions: Tensor) -> Rotation:
    cos = block.cos[positions].unsqueeze(-3)
    return Rotation(torch.ones_like(cos), torch.zeros_like(cos))


def run(scale: Scale) -> Measured:
    names = (Words("rotary positions", "旋转位置"), Words("no positions", "没有位置"))
    good, bad = right_and_wrong(scale, names, RotaryPositions, "forward", _unturned)
    good_loss, bad_loss = float(good.numbers["loss"]), float(bad.numbers["loss"])
    return Measured(
        columns=COLUMNS,
        versions=(good, bad),
        holds=bad_loss > 1.5 * good_loss,
        found=Words(
            f"Held-out loss {good_loss:.2f} with rotary positions, {bad_loss:.2f} with none; right answers "
            f"{good.numbers['right']} and {bad.numbers['right']}.",
            f"留出损失：旋转位置 {good_loss:.2f}，没有位置 {bad_loss:.2f}；答对 {good.numbers['right']} 与 "
            f"{bad.numbers['right']}。",
        ),
    )


pitfall = Pitfall(
    name="no-positions",
    title=Words("No position information", "没有位置信息"),
    said=Words(
        "Attention is blind to order: without positions a model cannot tell `dog bites man` from `man bites dog`.",
        "注意力看不见顺序：没有位置信息，模型分不清“狗咬人”和“人咬狗”。",
    ),
    why=Words(
        "That is true of an encoder. Under a causal mask the first position sees one token, the second two, and so on: "
        "a decoder can work its place out from the mask alone (Haviv et al. 2022), only with more effort.",
        "对编码器是这样。在因果掩码下，第一个位置只看到一个词元，第二个看到两个……解码器单凭掩码就能推出自己的位置"
        "（Haviv 等 2022），只是更费力。",
    ),
    wrong_line="q, k = q, k",
    right_line="q, k = rotate(q, rotation), rotate(k, rotation)",
    run=run,
)
