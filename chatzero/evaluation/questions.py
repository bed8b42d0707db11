"""What to ask: the held-out questions of the built-in skills, or a file of one's own.

A file holds one JSON object a line: `{"messages": [...], "accept": ["...", ...]}`, with `lang` and `skill` if one
likes.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chatzero.curriculum.generate import held_out_items
from chatzero.curriculum.skill import Skill
from chatzero.errors import ChatZeroError, DataError
from chatzero.language import tr
from chatzero.text.conversation import Conversation, Message
from chatzero.text.matching import accepts


@dataclass(frozen=True)
class Question:
    """A conversation that ends with the user's turn, and how to tell a right answer."""

    conversation: Conversation
    lang: str
    skill: str
    is_right: Callable[[str], bool]


def skill_questions(skills: Sequence[Skill], seed: int, per_cell: int) -> list[Question]:
    """`per_cell` held-out questions for every skill and language."""
    checks = {skill.name: skill.check for skill in skills}
    return [
        Question(Conversation(item.prompt), item.lang, item.skill, partial(_checked, checks[item.skill], item))
        for item in held_out_items(skills, seed, per_cell)
    ]


def file_questions(path: Path) -> list[Question]:
    """The questions of a JSONL file. Raises `DataError` naming the line that cannot be used."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise _bad(
            tr(f"there is no file {path}", f"找不到文件 {path}"), tr("the path was not found", "路径不存在")
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(tr(f"cannot read {path} as UTF-8 text", f"无法以 UTF-8 读取 {path}"), str(error)) from error
    questions = [_question(path, n, line) for n, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise _bad(tr(f"{path} is empty", f"{path} 是空文件"), tr("there is nothing to ask", "没有可问的问题"))
    return questions


def _question(path: Path, number: int, line: str) -> Question:
    try:
        row = json.loads(line)
        messages = tuple(Message(m["role"], m["content"]) for m in row["messages"])
        accept = row["accept"]
        if not isinstance(accept, list) or not accept or not all(isinstance(a, str) and a for a in accept):
            raise ValueError("accept must be a list of strings")
        conversation = Conversation(messages)
        if conversation.answered:
            raise ValueError("the last message must be the user's")
    except ChatZeroError as error:
        raise _bad(f"{path}:{number}: {error.what}", error.why) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"missing key {error}" if isinstance(error, KeyError) else str(error)
        raise _bad(tr(f"{path}:{number} cannot be used", f"{path} 第 {number} 行无法使用"), why) from error
    return Question(
        conversation, str(row.get("lang", "-")), str(row.get("skill", "-")), partial(_accepted, tuple(accept))
    )


def _checked(check: Callable[..., bool], item: object, answer: str) -> bool:
    return check(answer, item)


def _accepted(accept: tuple[str, ...], answer: str) -> bool:
    return accepts(answer, accept)


def _bad(what: str, why: str) -> DataError:
    return DataError(
        what=what,
        why=why,
        do=tr(
            'write one JSON object a line: {"messages": [{"role": "user", "content": "..."}], "accept": ["..."]}',
            '每行写一个 JSON 对象：{"messages": [{"role": "user", "content": "..."}], "accept": ["..."]}',
        ),
    )
