from typing import Any

import pytest
from pydantic import ValidationError

from chatzero.errors import ConfigError
from chatzero.models.config import GPTConfig, TransformerConfig, parse_model_config

TRANSFORMER: dict[str, Any] = {
    "arch": "transformer",
    "vocab_size": 100,
    "d_model": 64,
    "num_heads": 4,
    "num_encoder_layers": 2,
    "num_decoder_layers": 3,
    "dim_feedforward": 128,
    "max_seq_len": 32,
}
GPT: dict[str, Any] = {
    "arch": "gpt",
    "vocab_size": 100,
    "d_model": 64,
    "num_heads": 4,
    "num_kv_heads": 2,
    "num_layers": 2,
    "dim_feedforward": 128,
    "max_seq_len": 32,
}


@pytest.mark.parametrize("mapping", [TRANSFORMER, GPT])
def test_a_config_survives_json(mapping: dict[str, Any]) -> None:
    config = parse_model_config(mapping)
    assert config.arch == mapping["arch"]
    assert config.head_dim == 16
    assert parse_model_config(config.model_dump(mode="json")) == config


def test_the_defaults_are_the_paper_and_qwen3() -> None:
    transformer, gpt = parse_model_config(TRANSFORMER), parse_model_config(GPT)
    assert isinstance(transformer, TransformerConfig)
    assert (transformer.norm_order, transformer.activation, transformer.positions) == ("post", "relu", "sinusoidal")
    assert not transformer.embedding_norm
    assert isinstance(gpt, GPTConfig)
    assert gpt.qk_norm
    assert gpt.tie_embeddings
    assert transformer.tie_embeddings


def test_a_config_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        parse_model_config(GPT).d_model = 128


@pytest.mark.parametrize(
    ("mapping", "change", "message"),
    [
        (GPT, {"arch": "rnn"}, r"arch='rnn'(.|\n)*transformer, gpt"),
        (GPT, {"d_model": 66}, r"d_model=66 cannot be split over num_heads=4(.|\n)*use d_model=64 or 68"),
        (TRANSFORMER, {"d_model": 66}, r"d_model=66 cannot be split over num_heads=4"),
        (GPT, {"num_kv_heads": 3}, r"num_heads=4 cannot share num_kv_heads=3(.|\n)*use num_kv_heads="),
        (GPT, {"num_heads": 64, "num_kv_heads": 64}, r"head_dim = d_model / num_heads is 1, an odd number"),
        (TRANSFORMER, {"d_model": 63, "num_heads": 1}, r"d_model is 63, an odd number(.|\n)*use 62 or 64"),
        (GPT, {"num_head": 4}, r"unknown key 'num_head'(.|\n)*did you mean 'num_heads'\?"),
        (GPT, {"zzz": 4}, r"unknown key 'zzz'(.|\n)*the keys are arch, vocab_size(.|\n)*remove it"),
        (GPT, {"num_layers": "2"}, r"num_layers='2'(.|\n)*integer"),
        (GPT, {"num_layers": 0}, r"num_layers=0"),
        (TRANSFORMER, {"dropout": 1.0}, r"dropout=1\.0"),
        (TRANSFORMER, {"norm_order": "both"}, r"norm_order='both'(.|\n)*'post' or 'pre'"),
        (GPT, {"vocab_size": 1}, r"vocab_size=1"),
    ],
)
def test_what_cannot_be_is_refused_by_name(mapping: dict[str, Any], change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_model_config(mapping | change)


@pytest.mark.parametrize("mapping", [TRANSFORMER, GPT])
def test_a_missing_key_is_named(mapping: dict[str, Any]) -> None:
    for key in mapping:
        rest = {k: v for k, v in mapping.items() if k != key}
        with pytest.raises(ConfigError, match=key):
            parse_model_config(rest)


def test_learned_positions_may_have_an_odd_width() -> None:
    assert parse_model_config(TRANSFORMER | {"d_model": 63, "num_heads": 1, "positions": "learned"}).d_model == 63
