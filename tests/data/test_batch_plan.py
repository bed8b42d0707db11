"""Every row once, no batch too large, little padding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatzero.data.batch_plan import plan_batches


@settings(max_examples=40)
@given(st.integers(1, 2), st.integers(1, 200), st.integers(0, 2**32 - 1))
def test_every_row_once_and_no_batch_too_large(columns: int, rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    widths = rng.integers(1, 60, size=(rows, columns))
    batch_tokens = int(rng.integers(60 * columns, 500))
    plan = plan_batches(widths, batch_tokens, widths * rng.uniform(0.8, 1.2, size=widths.shape)).shuffled(rng)
    assert sorted(plan.order.tolist()) == list(range(rows))
    assert sum(len(plan.rows(batch)) for batch in range(len(plan))) == rows
    for batch in range(len(plan)):
        inside = widths[plan.rows(batch)]
        assert 0 < len(inside) * inside.max(axis=0).sum() <= batch_tokens


def test_a_batch_takes_as_many_rows_as_fit() -> None:
    plan = plan_batches(np.array([[10]] * 25), 100)
    assert [len(plan.rows(batch)) for batch in range(len(plan))] == [10, 10, 5]


@pytest.mark.parametrize(("columns", "at_most"), [(1, 0.05), (2, 0.2)])
def test_sorting_keeps_padding_small(columns: int, at_most: float) -> None:
    # lengths of chat turns are about log-normal; unsorted these rows are 70 % padding, sorted by the sum of two columns
    # 45 %. About 50 batches a column here: more batches pad less.
    widths = np.random.default_rng(0).lognormal(3, 0.8, size=(8000, columns)).astype(np.int64).clip(2, 250)
    plan = plan_batches(widths, 4096)
    places = sum(len(rows) * widths[rows].max(axis=0).sum() for rows in map(plan.rows, range(len(plan))))
    assert 1 - widths.sum() / places < at_most
