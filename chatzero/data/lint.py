"""What may be wrong with conversations that can be read: each finding with its place, for a person to judge."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from chatzero.data.front_door import Corpus
from chatzero.data.records import Origin
from chatzero.data.sameness import key_of
from chatzero.language import tr
from chatzero.text.conversation import Conversation

Kind = Literal[
    "duplicate", "near duplicate", "conflicting answers", "control characters", "mojibake", "html", "too long"
]
KINDS: tuple[Kind, ...] = get_args(Kind)

LEFT_OUT: frozenset[Kind] = frozenset({"duplicate", "near duplicate", "control characters", "mojibake", "too long"})
"""What `prepare` leaves out. The others may be meant: HTML in an answer about HTML, two good answers to a question."""

LONGEST_CHARACTERS = 20_000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
# UTF-8 read as Latin-1 or as GBK, and the signs of text already lost
_MOJIBAKE = re.compile("\ufffd|[ÃÂ][\x80-\xbf]|â€|ï»¿|锟斤拷|烫烫烫|屯屯屯")
_HTML = re.compile(
    r"</?(?:div|p|br|span|a|b|i|li|ul|ol|td|tr|table|font|img|h[1-6])\b[^<>]*>|&(?:nbsp|amp|lt|gt|quot|#\d+);"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """`index` counts the conversations of the corpus from 0."""

    kind: Kind
    index: int
    origin: Origin
    detail: str


def lint(corpus: Corpus) -> list[Finding]:
    """Everything found, in the order of the conversations."""
    seen: dict[str, int] = {}
    near: dict[str, int] = {}
    answers: dict[str, tuple[str, int]] = {}
    findings: list[Finding] = []
    for index, (conversation, origin) in enumerate(zip(corpus.conversations, corpus.origins, strict=True)):
        found = list(_text_findings(conversation))
        whole = "\x1f".join(message.content for message in conversation.messages)
        keys = [key_of(message.content) for message in conversation.messages]
        question, answer = _first_question_and_answer(conversation, keys)
        if (first := seen.setdefault(whole, index)) != index:
            found.append(("duplicate", _same_as(corpus.origins[first])))
        elif (first := near.setdefault("\x1f".join(keys), index)) != index:
            found.append(("near duplicate", _same_as(corpus.origins[first])))
        else:
            other, first = answers.setdefault(question, (answer, index))
            if other != answer:
                found.append(("conflicting answers", _same_question(corpus.origins[first])))
        findings += [Finding(kind, index, origin, detail) for kind, detail in found]
    return findings


def _text_findings(conversation: Conversation) -> Iterator[tuple[Kind, str]]:
    text = "\n".join(message.content for message in conversation.messages)
    if len(text) > LONGEST_CHARACTERS:
        yield "too long", tr(f"{len(text):,} characters", f"{len(text):,} 个字符")
    if match := _CONTROL.search(text):
        yield "control characters", f"U+{ord(match[0]):04X}"
    patterns: tuple[tuple[Kind, re.Pattern[str]], ...] = (("mojibake", _MOJIBAKE), ("html", _HTML))
    for kind, pattern in patterns:
        if match := pattern.search(text):
            yield kind, text[max(0, match.start() - 10) : match.end() + 10].replace("\n", " ")


def _first_question_and_answer(conversation: Conversation, keys: Sequence[str]) -> tuple[str, str]:
    """What the model sees before its first answer, and that answer, as keys."""
    first_answer = next(i for i, message in enumerate(conversation.messages) if message.role == "assistant")
    return "\x1f".join(keys[:first_answer]), keys[first_answer]


def _same_as(origin: Origin) -> str:
    return tr(f"same as {origin}", f"与 {origin} 相同")


def _same_question(origin: Origin) -> str:
    return tr(f"{origin} answers the same question otherwise", f"{origin} 对同一问题有不同回答")
