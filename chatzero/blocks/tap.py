"""Tap: a named place in the model where an inspector may listen. Not here: what the inspector does with it.

The model does not know who listens, has no `return_attention` switch, and computes the same with and without.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from torch import Tensor, nn

Listener = Callable[[str, Tensor], None]


class Tap:
    """The identity; while someone listens, it also shows them the tensor that passes.

    Not an `nn.Module`: a plain call costs a tenth of a module's, and a decoding step passes a hundred taps.
    """

    __slots__ = ("listener",)

    def __init__(self) -> None:
        self.listener: Callable[[Tensor], None] | None = None

    def __call__(self, tensor: Tensor) -> Tensor:
        if self.listener is not None:
            self.listener(tensor)
        return tensor


def taps(model: nn.Module) -> dict[str, Tap]:
    """Every tap of the model by its dotted name, as in `encoder.layers.0.self_attention.weights`."""
    found: dict[str, Tap] = {}
    for path, module in model.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Tap):
                found[f"{path}.{name.removeprefix('tap_')}".removeprefix(".")] = value
    return found


@contextmanager
def listening(model: nn.Module, listener: Listener) -> Iterator[None]:
    """Inside the `with`, `listener(name, tensor)` hears every tap that a forward pass goes through, in order.

    To see gradients as well, the listener calls `tensor.register_hook`.
    """
    all_taps = taps(model)
    before = {name: tap.listener for name, tap in all_taps.items()}
    for name, tap in all_taps.items():
        tap.listener = partial(listener, name)
    try:
        yield
    finally:
        for name, tap in all_taps.items():
            tap.listener = before[name]
