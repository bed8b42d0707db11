"""What a pitfall is: what people say, the wrong line and the right one, and a run that measures both."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from chatzero.language import tr


class Words(NamedTuple):
    """A sentence in both languages."""

    en: str
    zh: str

    def __str__(self) -> str:
        return tr(self.en, self.zh)


class Scale(NamedTuple):
    """How much is run: half a minute a version on one core, or a moment for the tests."""

    steps: int
    batch_tokens: int
    conversations: int
    questions: int
    """Held-out questions of each skill and language."""


FULL = Scale(steps=160, batch_tokens=2048, conversations=30_000, questions=25)
QUICK = Scale(steps=4, batch_tokens=256, conversations=200, questions=1)

Number = float | int | str
"""A share is written as in "63%"."""


def share(number: Number) -> float:
    """The number that "63%" stands for."""
    return float(str(number).rstrip("%")) / 100


@dataclass(frozen=True)
class Version:
    """One row of the table: the right version, or a wrong one. `curve` is (step, held-out loss)."""

    name: Words
    numbers: dict[str, Number]
    """By the names in `Measured.columns`."""
    curve: tuple[tuple[int, float], ...] = ()
    said: str = ""
    """A sample of what this model answers, where there is one."""


@dataclass(frozen=True)
class Measured:
    """What came out. The right version is the first."""

    columns: dict[str, Words]
    versions: tuple[Version, ...]
    holds: bool
    """Did what people say come true in this run?"""
    found: Words
    """One sentence with the numbers of this run."""
    notes: tuple[Words, ...] = field(default=())


@dataclass(frozen=True)
class Pitfall:
    """One classic mistake."""

    name: str
    title: Words
    said: Words
    """What people say about it: the claim that the run puts to the test."""
    why: Words
    """What really happens, and how it is mended."""
    wrong_line: str
    right_line: str
    run: Callable[[Scale], Measured]
