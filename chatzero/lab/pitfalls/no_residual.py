"""Sub-layers without their shortcut."""

from collections.abc import Callable

from chatzero.blocks.transformer_layer import Residual
from chatzero.lab.pitfall import Measured, Pitfall, Scale, Words
from chatzero.lab.versions import COLUMNS, right_and_wrong
from chatzero.shapes import Tensor


def _without_shortcut(block: Residual, x: Tensor, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
    return block.tap_out(block.dropout(sublayer(block.norm(x))))


def run(scale: Scale) -> Measured:
    names = (Words("x + f(norm(x))", "x + f(norm(x))"), Words("f(norm(x))", "f(norm(x))"))
    good, bad = right_and_wrong(scale, names, Residual, "forward", _without_shortcut)
    good_loss, bad_loss = float(good.numbers["loss"]), float(bad.numbers["loss"])
    return Measured(
        columns=COLUMNS,
        versions=(good, bad),
        holds=bad_loss > 1.5 * good_loss,
        found=Words(
            f"After {scale.steps} steps: {good_loss:.2f} with the shortcut, {bad_loss:.2f} without.",
            f"{scale.steps} 步之后：有残差 {good_loss:.2f}，没有残差 {bad_loss:.2f}。",
        ),
    )


pitfall = Pitfall(
    name="no-residual",
    title=Words("No residual connection", "没有残差连接"),
    said=Words("Without the shortcut a deep stack hardly learns.", "没有残差连接，深层网络几乎学不动。"),
    why=Words(
        "The shortcut carries the token itself, and the gradient, past every block; a block need only add what it "
        "knows. Without it each block must rebuild everything it passes on.",
        "残差让词元本身和梯度绕过每个模块；模块只需加上自己知道的东西。没有它，每个模块都得把要传下去的一切重新造一遍。",
    ),
    wrong_line="x = sublayer(norm(x))",
    right_line="x = x + sublayer(norm(x))",
    run=run,
)
