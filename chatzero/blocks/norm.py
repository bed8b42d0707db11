"""LayerNorm and RMSNorm: keep the size of each vector steady, so that deep stacks train.

Each is written out and can also run on PyTorch's kernel (`fused`); a test holds the two equal. The default is the
faster one on a CPU: LayerNorm has a kernel of its own there, RMSNorm a chain of small ones that ours beats.
"""

from typing import Literal

import torch
from torch import nn
from torch.autograd.function import FunctionCtx
from torch.nn import functional as F

from chatzero.shapes import Float, Tensor

NormKind = Literal["rms", "layer"]


class LayerNorm(nn.Module):
    """(x - mean) / sqrt(variance + eps) * weight + bias, over the last dimension. Ba et al. 2016, equation 4."""

    def __init__(self, d_model: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))
        self.eps = eps
        self.fused = True

    def forward(self, x: Float[Tensor, "*B D"]) -> Float[Tensor, "*B D"]:
        if self.fused:
            return F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.eps)
        centred = x - x.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (centred * torch.rsqrt(variance + self.eps) * self.weight + self.bias).to(x.dtype)


class RMSNorm(nn.Module):
    """x / sqrt(mean(x^2) + eps) * weight, over the last dimension. Zhang and Sennrich 2019, equation 4.

    LayerNorm without the centring and without the bias: less work, and as good in practice.
    """

    def __init__(self, d_model: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.eps = eps
        self.fused = False

    def forward(self, x: Float[Tensor, "*B D"]) -> Float[Tensor, "*B D"]:
        weight = self.weight.to(x.dtype)
        if self.fused:
            return F.rms_norm(x, weight.shape, weight, self.eps)
        if not torch.is_grad_enabled():  # an autograd function is no small part of what a norm of few tokens costs
            return _normed(x, self.eps)[0] * weight
        out: Tensor = _RMSNorm.apply(x, weight, self.eps)  # type: ignore[no-untyped-call]
        return out


def _normed(x: Float[Tensor, "*B D"], eps: float) -> tuple[Float[Tensor, "*B D"], Float[Tensor, "*B 1"]]:
    """x / sqrt(mean(x^2) + eps), and what x was multiplied by."""
    # The length of each row is summed in float32: bfloat16 cannot count past 256.
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.promote_types(x.dtype, torch.float32))
    inverse = torch.rsqrt(length.square() / x.shape[-1] + eps).to(x.dtype)
    return x * inverse, inverse


def norm_of(kind: NormKind, d_model: int, eps: float) -> LayerNorm | RMSNorm:
    """The norm of that kind."""
    return LayerNorm(d_model, eps) if kind == "layer" else RMSNorm(d_model, eps)


class _RMSNorm(torch.autograd.Function):
    """The formula and, by hand, its gradient: half as many passes over memory as autograd would make."""

    @staticmethod
    def forward(
        ctx: FunctionCtx, x: Float[Tensor, "*B D"], weight: Float[Tensor, "D"], eps: float
    ) -> Float[Tensor, "*B D"]:
        normed, inverse = _normed(x, eps)
        ctx.save_for_backward(normed, inverse, weight)
        return normed * weight

    @staticmethod
    def backward(
        ctx: FunctionCtx, grad: Float[Tensor, "*B D"]
    ) -> tuple[Float[Tensor, "*B D"], Float[Tensor, "D"], None]:
        normed, inverse, weight = ctx.saved_tensors  # type: ignore[attr-defined]
        grad_weight = (grad * normed).flatten(end_dim=-2).sum(dim=0)
        grad_normed = grad * weight
        # Along `normed` a change of x only changes its length, which is divided away again.
        along = (grad_normed * normed).mean(dim=-1, keepdim=True)
        return torch.addcmul(grad_normed, normed, along, value=-1).mul_(inverse), grad_weight, None
