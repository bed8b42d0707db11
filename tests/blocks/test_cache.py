import torch
from hypothesis import given
from hypothesis import strategies as st

from chatzero.blocks.cache import KVCache, LayerCache
from tests.blocks.random_weights import normal


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_appended_pieces_come_back_as_one(lengths: list[int]) -> None:
    cache = LayerCache()
    pieces = [(normal(2, 3, n, 4, seed=i), normal(2, 3, n, 4, seed=100 + i)) for i, n in enumerate(lengths)]
    for i, (keys, values) in enumerate(pieces):
        all_keys, all_values = cache.append(keys, values)
        assert torch.equal(all_keys, torch.cat([k for k, _ in pieces[: i + 1]], dim=2))
        assert torch.equal(all_values, torch.cat([v for _, v in pieces[: i + 1]], dim=2))
    assert cache.length == sum(lengths)


def test_appending_returns_views_and_the_storage_moves_only_when_it_doubles() -> None:
    cache = LayerCache()
    places = set()
    for _ in range(64):
        keys, _ = cache.append(torch.zeros(1, 1, 1, 2), torch.zeros(1, 1, 1, 2))
        places.add((keys.untyped_storage().data_ptr(), keys.untyped_storage().nbytes()))
    assert len({size for _, size in places}) <= 6  # 2, 4, 8, 16, 32, 64 positions
    assert max(size for _, size in places) <= 2 * 64 * 2 * 4


def test_select_reorders_repeats_and_drops_rows() -> None:
    cache = LayerCache()
    keys, values = normal(3, 2, 5, 4), normal(3, 2, 5, 4, seed=2)
    cache.append(keys, values)
    rows = torch.tensor([2, 0, 0, 2])
    cache.select(rows)
    more = normal(4, 2, 1, 4, seed=3)
    all_keys, all_values = cache.append(more, more)
    assert torch.equal(all_keys, torch.cat([keys[rows], more], dim=2))
    assert torch.equal(all_values, torch.cat([values[rows], more], dim=2))


def test_rewind_forgets_the_end() -> None:
    cache = KVCache(2)
    first, wrong, right = (normal(1, 1, n, 4, seed=n) for n in (3, 2, 1))
    for layer in cache.layers:
        layer.append(first, first)
        layer.append(wrong, wrong)
    cache.rewind(3)
    assert cache.length == 3
    for layer in cache.layers:
        assert torch.equal(layer.append(right, right)[0], torch.cat([first, right], dim=2))
    assert cache.length == 4


def test_selecting_from_an_empty_cache_is_nothing() -> None:
    cache = KVCache(1)
    cache.select(torch.tensor([0]))
    assert cache.length == 0
