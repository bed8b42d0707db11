"""Changing units, both ways: metres and centimetres, kilograms and grams, hours and minutes, weeks and days, money.

Held out: an amount and its two units in a phrasing that they were not seen in.
"""

from dataclasses import dataclass
from random import Random

from chatzero.curriculum.checkers import ends_in_number
from chatzero.curriculum.number_words import last_spoken
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "unit_conversion"

_ASK = Phrasings(
    en=(
        "How many {to} are [there in|in] {amount}?",
        "How many {to} is {amount}?",
        "How many {to} make {amount}?",
        "What is {amount} in {to}?",
        "{amount} is how many {to}?",
        "{amount} equals how many {to}?",
        "{amount} = how many {to}?",
        "{amount} in {to}",
        "{amount} = ? {to}",
        "Convert {amount} [to|into] {to}.",
        "Change {amount} into {to}.",
        "[Can|Could] you convert {amount} to {to}?",
    ),
    zh=(
        "{amount}等于多少{to}？",
        "{amount}是多少{to}？",
        "{amount}有多少{to}？",
        "{amount} 等于多少{to}？",
        "{amount}=多少{to}？",
        "{amount}=？{to}",
        "{amount}合多少{to}？",
        "多少{to}等于{amount}？",
        "把{amount}换算成{name}。",
        "{amount}换算成{name}是多少？",
        "{amount}一共是多少{to}？",
        "算一下{amount}是多少{to}。",
    ),
)


@dataclass(frozen=True)
class _Unit:
    """One unit in one language: the words for one and for more (the same in Chinese), and its sign."""

    one: tuple[str, ...]
    many: tuple[str, ...]
    sign: str = ""


def _en(one: str, sign: str = "") -> _Unit:
    return _Unit((one,), (one + "s",), sign)


def _zh(*words: str, sign: str = "") -> _Unit:
    return _Unit(words, words, sign)


# (the larger unit, the smaller, how many of it, up to how many of the larger are asked about)
_CONVERSIONS: dict[Lang, tuple[tuple[_Unit, _Unit, int, int], ...]] = {
    "en": (
        (_en("meter", "m"), _en("centimeter", "cm"), 100, 9),
        (_en("kilometer", "km"), _en("meter", "m"), 1000, 9),
        (_en("centimeter", "cm"), _en("millimeter", "mm"), 10, 9),
        (_en("kilogram", "kg"), _en("gram", "g"), 1000, 9),
        (_en("liter"), _en("milliliter", "ml"), 1000, 9),
        (_en("hour"), _en("minute"), 60, 10),
        (_en("minute"), _en("second"), 60, 10),
        (_en("day"), _en("hour"), 24, 5),
        (_en("week"), _en("day"), 7, 10),
        (_en("year"), _en("month"), 12, 10),
        (_en("dollar"), _en("cent"), 100, 9),
    ),
    "zh": (
        (_zh("米", sign="m"), _zh("厘米", sign="cm"), 100, 9),
        (_zh("千米", "公里", sign="km"), _zh("米", sign="m"), 1000, 9),
        (_zh("厘米", sign="cm"), _zh("毫米", sign="mm"), 10, 9),
        (_zh("千克", "公斤", sign="kg"), _zh("克", sign="g"), 1000, 9),
        (_zh("吨"), _zh("千克", "公斤", sign="kg"), 1000, 9),
        (_zh("公斤"), _zh("斤"), 2, 10),
        (_zh("升"), _zh("毫升", sign="ml"), 1000, 9),
        (_zh("小时", "个小时"), _zh("分钟"), 60, 10),
        (_zh("分钟"), _zh("秒"), 60, 10),
        (_zh("天"), _zh("小时", "个小时"), 24, 5),
        (_zh("周", "个星期"), _zh("天"), 7, 10),
        (_zh("年"), _zh("个月"), 12, 10),
        (_zh("元"), _zh("角"), 10, 9),
        (_zh("元"), _zh("分"), 100, 9),
    ),
}


def _words(rng: Random, unit: _Unit, signs: bool) -> tuple[str, str]:
    """(for one, for more) of the unit, as someone types it."""
    if signs:
        return unit.sign, unit.sign
    i = rng.randrange(len(unit.one))
    return unit.one[i], unit.many[i]


def _amount(rng: Random, n: int, words: tuple[str, str], lang: Lang) -> str:
    """3 meters, 1 meter, a meter; 3米, 一米."""
    if n == 1 and len(words[0]) > 2 and lang == "en" and rng.random() < 0.5:
        return f"{'an' if words[0] == 'hour' else 'a'} {words[0]}"
    if lang == "en":
        return f"{n} {words[n > 1]}"
    return f"{'一' if n == 1 and not words[0].isascii() and rng.random() < 0.5 else n}{words[0]}"


def draw(rng: Random, lang: Lang) -> Item:
    larger, smaller, factor, most = rng.choice(_CONVERSIONS[lang])
    n = rng.randint(1, most)
    signs = bool(larger.sign and smaller.sign) and rng.random() < 0.2
    sides = [(n, _words(rng, larger, signs)), (n * factor, _words(rng, smaller, signs))]
    if rng.random() < 0.4:
        sides.reverse()
    (given, from_words), (wanted, to_words) = sides
    amount = _amount(rng, given, from_words, lang)
    to = to_words[1]
    question, phrasing = _ASK.draw(rng, lang, amount=amount, to=to, name=to.removeprefix("个"))
    space = " " if lang == "en" else ""
    key = f"{given} {from_words[1]} {to.removeprefix('个')} {phrasing}"
    said = f"{given}{space}{from_words[given > 1]}{space}={space}{wanted}{space}{to_words[wanted > 1]}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, said + ("." if lang == "en" else "。")),
        accept=(str(wanted),),
        key=key,
        held_out=unseen(NAME, key),
    )


def check(answer: str, item: Item) -> bool:
    """Is the last number the true one? In words too: 一年有十二个月."""
    return ends_in_number(answer, item) or last_spoken(answer) == int(item.accept[0])


skill = Skill(name=NAME, draw=draw, check=check, weight=1.4)
