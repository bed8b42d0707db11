"""What is kept and found, against the obvious: a list that is searched from end to end."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st
from torch import zeros

from chatzero.serving.kept_prefixes import WORTH_TOKENS, KeptPrefixes, common_beginning
from chatzero.shapes import Tensor

TOKEN_BYTES = 2 * 4  # keys and values of one layer, one head, one float32 each
LONG = tuple(range(100, 100 + WORTH_TOKENS))


def row(num_tokens: int) -> Tensor:
    return zeros(1, 2, 1, num_tokens, 1)


def kept(*texts: tuple[int, ...], limit_tokens: int = 1000) -> KeptPrefixes:
    prefixes = KeptPrefixes(limit_tokens * TOKEN_BYTES)
    for text in texts:
        prefixes.keep(text, row(len(text)))
    return prefixes


@given(st.lists(st.integers(0, 1)), st.lists(st.integers(0, 1)))
def test_the_common_beginning(one: list[int], other: list[int]) -> None:
    expected = 0
    while expected < min(len(one), len(other)) and one[expected] == other[expected]:
        expected += 1
    assert common_beginning(tuple(one), tuple(other)) == expected


def test_the_longest_common_beginning_is_found_also_where_both_go_on_differently() -> None:
    prefixes = kept((*LONG, 1, 2, 3, 4), (*LONG, 1, 2, 9), (5, 5, 5))
    for prompt, tokens, length in [
        ((*LONG, 1, 2, 3, 4, 7), WORTH_TOKENS + 4, WORTH_TOKENS + 4),
        ((*LONG, 1, 2, 3, 8), WORTH_TOKENS + 3, WORTH_TOKENS + 4),
        ((*LONG, 1, 2, 9, 9, 9), WORTH_TOKENS + 3, WORTH_TOKENS + 3),
        ((*LONG, 8), WORTH_TOKENS, WORTH_TOKENS + 4),
    ]:
        found = prefixes.longest(prompt)
        assert found is not None
        assert (found.tokens, found.row.shape[3]) == (tokens, length)
    assert prefixes.longest((*LONG[:-1], 0, 0)) is None, "too short to be worth it"
    assert prefixes.longest((5, 5, 5, 5)) is None


def test_one_token_is_always_left_to_read() -> None:
    prefixes = kept((*LONG, 1))
    found = prefixes.longest((*LONG, 1))
    assert found is not None
    assert found.tokens == WORTH_TOKENS
    assert prefixes.longest(LONG) is None


def test_a_longer_one_takes_the_place_of_its_beginning() -> None:
    prefixes = kept((*LONG, 1), (*LONG, 1, 2, 3), (*LONG, 1, 2))
    assert len(prefixes) == 1
    found = prefixes.longest((*LONG, 1, 2, 3, 4))
    assert found is not None
    assert found.tokens == WORTH_TOKENS + 3


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(WORTH_TOKENS, 40), st.booleans()), max_size=40))
def test_the_bound_holds_and_the_least_recently_used_go_first(acts: list[tuple[int, int, bool]]) -> None:
    """Texts of one repeated token: each is the beginning of all longer ones of the same."""
    prefixes = kept(limit_tokens=90)
    recent: list[tuple[int, ...]] = []  # the least recent first
    for token, length, asks in acts:
        text = (token,) * length
        if asks:
            found = prefixes.longest((*text, 99))
            same = [t for t in recent if t[0] == token]
            assert (found is None) == (not same)
            for t in same:
                recent.remove(t)
                recent.append(t)
        else:
            longer = [t for t in recent if t[0] == token and len(t) >= length]
            recent = [t for t in recent if t[0] != token] + (longer or [text])
            prefixes.keep(text, row(length))
            while sum(map(len, recent)) > 90:
                recent.pop(0)
        assert len(prefixes) == len(recent)
        assert prefixes.num_bytes == sum(map(len, recent)) * TOKEN_BYTES <= 90 * TOKEN_BYTES


@given(st.lists(st.tuples(st.integers(0, 1), st.lists(st.integers(0, 1), max_size=6)), max_size=12), st.integers(0, 1))
def test_found_is_what_a_search_from_end_to_end_finds(texts: list[tuple[int, list[int]]], beginning: int) -> None:
    prefixes = kept(limit_tokens=60)
    for first, rest in texts:
        text = (*(first,) * WORTH_TOKENS, *rest)
        prefixes.keep(text, row(len(text)))
    prompt = (*(beginning,) * WORTH_TOKENS, 0, 1, 1, 0, 1)
    held = list(prefixes._rows)  # what the bound has left
    longest = max((common_beginning(text, prompt) for text in held), default=0)
    found = prefixes.longest((*prompt, 7))
    assert (found.tokens if found else 0) == (longest if longest >= WORTH_TOKENS else 0)
    assert sorted(chain(*prefixes._by_beginning.values())) == sorted(held), "nothing stays behind of what is forgotten"


def test_what_is_larger_than_everything_allowed_is_not_kept() -> None:
    prefixes = kept(LONG, (*LONG, 1, 2), limit_tokens=WORTH_TOKENS)
    assert len(prefixes) == 1
    assert len(kept((1,) * WORTH_TOKENS, limit_tokens=0)) == 0
    prefixes.clear()
    assert (len(prefixes), prefixes.num_bytes) == (0, 0)
