"""`config.json` and `generation_config.json` of `transformers`, from our config; and our config from theirs.

Written by hand and not by the library, because its versions disagree: up to 4.57 a rotary model reads `rope_theta`
and `torch_dtype`, from 5 on `rope_parameters` and `dtype`. With one of the two missing the other version computes
something else, and says nothing. So both are always there.
"""

from collections.abc import Mapping

from chatzero.errors import ConfigError
from chatzero.interop.family import CLASSES, Family
from chatzero.language import tr
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.text.special_tokens import END, LEADING

Json = dict[str, object]
_GPT2_ACTIVATIONS: dict[str, str] = {"gelu_tanh": "gelu_new", "gelu": "gelu", "relu": "relu"}


def hf_config(config: TransformerConfig | GPTConfig, family: Family) -> Json:
    """Our config in the words of that family. A decoder-only model goes without `<pad>`, its last token."""
    rest = _decoder(config, family) if isinstance(config, GPTConfig) else _transformer(config)
    return {
        "architectures": [CLASSES[family]],
        "model_type": family,
        "tie_word_embeddings": config.tie_embeddings,
        "use_cache": True,
        "attention_dropout": config.attention_dropout,
        "max_position_embeddings": config.max_seq_len,
        "bos_token_id": None,
        "eos_token_id": LEADING.index(END),
        "dtype": "float32",
        "torch_dtype": "float32",
        **rest,
    }


def hf_generation_config(config: TransformerConfig | GPTConfig) -> Json:
    """Greedy, to the end token or the end of the window: what `chatzero chat` does by default."""
    pad_id = config.vocab_size - 1
    start: Json = {} if isinstance(config, GPTConfig) else {"decoder_start_token_id": pad_id}
    return {
        "do_sample": False,
        "num_beams": 1,
        "max_length": config.max_seq_len,
        "eos_token_id": list(range(len(LEADING))),
        "pad_token_id": 0 if isinstance(config, GPTConfig) else pad_id,
        **start,
    }


def _decoder(config: GPTConfig, family: Family) -> Json:
    return {"vocab_size": config.vocab_size - 1, "pad_token_id": 0} | (
        _gpt2(config) if family == "gpt2" else _gpt(config, family)
    )


def _gpt2(config: GPTConfig) -> Json:
    return {
        "n_positions": config.max_seq_len,
        "n_ctx": config.max_seq_len,  # llama.cpp's converter reads this one
        "n_embd": config.d_model,
        "n_layer": config.num_layers,
        "n_head": config.num_heads,
        "n_inner": config.dim_feedforward,
        "activation_function": _GPT2_ACTIVATIONS[config.activation],
        "layer_norm_epsilon": config.norm_eps,
        "embd_pdrop": config.dropout,
        "resid_pdrop": config.dropout,
        "attn_pdrop": config.attention_dropout,
        "scale_attn_weights": True,
        "scale_attn_by_inverse_layer_idx": False,
        "reorder_and_upcast_attn": False,
        "add_cross_attention": False,
    }


def _gpt(config: GPTConfig, family: Family) -> Json:
    own: Json = (
        {"use_sliding_window": False, "sliding_window": None, "max_window_layers": config.num_layers}
        if family == "qwen3"
        else {"mlp_bias": False, "pretraining_tp": 1}
    )
    return {
        "hidden_size": config.d_model,
        "intermediate_size": config.dim_feedforward,
        "num_hidden_layers": config.num_layers,
        "num_attention_heads": config.num_heads,
        "num_key_value_heads": config.num_kv_heads,
        "head_dim": config.head_dim,
        "hidden_act": "silu",
        "attention_bias": False,
        "rms_norm_eps": config.norm_eps,
        "rope_theta": config.rope_theta,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_theta},
        **own,
    }


def _transformer(config: TransformerConfig) -> Json:
    pad_id = config.vocab_size - 1
    return {
        "is_encoder_decoder": True,
        "vocab_size": config.vocab_size,
        "d_model": config.d_model,
        "num_hidden_layers": config.num_encoder_layers,
        "encoder_layers": config.num_encoder_layers,
        "decoder_layers": config.num_decoder_layers,
        "encoder_attention_heads": config.num_heads,
        "decoder_attention_heads": config.num_heads,
        "encoder_ffn_dim": config.dim_feedforward,
        "decoder_ffn_dim": config.dim_feedforward,
        "activation_function": config.activation,
        "dropout": config.dropout,
        "activation_dropout": 0.0,
        "encoder_layerdrop": 0.0,
        "decoder_layerdrop": 0.0,
        "scale_embedding": True,
        "share_encoder_decoder_embeddings": True,
        "pad_token_id": pad_id,
        "decoder_start_token_id": pad_id,
        "forced_bos_token_id": None,
        "forced_eos_token_id": None,  # the default of some families cuts an answer at the end of the window
    }


def our_config(theirs: Mapping[str, object], vocab_size: int) -> TransformerConfig | GPTConfig:
    """The config that computes the same. `vocab_size` is ours, `<pad>` included.

    Raises `ConfigError` for a family, or a setting of it, that no model of ours has.
    """
    family = theirs.get("model_type")
    if family in ("qwen3", "llama"):
        return _our_gpt(theirs, vocab_size)
    if family == "gpt2":
        return _our_gpt2(theirs, vocab_size)
    if family in CLASSES:
        return _our_transformer(theirs, vocab_size)
    raise _foreign(f"model_type = {family!r}", tr(f"one of {', '.join(CLASSES)}", f"{'、'.join(CLASSES)} 之一"))


