"""Rows: token ids ready to be put into batches, stored flat. One class for each kind of batch.

The `Rows` interface is all that the loader knows: how wide each row is, and how to make a batch of some of them.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from chatzero.data.batch import Batch, LMBatch, Seq2SeqBatch, lm_batch, seq2seq_batch
from chatzero.data.ragged import Indices, Ragged
from chatzero.shapes import Bool, Int

AS_NEEDED: Indices = np.zeros(1, dtype=np.int64)
"""No wider than the rows are."""


@runtime_checkable
class Rows(Protocol):
    """Rows that can be batched."""

    def __len__(self) -> int: ...

    def widths_of(self, rows: Indices) -> Int[np.ndarray, "n C"]:
        """Places each of these rows takes in a batch: one column for each rectangle that is padded by itself."""
        ...

    def batch(self, indices: Indices, pad_id: int, places: Indices = AS_NEEDED) -> Batch:
        """The rows at `indices`, padded to the longest among them, or to `places` (one number a column of widths)."""
        ...


@dataclass(frozen=True)
class FitReport:
    """What became of the conversations (for pairs: of the answers) on the way to rows of a limited length."""

    kept: int
    shortened: int
    """Kept, but without their oldest turns."""
    too_long: int
    """Left out: the last question or its answer does not fit."""
    unanswered: int
    """Left out: nothing in it is trained on."""


@dataclass(frozen=True)
class LMRow:
    """Token ids, and which of them are trained on."""

    token_ids: Int[np.ndarray, "n"]
    trained_on: Bool[np.ndarray, "n"]


@dataclass(frozen=True, eq=False)
class LMRows:
    """Rows for a decoder-only model. A row of n tokens takes n - 1 places: inputs are all but its last token."""

    token_ids: Ragged
    trained_on: Ragged
    fit: FitReport

    def __len__(self) -> int:
        return len(self.token_ids)

    def __getitem__(self, index: int) -> LMRow:
        return LMRow(self.token_ids[index], self.trained_on[index])

    @property
    def widths(self) -> Int[np.ndarray, "N C"]:
        return self.widths_of(np.arange(len(self)))

    def widths_of(self, rows: Indices) -> Int[np.ndarray, "n C"]:
        return self.token_ids.lengths_of(rows)[:, None] - 1

    def batch(self, indices: Indices, pad_id: int, places: Indices = AS_NEEDED) -> LMBatch:
        width = int(places[0]) + 1  # a row of n tokens takes n - 1 places
        return lm_batch(self.token_ids.padded(indices, pad_id, width), self.trained_on.padded(indices, False, width))


@dataclass(frozen=True)
class PairRow:
    """What is read, and what is to be said (it ends with `<|end|>`)."""

    source_ids: Int[np.ndarray, "n"]
    target_ids: Int[np.ndarray, "m"]


@dataclass(frozen=True, eq=False)
class PairRows:
    """Rows for an encoder-decoder: source and target are padded each by itself."""

    source_ids: Ragged
    target_ids: Ragged
    fit: FitReport

    def __len__(self) -> int:
        return len(self.source_ids)

    def __getitem__(self, index: int) -> PairRow:
        return PairRow(self.source_ids[index], self.target_ids[index])

    @property
    def widths(self) -> Int[np.ndarray, "N C"]:
        return self.widths_of(np.arange(len(self)))

    def widths_of(self, rows: Indices) -> Int[np.ndarray, "n C"]:
        return np.stack([self.source_ids.lengths_of(rows), self.target_ids.lengths_of(rows)], axis=1)

    def batch(self, indices: Indices, pad_id: int, places: Indices = AS_NEEDED) -> Seq2SeqBatch:
        sources = self.source_ids.padded(indices, pad_id, int(places[0]))
        targets = self.target_ids.padded(indices, pad_id, int(places[-1]))
        source_mask = np.arange(sources.shape[1]) < self.source_ids.lengths_of(indices)[:, None]
        target_mask = np.arange(targets.shape[1]) < self.target_ids.lengths_of(indices)[:, None]
        return seq2seq_batch(sources, source_mask, targets, target_mask, pad_id)
