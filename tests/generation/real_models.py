"""Small models of both architectures with random weights, for what must hold of any model."""

import torch

from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.interface import LanguageModel

ARCHS = ("gpt", "transformer")


def random_model(arch: str, vocab_size: int = 40, max_seq_len: int = 20, seed: int = 0) -> LanguageModel:
    """A model whose answers vary from step to step: one that repeats a single token would hide many a fault.

    Hence weights larger than at the start of training, an output table of its own, pre-norm and SwiGLU.
    """
    config: GPTConfig | TransformerConfig
    if arch == "gpt":
        config = GPTConfig(
            vocab_size=vocab_size,
            d_model=16,
            num_heads=4,
            num_kv_heads=2,
            num_layers=2,
            dim_feedforward=32,
            max_seq_len=max_seq_len,
            tie_embeddings=False,
        )
    else:
        config = TransformerConfig(
            vocab_size=vocab_size,
            d_model=16,
            num_heads=4,
            num_encoder_layers=2,
            num_decoder_layers=2,
            dim_feedforward=32,
            max_seq_len=max_seq_len,
            norm_order="pre",
            activation="swiglu",
            tie_embeddings=False,
        )
    model = build(config, torch.Generator().manual_seed(seed)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(2)
    return model


def prompts_of(lengths: list[int], vocab_size: int = 40, seed: int = 0) -> list[list[int]]:
    """Random prompts without `<pad>`."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(0, vocab_size - 1, (length,), generator=generator).tolist() for length in lengths]
