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
LONGEST_HOURS = 5

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


def _write(hour: int, minute: int, style: str) -> str:
    """Digital: 5:00, 5:20. In words: 5 o'clock, 5:20 in English and 5点, 5点半, 5点20分 in Chinese."""
    if style == "digital" or (style == "en" and minute):
        return f"{hour}:{minute:02}"
    if style == "en":
        return f"{hour} o'clock"
    return f"{hour}点" + ("" if minute == 0 else "半" if minute == 30 else f"{minute}分")


def _span(rng: Random, n: int, unit: str, lang: Lang) -> str:
    if lang == "en":
        return f"{n} {unit}{'s' if n > 1 else ''}"
    return f"{n}分钟" if unit == "minute" else f"{n}{rng.choice(('小时', '小时', '个小时'))}"


def _draw_hours(rng: Random) -> tuple[int, int, int]:
    """(hour, hours to go, minute). Back in time not across twelve: that is rare, and the working would be long."""
    hour, hours = rng.randint(1, 12), rng.randint(1, LONGEST_HOURS)
    minute = rng.choice((0, 0, 0, 30, 30, rng.choice(_MINUTES)))
    return hour, -hours if hours < hour and rng.random() < 0.4 else hours, minute


def _show_hours(hour: int, hours: int, comma: str) -> tuple[str, int]:
    """(the working, the hour wanted): 11+3=14, 14-12=2."""
    then = hour + hours
    if then <= 12:
        return f"{hour}{hours:+d}={then}", then
    return f"{hour}+{hours}={then}{comma}{then}-12={then - 12}", then - 12


def draw(rng: Random, lang: Lang) -> Item:
    style = "digital" if rng.random() < 0.35 else lang
    if rng.random() < 0.2:
        hour, minute, n = rng.randint(1, 12), 0, rng.choice(_MINUTES)
        ask, span, key = _LATER, _span(rng, n, "minute", lang), f"{hour}:{n:02}"
        said = _write(hour, n, style).replace("半", "30分")
        answer = f"It is {said}." if lang == "en" else f"是{said}。"
    else:
        hour, hours, minute = _draw_hours(rng)
        ask, span, key = _LATER if hours > 0 else _EARLIER, _span(rng, abs(hours), "hour", lang), f"{hour}{hours:+d}"
        working, then = _show_hours(hour, hours, ", " if lang == "en" else "，")
        said = _write(then, minute, style)
        answer = f"{working}, so {said}." if lang == "en" else f"{working}，是{said}。"
    question, phrasing = ask.draw(rng, lang, time=_write(hour, minute, style), span=span)
    key = f"{key} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=(said,),
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
