"""Hear a forward pass: every tap and every block with weights, in order, with the time each took.

Hooks and listeners are there inside the `with` and gone after it, also after an error; the numbers of the pass are
the same bits as without them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

import torch
from torch import nn

from chatzero.blocks.attention import MultiHeadAttention
from chatzero.blocks.embedding import TokenEmbedding
from chatzero.blocks.norm import LayerNorm, RMSNorm
from chatzero.blocks.positions import LearnedPositions, RotaryPositions, Rotation, SinusoidalPositions
from chatzero.blocks.tap import listening
from chatzero.models.config import GPTConfig
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Tensor

# Heard as a whole when they return; everything else is heard at its taps.
_HEARD_MODULES = (
    nn.Linear, LayerNorm, RMSNorm, TokenEmbedding, LearnedPositions, SinusoidalPositions, RotaryPositions,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Heard:
    """One step: its output, the block it came from (None at a tap), seconds since the step before."""

    name: str
    tensor: Tensor
    module: nn.Module | None
    seconds: float


@dataclass(eq=False)
class Listening:
    """What was heard so far. `on_step`, where given, is told of each step; its own time is not counted."""

    device: torch.device
    on_step: Callable[[Heard], None] | None = None
    steps: list[Heard] = field(default_factory=list)
    last: float = 0.0

    def start(self) -> None:
        """From now on time runs."""
        self.last = now(self.device)

    def hear(self, name: str, tensor: Tensor, module: nn.Module | None = None) -> None:
        """Write down a step that has just been computed."""
        heard = Heard(name, tensor, module, now(self.device) - self.last)
        self.steps.append(heard)
        if self.on_step is not None:
            self.on_step(heard)
        self.last = now(self.device)


def now(device: torch.device) -> float:
    """Seconds on a clock, when the device has done all it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
    return perf_counter()


@contextmanager
def hearing(model: LanguageModel, on_step: Callable[[Heard], None] | None = None) -> Iterator[Listening]:
    """Inside the `with`, every step of the model is written down: taps, and blocks that have weights or tables."""
    ear = Listening(next(model.parameters()).device, on_step)
    source_first = not isinstance(model.config, GPTConfig)
    embedded: list[str] = []

    def after(name: str) -> Callable[[nn.Module, object, object], None]:
        def hook(module: nn.Module, _: object, output: object) -> None:
            called = name
            if isinstance(module, TokenEmbedding) and source_first:
                embedded.append(name)
                called = f"{name}.{'source' if len(embedded) % 2 else 'target'}"
            tensor = output.cos if isinstance(output, Rotation) else output
            if isinstance(tensor, Tensor):
                ear.hear(called, tensor, module)

        return hook

    handles = [
        module.register_forward_hook(after(name))
        for name, module in model.named_modules()
        if isinstance(module, _HEARD_MODULES)
    ]
    try:
        with written_out(model), listening(model, ear.hear):
            ear.start()
            yield ear
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def written_out(model: nn.Module) -> Iterator[None]:
    """Attention by the formula, whose weights can be heard, and not by a fused kernel; afterwards as it was."""
    attentions = [module for module in model.modules() if isinstance(module, MultiHeadAttention)]
    before = [attention.fused for attention in attentions]
    for attention in attentions:
        attention.fused = False
    try:
        yield
    finally:
        for attention, fused in zip(attentions, before, strict=True):
            attention.fused = fused
