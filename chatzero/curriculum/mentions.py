"""Which words does an answer say? Stricter than containment: 熊猫 does not say 猫, "cats" does not say "cat".

Two kinds of answer: a word of a closed list (`mentions_only`), and a word that the question itself told, a name or
a fact (`says_whole`). Not here: checkers of numbers and of yes and no (`checkers`).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

from chatzero.curriculum.skill import Item

# Chinese writes no spaces: a name or fact may follow one of these words, and be followed by one of those particles.
_MAY_PRECEDE = "叫是在去有住到了说为名"
_MAY_FOLLOW = "的吧呀啊哦呢啦"


def folded(text: str) -> str:
    """In NFKC and lower case, runs of white space as one space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def finder(words: Iterable[str]) -> Callable[[str], set[str]]:
    """A function from a text to those of `words` that it says, in lower case."""
    # Longest first, so that of two words the longer is found where both stand.
    longest_first = sorted({folded(word) for word in words}, key=lambda word: (-len(word), word))
    latin = "|".join(re.escape(word) for word in longest_first if word.isascii())
    chinese = "|".join(word for word in longest_first if not word.isascii())
    pattern = re.compile("|".join(filter(None, (rf"(?<![a-z])(?:{latin})(?![a-z])" if latin else "", chinese))))
    return lambda text: set(pattern.findall(folded(text)))


def mentions_only(words: Iterable[str]) -> Callable[[str, Item], bool]:
    """A checker: of the closed list `words`, the answer says an accepted one and no other."""
    find = finder(words)

    def check(answer: str, item: Item) -> bool:
        said = find(answer)
        return bool(said) and said <= set(map(folded, item.accept))

    return check


def says_whole(answer: str, wanted: str) -> bool:
    """Does the answer say `wanted` as a word of its own, not as a part of a longer one?"""
    text, word = folded(answer), folded(wanted)
    starts = (i for i in range(len(text)) if text.startswith(word, i))
    return any(
        _bounded(text[:i][-1:], word[0], _MAY_PRECEDE) and _bounded(text[i + len(word) :][:1], word[-1], _MAY_FOLLOW)
        for i in starts
    )


def says_item(answer: str, item: Item) -> bool:
    """A checker: the answer says one of the accepted words whole."""
    return any(says_whole(answer, wanted) for wanted in item.accept)


def _bounded(neighbour: str, edge: str, allowed: str) -> bool:
    """Does a word end at `edge`, next to `neighbour`? Where letters meet characters or digits, it does."""
    return not neighbour.isalnum() or neighbour in allowed or _script(neighbour) != _script(edge)


def _script(character: str) -> str:
    return "digit" if character.isdigit() else "latin" if character.isascii() else "han"
