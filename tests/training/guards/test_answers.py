"""Loops are found, honest repetition is not; one answer that ends is enough."""

import pytest

from chatzero.training.guards.answers import answer_verdicts, loops


@pytest.mark.parametrize("answer", [[5, 5, 5, 5], [9, 1, 2, 1, 2, 1, 2, 1, 2], [*range(30), *[3, 4, 5] * 4]])
def test_a_loop(answer: list[int]) -> None:
    assert loops(answer)


@pytest.mark.parametrize("answer", [[], [5], [5, 5, 5], [1, 2, 1, 2, 1, 2], [1, 2, 3, 4, 5, 6], [5, 5, 5, 5, 6]])
def test_no_loop(answer: list[int]) -> None:
    assert not loops(answer)


def test_repeating_is_said_of_a_third_and_endless_of_all() -> None:
    loop, fine, long = [7] * 10, [1, 2, 3], list(range(10))
    assert [r.name for r in answer_verdicts([loop, fine, fine], 20, 9)] == ["answers repeat"]
    assert answer_verdicts([loop, fine, fine, fine], 20, 9) == []
    assert [r.name for r in answer_verdicts([long, long, long], 10, 9)] == ["no end"]
    assert answer_verdicts([long, long, fine], 10, 9) == []
    assert answer_verdicts([], 10, 9) == []
