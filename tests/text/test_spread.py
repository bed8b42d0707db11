from hypothesis import given
from hypothesis import strategies as st

from chatzero.text.spread import spread

lines_strategy = st.lists(st.text(alphabet="ab", min_size=1, max_size=9), min_size=1, max_size=30)


def test_what_fits_is_taken_whole() -> None:
    assert spread(["ab", "c"], 3) == ["ab", "c"]


def test_what_does_not_fit_is_taken_evenly() -> None:
    assert spread(list("abcdefghij"), 5) == list("acegi")
    assert spread(list("abcdefghij"), 4) == list("adgj")


@given(lines_strategy, st.integers(1, 200))
def test_the_largest_even_part_that_fits(lines: list[str], max_characters: int) -> None:
    taken = spread(lines, max_characters)
    steps = range(1, len(lines) + 1)
    parts = [lines[::step] for step in steps if sum(map(len, lines[::step])) <= max_characters]
    assert taken == (parts[0] if parts else lines[:1])


def test_nothing_of_nothing() -> None:
    assert spread([], 10) == []
