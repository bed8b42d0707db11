"""Attention: the formula (`attend`) and the block around it (`MultiHeadAttention`).

The block serves self-attention, cross-attention and grouped key/value heads. Building masks is `masks`, turning
queries and keys by their position is `positions`, remembering keys and values is `cache`.
"""

import math
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from chatzero.blocks.attention_errors import check_mask, check_rows, check_width
from chatzero.blocks.cache import RemembersKeysValues
from chatzero.blocks.heads import check_groups, split_width
from chatzero.blocks.norm import RMSNorm
from chatzero.blocks.positions import Rotation, rotate
from chatzero.blocks.tap import Tap
from chatzero.shapes import Bool, Float, Tensor

# What is added to a forbidden score: its exponential is zero, yet a row of nothing else does not become NaN. Added,
# and not filled in, because the gradient of a sum costs nothing.
FORBIDDEN = -1e30


def attend(
    q: Float[Tensor, "B H T K"],
    k: Float[Tensor, "B G S K"],
    v: Float[Tensor, "B G S K"],
    attn_mask: Bool[Tensor, "#B 1 #T S"] | None = None,
    dropout: float = 0.0,
    tap_scores: Tap | None = None,
    tap_weights: Tap | None = None,
) -> tuple[Float[Tensor, "B H T K"], Float[Tensor, "B H T S"]]:
    """Scaled dot-product attention: (mixed values, weights). Vaswani et al. 2017, equation 1.

    Each weight row sums to one. Scores are divided by sqrt(K): without it their variance grows with K and softmax
    saturates. A query that may attend to nothing (a padded row) gets zeros, never NaN.

    With fewer key/value heads than query heads (Ainslie et al. 2023), H / G neighbouring query heads share one.
    `dropout` is the share of weights to drop; the weights given back are those before dropout.
    """
    batch_size, num_heads, query_len, head_dim = q.shape
    num_kv_heads = k.shape[1]
    # The query heads that share a key head stand as extra rows of it: nothing is repeated in memory.
    grouped = q.reshape(batch_size, num_kv_heads, -1, head_dim)  # B G (H/G T) K
    scores = (grouped @ k.transpose(-2, -1)).view(batch_size, num_heads, query_len, -1) / math.sqrt(head_dim)
    if attn_mask is not None:
        scores = scores + torch.where(attn_mask, 0.0, FORBIDDEN)
    if tap_scores is not None:
        tap_scores(scores)
    # Never in bfloat16, in which the weights of a row would not sum to one.
    weights = scores.softmax(dim=-1, dtype=torch.promote_types(scores.dtype, torch.float32))  # B H T S
    if attn_mask is not None and not (sees := attn_mask.any(dim=-1, keepdim=True)).all():
        weights = weights * sees
    if tap_weights is not None:
        tap_weights(weights)
    dropped = F.dropout(weights, dropout) if dropout > 0.0 else weights
    mixed = (dropped.to(v.dtype).view(batch_size, num_kv_heads, -1, v.shape[2]) @ v).view_as(q)
    return mixed, weights


