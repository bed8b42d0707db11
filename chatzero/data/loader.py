"""Loader: `batch_at(step)` is a pure function of (rows, seed, step), so a resumed run sees exactly what it would have.

Each epoch, rows are sorted by a noisy length, cut into batches, and the batches shuffled. The noise mixes rows of
neighbouring lengths differently in each epoch, so that a batch is not all one kind of question.

Not here: what a row is (`rows`), which rows share a batch (`batch_plan`), the shift by one (`batch`).
"""

from collections.abc import Iterator, Sequence

import numpy as np

from chatzero.data.batch import Batch
from chatzero.data.batch_plan import BatchPlan, plan_batches
from chatzero.data.ragged import Indices
from chatzero.data.rows import Rows
from chatzero.data.shares import rows_of_part, without_targets_after
from chatzero.errors import ConfigError, DataError
from chatzero.language import tr

_PLANS_KEPT = 2
_WIDTH_STEP, _ROW_STEP = 8, 16


class Loader:
    """Batches of `rows`, for ever; at most `batch_tokens` places each, padding counted.

    `noise` is how far the length that rows are sorted by may be off: more mixes better and pads more.
    `repeat_shapes` rounds widths up to multiples of 8 (never beyond the longest row) and numbers of rows down to
    multiples of 16, so that few different shapes occur: on a CPU each new shape of a matrix product must first be
    prepared, which was measured to cost a third of a small model's step.
    Raises `DataError` without rows, `ConfigError` when the longest row alone is more than `batch_tokens`.
    """

    def __init__(
        self,
        rows: Rows,
        *,
        batch_tokens: int,
        seed: int,
        pad_id: int,
        noise: float = 0.1,
        repeat_shapes: bool = False,
    ) -> None:
        if len(rows) == 0:
            raise _nothing_to_train_on()
        self._widths = rows.widths
        if repeat_shapes:
            self._widths = np.minimum(-(-self._widths // _WIDTH_STEP) * _WIDTH_STEP, self._widths.max(axis=0))
        self._row_step = _ROW_STEP if repeat_shapes else 1
        longest = int(self._widths.sum(axis=1).max())
        if longest > batch_tokens:
            raise _too_small(batch_tokens, longest)
        self._rows = rows
        self._batch_tokens = batch_tokens
        self._seed = seed
        self._pad_id = pad_id
        self._noise = noise
        self._plans: dict[int, BatchPlan] = {}
        self._first_steps = [0]

    @property
    def steps_per_epoch(self) -> int:
        """Batches in the first epoch. Later epochs differ by a few, as the noise falls (`epoch_steps`)."""
        return len(self.epoch_steps(0))

    def epoch_steps(self, epoch: int) -> range:
        """The steps of one epoch (from 0): in them each row is seen once."""
        while len(self._first_steps) <= epoch + 1:
            planned = len(self._first_steps) - 1
            self._first_steps.append(self._first_steps[-1] + len(self._plan(planned)))
        return range(self._first_steps[epoch], self._first_steps[epoch + 1])

    def batch_at(self, step: int) -> Batch:
        """The batch of this step, the same whenever and wherever it is asked for."""
        return self._batch(self._rows_at(step))

    def part_at(self, step: int, part: int, parts: int, without: Sequence[int] = ()) -> Batch:
        """One of `parts` equal parts of this step's batch, less the rows `without`; the others are not built."""
        all_rows = self._rows_at(step)
        rows = np.delete(all_rows, list(without))
        chosen, own = rows_of_part(len(rows), part, parts)
        batch = self._rows.batch(rows[chosen], self._pad_id, self._widths[all_rows].max(axis=0))
        return without_targets_after(batch, own)

    def padding_share(self, step: int) -> float:
        """Share of the places in this step's batch that hold padding, 0 to 1."""
        rows = self._rows_at(step)
        return 1.0 - float(self._rows.widths[rows].sum()) / float(len(rows) * self._widths[rows].max(axis=0).sum())

    def in_order(self) -> Iterator[Batch]:
        """Each row once, in batches that never change: for held-out loss."""
        plan = plan_batches(self._widths, self._batch_tokens, row_step=self._row_step)
        for batch in range(len(plan)):
            yield self._batch(plan.rows(batch))

    def _batch(self, rows: Indices) -> Batch:
        return self._rows.batch(rows, self._pad_id, self._widths[rows].max(axis=0))

    def _rows_at(self, step: int) -> Indices:
        if step < 0:
            raise IndexError(f"step {step}")
        epoch = 0
        while step >= self.epoch_steps(epoch).stop:
            epoch += 1
        return self._plan(epoch).rows(step - self.epoch_steps(epoch).start)

    def _plan(self, epoch: int) -> BatchPlan:
        if epoch not in self._plans:
            if len(self._plans) == _PLANS_KEPT:
                del self._plans[next(iter(self._plans))]
            rng = np.random.default_rng([self._seed, epoch])
            noisy = self._widths * rng.uniform(1 - self._noise, 1 + self._noise, size=self._widths.shape)
            self._plans[epoch] = plan_batches(self._widths, self._batch_tokens, noisy, self._row_step).shuffled(rng)
        return self._plans[epoch]


def _nothing_to_train_on() -> DataError:
    return DataError(
        what=tr("there is nothing to train on", "没有可训练的数据"),
        why=tr("no row is left", "没有剩下任何一行"),
        do=tr("look at the data with `chatzero data check FILE`", "用 `chatzero data check 文件` 检查数据"),
    )


def _too_small(batch_tokens: int, longest: int) -> ConfigError:
    return ConfigError(
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
