"""Packed rows: every token once, pieces strangers to each other."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chatzero.blocks.masks import document_mask
from chatzero.data.batch import IGNORE
from chatzero.data.packing import pack, packed_rows
from chatzero.data.ragged import flat

LENGTHS = st.lists(st.integers(1, 12), max_size=30)


@settings(max_examples=60)
@given(LENGTHS)
def test_every_piece_in_one_row_that_holds_it(lengths: list[int]) -> None:
    rows = pack(lengths, 12)
    assert sorted(piece for row in rows for piece in row) == list(range(len(lengths)))
    filled = [sum(lengths[piece] for piece in row) for row in rows]
    assert all(0 < used <= 12 for used in filled)
    # had two rows been half empty, the later one's pieces would have gone into the earlier
    assert sum(used <= 6 for used in filled) <= 1


def test_best_fit_by_hand() -> None:
    assert pack([4, 7, 5, 3, 1], 10) == [[1, 3], [2, 0, 4]]


def test_a_piece_longer_than_a_row() -> None:
    with pytest.raises(ValueError, match="piece 1 has 11 tokens, a row 10"):
        pack([3, 11], 10)


def test_a_row_by_hand() -> None:
    rows = packed_rows(flat([[0, 7, 0], [0, 8, 9, 0]], np.int32), 8)
    batch = rows.batch(np.array([0]), pad_id=5)
    assert batch.token_ids.tolist() == [[0, 8, 9, 0, 0, 7]]
    assert batch.targets.tolist() == [[8, 9, 0, IGNORE, 7, 0]]
    assert batch.positions is not None
    assert batch.positions.tolist() == [[0, 1, 2, 3, 0, 1]]
    assert batch.attn_mask is not None
    allowed = [[key for key in range(6) if batch.attn_mask[0, 0, query, key]] for query in range(6)]
    assert allowed == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [4], [4, 5]]


@settings(max_examples=40)
@given(LENGTHS.filter(lambda lengths: sum(lengths) > 1))
def test_packed_equals_apart(lengths: list[int]) -> None:
    """Each piece keeps its tokens, its targets, positions from zero; the mask is the one of `blocks.masks`."""
    starts = np.cumsum([0, *lengths])
    pieces = flat([range(a, b) for a, b in pairwise(starts)], np.int32)
    rows = packed_rows(pieces, 12)
    batch = rows.batch(np.arange(len(rows)), pad_id=-1)
    width = batch.token_ids.shape[1]
    if width == 0:  # nothing but pieces of one token, each alone in its row
        return
    # each token was numbered by its place in the whole, so a target one higher is the next token of the same piece
    learnt = batch.targets != IGNORE
    assert torch.equal(batch.targets[learnt], batch.token_ids[learnt] + 1)
    assert sorted(batch.targets[learnt].tolist()) == sorted(set(range(sum(lengths))) - set(starts[:-1].tolist()))
    numbers = torch.from_numpy(rows.piece_numbers.padded(np.arange(len(rows)), -1)[:, :width].astype(np.int64))
    if batch.attn_mask is None or batch.positions is None:  # one piece a row: what follows can be left to causality
        assert len(rows) == len(lengths)
        return
    real = batch.token_ids >= 0
    first = torch.from_numpy(np.repeat(starts[:-1], lengths))[batch.token_ids.clamp(min=0)]
    assert torch.equal(batch.positions[real], (batch.token_ids - first)[real])
    assert torch.equal(batch.attn_mask, document_mask(numbers))


def test_widths_are_those_of_the_batch() -> None:
    rows = packed_rows(flat([[1, 2, 3], [4, 5], [6, 7, 8, 9]], np.int32), 5)
    assert rows.widths.max() == rows.batch(np.arange(len(rows)), 0).token_ids.shape[1]