class KeysValues(NamedTuple):
    """Keys and values already projected and split into heads, each B G S K."""

    keys: Tensor
    values: Tensor


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each on its own slice of the width. Vaswani et al. 2017, section 3.2.2.

    `num_kv_heads` < `num_heads` makes groups of query heads share keys and values; `qk_norm` keeps queries and keys
    at a steady size before they are turned (Henry et al. 2020). `fused` = True computes the same on PyTorch's kernel,
    which never forms the weights: then nothing can be heard at the taps `scores` and `weights`.
    Raises `ConfigError` when the heads do not divide d_model.
    """

    def __init__(
        self,
        num_heads: int,
        d_model: int,
        num_kv_heads: int | None = None,
        bias: bool = True,
        dropout: float = 0.0,
        qk_norm: bool = False,
        norm_eps: float = 1e-6,
    ) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.num_kv_heads = num_heads if num_kv_heads is None else num_kv_heads
        self.d_model = d_model
        self.head_dim = split_width(d_model, num_heads)
        check_groups(self.num_heads, self.num_kv_heads)
        self.q_proj = nn.Linear(d_model, self.num_heads * self.head_dim, bias=bias)
        self.k_proj = nn.Linear(d_model, self.num_kv_heads * self.head_dim, bias=bias)
        self.v_proj = nn.Linear(d_model, self.num_kv_heads * self.head_dim, bias=bias)
        self.out_proj = nn.Linear(self.num_heads * self.head_dim, d_model, bias=bias)
        self.q_norm = RMSNorm(self.head_dim, norm_eps) if qk_norm else None
        self.k_norm = RMSNorm(self.head_dim, norm_eps) if qk_norm else None
        self.dropout = dropout
        self.fused = False
        self.tap_q, self.tap_k, self.tap_v = Tap(), Tap(), Tap()
        self.tap_scores, self.tap_weights, self.tap_mixed = Tap(), Tap(), Tap()

    def forward(
        self,
        query: Float[Tensor, "B T D"],
        key_value: Float[Tensor, "B S D"] | KeysValues | None = None,
        attn_mask: Bool[Tensor, "#B 1 #T _"] | None = None,
        is_causal: bool = False,
        rotation: Rotation | None = None,
        cache: RemembersKeysValues | None = None,
    ) -> Float[Tensor, "B T D"]:
        """What each position of `query` reads from `key_value`; from `query` itself when that is None.

        `key_value` may also be what `keys_values` made of it before. `is_causal` says that `attn_mask` is the causal
        mask and nothing else, which a kernel can use. With a `cache`, the keys and values of earlier calls come first.
        """
        check_width("query", query, self.d_model)
        q = self.tap_q(self._split(self.q_proj(query), self.q_norm, rotation))  # B H T K
        if isinstance(key_value, KeysValues):
            k, v = key_value
        else:
            k, v = self.keys_values(query if key_value is None else key_value, rotation)  # B G S K
        check_rows(query, k)
        if cache is not None:
            k, v = cache.append(k, v)
        if attn_mask is not None:
            check_mask(attn_mask, q.shape[0], q.shape[2], k.shape[2])
        mixed = self.tap_mixed(self._attend(q, k, v, attn_mask, is_causal))  # B H T K
        joined = mixed.transpose(1, 2).flatten(start_dim=2)  # B T D
        out: Tensor = self.out_proj(joined)
        return out

    def keys_values(self, key_value: Float[Tensor, "B S D"], rotation: Rotation | None = None) -> KeysValues:
        """The keys and values of `key_value`: projected, split into heads, keys normed and turned."""
        check_width("key_value", key_value, self.d_model)
        k = self.tap_k(self._split(self.k_proj(key_value), self.k_norm, rotation))
        v = self.tap_v(self._split(self.v_proj(key_value)))
        return KeysValues(k, v)

    def _split(
        self, x: Float[Tensor, "B T _"], norm: RMSNorm | None = None, rotation: Rotation | None = None
    ) -> Float[Tensor, "B _ T K"]:
        """Cut the width into heads; then norm, then turn (the order of Qwen3)."""
        x = x.view(*x.shape[:2], -1, self.head_dim)  # B T H K
        if norm is not None:
            x = norm(x)
        x = x.transpose(1, 2)  # B H T K
        return x if rotation is None else rotate(x, rotation)

    def _attend(
        self,
        q: Float[Tensor, "B H T K"],
        k: Float[Tensor, "B G S K"],
        v: Float[Tensor, "B G S K"],
        attn_mask: Bool[Tensor, "#B 1 #T S"] | None,
        is_causal: bool,
    ) -> Float[Tensor, "B H T K"]:
        dropout = self.dropout if self.training else 0.0
        if not self.fused:
            mixed, _ = attend(q, k, v, attn_mask, dropout, self.tap_scores, self.tap_weights)
            return mixed
        return F.scaled_dot_product_attention(
            q,
            k,
            v,
            attn_mask=None if is_causal else attn_mask,
            is_causal=is_causal,
            dropout_p=dropout,
            enable_gqa=self.num_kv_heads != self.num_heads,
        )


def use_fused(model: nn.Module, fused: bool) -> None:
    """Run every attention and RMSNorm of the model on PyTorch's kernel (True) or written out (False).

    On a GPU the kernels win; on a CPU measure: at short lengths what is written out here is the faster.
    """
    for module in model.modules():
        if isinstance(module, MultiHeadAttention | RMSNorm):
            module.fused = fused
