"""What a model is trained on in one step. The only home of the shift by one, and of the number for "no loss here".

    row        <user> hi <end> <assistant> hello <end>       n tokens
    token_ids  <user> hi <end> <assistant> hello             n - 1 inputs: all but the last
    targets     -     -   -      hello     <end>             n - 1 targets: the token after each input, where trained on

Not here: which rows form a batch (`loader`), and where rows come from (`conversations`, `pairs`, `packing`).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from chatzero.shapes import Bool, Int, Tensor

IGNORE = -100
"""The target that carries no loss; the number `torch.nn.functional.cross_entropy` ignores by default."""


@dataclass(frozen=True, eq=False)
class LMBatch:
    """One step of a decoder-only model.

    `attn_mask` None means plain causal: rows are padded on the right, so nothing real can attend to padding. Packed
    rows carry a mask that keeps documents apart, and positions that restart with each document.
    """

    token_ids: Int[Tensor, "B T"]
    targets: Int[Tensor, "B T"]
    attn_mask: Bool[Tensor, "B 1 T T"] | None = None
    positions: Int[Tensor, "B T"] | None = None

    @property
    def num_rows(self) -> int:
        return self.token_ids.shape[0]

    @property
    def num_targets(self) -> int:
        """Tokens that carry loss: what a sum of losses is divided by."""
        return int((self.targets != IGNORE).sum())

    @property
    def padded_tokens(self) -> int:
        """Places computed, padding included."""
        return self.token_ids.numel()

    def to(self, device: torch.device | str) -> "LMBatch":
        """The same batch on `device`."""
        return LMBatch(
            self.token_ids.to(device),
            self.targets.to(device),
            None if self.attn_mask is None else self.attn_mask.to(device),
            None if self.positions is None else self.positions.to(device),
        )

    def rows(self, chosen: slice | list[int]) -> "LMBatch":
        """These rows alone."""
        return LMBatch(
            self.token_ids[chosen],
            self.targets[chosen],
            None if self.attn_mask is None else self.attn_mask[chosen],
            None if self.positions is None else self.positions[chosen],
        )

    def split(self, n: int) -> "list[LMBatch]":
        """At most `n` micro-batches with the same rows in the same order; never an empty one."""
        return [self.rows(rows) for rows in _row_slices(self.num_rows, n)]


@dataclass(frozen=True, eq=False)
class Seq2SeqBatch:
    """One step of an encoder-decoder. The decoder reads `<pad>` and then the answer, one place late."""

    source_ids: Int[Tensor, "B S"]
    source_mask: Bool[Tensor, "B S"]
    decoder_ids: Int[Tensor, "B T"]
    targets: Int[Tensor, "B T"]

    @property
    def num_rows(self) -> int:
        return self.source_ids.shape[0]

    @property
    def num_targets(self) -> int:
        """Tokens that carry loss: what a sum of losses is divided by."""
        return int((self.targets != IGNORE).sum())

    @property
    def padded_tokens(self) -> int:
        """Places computed, padding included."""
        return self.source_ids.numel() + self.decoder_ids.numel()

    def to(self, device: torch.device | str) -> "Seq2SeqBatch":
        """The same batch on `device`."""
        return Seq2SeqBatch(
            self.source_ids.to(device),
            self.source_mask.to(device),
            self.decoder_ids.to(device),
            self.targets.to(device),
        )

    def rows(self, chosen: slice | list[int]) -> "Seq2SeqBatch":
        """These rows alone."""
        return Seq2SeqBatch(
            self.source_ids[chosen], self.source_mask[chosen], self.decoder_ids[chosen], self.targets[chosen]
        )

    def split(self, n: int) -> "list[Seq2SeqBatch]":
        """At most `n` micro-batches with the same rows in the same order; never an empty one."""
        return [self.rows(rows) for rows in _row_slices(self.num_rows, n)]


Batch = LMBatch | Seq2SeqBatch


def lm_batch(ids: Int[np.ndarray, "B n"], trained_on: Bool[np.ndarray, "B n"]) -> LMBatch:
    """Rows padded on the right ("B n"), and which of their tokens are trained on (padding is not), shifted by one."""
    targets = np.where(trained_on, ids, IGNORE)
    return LMBatch(_tensor(ids[:, :-1]), _tensor(targets[:, 1:]))


def seq2seq_batch(
    sources: Int[np.ndarray, "B S"],
    source_mask: Bool[np.ndarray, "B S"],
    answers: Int[np.ndarray, "B T"],
    answer_mask: Bool[np.ndarray, "B T"],
    pad_id: int,
) -> Seq2SeqBatch:
    """Sources ("B S") and answers ("B T"), both padded on the right; the masks are True at real tokens."""
    decoder_ids = np.full_like(answers, pad_id)
    decoder_ids[:, 1:] = answers[:, :-1]
    targets = np.where(answer_mask, answers, IGNORE)
    return Seq2SeqBatch(_tensor(sources), torch.from_numpy(source_mask), _tensor(decoder_ids), _tensor(targets))


def _tensor(ids: Int[np.ndarray, "B T"]) -> Int[Tensor, "B T"]:
    return torch.from_numpy(ids.astype(np.int64))


def _row_slices(num_rows: int, n: int) -> list[slice]:
    parts = max(1, min(n, num_rows))
    borders = [num_rows * i // parts for i in range(parts + 1)]
    return [slice(start, end) for start, end in pairwise(borders)]
