"""Short lists in a question: words, spaced letters, spaced digits; drawn, and written as people write them."""

from random import Random
from string import ascii_lowercase
from typing import Literal

from chatzero.curriculum.short_words import SHORT_WORDS
from chatzero.language import Lang

ListKind = Literal["words", "letters", "digits"]

JOINED: dict[Lang, str] = {"en": ", ", "zh": "、"}  # in answers, always
_SEPARATORS: dict[Lang, dict[ListKind, tuple[str, ...]]] = {
    "en": {"words": (", ", ", ", ", ", " "), "letters": (" ", ", "), "digits": (" ", ", ")},
    "zh": {"words": ("、", "、", "，", " "), "letters": (" ", "、", "，", ", "), "digits": (" ", "、", "，", ",")},
}
_LETTERS = tuple(ascii_lowercase)
_DIGITS = tuple("0123456789")


def draw_items(rng: Random, lang: Lang, kind: ListKind, shortest: int, longest: int) -> list[str]:
    """Different items of one kind."""
    length = rng.randint(shortest, longest)
    if kind == "words":
        return rng.sample(SHORT_WORDS[lang], length)
    return rng.sample(_LETTERS if kind == "letters" else _DIGITS, length)


def write_items(rng: Random, lang: Lang, kind: ListKind, items: list[str]) -> str:
    """The list as it stands in a question."""
    return rng.choice(_SEPARATORS[lang][kind]).join(items)
