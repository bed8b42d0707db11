"""Short lists in a question: words, spaced letters, spaced digits; drawn, and written as people write them.

The answer repeats the separator of the question: its pieces are then the same tokens, which are easier to copy.
"""

from random import Random
from string import ascii_lowercase
from typing import Literal

from chatzero.curriculum.short_words import SHORT_WORDS
from chatzero.language import Lang

ListKind = Literal["words", "letters", "digits"]

_SEPARATORS: dict[Lang, dict[ListKind, tuple[str, ...]]] = {
    "en": {"words": (", ", ", ", ", ", " "), "letters": (" ", ", "), "digits": (" ", ", ")},
    "zh": {"words": ("、", "、", "，", " "), "letters": (" ", "、", "，"), "digits": (" ", "、", "，")},
}
_LETTERS = tuple(ascii_lowercase)
_DIGITS = tuple("0123456789")


def draw_items(rng: Random, lang: Lang, kind: ListKind, shortest: int, longest: int) -> list[str]:
    """Different items of one kind."""
    length = rng.randint(shortest, longest)
    if kind == "words":
        return rng.sample(SHORT_WORDS[lang], length)
    return rng.sample(_LETTERS if kind == "letters" else _DIGITS, length)


def draw_separator(rng: Random, lang: Lang, kind: ListKind) -> str:
    """What stands between the items."""
    return rng.choice(_SEPARATORS[lang][kind])
