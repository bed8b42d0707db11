"""A folder for CTranslate2, both architectures, written straight into its own specification of a model.

Every variant fits but SwiGLU in an encoder-decoder: rotary positions too, which no such class of `transformers` has.
The row of `<pad>` is left out: CTranslate2 starts an encoder-decoder from a zero vector by an option of its own.
"""

from pathlib import Path

import torch
from ctranslate2.converters import utils
from ctranslate2.specs import common_spec, model_spec, transformer_spec
from torch import nn

from chatzero.blocks.attention import MultiHeadAttention
from chatzero.blocks.feed_forward import FeedForward, GatedFeedForward
from chatzero.blocks.norm import LayerNorm, RMSNorm
from chatzero.blocks.positions import LearnedPositions, SinusoidalPositions
from chatzero.blocks.transformer_layer import DecoderLayer, EncoderLayer, GPTLayer, Residual
from chatzero.checkpoint.bundle import Bundle
from chatzero.errors import ConfigError
from chatzero.interop.card import exported_card
from chatzero.interop.family import gpt_family
from chatzero.interop.precision import Precision
from chatzero.language import tr
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Decoder, Encoder, Transformer
from chatzero.shapes import Tensor
from chatzero.text.special_tokens import DOCUMENT, END

_ACTIVATIONS = {
    "relu": common_spec.Activation.RELU,
    "gelu": common_spec.Activation.GELU,
    "gelu_tanh": common_spec.Activation.GELUTanh,
    "swiglu": common_spec.Activation.SWISH,
}


def require_ct2(config: TransformerConfig | GPTConfig) -> None:
    """Raises `ConfigError` for the variant that CTranslate2 has not, or that has not been tried there."""
    if isinstance(config, GPTConfig):
        gpt_family(config)
    if isinstance(config, TransformerConfig) and config.activation == "swiglu":
        raise ConfigError(
            what=tr("activation = 'swiglu' cannot be exported to ct2", "activation = 'swiglu' 无法导出到 ct2"),
            why=tr("this encoder-decoder variant has not been tried there", "该编码器-解码器变体在那里没有验证过"),
            do=tr("train with activation = 'relu' or 'gelu'", "用 activation = 'relu' 或 'gelu' 训练"),
        )


@torch.no_grad()
def write_ct2(folder: Path, bundle: Bundle, precision: Precision) -> None:
    """Fill `folder` with `model.bin`, its config and vocabulary, our tokenizer, and a card."""
    match bundle.model:
        case GPT() as gpt:
            spec = _gpt(gpt, bundle.tokenizer.tokens[:-1])
        case Transformer() as transformer:
            spec = _transformer(transformer, bundle.tokenizer.tokens[:-1])
    spec.validate()
    spec.optimize(quantization=None if precision.name == "f32" else precision.name)
    spec.save(str(folder))
    bundle.tokenizer.save(folder)
    run = (
        "```python\nimport ctranslate2\n\n"
        + (
            'ctranslate2.Generator("this-folder").generate_batch([tokens], include_prompt_in_result=False)'
            if isinstance(bundle.model, GPT)
            else 'ctranslate2.Translator("this-folder").translate_batch([tokens])'
        )
        + "\n```\n\n`tokens`: `<|user|>` ... `<|end|>` `<|assistant|>`, by `tokenizer.json`."
    )
    (folder / "README.md").write_text(exported_card(bundle.folder, {"library_name": "ctranslate2"}, run), "utf-8")


def _gpt(model: GPT, tokens: list[str]) -> model_spec.ModelSpec:
    config = model.config
    modern: dict[str, object] = {
        "ffn_glu": True,
        "rms_norm": True,
        "rotary_dim": config.head_dim,
        "rotary_interleave": False,
        "rotary_base": config.rope_theta,
        "num_heads_kv": config.num_kv_heads if config.num_kv_heads != config.num_heads else None,
        "head_dim": config.head_dim,
        "qk_norm": config.qk_norm,
    }
    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        config.num_layers,
        config.num_heads,
        activation=_ACTIVATIONS[config.activation],
        pre_norm=True,
        **({} if config.positions == "learned" else modern),
    )
    decoder = spec.decoder
    decoder.scale_embeddings = False
    decoder.embeddings.weight = _rows(model.embedding.weight)
    decoder.projection.weight = _rows(model.output_weight)
    if model.positions is not None:
        decoder.position_encodings.encodings = _own(model.positions.table)
    _norm(decoder.layer_norm, model.norm)
    for theirs, layer in zip(decoder.layer, model.layers, strict=True):
        assert isinstance(layer, GPTLayer)
        _attention(theirs.self_attention, layer.self_attention, layer.self_attention_residual)
        _feed_forward(theirs.ffn, layer.feed_forward, layer.feed_forward_residual)
    spec.register_vocabulary(tokens)
    _settle(spec.config, config.norm_eps)
    spec.config.bos_token = DOCUMENT
    return spec