def _our_gpt(theirs: Mapping[str, object], vocab_size: int) -> GPTConfig:
    heads, width = _count(theirs, "num_attention_heads"), _count(theirs, "hidden_size")
    rope = theirs.get("rope_parameters") or theirs.get("rope_scaling") or {}
    rope = rope if isinstance(rope, dict) else {}
    _require(rope.get("rope_type", rope.get("type", "default")) == "default", "rope_scaling", "default")
    _require(theirs.get("hidden_act", "silu") == "silu", "hidden_act", "silu")
    _require(not theirs.get("attention_bias"), "attention_bias", "false")
    _require(not theirs.get("mlp_bias"), "mlp_bias", "false")
    _require(not theirs.get("use_sliding_window"), "use_sliding_window", "false")
    _require((theirs.get("head_dim") or width // heads) * heads == width, "head_dim", f"{width // heads}")  # type: ignore[operator]
    theta = theirs.get("rope_theta") or rope.get("rope_theta") or 10000.0
    return GPTConfig(
        vocab_size=vocab_size,
        d_model=width,
        num_heads=heads,
        num_kv_heads=_count(theirs, "num_key_value_heads", heads),
        num_layers=_count(theirs, "num_hidden_layers"),
        dim_feedforward=_count(theirs, "intermediate_size"),
        max_seq_len=_count(theirs, "max_position_embeddings"),
        rope_theta=float(str(theta)),
        qk_norm=theirs["model_type"] == "qwen3",
        norm_eps=float(str(theirs.get("rms_norm_eps", 1e-6))),
        tie_embeddings=bool(theirs.get("tie_word_embeddings", False)),
    )


def _our_gpt2(theirs: Mapping[str, object], vocab_size: int) -> GPTConfig:
    """Keys that are missing have the defaults of GPT2Config, which are those of the released models."""
    activations = {"gelu_pytorch_tanh": "gelu_tanh"} | {name: ours for ours, name in _GPT2_ACTIVATIONS.items()}
    activation = activations.get(str(theirs.get("activation_function", "gelu_new")))
    _require(activation is not None, "activation_function", ", ".join(activations))
    _require(theirs.get("scale_attn_weights", True) is True, "scale_attn_weights", "true")
    _require(not theirs.get("scale_attn_by_inverse_layer_idx"), "scale_attn_by_inverse_layer_idx", "false")
    _require(not theirs.get("add_cross_attention"), "add_cross_attention", "false")
    drop = float(str(theirs.get("resid_pdrop", 0.1)))
    _require(float(str(theirs.get("embd_pdrop", 0.1))) == drop, "embd_pdrop", str(drop))
    heads, width = _count(theirs, "n_head"), _count(theirs, "n_embd")
    return GPTConfig.model_validate(
        {
            "vocab_size": vocab_size,
            "d_model": width,
            "num_heads": heads,
            "num_kv_heads": heads,
            "num_layers": _count(theirs, "n_layer"),
            "dim_feedforward": theirs.get("n_inner") or 4 * width,
            "dropout": drop,
            "max_seq_len": _count(theirs, "n_positions", 1024),
            "positions": "learned",
            "norm": "layer",
            "activation": activation,
            "bias": True,
            "qk_norm": False,
            "norm_eps": float(str(theirs.get("layer_norm_epsilon", 1e-5))),
            "tie_embeddings": bool(theirs.get("tie_word_embeddings", True)),
            "attention_dropout": float(str(theirs.get("attn_pdrop", 0.1))),
        }
    )


def _our_transformer(theirs: Mapping[str, object], vocab_size: int) -> TransformerConfig:
    family = theirs["model_type"]
    for ours in ("attention_heads", "ffn_dim"):
        same = theirs.get(f"encoder_{ours}") == theirs.get(f"decoder_{ours}")
        _require(same, f"decoder_{ours}", f"encoder_{ours}")
    _require(theirs.get("activation_function") in ("relu", "gelu"), "activation_function", "relu, gelu")
    _require(bool(theirs.get("scale_embedding")), "scale_embedding", "true")
    return TransformerConfig.model_validate(
        {
            "vocab_size": vocab_size,
            "d_model": _count(theirs, "d_model"),
            "num_heads": _count(theirs, "encoder_attention_heads"),
            "num_encoder_layers": _count(theirs, "encoder_layers"),
            "num_decoder_layers": _count(theirs, "decoder_layers"),
            "dim_feedforward": _count(theirs, "encoder_ffn_dim"),
            "dropout": float(str(theirs.get("dropout", 0.0))),
            "max_seq_len": _count(theirs, "max_position_embeddings"),
            "positions": "sinusoidal" if family in ("marian", "pegasus") else "learned",
            "norm_order": "post" if family in ("marian", "bart") else "pre",
            "activation": theirs["activation_function"],
            "embedding_norm": family in ("bart", "mbart"),
            "tie_embeddings": bool(theirs.get("tie_word_embeddings", True)),
        }
    )


def _count(theirs: Mapping[str, object], key: str, default: int | None = None) -> int:
    value = theirs.get(key, default)
    if not isinstance(value, int):
        raise _foreign(f"{key} = {value!r}", tr("a number", "一个整数"))
    return value


def _require(holds: bool, key: str, wanted: str) -> None:
    if not holds:
        raise _foreign(key, f"{key} = {wanted}")


def _foreign(setting: str, wanted: str) -> ConfigError:
    return ConfigError(
        what=tr(f"{setting}: this model cannot be imported", f"{setting}：无法导入这个模型"),
        why=tr("none of our models computes that", "我们没有能算出同样结果的模型"),
        do=tr(f"import a model with {wanted}", f"请导入满足此条件的模型：{wanted}"),
    )
