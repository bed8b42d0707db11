"""Every step of one training step, forward and backward: name, shape, parameters, FLOPs, bytes, seconds.

What a shape should be comes from the config (`dims`), what it is from the run; `first_departure` says where the two
part. Gradients are asked for with `torch.autograd.grad`: no `.grad` is written, the model stays as it was.
"""

import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from chatzero.data.batch import IGNORE, LMBatch, Seq2SeqBatch
from chatzero.inspection.dims import Dims, Sizes, expected_dims, sizes_of
from chatzero.inspection.listen import Heard, Listening, hearing, now
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Float, Tensor

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """One step of the forward pass, and what came back to it in the backward pass."""

    name: str
    shape: Shape
    expected: Dims
    parameters: int
    """Trained numbers met here for the first time."""
    flops: int
    """Of the matrix product that made it; a multiply and an add are two. Backward costs twice as many."""
    bytes: int
    """What the output takes in memory."""
    forward_s: float
    grad_shape: Shape | None
    """Shape of the gradient that arrived at the output; None when none did."""
    weight_grads: tuple[tuple[str, Shape], ...]
    """Parameters whose gradient is computed here."""
    backward_s: float
    backward_place: int | None
    """When the gradient arrived: 0 is the first."""

    @property
    def as_expected(self) -> bool:
        """Is the shape what the config says?"""
        return self.shape == tuple(dim.size for dim in self.expected)


@dataclass(frozen=True)
class Trace:
    """One training step on one batch. `error` is what stopped it half-way, if something did."""

    sizes: Sizes
    steps: tuple[Step, ...]
    loss: float | None
    error: str | None
    """The words of the exception that ended the pass."""

    @property
    def forward_s(self) -> float:
        return sum(step.forward_s for step in self.steps)

    @property
    def backward_s(self) -> float:
        return sum(step.backward_s for step in self.steps)

    @property
    def flops(self) -> int:
        """Of the forward pass."""
        return sum(step.flops for step in self.steps)

    @property
    def parameters(self) -> int:
        return sum(step.parameters for step in self.steps)


Changed = Callable[[LanguageModel], AbstractContextManager[None]]
"""Inside the `with` of `changed(model)`, the model is not what it should be: a deliberate mistake."""


def trace(
    model: LanguageModel, batch: LMBatch | Seq2SeqBatch, repeats: int = 3, changed: Changed | None = None
) -> Trace:
    """Run the batch forward and backward, and write down every step. Times are the smallest of `repeats` runs.

    Dropout is off. A pass that fails (a shape that does not fit) gives the steps up to there, and the error.
    """
    was_training = model.training
    model.eval()
    try:
        with changed(model) if changed is not None else nullcontext():
            passes = [_run(model, batch) for _ in range(max(1, repeats))]
    finally:
        model.train(was_training)
    return _summed_up(model, sizes_of(model.config, batch), passes)


def first_departure(found: Trace) -> Step | None:
    """The first step whose shape is not the one expected; None when there is none."""
    return next((step for step in found.steps if not step.as_expected), None)


def values(
    model: LanguageModel, batch: LMBatch | Seq2SeqBatch, changed: Changed | None = None
) -> list[tuple[str, Tensor]]:
    """The output of every step, by name, in order; up to where the pass fails, if it does."""
    was_training = model.training
    model.eval()
    try:
        with (
            changed(model) if changed is not None else nullcontext(),
            torch.no_grad(),
            hearing(model) as ear,
            suppress(RuntimeError, ValueError, TypeError),
        ):
            _loss(model, batch, ear)
    finally:
        model.train(was_training)
    return [(heard.name, heard.tensor) for heard in ear.steps]


def first_difference(right: list[tuple[str, Tensor]], other: list[tuple[str, Tensor]]) -> str | None:
    """The first step whose numbers differ by more than rounding, of two passes over the same batch."""
    for (name, a), (_, b) in zip(right, other, strict=False):
        if a.shape != b.shape or not torch.allclose(a, b, rtol=1e-4, atol=1e-5):
            return name
    return right[len(other)][0] if len(other) < len(right) else None


# -- one pass ---------------------------------------------------------------------------------------------------------


class _Pass(NamedTuple):
    steps: list[Heard]
    grads: list[tuple[int, Shape, float]]
    """Index of the step, shape of its gradient, seconds until the next gradient: in order of arrival."""
    loss: float | None
    error: str | None


