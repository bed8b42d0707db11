"""Where a token stands: sinusoidal and learned positions are added to it, rotary positions turn its queries and keys.

All three read their row by position number, so that a left-padded or packed row may count from where its text
begins. The fixed tables are computed in float64 and then cast: at long positions float32 angles are off by 1e-4.
"""

from typing import NamedTuple

import torch
from torch import nn

from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.shapes import Bool, Float, Int, Tensor


def sinusoidal_table(max_seq_len: int, d_model: int) -> Float[Tensor, "T D"]:
    """Row p is [sin(p w_0), sin(p w_1), ... | cos(p w_0), cos(p w_1), ...] with w_i = 10000^(-2i / d_model).

    Vaswani et al. 2017, section 3.5, with all sines first: the paper interleaves them, which is the same up to an
    order of the dimensions, and the concatenated order is what Marian, Pegasus and Tensor2Tensor read.
    """
    angles = _angles(max_seq_len, d_model, theta=10000.0)
    return torch.cat([angles.sin(), angles.cos()], dim=-1).to(torch.get_default_dtype())


class SinusoidalPositions(nn.Module):
    """Positions -> rows of the fixed sinusoidal table. No parameters."""

    table: Tensor

    def __init__(self, max_seq_len: int, d_model: int) -> None:
        super().__init__()
        self.register_buffer("table", sinusoidal_table(max_seq_len, d_model), persistent=False)

    def forward(self, positions: Int[Tensor, "*B T"]) -> Float[Tensor, "*B T D"]:
        return self.table[positions]


class LearnedPositions(nn.Module):
    """Positions -> rows of a trained table, as in GPT-2 and BART."""

    def __init__(self, max_seq_len: int, d_model: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(max_seq_len, d_model) * 0.02)

    def forward(self, positions: Int[Tensor, "*B T"]) -> Float[Tensor, "*B T D"]:
        return self.table[positions]


class Rotation(NamedTuple):
    """The cosines and (signed) sines for the positions of one call; each layer turns its queries and keys by it."""

    cos: Tensor
    sin: Tensor


class RotaryPositions(nn.Module):
    """Positions -> the Rotation for them. Su et al. 2021 (RoFormer), in the half-split layout of Llama and Qwen.

    Dimension i is paired with i + K/2, and the pair is turned by the angle p * theta^(-2i / K). The score of a query
    at p with a key at q then depends on p - q alone.
    """

    cos: Tensor
    sin: Tensor

    def __init__(self, head_dim: int, max_seq_len: int, theta: float = 10000.0) -> None:
        super().__init__()
        angles = _angles(max_seq_len, head_dim, theta)
        dtype = torch.get_default_dtype()
        self.register_buffer("cos", torch.cat([angles.cos(), angles.cos()], dim=-1).to(dtype), persistent=False)
        # The minus of the first half stands in the table, so that `rotate` is two products and a sum.
        self.register_buffer("sin", torch.cat([-angles.sin(), angles.sin()], dim=-1).to(dtype), persistent=False)

    def forward(self, positions: Int[Tensor, "*B T"]) -> Rotation:
        # *B 1 T K: the 1 stands for the heads
        return Rotation(self.cos[positions].unsqueeze(-3), self.sin[positions].unsqueeze(-3))


def rotate(x: Float[Tensor, "B H T K"], rotation: Rotation) -> Float[Tensor, "B H T K"]:
    """Turn each pair (i, i + K/2) of `x` by its position's angle: (a cos - b sin, b cos + a sin)."""
    cos, sin = rotation.cos.to(x.dtype), rotation.sin.to(x.dtype)
    return x * cos + x.roll(x.shape[-1] // 2, dims=-1) * sin


def count_positions(real: Bool[Tensor, "B S"]) -> Int[Tensor, "B S"]:
    """The position of each token when only real ones are counted, from 0; padding before the first counts as 0."""
    return (real.long().cumsum(dim=-1) - 1).clamp(min=0)


def _angles(max_seq_len: int, width: int, theta: float) -> Float[Tensor, "T half"]:
    if width % 2 != 0:
        raise ConfigError(
            what=tr(f"width {width} is odd", f"宽度 {width} 是奇数"),
            why=tr("sines and cosines come in pairs of dimensions", "正弦与余弦成对占用维度"),
            do=tr(f"use {width - 1} or {width + 1}", f"改为 {width - 1} 或 {width + 1}"),
        )
    frequencies = theta ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    return torch.arange(max_seq_len, dtype=torch.float64)[:, None] * frequencies
