"""Which language a text is in, told by its letters: good enough to count a data set, not to label a sentence."""

import re
from typing import Literal

TextLanguage = Literal["zh", "en", "mixed", "other"]

_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z]+")
_OTHER = re.compile(r"[\u0370-\u1fff\u3040-\u30ff\uac00-\ud7af]+")  # Greek to Khmer, kana, hangul
_LETTERS_A_WORD = 5  # one Chinese character says about as much as one English word


def language_of(text: str) -> TextLanguage:
    """Chinese or English when nine tenths of its words are; letters of other scripts make it `other`."""
    han, latin, other = (sum(map(len, pattern.findall(text))) for pattern in (_HAN, _LATIN, _OTHER))
    if other > (han + latin) / 10 or han + latin == 0:
        return "other"
    share = han / (han + latin / _LETTERS_A_WORD)
    if share >= 0.9:
        return "zh"
    return "en" if share <= 0.1 else "mixed"
