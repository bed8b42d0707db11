"""The trace against the config's arithmetic, against plain autograd, and against an untouched model."""

from functools import partial

import pytest
import torch

from chatzero.blocks.attention import MultiHeadAttention, use_fused
from chatzero.blocks.tap import taps
from chatzero.data.batch import LMBatch, Seq2SeqBatch
from chatzero.inspection.dims import expected_dims, sizes_of
from chatzero.inspection.listen import hearing
from chatzero.inspection.mistakes import MISTAKES, mistake_named, with_mistake
from chatzero.inspection.trace import Trace, first_departure, first_difference, trace, values
from chatzero.models.config import GPTConfig
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from chatzero.models.size import forward_flops, parameters
from tests.models.random_models import GPT_VARIANTS, TRANSFORMER_VARIANTS, gpt, shifted, transformer, words

# All sizes differ, so that no wrong order of dimensions looks right: batch 3, heads 4, head_dim 8, seq 7, source 5.
BATCH, SEQ, SOURCE = 3, 7, 5


def batch_for(model: LanguageModel) -> LMBatch | Seq2SeqBatch:
    target = words(BATCH, SEQ)
    if isinstance(model, GPT):
        return LMBatch(target, words(BATCH, SEQ, seed=1))
    source = words(BATCH, SOURCE, seed=2)
    return Seq2SeqBatch(source, torch.ones_like(source, dtype=torch.bool), shifted(target), target)


def run(model: LanguageModel, batch: LMBatch | Seq2SeqBatch) -> torch.Tensor:
    if isinstance(batch, LMBatch):
        assert isinstance(model, GPT)
        logits: torch.Tensor = model(batch.token_ids)
    else:
        assert isinstance(model, Transformer)
        logits = model(batch.source_ids, batch.decoder_ids)
    return logits


ALL_MODELS = [
    *(pytest.param(lambda c=changes: gpt(**c), id=f"gpt, {name}") for name, changes in GPT_VARIANTS.items()),
    *(
        pytest.param(lambda c=changes: transformer(**c), id=f"transformer, {name}")
        for name, changes in (TRANSFORMER_VARIANTS | {"rotary": {"positions": "rotary"}}).items()
    ),
]


@pytest.mark.parametrize("make", ALL_MODELS)
def test_shapes_parameters_and_flops_are_those_of_the_config(make: partial[LanguageModel]) -> None:
    model = make()
    found = trace(model, batch_for(model), repeats=1)
    assert [step.name for step in found.steps if not step.as_expected] == []
    assert first_departure(found) is None
    assert found.error is None
    assert found.parameters == parameters(model.config)
    source = 0 if isinstance(model.config, GPTConfig) else SOURCE
    assert found.flops == BATCH * forward_flops(model.config, SEQ, source)


