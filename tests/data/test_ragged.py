"""Ragged behaves as the list of lists that it stands for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatzero.data.ragged import flat, joined

ROWS = st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=8)


@settings(max_examples=40)
@given(ROWS)
def test_rows_come_back(rows: list[list[int]]) -> None:
    ragged = flat(rows, np.int32)
    assert [ragged[i].tolist() for i in range(len(ragged))] == rows
    assert ragged.lengths.tolist() == [len(row) for row in rows]


@settings(max_examples=40)
@given(ROWS, st.data())
def test_padded_is_each_row_filled_up(rows: list[list[int]], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=5)) if rows else []
    width = max((len(rows[i]) for i in chosen), default=0)
    padded = flat([*rows, [7]], np.int32).padded(np.asarray(chosen, dtype=np.int64), 99)
    assert padded.tolist() == [rows[i] + [99] * (width - len(rows[i])) for i in chosen]


@settings(max_examples=40)
@given(ROWS, ROWS)
def test_joined_is_concatenation(left: list[list[int]], right: list[list[int]]) -> None:
    both = joined([flat(left, np.int32), flat(right, np.int32)])
    assert [both[i].tolist() for i in range(len(both))] == left + right


def test_segments_are_cut_from_the_flat_values() -> None:
    ragged = flat([[0, 1, 2], [3, 4, 5, 6]], np.int32)
    cut = ragged.segments(np.array([0, 2, 3, 5]), np.array([1, 3, 3, 7]), per_row=2)
    assert [cut[i].tolist() for i in range(len(cut))] == [[0, 2], [5, 6]]


def test_a_row_that_is_not_there() -> None:
    with pytest.raises(IndexError, match="row 2 of 2"):
        flat([[1], [2]], np.int32)[2]
