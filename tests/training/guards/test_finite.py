"""Faults put in by hand, each found where it was put."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from chatzero.data.batch import LMBatch
from chatzero.models.interface import LanguageModel
from chatzero.models.sizes import ARCHS, Arch
from chatzero.training.guards.finite import Cause, find_cause
from tests import small

NAN = float("nan")
ROW = 2


def spoil(model: LanguageModel, ending: str, how: Callable[[torch.Tensor], torch.Tensor]) -> str:
    """Let the first module whose name ends so put out something else; its full name."""
    name: str
    name, module = next((n, m) for n, m in model.named_modules() if n.endswith(ending))
    module.register_forward_hook(lambda _module, _inputs, output: how(output))
    return name


@pytest.mark.parametrize("arch", ARCHS)
def test_the_first_module_is_named(arch: Arch) -> None:
    tokens = small.tokenizer()
    model = small.model(arch, tokens)
    batch = small.loader(arch, tokens).batch_at(0)
    assert find_cause(model, batch, torch.float32) == Cause("nowhere")
    name = spoil(model, "feed_forward", lambda output: output * NAN)
    before = torch.get_rng_state()
    assert find_cause(model, batch, torch.float32) == Cause("layer", name)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_weight_that_is_no_number_comes_before_what_it_spoils() -> None:
    tokens = small.tokenizer()
    model = small.model("gpt", tokens)
    name, parameter = list(model.named_parameters())[3]
    with torch.no_grad():
        parameter.flatten()[0] = float("inf")
    assert find_cause(model, small.loader("gpt", tokens).batch_at(0), torch.float32) == Cause("weights", name)


def test_a_bad_row_is_found_by_its_number() -> None:
    tokens = small.tokenizer()
    model = small.model("gpt", tokens)
    batch = small.loader("gpt", tokens).batch_at(0)
    assert isinstance(batch, LMBatch)
    poison = tokens.pad_id - 1
    ids = batch.token_ids.clone()
    ids[ROW] = poison

    def when_it_is_read(_: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> torch.Tensor:
        return output.masked_fill((inputs[0] == poison)[..., None], NAN)

    model.get_submodule("embedding").register_forward_hook(when_it_is_read)
    assert find_cause(model, LMBatch(ids, batch.targets), torch.float32) == Cause("rows", rows=(ROW,))


def test_short_precision_is_told_from_the_rest() -> None:
    tokens = small.tokenizer()
    model = small.model("gpt", tokens)
    name = spoil(model, "feed_forward.down", lambda out: out * NAN if out.dtype == torch.bfloat16 else out)
    assert find_cause(model, small.loader("gpt", tokens).batch_at(0), torch.bfloat16) == Cause("precision", name)


def test_a_gradient_is_named_when_the_loss_is_a_number() -> None:
    tokens = small.tokenizer()
    model = small.model("gpt", tokens)
    name = "layers.1.feed_forward.down.weight"
    model.get_parameter(name).register_hook(lambda gradient: gradient * NAN)  # type: ignore[no-untyped-call]
    assert find_cause(model, small.loader("gpt", tokens).batch_at(0), torch.float32) == Cause("gradient", name)


@pytest.mark.parametrize("place", ["weights", "rows", "precision", "layer", "gradient", "nowhere"])
def test_every_cause_has_words_in_both_languages(place: str) -> None:
    english, chinese = Cause(place, "layers.0", (1, 2)).words  # type: ignore[arg-type]
    assert english.isascii()
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese)
