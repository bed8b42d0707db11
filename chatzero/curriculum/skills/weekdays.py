"""Days of the week: the one after, the one before, tomorrow, some days later or ago.

Held out: a day and a distance in a phrasing that they were not seen in.
"""

import re
import unicodedata
from random import Random

from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "weekdays"

_ASK = {
    "after": Phrasings(
        en=(
            "What day comes after {day}?",
            "Which day [comes after|follows] {day}?",
            "What is the day after {day}?",
            "What day is it after {day}?",
            "What comes after {day}?",
            "Which day of the week is next after {day}?",
            "Name the day after {day}.",
            "The day after {day} is what?",
        ),
        zh=(
            "{day}的后一天是[星期几|周几]？",
            "{day}后面是[星期几|周几]？",
            "{day}之后是[星期几|周几|哪一天]？",
            "{day}的下一天是[星期几|周几]？",
            "{day}过了是[星期几|周几]？",
            "{day}的第二天是[星期几|周几]？",
            "{day}接下来是[星期几|周几]？",
            "说说{day}的后一天是[星期几|周几]。",
        ),
    ),
    "before": Phrasings(
        en=(
            "What day comes before {day}?",
            "Which day [comes before|precedes] {day}?",
            "What is the day before {day}?",
            "What day is it before {day}?",
            "What comes before {day}?",
            "Which day of the week is just before {day}?",
            "Name the day before {day}.",
            "The day before {day} is what?",
        ),
        zh=(
            "{day}的前一天是[星期几|周几]？",
            "{day}前面是[星期几|周几]？",
            "{day}之前是[星期几|周几|哪一天]？",
            "{day}的上一天是[星期几|周几]？",
            "{day}的头一天是[星期几|周几]？",
            "哪一天在{day}前面？",
            "说说{day}的前一天是[星期几|周几]。",
        ),
    ),
    "near": Phrasings(
        en=(
            "If today is {day}, what day {near}?",
            "Today is {day}. What day {near}?",
            "Today is {day}. Which day of the week {near}?",
            "It's {day} today. Which day {near}?",
            "What day {near} if today is {day}?",
            "If it is {day} today, what day {near}?",
            "Today is {day}, so what day {near}?",
        ),
        zh=(
            "今天是{day}，{near}是[星期几|周几]？",
            "今天{day}，{near}[星期几|周几]？",
            "今天是{day}，那么{near}是[星期几|周几]？",
            "如果今天是{day}，{near}是[星期几|周几]？",
            "要是今天{day}，{near}是[星期几|周几]？",
            "今天是{day}，{near}呢？",
        ),
    ),
    "later": Phrasings(
        en=(
            "If today is {day}, what day is it in {days}?",
            "Today is {day}. What day is it in {days}?",
            "Today is {day}. What day will it be in {days}?",
            "Today is {day}. What day is it {days} later?",
            "What day is {days} after {day}?",
            "What day is it {days} after {day}?",
            "It's {day}. What day will it be {days} from now?",
            "{day} plus {days} is what day?",
        ),
        zh=(
            "今天是{day}，{n}天后是[星期几|周几]？",
            "今天{day}，再过{n}天是[星期几|周几]？",
            "如果今天是{day}，过{n}天是[星期几|周几]？",
            "{day}再过{n}天是[星期几|周几]？",
            "{day}的{n}天后是[星期几|周几]？",
            "{day}之后{n}天是[星期几|周几]？",
            "今天是{day}，{n}天以后是[星期几|周几]？",
            "从{day}往后数{n}天是[星期几|周几]？",
        ),
    ),
    "ago": Phrasings(
        en=(
            "If today is {day}, what day was it {days} ago?",
            "Today is {day}. What day was it {days} ago?",
            "What day is {days} before {day}?",
            "What day was {days} before {day}?",
            "It's {day}. Which day was {days} ago?",
            "What day was it {days} ago if today is {day}?",
        ),
        zh=(
            "今天是{day}，{n}天前是[星期几|周几]？",
            "今天{day}，{n}天以前是[星期几|周几]？",
            "如果今天是{day}，{n}天前是[星期几|周几]？",
            "{day}的{n}天前是[星期几|周几]？",
            "{day}之前{n}天是[星期几|周几]？",
            "从{day}往前数{n}天是[星期几|周几]？",
        ),
    ),
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ZH_DAYS = "一二三四五六日"
_NEAR: dict[Lang, dict[int, str]] = {
    "en": {
        1: "is tomorrow",
        -1: "was yesterday",
        2: "is the day after tomorrow",
        -2: "was the day before yesterday",
    },
    "zh": {1: "明天", -1: "昨天", 2: "后天", -2: "前天", 3: "大后天"},
}
_KINDS = ("after", "after", "before", "before", "near", "near", "near", "later", "later", "later", "ago", "ago")
_NAMED = re.compile(r"(?:星期|周|礼拜)([一二三四五六日天])|(?<![a-z])(" + "|".join(_DAYS).casefold() + r")(?![a-z])")


def _offset(rng: Random, lang: Lang, kind: str) -> int:
    """How many days from the one named to the one wanted."""
    if kind == "near":
        return rng.choice(tuple(_NEAR[lang]))
    if kind in ("later", "ago"):
        return rng.randint(1, 5) if kind == "later" else -rng.randint(1, 4)
    return 1 if kind == "after" else -1


def _written(rng: Random, day: int, lang: Lang) -> str:
    """A day as someone types it."""
    if lang == "en":
        return _DAYS[day] if rng.random() < 0.8 else _DAYS[day].lower()
    sunday = day == 6 and rng.random() < 0.5
    return rng.choice(("星期", "星期", "周", "礼拜")) + ("天" if sunday else _ZH_DAYS[day])


def _name(day: int, lang: Lang) -> str:
    return _DAYS[day % 7] if lang == "en" else f"星期{_ZH_DAYS[day % 7]}"


def _answer(day: int, offset: int, lang: Lang) -> str:
    """One day on or back as a sentence; more days counted one by one: Monday, +1 Tuesday, +2 Wednesday."""
    if abs(offset) > 1:
        step, space = (1 if offset > 0 else -1), (" " if lang == "en" else "")
        counted = [f"{i:+d}{space}{_name(day + i, lang)}" for i in range(step, offset + step, step)]
        days = [_name(day, lang), *counted]
        return ", ".join(days) + "." if lang == "en" else "，".join(days) + "。"
    given, wanted = _name(day, lang), _name(day + offset, lang)
    if lang == "en":
        return f"{'After' if offset > 0 else 'Before'} {given} comes {wanted}."
    return f"{given}的{'后' if offset > 0 else '前'}一天是{wanted}。"


def draw(rng: Random, lang: Lang) -> Item:
    kind, day = rng.choice(_KINDS), rng.randrange(7)
    offset = _offset(rng, lang, kind)
    wanted = (day + offset) % 7
    n = abs(offset)
    question, phrasing = _ASK[kind].draw(
        rng,
        lang,
        day=_written(rng, day, lang),
        near=_NEAR[lang].get(offset, ""),
        n=n,
        days=f"{n} day{'s' if n > 1 else ''}",
    )
    key = f"{kind} {_DAYS[day]}{offset:+d} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, _answer(day, offset, lang)),
        accept=(_name(wanted, lang), f"周{_ZH_DAYS[wanted]}", f"礼拜{_ZH_DAYS[wanted]}")
        if lang == "zh"
        else (_name(wanted, lang),),
        key=key,
        held_out=unseen(NAME, key),
    )


def _days_named(text: str) -> list[str]:
    """The days that `text` names, as one character or in lower case; 星期天 is 星期日."""
    found = _NAMED.findall(unicodedata.normalize("NFKC", text).casefold())
    return [(zh or en).replace("天", "日") for zh, en in found]


def check(answer: str, item: Item) -> bool:
    """Is the last day that the answer names the true one?"""
    return _days_named(answer)[-1:] == _days_named(item.accept[0])


skill = Skill(name=NAME, draw=draw, check=check, weight=1.1)
