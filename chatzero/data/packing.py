"""Pieces of documents -> full rows, so that nothing is padding. Pure functions.

    row         <doc> Once upon ... <doc> | <doc> The cat ... <doc>
    positions    0     1   2               0     1   2          restart with each piece
    attn_mask   causal, and only within one's own piece: pieces that share a row are strangers

The first token of a piece is nobody's target: what comes before it in the row has nothing to do with it.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from chatzero.data.batch import LMBatch, lm_batch
from chatzero.data.ragged import Indices, Ragged
from chatzero.data.rows import AS_NEEDED
from chatzero.shapes import Int


def pack(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Which pieces share a row: longest first, each into the fullest row that still has room (best fit decreasing).

    Every piece is in exactly one row and no row is longer than `capacity`. Raises `ValueError` for a piece that is.
    """
    rows: list[list[int]] = []
    room: list[tuple[int, int]] = []  # (free places, row), sorted
    for piece in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if lengths[piece] > capacity:
            raise ValueError(f"piece {piece} has {lengths[piece]} tokens, a row {capacity}")
        found = bisect_left(room, (lengths[piece], -1))
        free, row = room.pop(found) if found < len(room) else (capacity, len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append(piece)
        insort(room, (free - lengths[piece], row))
    return rows


@dataclass(frozen=True, eq=False)
class PackedRows:
    """Rows of whole pieces. `piece_numbers` tells for each token which piece of its row it belongs to, from 0."""

    token_ids: Ragged
    piece_numbers: Ragged

    def __len__(self) -> int:
        return len(self.token_ids)

    @property
    def widths(self) -> Int[np.ndarray, "N 1"]:
        return self.widths_of(np.arange(len(self)))

    def widths_of(self, rows: Indices) -> Int[np.ndarray, "n 1"]:
        return self.token_ids.lengths_of(rows)[:, None] - 1

    def batch(self, indices: Indices, pad_id: int, places: Indices = AS_NEEDED) -> LMBatch:
        places_and_target = int(places[0]) + 1
        ids = self.token_ids.padded(indices, pad_id, places_and_target)
        numbers = self.piece_numbers.padded(indices, -1, places_and_target)
        opens = np.diff(numbers, axis=1, prepend=-2) != 0
        unshifted = lm_batch(ids, ~opens & (numbers >= 0))
        if numbers.max() == 0:  # one piece a row, as of long documents: nobody to keep apart, and no mask to compute
            return unshifted
        width = unshifted.token_ids.shape[1]
        same_piece = numbers[:, None, :width, None] == numbers[:, None, None, :width]
        places = np.arange(width)
        began = np.maximum.accumulate(np.where(opens[:, :width], places, 0), axis=1)
        return LMBatch(
            unshifted.token_ids,
            unshifted.targets,
            torch.from_numpy(same_piece & np.tri(width, dtype=np.bool_)),
            torch.from_numpy(places - began),
        )


def packed_rows(pieces: Ragged, capacity: int) -> PackedRows:
    """Pack pieces into rows of at most `capacity` tokens."""
    plan = pack(pieces.lengths.tolist(), capacity)
    order = np.asarray([piece for row in plan for piece in row], dtype=np.int64)
    packed = pieces.segments(pieces.offsets[order], pieces.offsets[order + 1])
    row_borders = np.cumsum([0, *map(len, plan)])
    offsets = packed.offsets[row_borders]
    within_row = np.arange(len(order)) - np.repeat(row_borders[:-1], np.diff(row_borders))
    numbers = np.repeat(within_row, packed.lengths).astype(np.int32)
    return PackedRows(Ragged(packed.values, offsets), Ragged(numbers, offsets))
