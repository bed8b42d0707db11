"""What the front door hands from room to room: where a row stands, what it is, and why it could not be used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from chatzero.text.conversation import Conversation


class Origin(NamedTuple):
    """A place a person can look up. `line` counts from 1; where a format has no lines, it is the number of the row."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as the file has it: names and values, nothing understood yet."""

    origin: Origin
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was set aside: where, why, and the row itself as text, so that nothing is lost."""

    origin: Origin
    reason: str
    row: str


@dataclass(frozen=True, slots=True)
class Document:
    """Plain text, for pretraining."""

    text: str


@dataclass(frozen=True, slots=True)
class Preference:
    """Two answers to one prompt, of which people liked one better. The prompt ends with the user's words."""

    prompt: Conversation
    chosen: str
    rejected: str


Record = Conversation | Document | Preference
