"""Languages by their letters."""

import pytest

from chatzero.data.languages import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is the weather like today?", "en"),
        ("今天天气怎么样？", "zh"),
        ("用 Python 写一个循环，把列表里的每一个数字都打印出来，然后说明它的意思", "zh"),
        ("translate 今天天气很好 into English please", "mixed"),
        ("こんにちは、元気ですか", "other"),
        ("Привет, как дела", "other"),
        ("12 + 34 = 46", "other"),
        ("", "other"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language
