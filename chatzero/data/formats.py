"""The shapes of rows that people publish, and what each becomes.

    messages             {"messages": [{"role": "user", "content": ...}, ...]}
    sharegpt             {"conversations": [{"from": "human", "value": ...}, ...], "system"?}
    alpaca               {"instruction", "output", "input"?, "system"?, "history"?: [[question, answer], ...]}
    question and answer  {"prompt", "response"}, {"question", "answer"}, {"q", "a"}, ... (`_QUESTIONS`, `_ANSWERS`)
    preference           {"chosen", "rejected"} beside any of the above without its last answer
    text                 {"text"}

A row is recognised by its names alone. What does not fit raises `UnusableRowError` with the reason; nothing is guessed.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from chatzero.data.records import Document, Preference, Record
from chatzero.errors import DataError
from chatzero.language import tr
from chatzero.text.conversation import Conversation, Message, Role

Fields = Mapping[str, object]
Fill = Mapping[str, str] | None
"""Words for placeholders such as `{{name}}`; None leaves placeholders as they stand."""

_ROLES: dict[str, Role] = {
    "system": "system",
    "user": "user",
    "human": "user",
    "prompter": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
}
_TURNS = ("messages", "conversations", "conversation")
_QUESTIONS = ("prompt", "question", "query", "instruction", "q", "input")
_ANSWERS = ("response", "answer", "completion", "output", "a")
KNOWN_FIELDS = (*_TURNS, *_QUESTIONS, *_ANSWERS, "system", "history", "chosen", "rejected", "text")
"""Every name that has a meaning here."""

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


class UnusableRowError(DataError):
    """A row that cannot become a record. `what` is the reason that goes into the report."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            what=reason,
            why=tr("every row must be one of the known shapes", "每一行必须是已知格式之一"),
            do=tr("mend or leave out this row", "请修正或删去这一行"),
        )


def recognise(fields: Fields, fill: Fill) -> tuple[str, Record]:
    """The name of the row's shape, and the record it becomes. Raises `UnusableRowError`.

    A placeholder that `fill` has no word for is a reason too: nobody should learn to say "I am {{name}}".
    """
    if "chosen" in fields and "rejected" in fields:
        return "preference", _preference(fields, fill)
    shape, messages = _conversation(fields, fill)
    if shape == "text":
        return shape, Document(_words(fields["text"], "text", fill))
    if not any(message.role == "assistant" for message in messages):
        raise UnusableRowError(tr("nobody answers", "没有回答"))
    if fields.get("label") is False:
        raise UnusableRowError(tr("label is false: an answer that was rejected", "label 为 false：被否定的回答"))
    return shape, _checked(messages)


def names_a_shape(names: Collection[str]) -> bool:
    """Would a row with these names be recognised?"""
    question = any(name in names for name in _QUESTIONS)
    return (
        (question and any(name in names for name in _ANSWERS))
        or ("chosen" in names and "rejected" in names)
        or any(name in names for name in (*_TURNS, "text"))
    )


def _conversation(fields: Fields, fill: Fill) -> tuple[str, list[Message]]:
    for name in (*_TURNS, "prompt"):
        if isinstance(turns := fields.get(name), list):
            shape = "sharegpt" if name.startswith("conversation") else "messages"
            return shape, [*_system(fields, fill), *_messages(turns, fill)]
    question, answer = _first(fields, _QUESTIONS), _first(fields, _ANSWERS)
    if question is not None:
        parts = [_words(fields[question], question, fill)]
        if question == "instruction" and fields.get("input"):
            parts.append(_words(fields["input"], "input", fill))
        words = "\n".join(filter(None, parts))
        messages = [*_system(fields, fill), *_history(fields, fill), Message("user", words)]
        if answer is not None:
            messages.append(Message("assistant", _words(fields[answer], answer, fill)))
        shape = "alpaca" if question == "instruction" else f"{question} and {answer}"
        return shape, messages
    if "text" in fields:
        return "text", []
    names = ", ".join(sorted(map(str, fields))[:8])
    raise UnusableRowError(tr(f"not a known shape: it has the fields {names}", f"无法识别的格式，字段有：{names}"))


