"""What a model is, in numbers: frozen, checked, saved beside the weights. No torch here. Named sizes are in `sizes`."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from chatzero.blocks.heads import check_groups, split_width
from chatzero.errors import ConfigError
from chatzero.language import tr

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0.0, lt=1.0)]


class TransformerConfig(BaseModel):
    """The encoder-decoder of Vaswani et al. 2017; the defaults are the paper's."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    arch: Literal["transformer"] = "transformer"
    vocab_size: Annotated[int, Field(ge=2)]
    """Tokens, with `<pad>` the last."""
    d_model: Count
    """Width of the vector that stands for a position."""
    num_heads: Count
    num_encoder_layers: Count
    num_decoder_layers: Count
    dim_feedforward: Count
    """Width inside the feed-forward block."""
    dropout: Share = 0.1
    """Share of each sub-layer's output, and of the embedded input, that is dropped in training (section 5.4)."""
    max_seq_len: Count
    """The longest source, and the longest target."""
    positions: Literal["sinusoidal", "learned", "rotary"] = "sinusoidal"
    """The first two are added to the token vectors; "rotary" turns the queries and keys of self-attention instead."""
    norm_order: Literal["post", "pre"] = "post"
    """"post" is the paper's; "pre" has a norm after each stack as well."""
    activation: Literal["relu", "gelu", "swiglu"] = "relu"
    embedding_norm: bool = False
    """A LayerNorm on the embedded input, as in BART."""
    tie_embeddings: bool = True
    """Source, target and output share one table (section 3.4); else the output has its own."""
    attention_dropout: Share = 0.0
    """Share of attention weights that is dropped in training; not in the paper."""

    @property
    def head_dim(self) -> int:
        return split_width(self.d_model, self.num_heads)

    @model_validator(mode="after")
    def _check(self) -> "TransformerConfig":
        split_width(self.d_model, self.num_heads)
        if self.positions == "sinusoidal":
            _check_even("d_model", self.d_model)
        if self.positions == "rotary":
            _check_even("head_dim = d_model / num_heads", self.head_dim)
        return self


class GPTConfig(BaseModel):
    """The decoder-only model: RoPE, RMSNorm, SwiGLU, grouped keys and values, QK-norm; the shape of Qwen3.

    The shape of GPT-2 instead (Radford et al. 2019): positions "learned", norm "layer", activation "gelu_tanh", biases,
    no QK-norm, as many key/value heads as heads. `sizes.sized(..., variant="gpt2")` sets all of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    arch: Literal["gpt"] = "gpt"
    vocab_size: Annotated[int, Field(ge=2)]
    """Tokens, with `<pad>` the last."""
    d_model: Count
    """Width of the vector that stands for a position."""
    num_heads: Count
    num_kv_heads: Count
    """Key/value heads; each serves num_heads / num_kv_heads query heads."""
    num_layers: Count
    dim_feedforward: Count
    """Width inside the feed-forward block."""
    dropout: Share = 0.0
    """Share of each sub-layer's output, and of the embedded input, that is dropped in training."""
    max_seq_len: Count
    positions: Literal["rotary", "learned"] = "rotary"
    """"rotary" turns queries and keys in each layer; "learned" is added to the token vectors."""
    norm: Literal["rms", "layer"] = "rms"
    """The norm of the stream; that of queries and keys is always RMSNorm."""
    activation: Literal["relu", "gelu", "gelu_tanh", "swiglu"] = "swiglu"
    """"gelu_tanh" is GPT-2's GELU."""
    bias: bool = False
    """Do the matrices of the layers have biases?"""
    rope_theta: Annotated[float, Field(gt=0.0)] = 10000.0
    """The slowest pair of dimensions turns once in about 2 pi theta positions."""
    qk_norm: bool = True
    norm_eps: Annotated[float, Field(gt=0.0)] = 1e-6
    tie_embeddings: bool = True
    """Input and output share one table; else the output has its own."""
    attention_dropout: Share = 0.0
    """Share of attention weights that is dropped in training."""

    @property
    def head_dim(self) -> int:
        return split_width(self.d_model, self.num_heads)

    @model_validator(mode="after")
    def _check(self) -> "GPTConfig":
        check_groups(self.num_heads, self.num_kv_heads)
        head_dim = self.head_dim
        if self.positions == "rotary":
            _check_even("head_dim = d_model / num_heads", head_dim)
        return self


ModelConfig = Annotated[TransformerConfig | GPTConfig, Field(discriminator="arch")]

CONFIGS: Mapping[str, type[TransformerConfig] | type[GPTConfig]] = {"transformer": TransformerConfig, "gpt": GPTConfig}


def parse_model_config(mapping: Mapping[str, object]) -> TransformerConfig | GPTConfig:
    """The config that a mapping (from JSON or TOML) describes. Raises `ConfigError` for the first thing wrong in it."""
    adapter: TypeAdapter[TransformerConfig | GPTConfig] = TypeAdapter(ModelConfig)
    try:
        return adapter.validate_python(dict(mapping))
    except ValidationError as error:
        raise _explained(error, mapping) from error


def _explained(error: ValidationError, mapping: Mapping[str, object]) -> ConfigError:
    first = error.errors()[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, ConfigError):
        return cause
    config = CONFIGS.get(str(mapping.get("arch")))
    if config is None:
        return ConfigError(
            what=tr(f"arch={mapping.get('arch')!r} in a model config", f"模型配置里 arch={mapping.get('arch')!r}"),
            why=tr("arch names the architecture", "arch 指明架构"),
            do=tr(f"use one of {', '.join(CONFIGS)}", f"请用 {'、'.join(CONFIGS)} 之一"),
        )
    key = str(first["loc"][-1])
    if first["type"] == "missing":
        return ConfigError(
            what=tr(f"{key} is missing in the model config", f"模型配置里缺少 {key}"),
            why=tr(
                f"arch={config.model_fields['arch'].default!r} needs it",
                f"arch={config.model_fields['arch'].default!r} 需要它",
            ),
            do=tr(f"add {key}", f"补上 {key}"),
        )
    if first["type"] == "extra_forbidden":
        near = get_close_matches(key, config.model_fields, n=1)
        known = ", ".join(config.model_fields)
        return ConfigError(
            what=tr(f"unknown key {key!r} in the model config", f"模型配置里有未知的键 {key!r}"),
            why=tr(f"the keys are {known}", f"可用的键：{known}"),
            do=tr(f"did you mean {near[0]!r}?", f"是不是 {near[0]!r}？") if near else tr("remove it", "请删去"),
        )
    return ConfigError(
        what=tr(f"{key}={first['input']!r} in the model config", f"模型配置里 {key}={first['input']!r}"),
        why=first["msg"],
        do=tr(f"mend {key}", f"请修正 {key}"),
    )


def _check_even(name: str, width: int) -> None:
    if width % 2 != 0:
        raise ConfigError(
            what=tr(f"{name} is {width}, an odd number", f"{name} 是 {width}，奇数"),
            why=tr("positions come as pairs of sine and cosine", "位置由成对的正弦与余弦表示"),
            do=tr(f"use {width - 1} or {width + 1}", f"改为 {width - 1} 或 {width + 1}"),
        )
