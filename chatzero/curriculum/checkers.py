"""Answer checkers stricter than containment, for answers where a wrong one may contain the right one: 15 for 5.

Each is a `check` of a `Skill`: the true answer is `item.accept[0]`. Not here: the rule that most skills use
(`skill.accepts_item`).
"""

import re
import unicodedata

from chatzero.curriculum.skill import Item

# A minus sign belongs to a number only where no digit stands before it: 12-7 holds 12 and 7.
_NUMBER = re.compile(r"(?:(?<!\d)-)?\d+(?:\.\d+)?")
_CHINESE = "\u4e00-\u9fff"
_WORD = re.compile(rf"[{_CHINESE}]+|[a-z]+|\d+")
_YES = ("yes", "是的", "是", "对", "对的")
_NO = ("no", "不是", "不", "不对")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def numbers_in(text: str) -> list[str]:
    """Every number of `text`, as written in digits."""
    return _NUMBER.findall(_folded(text))


def words_in(text: str) -> list[str]:
    """Runs of Latin letters, of Chinese characters and of digits, in lower case."""
    return _WORD.findall(_folded(text))


def ends_in_number(answer: str, item: Item) -> bool:
    """Is the last number of the answer the true one?"""
    return numbers_in(answer)[-1:] == [item.accept[0]]


def numbers_in_order(answer: str, item: Item) -> bool:
    """Are the numbers of the answer the true ones, all of them, in the true order?"""
    return numbers_in(answer) == numbers_in(item.accept[0])


def ends_in_word(answer: str, item: Item) -> bool:
    """Is the last word the true one? In Chinese, where no space shows its beginning, it may follow 是: 第一个是苹果."""
    last, wanted = words_in(answer)[-1:], _folded(item.accept[0])
    return last == [wanted] or (not wanted.isascii() and last != [] and last[0].endswith("是" + wanted))


def verdict(answer: str) -> bool | None:
    """The first yes (True) or no (False) of the answer, wherever it stands; None where it has neither."""
    said = (word in _YES for word in words_in(answer) if word in _YES or word in _NO)
    return next(said, None)


def says_alike(answer: str, item: Item) -> bool:
    """Does the answer give the true verdict, yes or no?"""
    said = verdict(answer)
    return said is not None and said == verdict(item.accept[0])
