"""Token embedding: ids -> vectors, and the same table turned round: vectors -> a score for each token."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from chatzero.shapes import Float, Int, Tensor


class TokenEmbedding(nn.Module):
    """A table with a vector for each token. The last id is `<pad>`: its vector is zero and stays zero.

    No gradient reaches that row, whichever way the table is used, so any optimizer leaves it at zero (weight decay
    shrinks zero to zero). Nor is it ever generated: its score is -inf.

    `scaled` multiplies the vectors by sqrt(d_model) on the way in (Vaswani et al. 2017, section 3.4). A model that
    uses one table both ways ties its input and output (Press and Wolf 2017).
    """

    no_pad: Tensor

    def __init__(self, vocab_size: int, d_model: int, scaled: bool = False) -> None:
        super().__init__()
        self.pad_id = vocab_size - 1
        self.scale = math.sqrt(d_model) if scaled else 1.0
        self.weight = nn.Parameter(torch.randn(vocab_size, d_model) / math.sqrt(d_model))
        # Added to the scores: in the matrix product it costs nothing, and its -inf has softmax pass no gradient.
        no_pad = torch.zeros(vocab_size)
        no_pad[self.pad_id] = -torch.inf
        self.register_buffer("no_pad", no_pad, persistent=False)
        with torch.no_grad():
            self.weight[self.pad_id] = 0.0

    def forward(self, token_ids: Int[Tensor, "*B T"]) -> Float[Tensor, "*B T D"]:
        vectors = F.embedding(token_ids, self.weight, padding_idx=self.pad_id)
        # Under autocast the whole stream then has the short type: half the memory to move, no casts at each product.
        device = vectors.device.type
        if torch.is_autocast_enabled(device):
            vectors = vectors.to(torch.get_autocast_dtype(device))
        return vectors * self.scale if self.scale != 1.0 else vectors

    def logits(self, hidden: Float[Tensor, "*B D"]) -> Float[Tensor, "*B V"]:
        """The score of every token after each position: how well its vector agrees with `hidden`."""
        return F.linear(hidden, self.weight, self.no_pad)
