"""Role, Message, Conversation: frozen values, checked when made. How they become tokens is `chat_template`."""

from dataclasses import dataclass
from typing import Literal, get_args

from chatzero.errors import DataError
from chatzero.language import tr

Role = Literal["system", "user", "assistant"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: who speaks, and the words."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """An optional system message, then user and assistant in turn, the user first.

    Raises `DataError` for an empty conversation, an unknown role, roles out of turn, or a turn without words.
    """

    messages: tuple[Message, ...]

    def __post_init__(self) -> None:
        turns = self.messages[1:] if self.messages and self.messages[0].role == "system" else self.messages
        if not turns:
            raise _bad(tr("the conversation has no turns", "对话是空的"))
        for i, message in enumerate(turns):
            expected = "user" if i % 2 == 0 else "assistant"
            if message.role != expected:
                raise _bad(
                    tr(
                        f"turn {i + 1} is by {message.role!r}, expected {expected!r}",
                        f"第 {i + 1} 轮的角色是 {message.role!r}，应为 {expected!r}",
                    )
                )
            if not message.content.strip():
                raise _bad(tr(f"turn {i + 1} has no words", f"第 {i + 1} 轮没有文字"))

    @staticmethod
    def of(*contents: str) -> "Conversation":
        """User, assistant, user, ... from their words alone."""
        roles: tuple[Role, Role] = ("user", "assistant")
        return Conversation(tuple(Message(roles[i % 2], content) for i, content in enumerate(contents)))

    @property
    def answered(self) -> bool:
        """Does the assistant have the last word?"""
        return self.messages[-1].role == "assistant"


def _bad(what: str) -> DataError:
    return DataError(
        what=what,
        why=tr(
            "a conversation is user, assistant, user, ... after at most one system message",
            "一段对话应当是：最多一条 system，然后 user、assistant 轮流发言",
        ),
        do=tr("mend or leave out this conversation", "请修正或删去这段对话"),
    )
