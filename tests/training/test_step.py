"""One update: many micro-batches equal one, padding changes nothing, and what is not finite is refused."""

import copy

import pytest
import torch

from chatzero.errors import TrainingError
from chatzero.models.interface import LanguageModel
from chatzero.models.sizes import ARCHS, Arch
from chatzero.training.config import TrainConfig
from chatzero.training.evaluate import bits_per_byte, held_out_loss
from chatzero.training.optimizer import build_optimizers
from chatzero.training.state import TrainState
from chatzero.training.step import train_step
from tests import small


def state_of(model: LanguageModel, config: TrainConfig) -> TrainState:
    return TrainState(model, build_optimizers(model, config))


@pytest.mark.parametrize("arch", ARCHS)
def test_many_micro_batches_equal_one_batch(arch: Arch) -> None:
    tokens = small.tokenizer()
    blank = small.model(arch, tokens, dropout=0.0).double()
    batch = small.loader(arch, tokens).batch_at(0)
    assert batch.num_rows >= 5
    models = {}
    for accumulate in (1, 4):
        config = TrainConfig(steps=10, accumulate=accumulate, warmup=0.0)
        state = state_of(copy.deepcopy(blank), config)
        report = train_step(state, batch, 0.0, config, torch.float32)
        models[accumulate] = (dict(state.model.named_parameters()), report)
    assert models[1][1].loss == pytest.approx(models[4][1].loss, rel=1e-6)
    for name, parameter in models[1][0].items():
        # float64: only the order of summation differs. 1e-6 leaves room for Adam, which divides by tiny numbers
        assert torch.allclose(parameter, models[4][0][name], atol=1e-6), name
    assert not torch.equal(models[1][0]["embedding.weight"], dict(blank.named_parameters())["embedding.weight"])


@pytest.mark.parametrize("fault", ["loss", "gradient"])
def test_what_is_not_finite_never_reaches_the_weights(fault: str) -> None:
    tokens = small.tokenizer()
    model = small.model("gpt", tokens)
    config = TrainConfig(steps=10, warmup=0.0)
    state = state_of(model, config)
    if fault == "loss":
        with torch.no_grad():
            next(model.parameters())[5, 0] = float("nan")
    else:
        next(model.parameters()).register_hook(lambda gradient: gradient * float("inf"))  # type: ignore[no-untyped-call]
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    with pytest.raises(TrainingError, match=f"the {fault} is not finite at step 1"):
        train_step(state, small.loader("gpt", tokens).batch_at(0), 0.0, config, torch.float32)
    assert state.step == 0
    for name, p in model.named_parameters():
        assert torch.equal(p.nan_to_num(), before[name].nan_to_num()), name
        assert p.grad is None


def test_loss_starts_near_the_logarithm_of_the_vocabulary_and_falls() -> None:
    tokens = small.tokenizer()
    model = small.model("transformer", tokens, dropout=0.0)
    config = TrainConfig(steps=30, warmup=0.1, learning_rate=5e-3)
    state, loader = state_of(model, config), small.loader("transformer", tokens)
    batches = list(loader.in_order())
    before = held_out_loss(model, batches)
    for step in range(30):
        train_step(state, loader.batch_at(step), step / 30, config, torch.float32)
    after = held_out_loss(model, batches)
    assert abs(before - torch.tensor(float(tokens.vocab_size)).log().item()) < 0.7
    assert after < 0.6 * before
    assert bits_per_byte(before, 2.0) == pytest.approx(before / 0.693147 / 2, rel=1e-5)


def test_held_out_loss_leaves_the_model_as_it_was() -> None:
    tokens = small.tokenizer()
    model = small.model("gpt", tokens, dropout=0.5).train()
    batches = list(small.loader("gpt", tokens).in_order())
    assert held_out_loss(model, batches) == held_out_loss(model, batches), "dropout must be off"
    assert model.training