def _run(model: LanguageModel, batch: LMBatch | Seq2SeqBatch) -> _Pass:
    arrivals: list[tuple[int, Shape, float]] = []
    indices: dict[int, list[int]] = {}  # by tensor: one that passes a tap unchanged is heard twice
    count = itertools.count()

    def watch(heard: Heard) -> None:
        shared = indices.setdefault(id(heard.tensor), [])
        shared.insert(0, next(count))
        if heard.tensor.requires_grad and len(shared) == 1:

            def arrive(grad: Tensor) -> None:
                arrived = now(grad.device)
                arrivals.extend((index, tuple(grad.shape), arrived) for index in shared)

            heard.tensor.register_hook(arrive)  # type: ignore[no-untyped-call]

    with torch.enable_grad(), hearing(model, watch) as ear:
        try:
            loss = _loss(model, batch, ear)
        except (RuntimeError, ValueError, TypeError) as error:
            return _Pass(ear.steps, [], None, str(error).strip().splitlines()[0])
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if trained:
        torch.autograd.grad(loss, trained, allow_unused=True)
    ends = [*(arrived for _, _, arrived in arrivals), now(loss.device)]
    grads = [
        (index, shape, end - start) for (index, shape, _), (start, end) in zip(arrivals, pairwise(ends), strict=True)
    ]
    return _Pass(ear.steps, grads, loss.item(), None)


def _loss(model: LanguageModel, batch: LMBatch | Seq2SeqBatch, ear: Listening) -> Float[Tensor, ""]:
    """The mean loss of the targets, with every score computed: what is trained on, spelled out."""
    match model, batch:
        case GPT(), LMBatch():
            logits = model(batch.token_ids, attn_mask=batch.attn_mask, positions=batch.positions)
        case Transformer(), Seq2SeqBatch():
            mask = None if bool(batch.source_mask.all()) else batch.source_mask
            logits = model(batch.source_ids, batch.decoder_ids, source_mask=mask)
        case _:
            raise TypeError(f"{type(model).__name__} cannot be run on {type(batch).__name__}")
    loss = F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=IGNORE)
    ear.hear("loss", loss)
    return loss


def _summed_up(model: LanguageModel, sizes: Sizes, passes: list[_Pass]) -> Trace:
    first = passes[0]
    places = {index: place for place, (index, _, _) in enumerate(first.grads)}
    shapes = {index: shape for index, shape, _ in first.grads}
    backward_s = {index: min(run.grads[place][2] for run in passes) for index, place in places.items()}
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    counted: set[int] = set()
    steps: list[Step] = []
    for i, heard in enumerate(first.steps):
        own = _parameters_of(heard, model)
        new = [parameter for parameter in own if id(parameter) not in counted]
        counted.update(id(parameter) for parameter in new)
        steps.append(
            Step(
                name=heard.name,
                shape=tuple(heard.tensor.shape),
                expected=expected_dims(heard.name, sizes),
                parameters=sum(parameter.numel() for parameter in new),
                flops=_flops(heard, sizes),
                bytes=heard.tensor.numel() * heard.tensor.element_size(),
                forward_s=min(run.steps[i].seconds for run in passes),
                grad_shape=shapes.get(i),
                weight_grads=tuple((names[id(p)], tuple(p.shape)) for p in own if p.requires_grad and i in places),
                backward_s=backward_s.get(i, 0.0),
                backward_place=places.get(i),
            )
        )
    return Trace(sizes, tuple(steps), first.loss, first.error)


def _parameters_of(heard: Heard, model: LanguageModel) -> list[nn.Parameter]:
    """The weights that the step uses. The scores come from the output table, which may be the embedding's own."""
    if heard.module is not None:
        return list(heard.module.parameters(recurse=False))
    if heard.name == "logits":
        return [parameter for parameter in model.parameters() if parameter is model.output_weight]
    return []


def _flops(heard: Heard, sizes: Sizes) -> int:
    """Of the matrix product behind the step, from what was really computed."""
    numel, word = heard.tensor.numel(), heard.name.rpartition(".")[2]
    if isinstance(heard.module, nn.Linear):
        return 2 * numel * heard.module.in_features
    if word == "logits":
        return 2 * numel * sizes.config.d_model
    if word == "scores":
        return 2 * numel * sizes.config.head_dim
    if word == "mixed":
        return 2 * numel * expected_dims(heard.name.removesuffix("mixed") + "weights", sizes)[-1].size
    return 0
