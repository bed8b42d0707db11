"""The legend of dimension letters, and the tensor types that carry them in signatures.

    B  batch                       H  num_heads            D  d_model
    T  positions in this call      G  num_kv_heads         F  dim_feedforward
    S  positions attended to       K  head_dim             V  vocab_size

`Float[Tensor, "B T D"]` is a floating-point tensor of that shape. Tests check every annotated shape at run time.
"""

from jaxtyping import Bool, Float, Int
from torch import Tensor

__all__ = ["Bool", "Float", "Int", "Tensor"]
