"""Loader: `batch_at(step)` is a pure function of (rows, seed, step), so a resumed run sees exactly what it would have.

Each epoch, rows are sorted by a noisy length, cut into batches, and the batches shuffled. The noise mixes rows of
neighbouring lengths differently in each epoch, so that a batch is not all one kind of question.

Rows too many for that at once go through it in hands, as cards do: an epoch deals runs of neighbouring rows, in an
order drawn anew, into hands of `rows_at_once` rows. Memory is then that of a hand, however many rows there are; what is
read of a file lies in runs; and only rows of one hand meet in a batch.

Not here: what a row is (`rows`), which rows share a batch (`batch_plan`), the shift by one (`batch`).
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

from chatzero.data.batch import Batch
from chatzero.data.batch_plan import BatchPlan, plan_batches
from chatzero.data.ragged import Indices
from chatzero.data.rows import Rows
from chatzero.data.shares import rows_of_part, without_targets_after
from chatzero.errors import ConfigError, DataError
from chatzero.language import tr
from chatzero.shapes import Int

_PLANS_KEPT = 2
_WIDTH_STEP, _ROW_STEP = 8, 16
_RUNS_IN_A_HAND = 256
"""From so many places of the data come the rows of one hand."""


class Loader:
    """Batches of `rows`, for ever; at most `batch_tokens` places each, padding counted.

    `noise` is how far the length that rows are sorted by may be off: more mixes better and pads more.
    `repeat_shapes` rounds widths up to multiples of 8 (never beyond the longest row) and numbers of rows down to
    multiples of 16, so that few different shapes occur: on a CPU each new shape of a matrix product must first be
    prepared, which was measured to cost a third of a small model's step.
    `rows_at_once` is the size of a hand (default: all rows are one).
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
        rows_at_once: int | None = None,
    ) -> None:
        if len(rows) == 0:
            raise _nothing_to_train_on()
        self._rows = rows
        self._run = len(rows) if rows_at_once is None else max(1, min(len(rows), rows_at_once // _RUNS_IN_A_HAND))
        self._runs = -(-len(rows) // self._run)
        self._hands = -(-self._runs // _RUNS_IN_A_HAND)
        self._width_step = _WIDTH_STEP if repeat_shapes else 1
        self._row_step = _ROW_STEP if repeat_shapes else 1
        self._widest = np.max([rows.widths_of(some).max(axis=0) for some in self._in_file_order()], axis=0)
        longest = max(int(self._places_of(some).sum(axis=1).max()) for some in self._in_file_order())
        if longest > batch_tokens:
            raise _too_small(batch_tokens, longest)
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
        return range(self._first_step(epoch * self._hands), self._first_step((epoch + 1) * self._hands))

    def batch_at(self, step: int) -> Batch:
        """The batch of this step, the same whenever and wherever it is asked for."""
        return self._batch(self._rows_at(step))

    def part_at(self, step: int, part: int, parts: int, without: Sequence[int] = ()) -> Batch:
        """One of `parts` equal parts of this step's batch, less the rows `without`; the others are not built."""
        all_rows = self._rows_at(step)
        rows = np.delete(all_rows, list(without))
        chosen, own = rows_of_part(len(rows), part, parts)
        batch = self._rows.batch(rows[chosen], self._pad_id, self._places_of(all_rows).max(axis=0))
        return without_targets_after(batch, own)

    def padding_share(self, step: int) -> float:
        """Share of the places in this step's batch that hold padding, 0 to 1."""
        rows = self._rows_at(step)
        places = len(rows) * self._places_of(rows).max(axis=0).sum()
        return 1.0 - float(self._rows.widths_of(rows).sum()) / float(places)

    def in_order(self) -> Iterator[Batch]:
        """Each row once, in batches that never change: for held-out loss."""
        widths = self._places_of(np.arange(len(self._rows)))
        plan = plan_batches(widths, self._batch_tokens, row_step=self._row_step)
        for batch in range(len(plan)):
            yield self._batch(plan.rows(batch))

    def _batch(self, rows: Indices) -> Batch:
        return self._rows.batch(rows, self._pad_id, self._places_of(rows).max(axis=0))

    def _rows_at(self, step: int) -> Indices:
        if step < 0:
            raise IndexError(f"step {step}")
        while step >= self._first_steps[-1]:
            self._first_step(len(self._first_steps))
        hand = bisect_right(self._first_steps, step) - 1
        return self._plan(hand).rows(step - self._first_steps[hand])

    def _first_step(self, hand: int) -> int:
        """Hands are counted through all epochs."""
        while len(self._first_steps) <= hand:
            self._first_steps.append(self._first_steps[-1] + len(self._plan(len(self._first_steps) - 1)))
        return self._first_steps[hand]

    def _plan(self, hand: int) -> BatchPlan:
        if hand not in self._plans:
            if len(self._plans) == _PLANS_KEPT:
                del self._plans[next(iter(self._plans))]
            epoch, number = divmod(hand, self._hands)
            rng = np.random.default_rng([self._seed, epoch] if self._hands == 1 else [self._seed, epoch, number])
            rows = self._dealt(epoch, number)
            widths = self._places_of(rows)
            noisy = widths * rng.uniform(1 - self._noise, 1 + self._noise, size=widths.shape)
            plan = plan_batches(widths, self._batch_tokens, noisy, self._row_step).shuffled(rng)
            self._plans[hand] = BatchPlan(rows[plan.order], plan.borders)
        return self._plans[hand]

    def _dealt(self, epoch: int, number: int) -> Indices:
        """The rows of one hand of an epoch."""
        runs = np.arange(self._runs)
        if self._hands > 1:
            runs = np.random.default_rng([self._seed, epoch]).permutation(self._runs)
            runs = runs[number * _RUNS_IN_A_HAND : (number + 1) * _RUNS_IN_A_HAND]
        rows: Indices = (runs[:, None] * self._run + np.arange(self._run)).ravel()
        return rows[rows < len(self._rows)]

    def _in_file_order(self) -> Iterator[Indices]:
        """All rows, as many at once as are in a hand."""
        step = self._run * _RUNS_IN_A_HAND
        for start in range(0, len(self._rows), step):
            yield np.arange(start, min(start + step, len(self._rows)))

    def _places_of(self, rows: Indices) -> Int[np.ndarray, "n C"]:
        """The widths of these rows, rounded up where shapes are to repeat."""
        step = self._width_step
        places: Int[np.ndarray, "n C"] = np.minimum(-(-self._rows.widths_of(rows) // step) * step, self._widest)
        return places


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
