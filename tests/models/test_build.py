import pytest
import torch

from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from tests.models.random_models import gpt_config, transformer_config


@pytest.mark.parametrize(("config", "kind"), [(gpt_config(), GPT), (transformer_config(), Transformer)])
def test_each_config_gets_its_model(config: GPTConfig | TransformerConfig, kind: type) -> None:
    model = build(config, torch.Generator())
    assert isinstance(model, kind)
    assert model.config == config


@pytest.mark.parametrize("config", [gpt_config(), transformer_config(positions="learned", embedding_norm=True)])
def test_weights_come_from_the_generator_alone(config: GPTConfig | TransformerConfig) -> None:
    torch.manual_seed(1)
    first = build(config, torch.Generator().manual_seed(7)).state_dict()
    torch.manual_seed(2)
    before = torch.get_rng_state()
    second = build(config, torch.Generator().manual_seed(7)).state_dict()
    other = build(config, torch.Generator().manual_seed(8)).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("config", [gpt_config(), transformer_config()])
def test_no_weight_is_stored_twice(config: GPTConfig | TransformerConfig) -> None:
    state = build(config, torch.Generator()).state_dict()
    places = [tensor.untyped_storage().data_ptr() for tensor in state.values()]
    assert len(set(places)) == len(places)
