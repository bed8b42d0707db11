"""Which of two numbers is larger or smaller, or are they equal; and the same as a question of yes or no.

Held out: unordered pairs of numbers from 0 to 100.
"""

from random import Random

from chatzero.curriculum.checkers import concludes_alike, conclusion, ends_in_number
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, accepts_item, unseen
from chatzero.text.conversation import Conversation

NAME = "compare"
LARGEST = 100

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
_EQUAL = Phrasings(
    en=("Are {a} and {b} equal?", "Is {a} equal to {b}?", "Is {a} the same as {b}?", "Does {a} equal {b}?"),
    zh=("{a}和{b}相等吗？", "{a}和{b}一样大吗？", "{a}等于{b}吗？", "{a}与{b}是不是相等？"),
)
_LARGER: dict[Lang, tuple[str, ...]] = {"en": ("larger", "bigger", "greater"), "zh": ("大",)}
_SMALLER: dict[Lang, tuple[str, ...]] = {"en": ("smaller", "smaller", "less"), "zh": ("小",)}
_EQUAL_ACCEPTED = ("equal", "the same", "一样", "相等", "相同")
_VERDICT: dict[Lang, dict[bool, str]] = {"en": {True: "yes", False: "no"}, "zh": {True: "是的", False: "不是"}}


def _operands(rng: Random) -> tuple[int, int]:
    """Any two numbers; often close together, sometimes equal."""
    a, how = rng.randint(0, LARGEST), rng.random()
    if how < 0.1:
        return a, a
    if how < 0.25:
        return a, min(LARGEST, a - a % 10 + rng.randrange(10))  # the same tens: the ones decide
    return a, rng.randint(0, LARGEST)


def _relation(a: int, b: int) -> str:
    """47<74: every answer begins with it, so that all kinds of question practise the same comparison."""
    return f"{a}{'=' if a == b else '>' if a > b else '<'}{b}"


def _which(a: int, b: int, larger: bool, lang: Lang) -> tuple[str, tuple[str, ...]]:
    """(answer, accepted) to "which is larger?" or "which is smaller?"."""
    if a == b:
        return _relation(a, b) + {"en": ", they are equal.", "zh": "，一样大。"}[lang], _EQUAL_ACCEPTED
    wanted = max(a, b) if larger else min(a, b)
    if lang == "en":
        return f"{_relation(a, b)}, so {wanted} is {'larger' if larger else 'smaller'}.", (str(wanted),)
    return f"{_relation(a, b)}，{wanted}更{'大' if larger else '小'}。", (str(wanted),)


def _whether(a: int, b: int, true: bool, lang: Lang) -> tuple[str, tuple[str, ...]]:
    """(answer, accepted) to a question of yes or no."""
    verdict = _VERDICT[lang][true]
    return _relation(a, b) + (f", so {verdict}." if lang == "en" else f"，所以{verdict}。"), (verdict,)


def draw(rng: Random, lang: Lang) -> Item:
    a, b = _operands(rng)
    larger, kind = rng.random() < 0.5, rng.random()
    more = rng.choice((_LARGER if larger else _SMALLER)[lang])
    if kind < 0.6:
        question, _ = _WHICH.draw(rng, lang, a=a, b=b, more="smaller" if more == "less" else more)
        answer, accept = _which(a, b, larger, lang)
    elif kind < 0.9:
        question, _ = _WHETHER.draw(rng, lang, a=a, b=b, more=more)
        answer, accept = _whether(a, b, a > b if larger else a < b, lang)
    else:
        question, _ = _EQUAL.draw(rng, lang, a=a, b=b)
        answer, accept = _whether(a, b, a == b, lang)
    key = f"{min(a, b)},{max(a, b)}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=accept,
        key=key,
        held_out=unseen(NAME, key),
    )


def check(answer: str, item: Item) -> bool:
    """The number named, the verdict given, or that they are equal."""
    if item.accept[0].isdecimal():
        return ends_in_number(answer, item)
    return (accepts_item if conclusion(item.accept[0]) is None else concludes_alike)(answer, item)


skill = Skill(name=NAME, draw=draw, check=check, weight=2.0)
