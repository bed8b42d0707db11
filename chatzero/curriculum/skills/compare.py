"""Which of two numbers is larger or smaller; and the same as a question of yes or no.

The answer looks at the tens, and where they are equal at the ones, and says how the numbers stand; without a yes or
no: whether that agrees with the question is one more comparison, and the hardest to learn in minutes.
Held out: unordered pairs of numbers from 0 to 99.
"""

import re
import unicodedata
from random import Random

from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "compare"
LARGEST = 99

_WHICH = Phrasings(
    en=(
        "Which is {more}, {a} or {b}?",
        "Which number is {more}, {a} or {b}?",
        "Which number is {more}: {a} or {b}?",
        "Which one is {more}, {a} or {b}?",
        "{a} or {b}, which is {more}?",
        "{a} and {b}: which is {more}?",
        "Which of {a} and {b} is {more}?",
        "What is the {more} number, {a} or {b}?",
        "Of {a} and {b}, which number is {more}?",
        "Compare {a} and {b}: which is {more}?",
        "Find the {more} number: {a}, {b}.",
        "Pick the {more} number: {a} or {b}.",
    ),
    zh=(
        "{a}和{b}[哪个|哪个数|谁]{more}？",
        "{a}和{b}，[哪个|哪个数|谁]更{more}？",
        "{a}与{b}相比，[哪个|谁]更{more}？",
        "[哪个|哪个数]{more}，{a}还是{b}？",
        "[哪个|哪个数]更{more}：{a}还是{b}？",
        "{a} 和 {b} 哪个{more}？",
        "比一比，{a}和{b}[哪个|谁]{more}？",
        "找出较{more}的数：{a}，{b}。",
        "{a}、{b}，哪个数更{more}？",
        "{a}跟{b}比，[哪个|谁]{more}？",
        "在{a}和{b}中，哪个{more}一些？",
    ),
)
_WHETHER = Phrasings(
    en=(
        "Is {a} {more} than {b}?",
        "Is it true that {a} is {more} than {b}?",
        "Is the number {a} {more} than {b}?",
        "{a} is {more} than {b}, right?",
        "{a} is {more} than {b}, is that true?",
    ),
    zh=(
        "{a}比{b}{more}吗？",
        "{a}比{b}{more}，对吗？",
        "{a}是不是比{b}{more}？",
        "{a} 比 {b} {more}吗？",
        "{a}比{b}要{more}，是吗？",
    ),
)
_LARGER: dict[Lang, tuple[str, ...]] = {"en": ("larger", "bigger", "greater"), "zh": ("大",)}
_SMALLER: dict[Lang, tuple[str, ...]] = {"en": ("smaller", "smaller", "less"), "zh": ("小",)}
# What an answer can claim: 5 is larger; 5 is larger than 3 (and so 3 is smaller); 5更大; 5比3大; 5>3.
_CLAIMS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<a>\d+) is (the )?(?P<how>larger|bigger|greater|smaller|less)( than (?P<b>\d+))?",
        r"(?P<a>\d+)(比(?P<b>\d+))?[更要]?(?P<how>大|小)",
        r"(?P<a>\d+) ?(?P<how>[<>]) ?(?P<b>\d+)",
    )
)
_SIGNS = {"larger": 1, "bigger": 1, "greater": 1, "大": 1, ">": 1, "smaller": -1, "less": -1, "小": -1, "<": -1}


def _operands(rng: Random) -> tuple[int, int]:
    """Any two different numbers; often close together."""
    a, b = rng.randint(0, LARGEST), rng.randint(0, LARGEST)
    if rng.random() < 0.4:
        b = a - a % 10 + rng.randrange(10)  # the same tens: the ones decide
    return (a, b) if a != b else _operands(rng)


def _relation(a: int, b: int, lang: Lang) -> str:
    """How they stand, and why: a digit against a digit is soon learnt, a pair of numbers as a whole is not."""
    (tens_a, ones_a), (tens_b, ones_b) = divmod(a, 10), divmod(b, 10)
    if lang == "en":
        ones = f" alike, ones {ones_a},{ones_b}" if tens_a == tens_b else ""
        return f"{a} and {b}: tens {tens_a},{tens_b}{ones}, so {a} is {'larger' if a > b else 'smaller'} than {b}."
    ones = f"一样，个位{ones_a}和{ones_b}" if tens_a == tens_b else ""
    return f"{a}和{b}：十位{tens_a}和{tens_b}{ones}，所以{a}比{b}{'大' if a > b else '小'}。"


def draw(rng: Random, lang: Lang) -> Item:
    a, b = _operands(rng)
    larger, which = rng.random() < 0.5, rng.random() < 0.6
    more = rng.choice((_LARGER if larger else _SMALLER)[lang])
    if which:
        question, _ = _WHICH.draw(rng, lang, a=a, b=b, more="smaller" if more == "less" else more)
    else:
        question, _ = _WHETHER.draw(rng, lang, a=a, b=b, more=more)
    low, high = sorted((a, b))
    key = f"{low},{high}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, _relation(a, b, lang)),
        accept=(_relation(a, b, lang), *_true_statements(low, high)),
        key=key,
        held_out=unseen(NAME, key),
    )


def _true_statements(low: int, high: int) -> tuple[str, ...]:
    larger = tuple(f"{high} is {word} than {low}" for word in ("larger", "bigger", "greater"))
    smaller = tuple(f"{low} is {word} than {high}" for word in ("smaller", "less"))
    return *larger, *smaller, f"{high}比{low}大", f"{low}比{high}小"


def _claims(answer: str) -> set[tuple[str, int]]:
    """{(number, 1 where it is said to be larger, -1 smaller)}"""
    text, claims = unicodedata.normalize("NFKC", answer).casefold(), set()
    for claim in (match for pattern in _CLAIMS for match in pattern.finditer(text)):
        sign = _SIGNS[claim["how"]]
        claims.add((claim["a"], sign))
        if claim["b"]:
            claims.add((claim["b"], -sign))
    return claims


def check(answer: str, item: Item) -> bool:
    """The answer claims something of the two numbers, and all that it claims is true."""
    said = _claims(answer)
    return said != set() and said <= _claims(item.answer)


skill = Skill(name=NAME, draw=draw, check=check, weight=2.1)
