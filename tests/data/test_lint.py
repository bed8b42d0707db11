"""One corpus with each fault once; and no fault found in clean talk."""

import pytest

from chatzero.data.front_door import Corpus, ReadReport
from chatzero.data.lint import KINDS, LEFT_OUT, LONGEST_CHARACTERS, lint
from chatzero.data.records import Origin
from chatzero.text.conversation import Conversation, Message


def corpus_of(*conversations: Conversation) -> Corpus:
    origins = [Origin("a.jsonl", line) for line in range(1, len(conversations) + 1)]
    return Corpus(list(conversations), origins, ReadReport((), (), ()))


def found(*conversations: Conversation) -> list[tuple[str, int, str]]:
    return [(finding.kind, finding.origin.line, finding.detail) for finding in lint(corpus_of(*conversations))]


@pytest.mark.parametrize(
    ("answer", "kind", "detail"),
    [
        ("a\x00b", "control characters", "U+0000"),
        ("a\u2028b", "control characters", "U+2028"),
        ("it\u00e2\u20ac\u2122s", "mojibake", "â€"),
        ("caf\u00c3\u00a9", "mojibake", "Ã"),
        ("锟斤拷", "mojibake", "锟斤拷"),
        ("what \ufffd", "mojibake", "\ufffd"),
        ("one<br/>two", "html", "one<br/>two"),
        ("a &nbsp; b", "html", "&nbsp;"),
        ("x" * LONGEST_CHARACTERS, "too long", f"{LONGEST_CHARACTERS + 3:,} characters"),
    ],
)
def test_faults_of_text(answer: str, kind: str, detail: str) -> None:
    ((name, _, shown),) = found(Conversation.of("hi", answer))
    assert name == kind
    assert detail in shown


@pytest.mark.parametrize(
    "answer",
    [
        "Tabs\tand\nlines are fine.",
        "1 < 2 and 3 > 2",
        "R&D; AT&T",
        "naïve café Ångström",
        "5’ 3”",
        "a <- b; x << 2",
        "中文、标点。",
    ],
)
def test_what_is_no_fault(answer: str) -> None:
    assert found(Conversation.of("hi", answer)) == []


def test_duplicates_and_near_duplicates_name_the_first() -> None:
    assert found(
        Conversation.of("Hi", "Hello."),
        Conversation.of("Hi", "Hello."),
        Conversation.of("hi!", "hello"),
        Conversation.of("hi", "hello", "more", "words"),
    ) == [
        ("duplicate", 2, "same as a.jsonl:1"),
        ("near duplicate", 3, "same as a.jsonl:1"),
    ]


def test_one_question_with_two_answers() -> None:
    kind = "conflicting answers"
    assert found(Conversation.of("2+2?", "4"), Conversation.of("2 + 2", "5"), Conversation.of("2-2?", "0")) == [
        (kind, 2, "a.jsonl:1 answers the same question otherwise")
    ]


def test_another_system_message_is_another_question() -> None:
    system = Message("system", "answer in French")
    talk = Conversation((system, *Conversation.of("hi", "bonjour").messages))
    assert found(Conversation.of("hi", "hello"), talk) == []


def test_what_is_left_out_is_a_kind() -> None:
    assert set(KINDS) > LEFT_OUT
