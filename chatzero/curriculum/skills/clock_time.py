"""The time on a twelve-hour clock some hours later or earlier, or some minutes after the hour.

Held out: an hour and a span in a phrasing that they were not seen in. Not here: morning and afternoon.
"""

import re
import unicodedata
from random import Random

from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "clock_time"
LONGEST_HOURS = 6

_LATER = Phrasings(
    en=(
        "It is {time}. What time will it be in {span}?",
        "It's {time} now. What time is it in {span}?",
        "If it is {time} now, what time will it be {span} later?",
        "If it is {time}, what time will it be in {span}?",
        "What time is it {span} after {time}?",
        "What time is {span} after {time}?",
        "What time will it be {span} from now if it is {time}?",
        "{time} plus {span} is what time?",
        "The clock says {time}. What will it say in {span}?",
        "I start at {time} and work for {span}. When do I finish?",
        "A film starts at {time} and lasts {span}. When does it end?",
    ),
    zh=(
        "现在{time}，{span}后是几点？",
        "现在是{time}，过{span}是几点？",
        "现在是{time}，{span}以后是几点？",
        "{time}再过{span}是几点？",
        "{time}过{span}是几点？",
        "{time}的{span}后是几点？",
        "{time}加{span}是几点？",
        "如果现在是{time}，{span}后是几点？",
        "从{time}算起，{span}后是几点？",
        "电影{time}开始，放{span}，几点结束？",
        "我{time}开始写作业，写了{span}，几点写完？",
    ),
)
_EARLIER = Phrasings(
    en=(
        "It is {time}. What time was it {span} ago?",
        "It's {time} now. What time was it {span} ago?",
        "If it is {time} now, what time was it {span} ago?",
        "What time is it {span} before {time}?",
        "What time is {span} before {time}?",
        "What time was it {span} earlier than {time}?",
        "{time} minus {span} is what time?",
        "A film ended at {time} and lasted {span}. When did it start?",
    ),
    zh=(
        "现在{time}，{span}前是几点？",
        "现在是{time}，{span}以前是几点？",
        "如果现在是{time}，{span}前是几点？",
        "{time}的{span}前是几点？",
        "{time}往前{span}是几点？",
        "{time}减{span}是几点？",
        "电影{time}结束，放了{span}，几点开始的？",
    ),
)
_MINUTES = tuple(range(5, 60, 5))
_CLOCK = re.compile(r"(\d+)(?: ?: ?(\d\d)|点(半|\d+)?)?")


def _written(rng: Random, hour: int, minute: int, lang: Lang) -> str:
    """A time as someone types it."""
    if rng.random() < (0.2 if minute == 0 else 0.5):
        return f"{hour}:{minute:02}"
    return _said(hour, minute, lang)


def _said(hour: int, minute: int, lang: Lang) -> str:
    """A time as the answer says it: 5 o'clock, 5:20; 5点, 5点半, 5点20分."""
    if lang == "en":
        return f"{hour}:{minute:02}" if minute else f"{hour} o'clock"
    return f"{hour}点" + ("" if minute == 0 else "半" if minute == 30 else f"{minute}分")


def _span(rng: Random, n: int, unit: str, lang: Lang) -> str:
    if lang == "en":
        return f"{n} {unit}{'s' if n > 1 else ''}"
    return f"{n}分钟" if unit == "minute" else f"{n}{rng.choice(('小时', '小时', '个小时'))}"


def draw(rng: Random, lang: Lang) -> Item:
    hour, minute = rng.randint(1, 12), 0
    if rng.random() < 0.2:
        unit, sign, n = "minute", 1, rng.choice(_MINUTES)
        then, minute_then = hour, n
    else:
        unit, sign, n = "hour", rng.choice((1, 1, -1)), rng.randint(1, LONGEST_HOURS)
        minute = rng.choice((0, 0, 0, 30, 30, rng.choice(_MINUTES)))
        then, minute_then = (hour + sign * n - 1) % 12 + 1, minute
    question, phrasing = (_LATER if sign > 0 else _EARLIER).draw(
        rng, lang, time=_written(rng, hour, minute, lang), span=_span(rng, n, unit, lang)
    )
    said = _said(then, minute_then, lang)
    key = f"{hour} {sign * n:+d} {unit}s {'later' if sign > 0 else 'earlier'} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, f"It is {said}." if lang == "en" else f"是{said}。"),
        accept=(said, f"{then}:{minute_then:02}"),
        key=key,
        held_out=unseen(NAME, key),
    )


def _last_time(text: str) -> tuple[int, int] | None:
    """(hour on a twelve-hour clock, minute) of the last time that `text` names."""
    found = _CLOCK.findall(unicodedata.normalize("NFKC", text).casefold())
    if not found:
        return None
    hour, after_colon, after_hour = found[-1]
    return int(hour) % 12, 30 if after_hour == "半" else int(after_colon or after_hour or 0)


def check(answer: str, item: Item) -> bool:
    """Is the last time named the true one? 13点 is as good as 1点."""
    return _last_time(answer) == _last_time(item.accept[0])


skill = Skill(name=NAME, draw=draw, check=check, weight=1.2)
