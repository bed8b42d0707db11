"""A file that is nowhere on the disk: what somebody hands over, under the name that they gave it."""

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePath
from typing import Literal


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """As much of a path as the readers need. `name` is never opened."""

    name: str
    content: bytes = field(repr=False)

    @property
    def suffix(self) -> str:
        return PurePath(self.name).suffix

    def open(self, mode: Literal["rb"]) -> BytesIO:
        return BytesIO(self.content)

    def __str__(self) -> str:
        return self.name


File = Path | MemoryFile
