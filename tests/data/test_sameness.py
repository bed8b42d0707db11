"""What counts as the same question; the split by it."""

import pytest

from chatzero.data.sameness import first_question, is_held_out, key_of
from chatzero.text.conversation import Conversation, Message


@pytest.mark.parametrize(
    ("one", "another", "same"),
    [
        ("Who are you?", " who are  you ", True),
        ("你是谁？", "你是谁", True),
        ("ＡＢＣ１２", "abc12", True),
        ("“你好”，他说", "你好，他说。", True),
        ("5-3=?", "53=?", False),
        ("2+2", "2*2", False),
        ("is 3 < 5", "is 3 > 5", False),
        ("cat", "cats", False),
    ],
)
def test_key(one: str, another: str, same: bool) -> None:
    assert (key_of(one) == key_of(another)) is same


def test_the_first_question_is_the_users() -> None:
    talk = Conversation((Message("system", "be kind"), *Conversation.of("hi", "hello", "bye").messages))
    assert first_question(talk) == "hi"


def test_the_hash_is_for_ever() -> None:
    """A change of the rule would move questions from one side to the other between two versions."""
    held = [n for n in range(60) if is_held_out(Conversation.of(f"question {n}", "answer"), 0.1)]
    assert held == [2, 10, 12, 14, 16, 20, 24, 34, 38, 51, 54]


def test_a_larger_share_keeps_back_more_of_the_same() -> None:
    talks = [Conversation.of(f"question {n}", "answer") for n in range(2000)]
    small = {n for n, talk in enumerate(talks) if is_held_out(talk, 0.1)}
    large = {n for n, talk in enumerate(talks) if is_held_out(talk, 0.3)}
    assert small < large
    # 5 standard deviations of a binomial of 2,000 at 0.1
    assert abs(len(small) - 200) < 5 * (2000 * 0.1 * 0.9) ** 0.5


def test_only_the_first_question_counts() -> None:
    shares = [0.01 * n for n in range(101)]
    one, another = Conversation.of("Hi!", "a", "b", "c"), Conversation.of("hi", "x")
    assert [is_held_out(one, s) for s in shares] == [is_held_out(another, s) for s in shares]
