"""Odd or even? Numbers from 0 to 999; only the last digit decides.

Held out: the number.
"""

from random import Random

from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation
from chatzero.text.matching import accepts

NAME = "parity"

_WHICH = Phrasings(
    en=(
        "Is {n} odd or even?",
        "Is {n} even or odd?",
        "Is {n} an odd or an even number?",
        "Is the number {n} odd or even?",
        "Odd or even: {n}?",
        "{n}: odd or even?",
        "{n} is odd or even?",
        "What is {n}, odd or even?",
        "Tell me [if|whether] {n} is odd or even.",
        "Say whether {n} is odd or even.",
    ),
    zh=(
        "{n}是奇数还是偶数？",
        "{n}是偶数还是奇数？",
        "{n} 是奇数还是偶数？",
        "{n}是单数还是双数？",
        "数字{n}是奇数还是偶数？",
        "奇数还是偶数：{n}？",
        "判断一下{n}是奇数还是偶数。",
        "说说{n}是奇数还是偶数。",
        "{n}这个数是奇数还是偶数？",
        "{n}属于奇数还是偶数？",
    ),
)
_WHETHER = Phrasings(
    en=(
        "Is {n} {parity}?",
        "Is {n} an {parity} number?",
        "Is the number {n} {parity}?",
        "{n} is {parity}, right?",
        "Is it true that {n} is {parity}?",
    ),
    zh=(
        "{n}是{parity}吗？",
        "{n} 是{parity}吗？",
        "{n}是不是{parity}？",
        "{n}这个数是{parity}吗？",
        "{n}是{parity}，对吗？",
    ),
)
_NAMES: dict[Lang, tuple[str, str]] = {"en": ("even", "odd"), "zh": ("偶数", "奇数")}
_ALSO = {"even": ("even",), "odd": ("odd",), "偶数": ("偶数", "双数"), "奇数": ("奇数", "单数")}


def draw(rng: Random, lang: Lang) -> Item:
    """The answer to a question of yes or no is what is true, without a yes or no.

    Whether that agrees with the question is one more comparison, and the hardest to learn in minutes.
    """
    n = rng.randrange(10 ** rng.choice((1, 2, 2, 2, 3, 3)))
    if rng.random() < 0.65:
        question, _ = _WHICH.draw(rng, lang, n=n)
    else:
        question, _ = _WHETHER.draw(rng, lang, n=n, parity=rng.choice(_NAMES[lang]))
    true, key = _NAMES[lang][n % 2], str(n)
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, f"{n} is {true}." if lang == "en" else f"{n}是{true}。"),
        accept=_ALSO[true],
        key=key,
        held_out=unseen(NAME, key),
    )


def check(answer: str, item: Item) -> bool:
    """The right word, and not the other beside it."""
    others = [word for words in _ALSO.values() if words != item.accept for word in words]
    return accepts(answer, item.accept) and not accepts(answer, others)


skill = Skill(name=NAME, draw=draw, check=check, weight=0.5)
