"""What each architecture remembers between decoding steps: of a batch that began together, or of one that never ends.

`GPTState` and `TransformerState` are what `prefill` gives: all rows at one column, shorter prompts padded on the left.
`RunningGPT` and `RunningTransformer` are for serving: rows join when their prompt has been read, each at its own
length, and leave when their answer is over. `decode_step` takes either kind and does not ask which.
"""

from dataclasses import dataclass, field
from typing import NamedTuple, final

import torch

from chatzero.blocks.attention import KeysValues
from chatzero.blocks.cache import KVCache
from chatzero.blocks.masks import padding_mask
from chatzero.blocks.ragged_cache import RaggedCache
from chatzero.models.interface import DecodeState
from chatzero.shapes import Int, Tensor


class Step(NamedTuple):
    """Where the next token of each row stands, and what it may look at."""

    positions: Tensor
    """Int, B 1, or 1 1 (1 for the encoder-decoder) when all rows stand at the same position."""
    attn_mask: Tensor | None
    """Bool, B 1 1 S; None when a row may look at everything."""


# -- decoder-only -----------------------------------------------------------------------------------------------------


@final
@dataclass
class GPTState:
    """The caches of a batch; with left-padded prompts also which positions are real and where each row stands."""

    cache: KVCache
    real: Tensor | None
    """Bool, B S: real tokens so far; None when no prompt was padded."""
    next_position: Tensor
    """Int, B 1, or 1 1 when all rows stand at the same position."""

    @property
    def length(self) -> int:
        return self.cache.length

    def step(self, device: torch.device) -> Step:
        """Move on by one position."""
        attn_mask = None
        if self.real is not None:
            self.real = torch.cat([self.real, self.real.new_ones(self.real.shape[0], 1)], dim=1)
            attn_mask = padding_mask(self.real)
        positions, self.next_position = self.next_position, self.next_position + 1
        return Step(positions, attn_mask)

    def select(self, rows: Int[Tensor, "N"]) -> None:
        self.cache.select(rows)
        if self.real is not None:
            self.real = self.real[rows]
            self.next_position = self.next_position[rows]


@final
class RunningGPT:
    """Rows of different length, prompt and answer in one window."""

    def __init__(self, num_layers: int) -> None:
        self.cache = RaggedCache(num_layers)

    @property
    def length(self) -> int:
        return self.cache.longest

    def step(self, device: torch.device) -> Step:
        """Move every row on by one position."""
        self.cache.advance(device)
        return Step(self.cache.newest[:, None], self.cache.real(device))

    def join(self, state: DecodeState) -> None:
        """See `RunningState.join`. Padding stays outside."""
        assert isinstance(state, GPTState)
        held = [layer.held() for layer in state.cache.layers]
        for row, start in enumerate(_starts(state.real, held[0][0].shape[0])):
            self.cache.add_row([(keys[row, :, start:], values[row, :, start:]) for keys, values in held])

    def select(self, rows: Int[Tensor, "N"]) -> None:
        self.cache.select(rows)


# -- encoder-decoder --------------------------------------------------------------------------------------------------


@final
@dataclass
class TransformerState:
    """The decoder's caches, and the source's keys and values of each layer, computed once."""

    cache: KVCache
    memory: list[KeysValues]
    memory_mask: Tensor | None
    """Bool, B 1 1 S; None when no source was padded."""

    @property
    def length(self) -> int:
        return self.cache.length

    def step(self, device: torch.device) -> Step:
        """Where the next token stands; the cache itself moves on when it is written."""
        return Step(torch.tensor([self.length], device=device), None)

    def select(self, rows: Int[Tensor, "N"]) -> None:
        self.cache.select(rows)
        self.memory = [KeysValues(keys[rows], values[rows]) for keys, values in self.memory]
        if self.memory_mask is not None:
            self.memory_mask = self.memory_mask[rows]


@final
@dataclass
class RunningTransformer:
    """Rows whose answers, and whose sources, are of different length."""

    num_layers: int
    cache: RaggedCache = field(init=False)
    source: RaggedCache = field(init=False)
    """The source's keys and values: written when a row joins, and only read afterwards."""

    def __post_init__(self) -> None:
        self.cache = RaggedCache(self.num_layers)
        self.source = RaggedCache(self.num_layers)

    @property
    def length(self) -> int:
        return self.cache.longest

    @property
    def memory(self) -> list[KeysValues]:
        """The sources, each padded on the right up to the longest."""
        return [KeysValues(*layer.views()) for layer in self.source.layers]

    @property
    def memory_mask(self) -> Tensor | None:
        """Bool, B 1 1 S; None when all sources are equally long."""
        return self.source.real(self.memory[0].keys.device)

    def step(self, device: torch.device) -> Step:
        """Move every row on by one position."""
        self.cache.advance(device)
        return Step(self.cache.newest[:, None], self.cache.real(device))

    def join(self, state: DecodeState) -> None:
        """See `RunningState.join`. Padding stays outside."""
        assert isinstance(state, TransformerState)
        held = [layer.held() for layer in state.cache.layers]
        real = None if state.memory_mask is None else state.memory_mask[:, 0, 0]
        for row, start in enumerate(_starts(real, held[0][0].shape[0])):
            self.cache.add_row([(keys[row], values[row]) for keys, values in held])
            self.source.add_row([(keys[row, :, start:], values[row, :, start:]) for keys, values in state.memory])

    def select(self, rows: Int[Tensor, "N"]) -> None:
        self.cache.select(rows)
        self.source.select(rows)


def _starts(real: Tensor | None, num_rows: int) -> list[int]:
    """How much padding stands before each row."""
    if real is None:
        return [0] * num_rows
    starts: list[int] = (~real).sum(dim=1).tolist()
    return starts
