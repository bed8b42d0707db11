"""The ragged cache against the obvious: a list of rows, each with its own positions."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chatzero.blocks.ragged_cache import RaggedCache

CPU = torch.device("cpu")


@settings(max_examples=60)
@given(st.data())
def test_rows_come_grow_and_go_without_touching_each_other(data: st.DataObject) -> None:
    cache = RaggedCache(2)
    rows: list[torch.Tensor] = []  # of each row: layers, keys and values, G, positions, K
    for number in range(data.draw(st.integers(1, 12))):
        act = data.draw(st.sampled_from(["add", "step", "step", "select"]))
        if act == "add":
            row = torch.rand(2, 2, 3, data.draw(st.integers(1, 5)), 4) + number
            cache.add_row([(keys, values) for keys, values in row])
            rows.append(row)
        elif act == "step" and rows:
            new = torch.rand(len(rows), 2, 2, 3, 1, 4) + number
            cache.advance(CPU)
            rows = [torch.cat([row, more], dim=3) for row, more in zip(rows, new, strict=True)]
            assert cache.newest.tolist() == [row.shape[3] - 1 for row in rows]
            for i, layer in enumerate(cache.layers):
                layer.append(new[:, i, 0], new[:, i, 1])
        elif act == "select" and rows:
            chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=5))
            cache.select(torch.tensor(chosen, dtype=torch.long))
            rows = [rows[i] for i in chosen]
        check(cache, rows)


def check(cache: RaggedCache, rows: list[torch.Tensor]) -> None:
    lengths = [row.shape[3] for row in rows]
    assert cache.lengths == lengths
    assert cache.longest == max(lengths, default=0)
    real = cache.real(CPU)
    if len(set(lengths)) <= 1:
        assert real is None
    else:
        assert real is not None
        assert real[:, 0, 0].sum(dim=1).tolist() == lengths
    if not rows:
        return
    for i, layer in enumerate(cache.layers):
        keys, values = layer.views()
        assert keys.shape == (len(rows), 3, max(lengths), 4)
        for place, row in enumerate(rows):
            assert torch.equal(keys[place, :, : lengths[place]], row[i, 0])
            assert torch.equal(values[place, :, : lengths[place]], row[i, 1])
            assert torch.isfinite(values[place]).all(), "what a mask hides must not be NaN"


def test_rows_that_stay_are_not_copied() -> None:
    cache = RaggedCache(1)
    for i in range(4):
        cache.add_row([(torch.full((1, 2, 2), float(i)), torch.full((1, 2, 2), float(i)))])
    before = cache.layers[0].views()[0].data_ptr()
    cache.select(torch.tensor([0, 3, 2]))
    keys, _ = cache.layers[0].views()
    assert keys.data_ptr() == before
    assert keys[:, 0, 0, 0].tolist() == [0.0, 3.0, 2.0]