@pytest.mark.parametrize("make", [gpt, transformer])
def test_loss_bytes_and_gradients_are_those_of_a_plain_pass(make: partial[LanguageModel]) -> None:
    model = make()
    batch = batch_for(model)
    found = trace(model, batch, repeats=1)
    logits = run(model, batch)
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten())
    assert found.loss == pytest.approx(loss.item(), abs=1e-12)
    by_name = {step.name: step for step in found.steps}
    assert by_name["logits"].bytes == logits.numel() * 8
    assert all(step.grad_shape in (step.shape, None) for step in found.steps)
    without = {step.name for step in found.steps if step.grad_shape is None}
    assert without == ({"rotary"} if isinstance(model, GPT) else {"encoder.input.positions", "decoder.input.positions"})
    places = sorted(step.backward_place for step in found.steps if step.backward_place is not None)
    assert places == list(range(len(found.steps) - len(without)))
    assert by_name["loss"].backward_place == 0
    # Every parameter's gradient is named somewhere, with its shape.
    named = {name: shape for step in found.steps for name, shape in step.weight_grads}
    assert named == {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("make", [gpt, transformer])
@pytest.mark.parametrize("training", [True, False])
def test_nothing_is_left_behind(make: partial[LanguageModel], training: bool) -> None:
    model = make()
    model.train(training)
    use_fused(model, True)
    batch = batch_for(model)
    before = run(model, batch)
    trace(model, batch, changed=partial(with_mistake, MISTAKES["no-transpose"]))
    trace(model, batch)
    assert model.training is training
    assert torch.equal(run(model, batch), before)
    assert all(tap.listener is None for tap in taps(model).values())
    for name, module in model.named_modules():
        assert not module._forward_hooks, name
        assert not module._forward_pre_hooks, name
        assert not callable(vars(module).get("_split")), name
        if isinstance(module, MultiHeadAttention):
            assert module.fused, name
    assert all(parameter.grad is None for parameter in model.parameters())


def test_listening_does_not_change_a_bit() -> None:
    model = gpt()
    batch = batch_for(model)
    before = run(model, batch)
    with hearing(model) as ear:
        during = run(model, batch)
    assert torch.equal(before, during)
    assert ear.steps[-1].name == "logits"
    assert torch.equal(ear.steps[-1].tensor, before)
    with pytest.raises(KeyError), hearing(model):
        raise KeyError
    assert not any(module._forward_hooks for module in model.modules())


# -- deliberate mistakes ----------------------------------------------------------------------------------------------


def with_and_without(name: str, model: LanguageModel) -> tuple[Trace, str | None]:
    batch = batch_for(model)
    changed = partial(with_mistake, mistake_named(name))
    wrong = trace(model, batch, repeats=1, changed=changed)
    return wrong, first_difference(values(model, batch), values(model, batch, changed))


@pytest.mark.parametrize("name", ["transpose", "no-transpose"])
def test_a_wrong_transpose_is_found_at_its_line(name: str) -> None:
    wrong, differs = with_and_without(name, transformer())
    departure = first_departure(wrong)
    assert departure is not None
    assert departure.name == differs == "encoder.layers.0.self_attention.q"
    assert departure.shape == ((SOURCE, BATCH, 4, 8) if name == "transpose" else (BATCH, SOURCE, 4, 8))
    assert [(dim.name, dim.size) for dim in departure.expected] == [
        ("batch", BATCH), ("heads", 4), ("source", SOURCE), ("head_dim", 8),
    ]  # fmt: skip
    assert wrong.error is not None


@pytest.mark.parametrize("name", ["transpose", "no-transpose"])
def test_where_rotary_positions_stop_it_the_trace_ends_at_the_line(name: str) -> None:
    model = gpt()
    wrong, differs = with_and_without(name, model)
    assert wrong.error is not None
    assert wrong.loss is None
    assert differs == "layers.0.self_attention.q"
    assert wrong.steps[-1].name == "layers.0.self_attention.q_norm"


@pytest.mark.parametrize(
    ("name", "line"), [("view", "q"), ("softmax", "weights"), ("scale", "scores"), ("mask", "scores")]
)
@pytest.mark.parametrize("make", [gpt, transformer])
def test_a_silent_mistake_is_found_by_its_numbers(make: partial[LanguageModel], name: str, line: str) -> None:
    model = make()
    wrong, differs = with_and_without(name, model)
    assert first_departure(wrong) is None
    assert wrong.error is None
    first = "" if isinstance(model, GPT) else ("decoder." if name == "mask" else "encoder.")
    assert differs == f"{first}layers.0.self_attention.{line}"


def test_equal_passes_have_no_difference() -> None:
    model = transformer()
    batch = batch_for(model)
    assert first_difference(values(model, batch), values(model, batch)) is None


def test_unknown_mistake() -> None:
    with pytest.raises(ValueError, match=r"unknown mistake 'nonsense'(.|\n)*use one of transpose"):
        mistake_named("nonsense")


def test_dims_have_names() -> None:
    model = transformer()
    sizes = sizes_of(model.config, batch_for(model))
    weights = expected_dims("decoder.layers.0.cross_attention.weights", sizes)
    assert [tuple(dim) for dim in weights] == [("batch", 3), ("heads", 4), ("target", 7), ("source", 5)]
    with pytest.raises(KeyError):
        expected_dims("layers.0.nonsense", sizes)


def test_a_wrong_shape_in_the_model_itself_is_found() -> None:
    """Without any `changed`: the model is wrong of itself, and the trace says where."""
    model = transformer()
    layer = model.decoder.layers[1]
    vars(layer.feed_forward)["tap_activated"] = lambda x: x.transpose(0, 1)
    found = trace(model, batch_for(model), repeats=1)
    departure = first_departure(found)
    assert departure is not None
    assert departure.name == "decoder.layers.1.feed_forward.down"
    assert found.error is not None
