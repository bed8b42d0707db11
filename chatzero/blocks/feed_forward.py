"""The feed-forward half of a layer: each position on its own, through a wider space and back."""

from collections.abc import Callable
from functools import partial
from typing import Literal

from torch import nn
from torch.nn import functional as F

from chatzero.blocks.tap import Tap
from chatzero.shapes import Float, Tensor

Plain = Literal["relu", "gelu", "gelu_tanh"]
Activation = Literal[Plain, "swiglu"]


_ACTIVATIONS: dict[Plain, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": partial(F.gelu, approximate="tanh"),
}


class FeedForward(nn.Module):
    """down(activation(up(x))). Vaswani et al. 2017, equation 2, with ReLU; GELU: Hendrycks and Gimpel 2016.

    "gelu_tanh" is the approximation by tanh in section 2 of that paper, which GPT-2 has.
    """

    def __init__(self, d_model: int, dim_feedforward: int, activation: Plain = "relu", bias: bool = True) -> None:
        super().__init__()
        self.up = nn.Linear(d_model, dim_feedforward, bias=bias)
        self.down = nn.Linear(dim_feedforward, d_model, bias=bias)
        self.activate = _ACTIVATIONS[activation]
        self.tap_activated = Tap()

    def forward(self, x: Float[Tensor, "*B D"]) -> Float[Tensor, "*B D"]:
        wide = self.tap_activated(self.activate(self.up(x)))  # *B F
        out: Tensor = self.down(wide)
        return out


class GatedFeedForward(nn.Module):
    """down(silu(gate(x)) * up(x)), called SwiGLU. Shazeer 2020, equation 6. Three matrices where the other has two."""

    def __init__(self, d_model: int, dim_feedforward: int, bias: bool = False) -> None:
        super().__init__()
        self.gate = nn.Linear(d_model, dim_feedforward, bias=bias)
        self.up = nn.Linear(d_model, dim_feedforward, bias=bias)
        self.down = nn.Linear(dim_feedforward, d_model, bias=bias)
        self.tap_activated = Tap()

    def forward(self, x: Float[Tensor, "*B D"]) -> Float[Tensor, "*B D"]:
        wide = self.tap_activated(F.silu(self.gate(x)) * self.up(x))  # *B F
        out: Tensor = self.down(wide)
        return out


def feed_forward(d_model: int, dim_feedforward: int, activation: Activation, bias: bool = True) -> nn.Module:
    """The feed-forward block of that activation."""
    if activation == "swiglu":
        return GatedFeedForward(d_model, dim_feedforward, bias)
    return FeedForward(d_model, dim_feedforward, activation, bias)
