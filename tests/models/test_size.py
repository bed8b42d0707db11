import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from chatzero.blocks.attention import use_fused
from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.decode_state import GPTState, TransformerState
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.size import cache_bytes, flops_per_token, forward_flops, parameters
from tests.models.random_models import (
    GPT_VARIANTS,
    TRANSFORMER_VARIANTS,
    gpt_config,
    shifted,
    transformer_config,
    words,
)

CONFIGS: list[GPTConfig | TransformerConfig] = [
    *(gpt_config(**changes) for changes in GPT_VARIANTS.values()),
    *(transformer_config(**changes) for changes in TRANSFORMER_VARIANTS.values()),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_parameters_are_those_of_the_built_model(config: GPTConfig | TransformerConfig) -> None:
    model = build(config, torch.Generator())
    assert parameters(config) == sum(p.numel() for p in model.parameters())
    tables = sum(p.numel() for n, p in model.named_parameters() if n in ("embedding.weight", "output.weight"))
    assert parameters(config, embedding=False) == parameters(config) - tables


@pytest.mark.parametrize("config", CONFIGS)
def test_flops_are_those_that_torch_counts(config: GPTConfig | TransformerConfig) -> None:
    model = build(config, torch.Generator()).eval()
    use_fused(model, False)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        if isinstance(model, GPT):
            model(words(1, 9))
        elif isinstance(model, Transformer):
            model(words(1, 7), shifted(words(1, 9)))
    source_len = 7 if isinstance(config, TransformerConfig) else 0
    assert forward_flops(config, seq_len=9, source_len=source_len) == counter.get_total_flops()
    tokens = 9 + source_len
    assert flops_per_token(config, 9, source_len) == 3 * counter.get_total_flops() // tokens


@pytest.mark.parametrize("config", CONFIGS)
def test_cache_bytes_are_those_held(config: GPTConfig | TransformerConfig) -> None:
    model = build(config, torch.Generator()).eval()
    assert isinstance(model, GPT | Transformer)
    logits, state = model.prefill(words(3, 5))
    model.decode_step(logits.argmax(dim=-1), state)
    assert isinstance(state, GPTState | TransformerState)
    one = torch.zeros(3, config.num_kv_heads if isinstance(config, GPTConfig) else config.num_heads, 0, config.head_dim)
    held = [t for layer in state.cache.layers for t in layer.append(one, one)]
    if isinstance(state, TransformerState):
        held += [t for pair in state.memory for t in pair]
    source_len = 5 if isinstance(state, TransformerState) else 0
    expected = cache_bytes(config, 3, state.length, bytes_per_value=4, source_len=source_len)
    assert sum(t.numel() * t.element_size() for t in held) == expected
