"""Starting weights, each rule with its paper. All randomness comes from the generator that is handed in.

Common to both: matrices are drawn, biases are zero, norms are one, the row of `<pad>` is zero.
"""

import math

import torch
from torch import nn

from chatzero.blocks.attention import MultiHeadAttention
from chatzero.blocks.embedding import TokenEmbedding
from chatzero.blocks.feed_forward import FeedForward, GatedFeedForward
from chatzero.blocks.norm import LayerNorm, RMSNorm
from chatzero.blocks.positions import LearnedPositions


@torch.no_grad()
def init_transformer(model: nn.Module, generator: torch.Generator) -> None:
    """The encoder-decoder: Xavier.

    - Matrices: uniform with variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010), as the reference code of the
      2017 paper (tensor2tensor) does. Post-norm renews the size of the stream after each sub-layer.
    - Queries, keys and values: half that variance, as if the three were one matrix.
    - Token table: variance 1 / d_model; times sqrt(d_model) the tokens are as large as their positions, and the
      scores of a normed vector against the same table start with variance one.
    """
    for module in model.modules():
        if isinstance(module, MultiHeadAttention):
            for projection in (module.q_proj, module.k_proj, module.v_proj):
                nn.init.xavier_uniform_(projection.weight, gain=math.sqrt(0.5), generator=generator)
            nn.init.xavier_uniform_(module.out_proj.weight, generator=generator)
        elif isinstance(module, FeedForward | GatedFeedForward):
            for matrix in module.children():
                if isinstance(matrix, nn.Linear):
                    nn.init.xavier_uniform_(matrix.weight, generator=generator)
        elif isinstance(module, TokenEmbedding):
            _init_table(module, module.weight.shape[1] ** -0.5, generator)
    _init_rest(model, generator)


@torch.no_grad()
def init_gpt(model: nn.Module, num_layers: int, generator: torch.Generator) -> None:
    """The decoder-only model: small normal weights.

    - Matrices: standard deviation 1 / sqrt(fan_in) (LeCun et al. 1998), so that each keeps the size of its input at
      any width; the fixed 0.02 of GPT-2 is that rule at a width of 2500, too small for a small model.
    - Matrices that write into the residual stream: divided by sqrt(2 * num_layers), so that the sum of all layers
      does not grow with depth (Radford et al. 2019, section 2.3).
    - Token table: standard deviation 0.02 (GPT-2); all scores start near zero, the loss near ln(vocab_size).
    """
    residual_gain = (2 * num_layers) ** -0.5
    for module in model.modules():
        if isinstance(module, MultiHeadAttention):
            for projection in (module.q_proj, module.k_proj, module.v_proj):
                _init_fan_in(projection, 1.0, generator)
            _init_fan_in(module.out_proj, residual_gain, generator)
        elif isinstance(module, FeedForward | GatedFeedForward):
            if isinstance(module, GatedFeedForward):
                _init_fan_in(module.gate, 1.0, generator)
            _init_fan_in(module.up, 1.0, generator)
            _init_fan_in(module.down, residual_gain, generator)
        elif isinstance(module, TokenEmbedding):
            _init_table(module, 0.02, generator)
    _init_rest(model, generator)


def _init_fan_in(matrix: nn.Linear, gain: float, generator: torch.Generator) -> None:
    nn.init.normal_(matrix.weight, std=gain / math.sqrt(matrix.in_features), generator=generator)


def _init_table(table: TokenEmbedding, std: float, generator: torch.Generator) -> None:
    nn.init.normal_(table.weight, std=std, generator=generator)
    table.weight[table.pad_id] = 0.0


def _init_rest(model: nn.Module, generator: torch.Generator) -> None:
    for module in model.modules():
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
        elif isinstance(module, LayerNorm | RMSNorm):
            nn.init.ones_(module.weight)
            if isinstance(module, LayerNorm):
                nn.init.zeros_(module.bias)
        elif isinstance(module, LearnedPositions):
            nn.init.normal_(module.table, std=0.02, generator=generator)
