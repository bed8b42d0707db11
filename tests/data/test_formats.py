"""One row of each shape, and each way in which a row can be no use."""

from collections.abc import Mapping

import pytest

from chatzero.data.formats import UnusableRowError, names_a_shape, recognise
from chatzero.data.records import Document, Preference
from chatzero.language import set_language
from chatzero.text.conversation import Conversation, Message

Fields = Mapping[str, object]

TALK = Conversation.of("hi", "hello", "who?", "me")
WITH_SYSTEM = Conversation((Message("system", "be kind"), *TALK.messages))
MESSAGES = [{"role": m.role, "content": m.content} for m in TALK.messages]
SHAREGPT = [{"from": "human" if m.role == "user" else "gpt", "value": m.content} for m in TALK.messages]


@pytest.mark.parametrize(
    ("fields", "shape", "record"),
    [
        ({"messages": MESSAGES, "source": "x"}, "messages", TALK),
        ({"messages": [{"role": "system", "content": "be kind"}, *MESSAGES]}, "messages", WITH_SYSTEM),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}, MESSAGES[1]]},
            "messages",
            Conversation.of("hi", "hello"),
        ),
        ({"conversations": SHAREGPT}, "sharegpt", TALK),
        ({"conversations": MESSAGES, "system": "be kind"}, "sharegpt", WITH_SYSTEM),
        ({"instruction": "add", "input": "", "output": "3"}, "alpaca", Conversation.of("add", "3")),
        ({"instruction": "add", "input": "1 2", "output": "3"}, "alpaca", Conversation.of("add\n1 2", "3")),
        ({"instruction": "", "input": "1 2", "output": "3"}, "alpaca", Conversation.of("1 2", "3")),
        (
            {"instruction": "who?", "output": "me", "history": [["hi", "hello"]], "system": "be kind"},
            "alpaca",
            WITH_SYSTEM,
        ),
        ({"prompt": "hi", "response": "hello"}, "prompt and response", Conversation.of("hi", "hello")),
        ({"prompt": "hi", "completion": "hello"}, "prompt and completion", Conversation.of("hi", "hello")),
        ({"question": "hi", "answer": "hello"}, "question and answer", Conversation.of("hi", "hello")),
        ({"q": "hi", "a": "hello"}, "q and a", Conversation.of("hi", "hello")),
        ({"input": "hi", "output": "hello"}, "input and output", Conversation.of("hi", "hello")),
        ({"text": " Once upon a time\r\n "}, "text", Document("Once upon a time")),
        (
            {"prompt": "hi", "chosen": "hello", "rejected": "go"},
            "preference",
            Preference(Conversation.of("hi"), "hello", "go"),
        ),
        (
            {"messages": MESSAGES[:1], "chosen": "hello", "rejected": "go"},
            "preference",
            Preference(Conversation.of("hi"), "hello", "go"),
        ),
        (
            {"chosen": MESSAGES, "rejected": [*MESSAGES[:3], {"role": "assistant", "content": "nobody"}]},
            "preference",
            Preference(Conversation.of("hi", "hello", "who?"), "me", "nobody"),
        ),
        (
            {"prompt": MESSAGES[:1], "chosen": MESSAGES[:2], "rejected": [MESSAGES[0], MESSAGES[3]]},
            "preference",
            Preference(Conversation.of("hi"), "hello", "me"),
        ),
    ],
)
def test_recognised(fields: Fields, shape: str, record: object) -> None:
    assert recognise(fields, {}) == (shape, record)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"foo": 1, "bar": 2}, "not a known shape: it has the fields bar, foo"),
        ({}, "not a known shape"),
        ({"messages": []}, "nobody answers"),
        ({"messages": MESSAGES[:1]}, "nobody answers"),
        ({"prompt": "hi"}, "nobody answers"),
        ({"messages": MESSAGES[1:]}, "turn 1 is by 'assistant', expected 'user'"),
        ({"messages": [MESSAGES[0], *MESSAGES]}, "turn 2 is by 'user', expected 'assistant'"),
        ({"messages": [*MESSAGES, {"role": "tool", "content": "42"}]}, "turn 5 has the role 'tool': tool use is not"),
        ({"messages": [*MESSAGES, {"content": "42"}]}, "turn 5 has the role None"),
        ({"messages": [*MESSAGES, "words"]}, "turn 5 is not an object"),
        ({"messages": [MESSAGES[0], {"role": "assistant", "content": None}]}, "turn 2 is not text"),
        ({"messages": [MESSAGES[0], {"role": "assistant", "content": "  "}]}, "turn 2 has no words"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}, MESSAGES[1]]}, "turn 1 holds more than text"),
        ({"messages": MESSAGES, "label": False}, "label is false"),
        ({"question": "which?", "answer": 2}, "answer is not text"),
        ({"instruction": "x", "output": "y", "history": "z"}, "history is not a list"),
        ({"question": "a\ud800", "answer": "b"}, "question holds half a character"),
        ({"question": "a\udce9", "answer": "b"}, "question holds the byte 0xe9"),
        ({"messages": [MESSAGES[0], {"role": "assistant", "content": "\udcff"}]}, "turn 2 holds the byte 0xff"),
        ({"prompt": "hi", "chosen": "same", "rejected": "same"}, "chosen and rejected are the same"),
        ({"prompt": "hi", "chosen": "", "rejected": "no"}, "chosen or rejected has no words"),
        ({"chosen": "yes", "rejected": "no"}, "not a known shape|the prompt does not end with the user"),
        ({"messages": MESSAGES[:2], "chosen": "yes", "rejected": "no"}, "the prompt does not end with the user"),
    ],
)
def test_no_use(fields: Fields, reason: str) -> None:
    with pytest.raises(UnusableRowError, match=reason):
        recognise(fields, {})


def test_placeholders_are_filled() -> None:
    fields = {"q": "Who made {{name}}?", "a": "{{author}} made {{name}}; {{ not.this }} { {nor} }"}
    _, record = recognise(fields, {"name": "Zero", "author": "Ada"})
    assert record == Conversation.of("Who made Zero?", "Ada made Zero; {{ not.this }} { {nor} }")


def test_a_placeholder_without_a_word_is_a_reason() -> None:
    with pytest.raises(UnusableRowError, match=r"the placeholder \{\{author\}\} has no word: fill.author"):
        recognise({"q": "Who made {{name}}?", "a": "{{author}}"}, {"name": "Zero"})


def test_placeholders_stay_in_plain_text() -> None:
    assert recognise({"text": "a {{template}}"}, None) == ("text", Document("a {{template}}"))


@pytest.mark.parametrize(
    ("names", "known"),
    [
        (["question", "answer"], True),
        (["text"], True),
        (["chosen", "rejected", "prompt"], True),
        (["a", "the first letter"], False),
        (["question"], False),
        (["chosen"], False),
    ],
)
def test_names_a_shape(names: list[str], known: bool) -> None:
    assert names_a_shape(names) is known


def test_reasons_are_spoken_in_chinese_too() -> None:
    set_language("zh")
    with pytest.raises(UnusableRowError, match="第 1 轮的角色是 'tool'：不支持工具调用"):
        recognise({"messages": [{"role": "tool", "content": "42"}]}, {})
