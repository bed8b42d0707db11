"""Numbers from 0 to 100 in words, both ways: 42 <-> "forty-two", 四十二. Not here: numbers in digits (`checkers`)."""

import re
import unicodedata

from chatzero.language import Lang

LARGEST = 100

_EN_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_EN_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"
_ZH_DIGITS = "零一二三四五六七八九"


def _en(n: int) -> str:
    if n == LARGEST:
        return "one hundred"
    if n < 20:
        return _EN_SMALL.split()[n]
    tens, ones = divmod(n, 10)
    return _EN_TENS.split()[tens] + (f"-{_EN_SMALL.split()[ones]}" if ones else "")


def _zh(n: int) -> str:
    if n == LARGEST:
        return "一百"
    tens, ones = divmod(n, 10)
    if tens == 0:
        return _ZH_DIGITS[ones]
    return (_ZH_DIGITS[tens] if tens > 1 else "") + "十" + (_ZH_DIGITS[ones] if ones else "")


NUMBER_WORDS: dict[Lang, tuple[str, ...]] = {
    "en": tuple(_en(n) for n in range(LARGEST + 1)),
    "zh": tuple(_zh(n) for n in range(LARGEST + 1)),
}
_VALUES = {word: n for words in NUMBER_WORDS.values() for n, word in enumerate(words)}
_EN_LONGEST_FIRST = sorted(NUMBER_WORDS["en"], key=len, reverse=True)
_SPOKEN = re.compile(rf"\b(?:{'|'.join(_EN_LONGEST_FIRST)})\b|[{_ZH_DIGITS}十百]+|\d+")


def in_words(n: int, lang: Lang) -> str:
    """`n` (0 to 100) as it is said."""
    return NUMBER_WORDS[lang][n]


def last_spoken(text: str) -> int | None:
    """The last number in `text`, in words of either language or in digits; None where there is none."""
    said = _SPOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    if not said:
        return None
    return int(said[-1]) if said[-1].isdecimal() else _VALUES.get(said[-1])
