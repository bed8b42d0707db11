"""Which words an answer says."""

import pytest

from chatzero.curriculum.mentions import finder, says_whole


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A cat.", {"cat"}),
        ("cats", set()),
        ("Ｃａｔ and DOG", {"cat", "dog"}),
        ("熊猫", {"熊猫"}),
        ("熊和熊猫", {"熊", "熊猫"}),
        ("table  tennis", {"table tennis"}),
        ("a table, tennis", {"table", "tennis"}),
        ("它是cat吗", {"cat"}),
        ("", set()),
    ],
)
def test_the_longest_words_are_found_whole(text: str, said: set[str]) -> None:
    find = finder(["cat", "dog", "熊", "熊猫", "table", "tennis", "table tennis"])
    assert find(text) == said


@pytest.mark.parametrize(
    ("answer", "wanted", "right"),
    [
        ("Your name is Ann.", "Ann", True),
        ("Your name is Anna.", "Ann", False),
        ("joann", "Ann", False),
        ("ANN", "ann", True),
        ("Anna, no: Ann", "Ann", True),
        ("你叫李明。", "李明", True),
        ("你叫李明华。", "李明", False),
        ("你叫小李明。", "李明", False),
        ("你的车是红色的。", "红色", True),
        ("你的车是深红色的。", "红色", False),
        ("你今年7岁。", "7", True),
        ("你今年17岁。", "7", False),
        ("You are 7 years old.", "7", True),
        ("你叫Tom。", "Tom", True),
        ("你住3号房间。", "3", True),
        ("", "x", False),
    ],
)
def test_a_name_or_fact_is_said_whole(answer: str, wanted: str, right: bool) -> None:
    assert says_whole(answer, wanted) is right
