import pytest

from chatzero.curriculum.checkers import (
    ends_in_number,
    ends_in_word,
    numbers_in,
    numbers_in_order,
    says_alike,
    verdict,
)
from chatzero.curriculum.skill import Item
from chatzero.text.conversation import Conversation


def _item(*accept: str) -> Item:
    return Item("test", "en", Conversation.of("?", "."), accept, "", False)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("12-7=5", ["12", "7", "5"]),
        ("12 - 7 = -5", ["12", "7", "-5"]),
        ("3.5, so 85.", ["3.5", "85"]),
        ("１２加７", ["12", "7"]),
        ("none", []),
    ],
)
def test_numbers_in(text: str, numbers: list[str]) -> None:
    assert numbers_in(text) == numbers


@pytest.mark.parametrize("right", ["5", "2+3=5", "Ones 2+3=5, so 5.", "得5。", "It is 5!"])
def test_the_last_number_counts(right: str) -> None:
    assert ends_in_number(right, _item("5"))


@pytest.mark.parametrize("wrong", ["15", "51", "5, no, 6", "-5", "5.5", "0.5", "05", "five", ""])
def test_a_number_that_only_contains_the_true_one_is_refused(wrong: str) -> None:
    assert not ends_in_number(wrong, _item("5"))


@pytest.mark.parametrize(
    ("answer", "right"),
    [("3, 15, 20", True), ("3、15、20", True), ("15, 3, 20", False), ("3, 15", False), ("3, 15, 20, 20", False)],
)
def test_numbers_in_order(answer: str, right: bool) -> None:
    assert numbers_in_order(answer, _item("3, 15, 20")) is right


@pytest.mark.parametrize(
    ("answer", "wanted", "right"),
    [
        ("The last letter is t.", "t", True),
        ("The last word is cat.", "t", False),
        ("The first letter is a", "t", False),
        ("第一个词是苹果。", "苹果", True),
        ("苹果", "苹果", True),
        ("第一个字是苹。", "苹果", False),
        ("最后一个字是苹果。", "果", False),
        ("", "t", False),
    ],
)
def test_ends_in_word(answer: str, wanted: str, right: bool) -> None:
    assert ends_in_word(answer, _item(wanted)) is right


@pytest.mark.parametrize(
    ("answer", "opens_with"),
    [
        ("Yes, 3 is odd.", True),
        ("no", False),
        ("Not sure", None),
        ("Now", None),
        ("是的，3是奇数。", True),
        ("不是，3是奇数。", False),
        ("不，一样大。", False),
        ("不知道", None),
        ("3 is odd.", None),
    ],
)
def test_verdict(answer: str, opens_with: bool | None) -> None:
    assert verdict(answer) is opens_with


def test_the_first_yes_or_no_counts_wherever_it_stands() -> None:
    assert says_alike("As for dogs: yes.", _item("As for cats: yes."))
    assert says_alike("Yes, no doubt.", _item("As for cats: yes."))
    assert not says_alike("As for cats: no, yes.", _item("As for cats: yes."))
    assert says_alike("狗：不，不喜欢。", _item("猫：不，不喜欢。"))
    assert not says_alike("狗：是的，喜欢。", _item("狗：不，不喜欢。"))


def test_neither_yes_nor_no_is_never_right() -> None:
    assert says_alike("Yes.", _item("Yes"))
    assert not says_alike("No.", _item("Yes"))
    assert not says_alike("Perhaps.", _item("Yes"))
