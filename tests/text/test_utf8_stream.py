from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chatzero.text.utf8_stream import Utf8Stream


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@given(st.text(), st.lists(st.integers(min_value=0)))
def test_any_split_of_a_text_gives_the_text(text: str, places: list[int]) -> None:
    stream = Utf8Stream()
    assert "".join(stream.push(piece) for piece in _cut(text.encode(), places)) == text
    assert stream.flush() == ""


@given(st.binary(), st.lists(st.integers(min_value=0)))
def test_any_split_of_any_bytes_gives_the_same_text(data: bytes, places: list[int]) -> None:
    stream = Utf8Stream()
    text = "".join(stream.push(piece) for piece in _cut(data, places)) + stream.flush()
    assert text == data.decode("utf-8", errors="replace")


def test_half_a_character_is_held_back_until_it_is_whole() -> None:
    stream = Utf8Stream()
    assert stream.push("汉".encode()[:2]) == ""
    assert stream.push("汉".encode()[2:] + b"!") == "汉!"


def test_flush_shows_a_character_cut_short_and_starts_afresh() -> None:
    stream = Utf8Stream()
    stream.push("🙂".encode()[:3])
    assert stream.flush() == "\ufffd"
    assert stream.push("🙂".encode()) == "🙂"
