"""An exponential moving average of the weights: after each update, average = d * average + (1 - d) * weights.

The average lies in the middle of what the weights swing around and is usually the better model (Polyak and Juditsky
1992). It takes the place of the weights where the held-out loss is measured and in the model that the run leaves;
training goes on from the weights themselves. The first updates count more, d = (1 + n) / (10 + n) after n of them until
that reaches the d asked for: else the average would long be made of random starting weights.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import final

import torch
from torch import nn


@final
class MovingAverage(torch.optim.Optimizer):
    """Moves nothing. The last of the optimizers: it follows what those before it did, and is saved as they are."""

    def __init__(self, parameters: Iterable[nn.Parameter], decay: float) -> None:
        super().__init__(parameters, {"lr": 0.0, "decay": decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """After an update of the weights."""
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                if not state:
                    state["step"], state["average"] = torch.zeros(()), parameter.detach().clone()
                state["step"] += 1
                updates = float(state["step"])
                decay = min(group["decay"], (1 + updates) / (10 + updates))
                state["average"].lerp_(parameter, 1 - decay)

    @torch.no_grad()
    def swap(self) -> None:
        """The weights become their average, and the average what the weights were: twice changes nothing."""
        for parameter, state in self.state.items():
            weights = parameter.clone()
            parameter.copy_(state["average"])
            state["average"].copy_(weights)


@contextmanager
def averaged(optimizers: Sequence[torch.optim.Optimizer]) -> Iterator[None]:
    """Inside the `with` the weights are their moving average, where one is kept; after it themselves, bit for bit."""
    kept = [optimizer for optimizer in optimizers if isinstance(optimizer, MovingAverage)]
    for optimizer in kept:
        optimizer.swap()
    try:
        yield
    finally:
        for optimizer in kept:
            optimizer.swap()


def take_moving_average(optimizers: Sequence[torch.optim.Optimizer]) -> None:
    """At the end of training: the weights become their moving average, where one is kept, and stay so."""
    for optimizer in optimizers:
        if isinstance(optimizer, MovingAverage):
            optimizer.swap()
