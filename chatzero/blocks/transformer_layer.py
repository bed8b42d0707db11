"""One layer of each stack: attention and feed-forward, each with its residual and its norm.

EncoderLayer and DecoderLayer are the paper's (Vaswani et al. 2017, figure 1); GPTLayer is the decoder-only layer of
today (RMSNorm, SwiGLU, no biases, grouped keys and values), as in Llama and Qwen3, or by option that of GPT-2.
"""

from collections.abc import Callable
from typing import Literal

from torch import nn

from chatzero.blocks.attention import KeysValues, MultiHeadAttention
from chatzero.blocks.cache import RemembersKeysValues
from chatzero.blocks.feed_forward import Activation, feed_forward
from chatzero.blocks.norm import LayerNorm, NormKind, norm_of
from chatzero.blocks.positions import Rotation
from chatzero.blocks.tap import Tap
from chatzero.shapes import Bool, Float, Tensor

NormOrder = Literal["post", "pre"]


class Residual(nn.Module):
    """A sub-layer with its shortcut and its norm: "Add & Norm" in figure 1 of the paper.

    "post", as in the paper: norm(x + dropout(sublayer(x))). "pre" (Xiong et al. 2020): x + dropout(sublayer(norm(x))),
    which needs no warm-up even when deep, and a norm after the last layer.
    """

    def __init__(self, norm: nn.Module, dropout: float, norm_order: NormOrder) -> None:
        super().__init__()
        self.norm = norm
        self.dropout = nn.Dropout(dropout)
        self.norm_order: NormOrder = norm_order
        self.tap_out = Tap()

    def forward(self, x: Float[Tensor, "B T D"], sublayer: Callable[[Tensor], Tensor]) -> Float[Tensor, "B T D"]:
        if self.norm_order == "post":
            x = self.norm(x + self.dropout(sublayer(x)))
        else:
            x = x + self.dropout(sublayer(self.norm(x)))
        return self.tap_out(x)


class EncoderLayer(nn.Module):
    """Every position looks at every other; then each thinks on its own."""

    def __init__(
        self,
        d_model: int,
        num_heads: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        norm_order: NormOrder = "post",
        attention_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.self_attention = MultiHeadAttention(num_heads, d_model, dropout=attention_dropout)
        self.self_attention_residual = Residual(LayerNorm(d_model), dropout, norm_order)
        self.feed_forward = feed_forward(d_model, dim_feedforward, activation)
        self.feed_forward_residual = Residual(LayerNorm(d_model), dropout, norm_order)

    def forward(
        self,
        x: Float[Tensor, "B S D"],
        attn_mask: Bool[Tensor, "#B 1 #S S"] | None = None,
        rotation: Rotation | None = None,
    ) -> Float[Tensor, "B S D"]:
        x = self.self_attention_residual(x, lambda x: self.self_attention(x, None, attn_mask, rotation=rotation))
        x = self.feed_forward_residual(x, self.feed_forward)
        return x


class DecoderLayer(nn.Module):
    """Every position looks at itself and earlier ones; then at the encoder's memory; then each thinks on its own."""

    def __init__(
        self,
        d_model: int,
        num_heads: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        norm_order: NormOrder = "post",
        attention_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.self_attention = MultiHeadAttention(num_heads, d_model, dropout=attention_dropout)
        self.self_attention_residual = Residual(LayerNorm(d_model), dropout, norm_order)
        self.cross_attention = MultiHeadAttention(num_heads, d_model, dropout=attention_dropout)
        self.cross_attention_residual = Residual(LayerNorm(d_model), dropout, norm_order)
        self.feed_forward = feed_forward(d_model, dim_feedforward, activation)
        self.feed_forward_residual = Residual(LayerNorm(d_model), dropout, norm_order)

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        memory: Float[Tensor, "B S D"] | KeysValues,
        attn_mask: Bool[Tensor, "#B 1 #T _"] | None = None,
        memory_mask: Bool[Tensor, "#B 1 #T S"] | None = None,
        is_causal: bool = False,
        rotation: Rotation | None = None,
        cache: RemembersKeysValues | None = None,
    ) -> Float[Tensor, "B T D"]:
        x = self.self_attention_residual(
            x, lambda x: self.self_attention(x, None, attn_mask, is_causal=is_causal, rotation=rotation, cache=cache)
        )
        x = self.cross_attention_residual(x, lambda x: self.cross_attention(x, memory, attn_mask=memory_mask))
        x = self.feed_forward_residual(x, self.feed_forward)
        return x


class GPTLayer(nn.Module):
    """Every position looks at itself and earlier ones; then each thinks on its own. Always pre-norm."""

    def __init__(
        self,
        d_model: int,
        num_heads: int,
        num_kv_heads: int,
        dim_feedforward: int,
        dropout: float = 0.0,
        qk_norm: bool = True,
        norm_eps: float = 1e-6,
        attention_dropout: float = 0.0,
        norm_kind: NormKind = "rms",
        activation: Activation = "swiglu",
        bias: bool = False,
    ) -> None:
        super().__init__()
        self.self_attention = MultiHeadAttention(
            num_heads,
            d_model,
            num_kv_heads,
            bias=bias,
            dropout=attention_dropout,
            qk_norm=qk_norm,
            norm_eps=norm_eps,
        )
        self.self_attention_residual = Residual(norm_of(norm_kind, d_model, norm_eps), dropout, "pre")
        self.feed_forward = feed_forward(d_model, dim_feedforward, activation, bias)
        self.feed_forward_residual = Residual(norm_of(norm_kind, d_model, norm_eps), dropout, "pre")

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        rotation: Rotation | None = None,
        attn_mask: Bool[Tensor, "#B 1 #T _"] | None = None,
        is_causal: bool = False,
        cache: RemembersKeysValues | None = None,
    ) -> Float[Tensor, "B T D"]:
        x = self.self_attention_residual(
            x, lambda x: self.self_attention(x, None, attn_mask, is_causal=is_causal, rotation=rotation, cache=cache)
        )
        x = self.feed_forward_residual(x, self.feed_forward)
        return x
