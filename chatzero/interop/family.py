"""Which class of `transformers` computes exactly what a model of ours computes; or, why none does. No torch here.

    decoder-only        rotary      QK-norm                       Qwen3
                        rotary      none                          Llama
                        learned     LayerNorm, biases             GPT-2
    encoder-decoder     post-norm   sinusoidal                    Marian
                        post-norm   embedding norm                BART
                        pre-norm    sinusoidal                    Pegasus
                        pre-norm    learned                       Blenderbot
                        pre-norm    embedding norm                mBART

Everything else is refused, before anything is written.
"""

from typing import Literal

from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.models.config import GPTConfig, TransformerConfig

GPTFamily = Literal["qwen3", "llama", "gpt2"]
Family = Literal[GPTFamily, "marian", "bart", "pegasus", "blenderbot", "mbart"]
"""The names are the `model_type` of `transformers`."""

CLASSES: dict[Family, str] = {
    "qwen3": "Qwen3ForCausalLM",
    "llama": "LlamaForCausalLM",
    "gpt2": "GPT2LMHeadModel",
    "marian": "MarianMTModel",
    "bart": "BartForConditionalGeneration",
    "pegasus": "PegasusForConditionalGeneration",
    "blenderbot": "BlenderbotForConditionalGeneration",
    "mbart": "MBartForConditionalGeneration",
}
POSITION_OFFSET: dict[Family, int] = {"bart": 2, "mbart": 2}
"""Rows that stand before position 0 in the table of learned positions; elsewhere none."""


def family_of(config: TransformerConfig | GPTConfig) -> Family:
    """The class that fits exactly. Raises `ConfigError` naming the setting that none has, and what to choose."""
    if isinstance(config, GPTConfig):
        return gpt_family(config)
    if config.positions == "rotary":
        raise _refused(
            "positions = 'rotary'",
            tr("with an encoder-decoder", "与编码器-解码器合用"),
            tr(
                "positions = 'sinusoidal' in the recipe, or arch = 'gpt'",
                "在配方中用 positions = 'sinusoidal'，或 arch = 'gpt'",
            ),
        )
    if config.activation == "swiglu":
        raise _refused(
            "activation = 'swiglu'",
            tr("with an encoder-decoder", "与编码器-解码器合用"),
            tr("activation = 'relu' or 'gelu'", "activation = 'relu' 或 'gelu'"),
        )
    if config.norm_order == "post":
        if config.embedding_norm:
            return "bart"
        if config.positions == "sinusoidal":
            return "marian"
        raise _refused(
            "positions = 'learned'",
            tr(
                "with norms after and none on the embedding (Marian forgets such a table when it is saved again)",
                "与后置归一化、无嵌入归一化合用（Marian 再次保存时会丢掉这张表）",
            ),
            tr(
                "positions = 'sinusoidal', or norm_order = 'pre', or embedding_norm = true",
                "positions = 'sinusoidal'，或 norm_order = 'pre'，或 embedding_norm = true",
            ),
        )
    if config.embedding_norm:
        return "mbart"
    return "pegasus" if config.positions == "sinusoidal" else "blenderbot"


def gpt_family(config: GPTConfig) -> GPTFamily:
    """The class that fits a decoder-only model. Raises `ConfigError` naming the setting that its class has not."""
    rotary = config.positions == "rotary"
    wanted: dict[str, tuple[object, ...]] = (
        {"norm": ("rms",), "activation": ("swiglu",), "bias": (False,)}
        if rotary
        else {
            "norm": ("layer",),
            "activation": ("gelu_tanh", "gelu", "relu"),
            "bias": (True,),
            "qk_norm": (False,),
            "num_kv_heads": (config.num_heads,),
        }
    )
    for name, values in wanted.items():
        if getattr(config, name) not in values:
            raise ConfigError(
                what=tr(
                    f"{name} = {getattr(config, name)!r} with positions = {config.positions!r} cannot be exported",
                    f"{name} = {getattr(config, name)!r} 与 positions = {config.positions!r} 合用，无法导出",
                ),
                why=tr("no model class there computes the same", "那里没有任何模型类能算出同样的结果"),
                do=tr(
                    f"train with {name} = {values[0]!r} (model.variant = {'qwen3' if rotary else 'gpt2'!r} in a "
                    f"recipe), or use --to onnx",
                    f"用 {name} = {values[0]!r} 训练（配方中 model.variant = {'qwen3' if rotary else 'gpt2'!r}），"
                    f"或用 --to onnx",
                ),
            )
    if not rotary:
        return "gpt2"
    return "qwen3" if config.qk_norm else "llama"


def decoder_family(config: TransformerConfig | GPTConfig, target: str) -> GPTFamily:
    """The family of a decoder-only model. Raises `ConfigError` for an encoder-decoder, which `target` has not."""
    if isinstance(config, GPTConfig):
        return gpt_family(config)
    raise ConfigError(
        what=tr(f"arch = 'transformer' cannot go to {target}", f"arch = 'transformer' 无法导出到 {target}"),
        why=tr("llama.cpp has no encoder-decoder of the 2017 kind", "llama.cpp 没有 2017 年论文那样的编码器-解码器"),
        do=tr(
            "use --to ct2 or --to hf, or train with arch = 'gpt'",
            "改用 --to ct2 或 --to hf，或用 arch = 'gpt' 训练",
        ),
    )


def _refused(setting: str, circumstance: str, choose: str) -> ConfigError:
    return ConfigError(
        what=tr(
            f"{setting} {circumstance} cannot be exported to this format", f"{setting} {circumstance}，无法导出到此格式"
        ),
        why=tr("no model class there computes the same", "那里没有任何模型类能算出同样的结果"),
        do=tr(
            f"train with {choose}; or use --to ct2, which takes more", f"用 {choose} 训练；或用支持更多变体的 --to ct2"
        ),
    )