def _preference(fields: Fields, fill: Fill) -> Preference:
    """`chosen` and `rejected` are answers, or whole conversations that end with them."""
    answers = []
    prompt: list[Message] = []
    for name in ("chosen", "rejected"):
        value = fields[name]
        if isinstance(value, list):
            turns = _messages(value, fill)
            prompt = turns[:-1]
            answers.append(turns[-1].content if turns and turns[-1].role == "assistant" else "")
        else:
            answers.append(_words(value, name, fill))
    if any(_first(fields, names) for names in (_TURNS, _QUESTIONS)):
        prompt = _conversation({k: v for k, v in fields.items() if k not in _ANSWERS}, fill)[1]
    if not prompt or prompt[-1].role != "user":
        raise UnusableRowError(tr("the prompt does not end with the user", "提示没有以用户的话结尾"))
    if not all(answer.strip() for answer in answers):
        raise UnusableRowError(tr("chosen or rejected has no words", "chosen 或 rejected 没有文字"))
    if answers[0] == answers[1]:
        raise UnusableRowError(tr("chosen and rejected are the same", "chosen 与 rejected 相同"))
    return Preference(_checked(prompt), *answers)


def _messages(turns: Sequence[object], fill: Fill) -> list[Message]:
    return [_message(turn, number, fill) for number, turn in enumerate(turns, start=1)]


def _message(turn: object, number: int, fill: Fill) -> Message:
    if not isinstance(turn, dict):
        raise UnusableRowError(tr(f"turn {number} is not an object", f"第 {number} 轮不是对象"))
    speaker = turn.get("role", turn.get("from"))
    role = _ROLES.get(speaker) if isinstance(speaker, str) else None
    if role is None:
        reason = tr(f"turn {number} has the role {speaker!r}", f"第 {number} 轮的角色是 {speaker!r}")
        if speaker in ("tool", "function", "observation", "function_call"):
            reason += tr(": tool use is not supported", "：不支持工具调用")
        raise UnusableRowError(reason)
    content = turn.get("content", turn.get("value"))
    if isinstance(content, list):  # the parts of a multi-modal message
        content = "".join(_part(part, number) for part in content)
    return Message(role, _words(content, number, fill))


def _part(part: object, number: int) -> str:
    if isinstance(part, dict) and part.get("type") == "text" and isinstance(text := part.get("text"), str):
        return text
    raise UnusableRowError(tr(f"turn {number} holds more than text", f"第 {number} 轮不只是文字"))


def _system(fields: Fields, fill: Fill) -> list[Message]:
    return [Message("system", _words(fields["system"], "system", fill))] if fields.get("system") else []


def _history(fields: Fields, fill: Fill) -> list[Message]:
    history = fields.get("history") or []
    if not isinstance(history, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in history):
        raise UnusableRowError(tr("history is not a list of question and answer", "history 不是问答对的列表"))
    speakers: tuple[Role, Role] = ("user", "assistant")
    return [
        Message(role, _words(words, "history", fill))
        for pair in history
        for role, words in zip(speakers, pair, strict=True)
    ]


def _words(value: object, where: str | int, fill: Fill) -> str:
    """Clean text: Unicode, Unix line ends, no blanks around it, every placeholder filled.

    `where` is the name of the field, or the number of the turn.
    """
    if not isinstance(value, str):
        raise UnusableRowError(tr(f"{_place(where)} is not text", f"{_place(where)} 不是文字"))
    if not value.isascii():
        _require_unicode(value, where)
    text = value.replace("\r\n", "\n").strip()
    if fill is None or "{{" not in text:
        return text
    return _PLACEHOLDER.sub(lambda match: _filled(match[1], fill), text)


def _place(where: str | int) -> str:
    return where if isinstance(where, str) else tr(f"turn {where}", f"第 {where} 轮")


def _require_unicode(text: str, where: str | int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        name = _place(where)
        # a byte that could not be decoded stands as U+DC80 to U+DCFF (Python's surrogateescape)
        if 0xDC80 <= ord(text[error.start]) <= 0xDCFF:
            byte = ord(text[error.start]) - 0xDC00
            reason = tr(
                f"{name} holds the byte {byte:#04x}, not in the file's encoding",
                f"{name} 含有不属于文件编码的字节 {byte:#04x}",
            )
        else:
            reason = tr(f"{name} holds half a character (a lone surrogate)", f"{name} 含有半个字符（孤立的代理码位）")
        raise UnusableRowError(reason) from error


def _filled(name: str, fill: Mapping[str, str]) -> str:
    if (word := fill.get(name)) is None:
        raise UnusableRowError(
            tr(
                f"the placeholder {{{{{name}}}}} has no word: fill.{name} (--fill {name}=...)",
                f"占位符 {{{{{name}}}}} 没有给出内容：fill.{name}（--fill {name}=...）",
            )
        )
    return word


def _first(fields: Fields, names: Sequence[str]) -> str | None:
    return next((name for name in names if fields.get(name) is not None), None)


def _checked(messages: Sequence[Message]) -> Conversation:
    """Raises `UnusableRowError` with the reason of the conversation itself: roles out of turn, a turn without words."""
    try:
        return Conversation(tuple(messages))
    except DataError as error:
        raise UnusableRowError(error.what) from error
