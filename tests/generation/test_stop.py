import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatzero.generation.stop import StopStrings

short = st.text(alphabet="ab停", max_size=8)


def through(strings: list[str], pieces: list[str]) -> tuple[str, bool]:
    """All that is shown, and whether a stop string was met."""
    stop = StopStrings(strings)
    shown = "".join(stop.push(piece) for piece in pieces)
    return shown + stop.flush(), stop.met


def by_definition(strings: list[str], text: str) -> tuple[str, bool]:
    """The text before the stop string that is complete first; of two complete at once, before the longer."""
    for end in range(len(text) + 1):
        if lengths := [len(s) for s in strings if text[:end].endswith(s)]:
            return text[: end - max(lengths)], True
    return text, False


@given(st.lists(short.filter(bool), max_size=3), st.lists(short, max_size=6))
@example(["aab"], ["aa", "ab"])  # the beginning of a stop string inside a failed one
@example(["abab停", "ba"], ["aba"])
@example(["a", "ba"], ["b", "a"])  # both complete at once
def test_however_the_text_is_cut_it_is_shown_up_to_the_first_stop_string(strings: list[str], pieces: list[str]) -> None:
    assert through(strings, pieces) == by_definition(strings, "".join(pieces))


@given(st.lists(short.filter(bool), min_size=1, max_size=3), st.lists(short, max_size=6))
def test_nothing_shown_is_ever_part_of_a_stop_string(strings: list[str], pieces: list[str]) -> None:
    stop = StopStrings(strings)
    shown = ""
    for piece in pieces:
        shown += stop.push(piece)
        assert not any(string in shown for string in strings)


def test_what_may_be_a_stop_string_is_held_back() -> None:
    stop = StopStrings(["User:"])
    assert [stop.push(piece) for piece in ("Hi. Us", "e", " it")] == ["Hi. ", "", "Use it"]
    assert [stop.push(piece) for piece in ("U", "ser: me")] == ["", ""]
    assert stop.met


def test_after_a_stop_string_nothing_more_is_shown() -> None:
    stop = StopStrings(["."])
    assert stop.push("one. two") == "one"
    assert stop.push("three") == ""
    assert stop.flush() == ""


@pytest.mark.parametrize("text", ["", "any text", "汉字"])
def test_without_stop_strings_everything_passes_at_once(text: str) -> None:
    assert StopStrings([]).push(text) == text
