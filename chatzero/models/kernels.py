"""Which of two equal ways to compute attention and norms: written out, or PyTorch's kernels. By the device.

Measured on two CPU cores, forward and backward of a GPT 256 wide in bfloat16, written out against the kernels: 48
places 370 and 750 ms, 200 places 480 and 590 ms; in float32 they are within a few percent of each other. On a GPU the
kernels never form the scores: memory grows with the length, not with its square.

For serving also how the weights lie in memory (`suit_many_rows`).
"""

import torch
from torch import nn

from chatzero.blocks.attention import use_fused


def suit_kernels(model: nn.Module, device: torch.device) -> None:
    """Choose for every layer; a test holds the results of both equal."""
    use_fused(model, device.type == "cuda")


def suit_many_rows(model: nn.Module) -> None:
    """On a CPU lay the weights of each `Linear` out by columns: the same numbers, read faster for many rows at once.

    One core, all matrices of a GPT 256 wide with 4 layers, float32, by rows and by columns, ms: 1 row 0.65 and 0.64,
    8 rows 1.40 and 0.85, 32 rows 2.90 and 2.17, 64 rows 4.6 and 3.3, 400 rows equal. Embedding tables stay as they
    are: there each vector is read by itself.
    """
    for module in model.modules():
        if isinstance(module, nn.Linear) and module.weight.device.type == "cpu":
            module.weight.data = module.weight.data.t().contiguous().t()
