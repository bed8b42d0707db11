import torch
from torch import nn
from torch.nn import functional as F

from chatzero.blocks.feed_forward import FeedForward, GatedFeedForward, feed_forward
from tests.blocks.random_weights import normal, randomised


def test_relu_is_the_equation_of_the_paper() -> None:
    block = randomised(FeedForward(8, 32))
    x = normal(2, 3, 8)
    wide = (x @ block.up.weight.T + block.up.bias).clamp(min=0)
    torch.testing.assert_close(block(x), wide @ block.down.weight.T + block.down.bias)


def test_gelu_is_the_exact_one() -> None:
    block = randomised(FeedForward(8, 32, "gelu"))
    x = normal(2, 3, 8)
    torch.testing.assert_close(block(x), block.down(nn.GELU(approximate="none")(block.up(x))))


def test_swiglu_gates_the_up_projection() -> None:
    block = randomised(GatedFeedForward(8, 32))
    x = normal(2, 3, 8)
    expected = (F.silu(x @ block.gate.weight.T) * (x @ block.up.weight.T)) @ block.down.weight.T
    torch.testing.assert_close(block(x), expected)


def test_each_activation_gets_its_block_with_or_without_biases() -> None:
    kinds = {"relu": FeedForward, "gelu": FeedForward, "swiglu": GatedFeedForward}
    for activation, kind in kinds.items():
        for bias in (False, True):
            block = feed_forward(8, 32, activation, bias)  # type: ignore[arg-type]
            assert isinstance(block, kind)
            assert any(name.endswith("bias") for name, _ in block.named_parameters()) == bias
