"""Weights for tests: every parameter drawn, so that no bias of zero and no norm of one can hide a fault."""

from typing import TypeVar

import torch
from torch import nn

Module = TypeVar("Module", bound=nn.Module)


def randomised(module: Module, seed: int = 0, std: float = 0.3) -> Module:
    """The module in float64 (noise shrinks, a bug does not), in eval mode, with random weights."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(std=std, generator=generator)
    return module.double().eval()


def normal(*shape: int, seed: int = 1) -> torch.Tensor:
    """A float64 tensor of independent normal numbers."""
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
