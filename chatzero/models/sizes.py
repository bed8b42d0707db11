"""Named sizes on one dial, from a model that trains in minutes on a laptop to one as large as GPT-2 small.

The dial is (depth, width). The rest follows by rule, so that at each point both architectures have about the same
number of parameters, 12 * depth * d_model^2 beside the embedding:

- heads are 64 wide from d_model 256 on and 32 wide below it (of two, four and eight heads at 256 the four learned to
  copy and to sort soonest); GPT has one key/value head for two query heads;
- dim_feedforward is 3 * d_model;
- a GPT has `depth` layers, a Transformer has half of them in the encoder and half in the decoder;
- the variant "gpt2" of a GPT has as many key/value heads as heads and, for as many parameters, a feed-forward of
  4 * d_model without a gate: "base" with a window of 1,024 and 50,257 tokens is GPT-2 small, 124,439,808 parameters.

Widths are multiples of 128, because quantised formats (GGUF) store weights in blocks of 32 to 256.
"""

from typing import Literal, NamedTuple, get_args

from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.models.config import GPTConfig, TransformerConfig

Arch = Literal["transformer", "gpt"]
Variant = Literal["qwen3", "llama", "gpt2"]
"""Whose shape a GPT has: with QK-norm, without, or the classic one of 2019."""
ARCHS: tuple[Arch, ...] = get_args(Arch)


class Size(NamedTuple):
    """A point of the dial."""

    depth: int
    d_model: int


SIZES: dict[str, Size] = {
    "nano": Size(2, 128),
    "micro": Size(4, 128),
    "tiny": Size(4, 256),
    "mini": Size(6, 256),
    "small": Size(6, 384),
    "medium": Size(8, 512),
    "base": Size(12, 768),
}


def sized(
    arch: Arch,
    size: str,
    vocab_size: int,
    max_seq_len: int,
    dropout: float | None = None,
    variant: Variant = "qwen3",
) -> TransformerConfig | GPTConfig:
    """The config of that architecture at that named size; `dropout` None leaves the architecture's default.

    `variant` is that of a GPT.
    """
    if size not in SIZES:
        raise ConfigError(
            what=tr(f"unknown size {size!r}", f"未知的大小 {size!r}"),
            why=tr("a size is a name on the dial", "大小用名字表示"),
            do=tr(f"use one of {', '.join(SIZES)}", f"请用 {'、'.join(SIZES)} 之一"),
        )
    return at_point(arch, SIZES[size], vocab_size, max_seq_len, dropout, variant)


def at_point(
    arch: Arch,
    point: Size,
    vocab_size: int,
    max_seq_len: int,
    dropout: float | None = None,
    variant: Variant = "qwen3",
) -> TransformerConfig | GPTConfig:
    """The config at any point of the dial; `d_model` a multiple of 64, above 256 of 128."""
    depth, d_model = point
    num_heads = d_model // (32 if d_model < 256 else 64)
    if arch == "transformer":
        return TransformerConfig(
            vocab_size=vocab_size,
            d_model=d_model,
            num_heads=num_heads,
            num_encoder_layers=depth // 2,
            num_decoder_layers=depth // 2,
            dim_feedforward=3 * d_model,
            dropout=0.1 if dropout is None else dropout,
            max_seq_len=max_seq_len,
        )
    modern = GPTConfig(
        vocab_size=vocab_size,
        d_model=d_model,
        num_heads=num_heads,
        num_kv_heads=num_heads // 2,
        num_layers=depth,
        dim_feedforward=3 * d_model,
        dropout=0.0 if dropout is None else dropout,
        max_seq_len=max_seq_len,
        qk_norm=variant == "qwen3",
    )
    return modern if variant != "gpt2" else classic(modern)


def classic(config: GPTConfig) -> GPTConfig:
    """A GPT of the same width and depth in the shape of GPT-2 (Radford et al. 2019)."""
    return config.model_copy(
        update={
            "num_kv_heads": config.num_heads,
            "dim_feedforward": 4 * config.d_model,
            "positions": "learned",
            "norm": "layer",
            "activation": "gelu_tanh",
            "bias": True,
            "qk_norm": False,
            "norm_eps": 1e-5,
        }
    )
