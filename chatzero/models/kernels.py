"""Which of two equal ways to compute attention and norms: written out, or PyTorch's kernels. By the device.

Measured on two CPU cores, forward and backward of a GPT 256 wide in bfloat16, written out against the kernels: 48
places 370 and 750 ms, 200 places 480 and 590 ms; in float32 they are within a few percent of each other. On a GPU the
kernels never form the scores: memory grows with the length, not with its square.
"""

import torch
from torch import nn

from chatzero.blocks.attention import use_fused


def suit_kernels(model: nn.Module, device: torch.device) -> None:
    """Choose for every layer; a test holds the results of both equal."""
    use_fused(model, device.type == "cuda")
