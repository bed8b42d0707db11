"""Which rows share a batch: sorted by length so that little is padding, cut so that each batch fits. Pure functions.

Measured on chat sets at 4,096 tokens a batch, padding as a share of all places. Sorted by length: 0.1 to 0.8 %; by a
length noisy by 5, 10, 15 %: 4, 9, 13 %. Pairs sorted by the sum of both lengths: 27 to 34 %; in strips: 4 to 8 %.
"""

from dataclasses import dataclass

import numpy as np

from chatzero.data.ragged import Indices
from chatzero.shapes import Float, Int


@dataclass(frozen=True, eq=False)
class BatchPlan:
    """Batch i is the rows `order[borders[i]:borders[i + 1]]`."""

    order: Indices
    borders: Indices

    def __len__(self) -> int:
        return len(self.borders) - 1

    def rows(self, batch: int) -> Indices:
        """Indices of the rows in one batch."""
        return self.order[self.borders[batch] : self.borders[batch + 1]]

    def shuffled(self, rng: np.random.Generator) -> "BatchPlan":
        """The same batches in another order."""
        batches = [self.rows(batch) for batch in rng.permutation(len(self)).tolist()]
        return BatchPlan(np.concatenate(batches), np.cumsum([0, *map(len, batches)]))


def plan_batches(
    widths: Int[np.ndarray, "N C"],
    batch_tokens: int,
    lengths: Float[np.ndarray, "N C"] | None = None,
    row_step: int = 1,
) -> BatchPlan:
    """Every row once, in batches of at most `batch_tokens` padded places.

    `widths` "N C" are the places each row takes, a column for each rectangle padded by itself; `lengths`, of the same
    shape, is what rows are sorted by (default: `widths`). No row may be wider than `batch_tokens`. Batches of more
    than `row_step` rows have a multiple of it, but for the last.
    """
    order = _sorted(widths if lengths is None else lengths, float(widths.sum()) / batch_tokens)
    borders = [0]
    while borders[-1] < len(order):
        start = borders[-1]
        most = batch_tokens // int(widths[order[start]].sum())
        widest = np.maximum.accumulate(widths[order[start : start + most]], axis=0).sum(axis=1)
        fits = widest * np.arange(1, len(widest) + 1) <= batch_tokens
        rows = len(fits) if fits.all() else int(fits.argmin())
        borders.append(start + (rows - rows % row_step if row_step < rows < len(order) - start else rows))
    return BatchPlan(order, np.asarray(borders))


def _sorted(lengths: Float[np.ndarray, "N C"] | Int[np.ndarray, "N C"], num_batches: float) -> Indices:
    """Along this order neighbours are alike in every column.

    Two columns are walked like a ploughed field: strips of like source length, along each by target length, every
    second strip backwards so that the turn at its end is no jump. Strips are equally wide in the logarithm; as many
    as batches in a strip (up to a factor that was tried) make batches about square.
    """
    last = lengths[:, -1]
    if lengths.shape[1] == 1:
        return np.argsort(last, kind="stable")
    log_source = np.log(lengths[:, 0])
    shortest, longest = np.quantile(log_source, [0.02, 0.98])
    strips_per_unit = 0.7 * np.sqrt(num_batches) / max(longest - shortest, 1e-9)
    strip = np.floor((log_source - shortest) * strips_per_unit)
    return np.lexsort((np.where(strip % 2 == 0, last, -last), strip))