def _transformer(model: Transformer, tokens: list[str]) -> model_spec.ModelSpec:
    config = model.config
    shared = {
        "num_heads": config.num_heads,
        "pre_norm": config.norm_order == "pre",
        "activation": _ACTIVATIONS[config.activation],
        "layernorm_embedding": config.embedding_norm,
    }
    if config.positions == "rotary":
        shared |= {"rotary_dim": config.head_dim, "rotary_interleave": False}
    spec = transformer_spec.TransformerSpec(
        transformer_spec.TransformerEncoderSpec(config.num_encoder_layers, **shared),
        transformer_spec.TransformerDecoderSpec(config.num_decoder_layers, **shared),
    )
    if config.positions == "rotary":
        del spec.encoder.position_encodings
    spec.decoder.start_from_zero_embedding = True
    spec.decoder.projection.weight = _rows(model.output_weight)
    for theirs, ours in ((spec.encoder, model.encoder), (spec.decoder, model.decoder)):
        table = theirs.embeddings[0] if isinstance(theirs.embeddings, list) else theirs.embeddings
        table.weight = _rows(model.embedding.weight)
        theirs.scale_embeddings = model.embedding.scale
        _stack(theirs, ours)
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    _settle(spec.config, 1e-5)
    spec.config.bos_token = DOCUMENT
    spec.config.decoder_start_token = DOCUMENT  # any: its vector is not looked up
    return spec


def _stack(theirs: model_spec.LayerSpec, ours: Encoder | Decoder) -> None:
    if isinstance(ours.input.positions, LearnedPositions | SinusoidalPositions):
        theirs.position_encodings.encodings = _own(ours.input.positions.table)
    if isinstance(ours.norm, LayerNorm):
        _norm(theirs.layer_norm, ours.norm)
    if isinstance(ours.input.norm, LayerNorm):
        _norm(theirs.layernorm_embedding, ours.input.norm)
    for other, layer in zip(theirs.layer, ours.layers, strict=True):
        assert isinstance(layer, EncoderLayer | DecoderLayer)
        _attention(other.self_attention, layer.self_attention, layer.self_attention_residual)
        if isinstance(layer, DecoderLayer):
            _attention(other.attention, layer.cross_attention, layer.cross_attention_residual, cross=True)
        _feed_forward(other.ffn, layer.feed_forward, layer.feed_forward_residual)


def _attention(theirs: model_spec.LayerSpec, ours: MultiHeadAttention, residual: Residual, cross: bool = False) -> None:
    """Projections that read the same input stand as one matrix there: q, k, v; or q alone, then k, v."""
    q, k, v = (_linear(common_spec.LinearSpec(), p) for p in (ours.q_proj, ours.k_proj, ours.v_proj))
    if cross:
        utils.fuse_linear(theirs.linear[0], [q])
        utils.fuse_linear(theirs.linear[1], [k, v])
    else:
        utils.fuse_linear(theirs.linear[0], [q, k, v])
    _linear(theirs.linear[-1], ours.out_proj)
    if ours.q_norm is not None and ours.k_norm is not None:
        _norm(theirs.q_norm, ours.q_norm)
        _norm(theirs.k_norm, ours.k_norm)
    _norm(theirs.layer_norm, residual.norm)


def _feed_forward(theirs: model_spec.LayerSpec, ours: nn.Module, residual: Residual) -> None:
    match ours:
        case FeedForward():
            _linear(theirs.linear_0, ours.up)
        case GatedFeedForward():
            _linear(theirs.linear_0, ours.gate)
            _linear(theirs.linear_0_noact, ours.up)
        case _:
            raise TypeError(type(ours).__name__)
    _linear(theirs.linear_1, ours.down)
    _norm(theirs.layer_norm, residual.norm)


def _linear(theirs: common_spec.LinearSpec, ours: nn.Linear) -> common_spec.LinearSpec:
    theirs.weight = _own(ours.weight)
    if ours.bias is not None:
        theirs.bias = _own(ours.bias)
    return theirs


def _norm(theirs: common_spec.LayerNormSpec, ours: nn.Module) -> None:
    assert isinstance(ours, LayerNorm | RMSNorm)
    theirs.gamma = _own(ours.weight)
    if isinstance(ours, LayerNorm):
        theirs.beta = _own(ours.bias)


def _settle(config: model_spec.ModelConfig, norm_eps: float) -> None:
    config.eos_token = END
    config.unk_token = DOCUMENT  # it must be one of the vocabulary; bytes leave nothing unknown
    config.layer_norm_epsilon = norm_eps


def _rows(table: Tensor) -> Tensor:
    return _own(table[:-1])


def _own(tensor: Tensor) -> Tensor:
    """Memory of its own: two specs on one piece of memory are taken for one."""
    return tensor.detach().float().cpu().clone()
