"""Loader: `batch_at(step)` is a pure function of (rows, seed, step), so a resumed run sees exactly what it would have.

Each epoch, rows are sorted by a noisy length, cut into batches of at most `batch_tokens` padded tokens, and the
batches are shuffled. Sorting keeps padding small; the noise (length x 0.85 to 1.15) mixes rows of neighbouring
lengths differently in each epoch, so that a batch is not all one kind of question.

Not here: what a row is (`rows`), the shift by one (`batch`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from chatzero.data.batch import LMBatch, Seq2SeqBatch
from chatzero.data.ragged import Indices
from chatzero.data.rows import Rows
from chatzero.errors import ConfigError, DataError
from chatzero.language import tr

B = TypeVar("B", bound=LMBatch | Seq2SeqBatch)

_NOISE = 0.15
_PLANS_KEPT = 2


@dataclass(frozen=True, eq=False)
class _Plan:
    """Batch i of an epoch is `order[borders[i]:borders[i + 1]]`."""

    order: Indices
    borders: Indices

    def __len__(self) -> int:
        return len(self.borders) - 1

    def rows(self, batch: int) -> Indices:
        return self.order[self.borders[batch] : self.borders[batch + 1]]


class Loader(Generic[B]):
    """Batches of `rows`, for ever.

    Raises `DataError` without rows, `ConfigError` when the longest row alone is more than `batch_tokens`.
    """

    def __init__(self, rows: Rows[B], *, batch_tokens: int, seed: int, pad_id: int) -> None:
        if len(rows) == 0:
            raise DataError(
                what=tr("there is nothing to train on", "没有可训练的数据"),
                why=tr("no row is left", "没有剩下任何一行"),
                do=tr("look at the data with `chatzero data check FILE`", "用 `chatzero data check 文件` 检查数据"),
            )
        self._widths = rows.widths
        longest = int(self._widths.sum(axis=1).max())
        if longest > batch_tokens:
            raise ConfigError(
                what=tr(
                    f"batch_tokens={batch_tokens} is less than the longest row ({longest} tokens)",
                    f"batch_tokens={batch_tokens} 小于最长的一行（{longest} 个 token）",
                ),
                why=tr("a batch holds at least one whole row", "一个批次至少要放下完整的一行"),
                do=tr(
                    f"use batch_tokens={longest} or more, or a smaller max_seq_len",
                    f"把 batch_tokens 设为 {longest} 或更大，或减小 max_seq_len",
                ),
            )
        self._rows = rows
        self._batch_tokens = batch_tokens
        self._seed = seed
        self._pad_id = pad_id
        self._plans: dict[int, _Plan] = {}
        self._first_steps = [0]

    @property
    def steps_per_epoch(self) -> int:
        """Batches in the first epoch. Later epochs differ by a few, as the noise falls (`epoch_steps`)."""
        return len(self.epoch_steps(0))

    def epoch_steps(self, epoch: int) -> range:
        """The steps in which each row is seen once, for the time number `epoch` (from 0)."""
        while len(self._first_steps) <= epoch + 1:
            planned = len(self._first_steps) - 1
            self._first_steps.append(self._first_steps[-1] + len(self._plan(planned)))
        return range(self._first_steps[epoch], self._first_steps[epoch + 1])

    def batch_at(self, step: int) -> B:
        """The batch of this step, the same whenever and wherever it is asked for."""
        return self._rows.batch(self._rows_at(step), self._pad_id)

    def padding_share(self, step: int) -> float:
        """Share of the places in this step's batch that hold padding, 0 to 1."""
        widths = self._widths[self._rows_at(step)]
        return 1.0 - float(widths.sum()) / float(len(widths) * widths.max(axis=0).sum())

    def in_order(self) -> Iterator[B]:
        """Each row once, in batches that never change: for held-out loss."""
        plan = _cut(self._widths, _sorted_by_length(self._widths.astype(np.float64)), self._batch_tokens)
        for batch in range(len(plan)):
            yield self._rows.batch(plan.rows(batch), self._pad_id)

    def _rows_at(self, step: int) -> Indices:
        if step < 0:
            raise IndexError(f"step {step}")
        epoch = 0
        while step not in self.epoch_steps(epoch):
            epoch += 1
        return self._plan(epoch).rows(step - self.epoch_steps(epoch).start)

    def _plan(self, epoch: int) -> _Plan:
        if epoch not in self._plans:
            if len(self._plans) == _PLANS_KEPT:
                del self._plans[next(iter(self._plans))]
            rng = np.random.default_rng([self._seed, epoch])
            noisy = self._widths * rng.uniform(1 - _NOISE, 1 + _NOISE, size=self._widths.shape)
            plan = _cut(self._widths, _sorted_by_length(noisy), self._batch_tokens)
            shuffled = rng.permutation(len(plan))
            pieces = [plan.rows(batch) for batch in shuffled]
            self._plans[epoch] = _Plan(np.concatenate(pieces), np.cumsum([0, *map(len, pieces)]))
        return self._plans[epoch]


def _sorted_by_length(widths: np.ndarray) -> Indices:
    return np.argsort(widths.sum(axis=1), kind="stable")


def _cut(widths: Indices, order: Indices, batch_tokens: int) -> _Plan:
    """Along `order`, each batch takes as many rows as fit: rows x (sum over columns of the widest) <= batch_tokens."""
    borders = [0]
    while borders[-1] < len(order):
        start = borders[-1]
        most = batch_tokens // int(widths[order[start]].sum())
        widest = np.maximum.accumulate(widths[order[start : start + most]], axis=0).sum(axis=1)
        fits = widest * np.arange(1, len(widest) + 1) <= batch_tokens
        borders.append(start + (len(fits) if fits.all() else int(fits.argmin())))
    return _Plan(order, np.asarray(borders))
