"""Blocks with one method replaced, and put back afterwards: how a mistake gets into a model without a second model."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from torch import nn


@contextmanager
def replaced(model: nn.Module, kind: type[nn.Module], method: str, other: Callable[..., Any]) -> Iterator[None]:
    """Inside the `with`, every block of that kind has `other(block, ...)` as its method of that name."""
    blocks = [module for module in model.modules() if isinstance(module, kind)]
    for block in blocks:
        vars(block)[method] = partial(other, block)
    try:
        yield
    finally:
        for block in blocks:
            del vars(block)[method]
