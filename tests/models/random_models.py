"""Small models in float64 with every weight drawn, in all variants that a config can name."""

import torch

from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from tests.blocks.random_weights import randomised

VOCAB = 40
PAD = VOCAB - 1

GPT_VARIANTS: dict[str, dict[str, object]] = {
    "default": {},
    "no QK-norm, untied": {"qk_norm": False, "tie_embeddings": False},
    "one key/value head": {"num_kv_heads": 1},
    "GPT-2": {
        "num_kv_heads": 4,
        "positions": "learned",
        "norm": "layer",
        "activation": "gelu_tanh",
        "bias": True,
        "qk_norm": False,
        "norm_eps": 1e-5,
    },
    "mixed": {"norm": "layer", "bias": True, "activation": "gelu"},
}
TRANSFORMER_VARIANTS: dict[str, dict[str, object]] = {
    "default": {},
    "pre-norm": {"norm_order": "pre"},
    "learned positions, embedding norm, GELU": {
        "positions": "learned",
        "embedding_norm": True,
        "activation": "gelu",
    },
    "SwiGLU, untied": {"activation": "swiglu", "tie_embeddings": False},
}


def gpt_config(**changes: object) -> GPTConfig:
    fields: dict[str, object] = {
        "vocab_size": VOCAB,
        "d_model": 32,
        "num_heads": 4,
        "num_kv_heads": 2,
        "num_layers": 2,
        "dim_feedforward": 48,
        "max_seq_len": 24,
    }
    return GPTConfig.model_validate(fields | changes)


def transformer_config(**changes: object) -> TransformerConfig:
    fields: dict[str, object] = {
        "vocab_size": VOCAB,
        "d_model": 32,
        "num_heads": 4,
        "num_encoder_layers": 2,
        "num_decoder_layers": 2,
        "dim_feedforward": 48,
        "dropout": 0.0,
        "max_seq_len": 24,
    }
    return TransformerConfig.model_validate(fields | changes)


def gpt(**changes: object) -> GPT:
    model = build(gpt_config(**changes), torch.Generator())
    assert isinstance(model, GPT)
    zero_pad_rows(randomised(model))
    return model


def transformer(**changes: object) -> Transformer:
    model = build(transformer_config(**changes), torch.Generator())
    assert isinstance(model, Transformer)
    zero_pad_rows(randomised(model))
    return model


@torch.no_grad()
def zero_pad_rows(model: GPT | Transformer) -> None:
    for table in (model.embedding, model.output):
        if table is not None:
            table.weight[PAD] = 0.0


def words(batch_size: int, length: int, seed: int = 0) -> torch.Tensor:
    """Random token ids without `<pad>`."""
    return torch.randint(0, PAD, (batch_size, length), generator=torch.Generator().manual_seed(seed))


def shifted(target: torch.Tensor) -> torch.Tensor:
    """What the decoder reads for this target: `<pad>`, then the target without its last token."""
    return torch.cat([torch.full_like(target[:, :1], PAD), target[:, :-1]], dim=1)
