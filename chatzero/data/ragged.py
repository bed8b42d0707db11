"""Ragged: many rows of different length in one flat array, cut by offsets. Both may be maps of files (`row_files`).

A list of Python integers costs about eight times the memory of the array and cannot be gathered in one stroke; with
300,000 rows that is the difference between a second and a minute. What the numbers mean is not known here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from jaxtyping import Shaped

from chatzero.shapes import Int

Indices = Int[np.ndarray, "_"]
"""Places or row numbers: one dimension, of any length."""


@dataclass(frozen=True, eq=False)
class Ragged:
    """Row i is `values[offsets[i]:offsets[i + 1]]`; `offsets` has one entry more than there are rows."""

    values: Shaped[np.ndarray, "L"]
    offsets: Indices

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> Shaped[np.ndarray, "n"]:
        if not -len(self) <= index < len(self):
            raise IndexError(f"row {index} of {len(self)}")
        row = index % len(self)
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    @property
    def lengths(self) -> Indices:
        """Length of each row."""
        return np.diff(self.offsets)

    def lengths_of(self, rows: Indices) -> Indices:
        """Length of each of these rows; of the others nothing is read."""
        found: Indices = self.offsets[rows + 1] - self.offsets[rows]
        return found

    def padded(self, rows: Indices, fill: int, width: int = 0) -> Shaped[np.ndarray, "B W"]:
        """The chosen rows as one rectangle, as wide as the longest of them or `width`, filled up on the right."""
        lengths = self.lengths_of(rows)
        columns = np.arange(int(lengths.max(initial=width)))
        inside = columns < lengths[:, None]
        # where nothing stands, read place 0 and overwrite it: an index must not run past the last row
        places = np.where(inside, self.offsets[rows][:, None] + columns, 0)
        return np.where(inside, self.values[places], self.values.dtype.type(fill))

    def segments(self, starts: Indices, ends: Indices, per_row: int = 1) -> "Ragged":
        """New rows cut out of the flat values; each row joins `per_row` neighbouring segments `[start, end)`."""
        lengths = ends - starts
        borders = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(borders[-1]) + np.repeat(starts - borders[:-1], lengths)
        return Ragged(self.values[places], borders[::per_row])


def flat(rows: Iterable[Sequence[int]], dtype: type[np.int32] | type[np.bool_]) -> Ragged:
    """Rows of Python numbers as one flat array."""
    kept = list(rows)
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in kept], dtype=np.int64)]).astype(np.int64)
    return Ragged(np.fromiter(chain.from_iterable(kept), dtype, count=int(offsets[-1])), offsets)


def joined(parts: Sequence[Ragged]) -> Ragged:
    """The rows of all parts, in order. At least one part is needed."""
    lengths = np.concatenate([part.lengths for part in parts])
    return Ragged(np.concatenate([part.values for part in parts]), np.concatenate([[0], np.cumsum(lengths)]))
