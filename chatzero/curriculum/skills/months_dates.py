"""Months: the next, the one before, their numbers, their days; in Chinese also their English names.

Held out: a month and a question about it in a phrasing that they were not seen in.
"""

import re
import unicodedata
from random import Random

from chatzero.curriculum.checkers import ends_in_number
from chatzero.curriculum.number_words import in_words
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, accepts_item, unseen
from chatzero.text.conversation import Conversation

NAME = "months_dates"

_NEXT = Phrasings(
    en=(
        "What month comes after {month}?",
        "Which month [comes after|follows] {month}?",
        "What is the month after {month}?",
        "What comes after {month}?",
        "What is the next month after {month}?",
        "It is {month}. What is next month?",
        "If this month is {month}, what is next month?",
        "Name the month after {month}.",
    ),
    zh=(
        "{month}的下一个月是[几月|几月份]？",
        "{month}后面是[几月|几月份]？",
        "{month}之后是[几月|几月份]？",
        "现在是{month}，下个月是[几月|几月份]？",
        "这个月是{month}，下个月是[几月|几月份]？",
        "{month}过了是[几月|几月份]？",
        "如果这个月是{month}，下个月呢？",
        "{month}的后一个月是[几月|几月份]？",
    ),
)
_PREVIOUS = Phrasings(
    en=(
        "What month comes before {month}?",
        "Which month [comes before|precedes] {month}?",
        "What is the month before {month}?",
        "What comes before {month}?",
        "It is {month}. What was last month?",
        "If this month is {month}, what was last month?",
        "Name the month before {month}.",
    ),
    zh=(
        "{month}的[上一个月|前一个月]是[几月|几月份]？",
        "{month}前面是[几月|几月份]？",
        "{month}之前是[几月|几月份]？",
        "现在是{month}，上个月是[几月|几月份]？",
        "这个月是{month}，上个月是[几月|几月份]？",
        "如果这个月是{month}，上个月呢？",
    ),
)
_DAYS = Phrasings(
    en=(
        "How many days are [there in|in] {month}?",
        "How many days does {month} have?",
        "How many days has {month}?",
        "{month} has how many days?",
        "What is the number of days in {month}?",
        "How long is {month} in days?",
        "Tell me how many days {month} has.",
        "Days in {month}",
    ),
    zh=(
        "{month}有[多少|几]天？",
        "{month}一共有[多少|几]天？",
        "{month}份有[多少|几]天？",
        "一年里{month}有[多少|几]天？",
        "说说{month}有[多少|几]天。",
        "{month}的天数是多少？",
        "整个{month}有[多少|几]天？",
    ),
)
_NUMBER = Phrasings(
    en=(
        "What number month is {month}?",
        "Which number is the month {month}?",
        "What is the number of the month {month}?",
        "{month} is which month of the year?",
        "{month} is month number what?",
        "As a number, what month is {month}?",
        "Write {month} as a number.",
    ),
    zh=(
        "{english}是[几月|几月份]？",
        "英语{english}是[几月|几月份]？",
        "单词{english}是[几月|几月份]？",
        "{english} 是几月？",
        "{english}表示[几月|几月份]？",
        "{english}指的是[几月|几月份]？",
        "{english}用中文怎么说？",
    ),
)
_NAME = Phrasings(
    en=(
        "What is the {nth} month?",
        "What is the {nth} month of the year?",
        "Which month is the {nth} of the year?",
        "Which month is number {n}?",
        "What month is number {n}?",
        "Name month {n}.",
        "Month number {n} is which month?",
        "Name the {nth} month of the year.",
    ),
    zh=(
        "{month}用英语怎么说？",
        "{month}的英语是什么？",
        "{month}用英文怎么说？",
        "{month}的英文是什么？",
        "{month}的英文单词是什么？",
        "英语里{month}叫什么？",
        "{month}英语怎么说？",
    ),
)
_ASK = {"next": _NEXT, "previous": _PREVIOUS, "days": _DAYS, "number": _NUMBER, "name": _NAME}
_MONTH_NAMES = "January February March April May June July August September October November December"
_MONTHS = tuple(_MONTH_NAMES.split())
_DAYS_IN = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_KINDS = ("next", "next", "previous", "previous", "days", "number", "name", "name")
_NAMED = re.compile(r"(\d+|[一二三四五六七八九十]+)月|(?<![a-z])(" + "|".join(_MONTHS).casefold() + r")(?![a-z])")
_ZH_NUMBERS = {in_words(n, "zh"): str(n) for n in range(1, 13)}


def _ordinal(rng: Random, n: int) -> str:
    """Third or 3rd."""
    return _ORDINALS.split()[n - 1] if rng.random() < 0.6 else str(n) + {1: "st", 2: "nd", 3: "rd"}.get(n, "th")


def _answer(kind: str, month: int, lang: Lang) -> tuple[str, tuple[str, ...]]:
    """(answer, accepted)"""
    name, days = _MONTHS[month - 1], _DAYS_IN[month - 1]
    if kind == "days":
        if lang == "en":
            leap = ", or 29 in a leap year" if month == 2 else ""
            return f"{name} has {days} days{leap}.", (f"{days} days",)
        return f"{month}月有{days}天{'，闰年有29天' if month == 2 else ''}。", (f"{days}天",)
    if kind == "number":
        return (
            (f"{name} is month {month}.", (str(month),))
            if lang == "en"
            else (f"{name}是{month}月。", _in_chinese(month))
        )
    if kind == "name":
        return f"Month {month} is {name}." if lang == "en" else f"{month}月是 {name}。", (name,)
    after = kind == "next"
    wanted = (month - 1 + (1 if after else -1)) % 12 + 1
    if lang == "en":
        return f"{'After' if after else 'Before'} {name} comes {_MONTHS[wanted - 1]}.", (_MONTHS[wanted - 1],)
    return f"{month}月的{'下' if after else '上'}一个月是{wanted}月。", _in_chinese(wanted)


def _in_chinese(month: int) -> tuple[str, ...]:
    return f"{month}月", f"{in_words(month, 'zh')}月"


def draw(rng: Random, lang: Lang) -> Item:
    kind, month = rng.choice(_KINDS), rng.randint(1, 12)
    english = _MONTHS[month - 1]
    in_chinese = f"{month}月" if rng.random() < 0.6 else f"{in_words(month, 'zh')}月"
    written = in_chinese if lang == "zh" else english if rng.random() < 0.8 else english.lower()
    question, phrasing = _ASK[kind].draw(rng, lang, month=written, english=english, n=month, nth=_ordinal(rng, month))
    answer, accept = _answer(kind, month, lang)
    key = f"{kind} {english} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=accept,
        key=key,
        held_out=unseen(NAME, key),
    )


def _months_named(text: str) -> list[str]:
    """The months that `text` names: "march", or "3" for 3月 and 三月."""
    found = _NAMED.findall(unicodedata.normalize("NFKC", text).casefold())
    return [_ZH_NUMBERS.get(zh, zh) or en for zh, en in found]


def check(answer: str, item: Item) -> bool:
    """Is the last month that the answer names the true one? For a number or for days, do they stand in it?"""
    wanted = _months_named(item.accept[0])
    if wanted:
        return _months_named(answer)[-1:] == wanted
    return (ends_in_number if item.accept[0].isdecimal() else accepts_item)(answer, item)


skill = Skill(name=NAME, draw=draw, check=check, weight=1.0)
