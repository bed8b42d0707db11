"""Is an elephant bigger than a cat? Yes or no, by the order of things in size, speed, weight or time.

A pair that was never taught can be told from others: an ant is smaller than a cat, a cat than a horse. It is asked
whether the first is more, never whether it is less: that would be one more thing to compare, and verdicts that hang
on two comparisons are not learnt in minutes. Held out: unordered pairs, never neighbours: nothing stands between these
from which their order would follow.
Not here: what follows from a story (`told_yes_no`), and numbers (`compare`).
"""

from itertools import combinations
from random import Random
from typing import NamedTuple

from chatzero.curriculum.checkers import says_alike
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "yes_no"


class _Scale(NamedTuple):
    """Things from the least to the most, as "en zh" a line, and what the most and the least are called."""

    things: tuple[str, ...]
    more: dict[Lang, str]
    less: dict[Lang, str]

    def thing(self, lang: Lang, place: int) -> str:
        en, _, zh = self.things[place].rpartition(" ")
        return en if lang == "en" else zh


_SCALES = {
    "size": _Scale(
        (
            "an ant 蚂蚁",
            "a mouse 老鼠",
            "a cat 猫",
            "a sheep 羊",
            "a horse 马",
            "an elephant 大象",
            "a whale 鲸鱼",
            "a mountain 山",
            "the moon 月亮",
            "the earth 地球",
            "the sun 太阳",
        ),
        {"en": "bigger", "zh": "大"},
        {"en": "smaller", "zh": "小"},
    ),
    "speed": _Scale(
        (
            "a snail 蜗牛",
            "a turtle 乌龟",
            "a bicycle 自行车",
            "a car 汽车",
            "a train 火车",
            "a plane 飞机",
            "a rocket 火箭",
            "light 光",
        ),
        {"en": "faster", "zh": "快"},
        {"en": "slower", "zh": "慢"},
    ),
    "weight": _Scale(
        (
            "a feather 羽毛",
            "an egg 鸡蛋",
            "a book 书",
            "a chair 椅子",
            "a piano 钢琴",
            "a car 汽车",
            "a bus 公交车",
            "a train 火车",
        ),
        {"en": "heavier", "zh": "重"},
        {"en": "lighter", "zh": "轻"},
    ),
    "time": _Scale(
        (
            "a second 一秒",
            "a minute 一分钟",
            "an hour 一小时",
            "a day 一天",
            "a week 一周",
            "a month 一个月",
            "a year 一年",
            "a century 一个世纪",
        ),
        {"en": "longer", "zh": "长"},
        {"en": "shorter", "zh": "短"},
    ),
}
_PAIRS = tuple(
    (name, low, high) for name, scale in _SCALES.items() for low, high in combinations(range(len(scale.things)), 2)
)
_ASK = Phrasings(
    en=(
        "Is {x} {how} than {y}?",
        "Is it true that {x} is {how} than {y}?",
        "{x} is {how} than {y}, right?",
        "{x} is {how} than {y}, is that true?",
        "Would you say {x} is {how} than {y}?",
        "Tell me if {x} is {how} than {y}.",
        "Do you think {x} is {how} than {y}?",
        "Is it correct that {x} is {how} than {y}?",
        "I think {x} is {how} than {y}. Am I right?",
        "So {x} is {how} than {y}?",
    ),
    zh=(
        "{x}比{y}{how}吗？",
        "{x}比{y}{how}，对吗？",
        "{x}是不是比{y}{how}？",
        "{x}真的比{y}{how}吗？",
        "{x}比{y}更{how}吗？",
        "你觉得{x}比{y}{how}吗？",
        "{x}会比{y}{how}吗？",
        "{x}应该比{y}{how}吧？",
        "我觉得{x}比{y}{how}，对不对？",
        "是不是{x}比{y}{how}？",
    ),
)
_ANSWER: dict[Lang, dict[bool, str]] = {
    "en": {True: "Yes, {x} is {how} than {y}.", False: "No, {x} is {how} than {y}."},
    "zh": {True: "是的，{x}比{y}{how}。", False: "不是，{x}比{y}{how}。"},
}


def draw(rng: Random, lang: Lang) -> Item:
    name, low, high = rng.choice(_PAIRS)
    scale = _SCALES[name]
    x, y = rng.sample((low, high), 2)
    x_said, y_said = scale.thing(lang, x), scale.thing(lang, y)
    question, _ = _ASK.draw(rng, lang, x=x_said, y=y_said, how=scale.more[lang])
    how = scale.more if x > y else scale.less
    answer = _ANSWER[lang][x > y].format(x=x_said, y=y_said, how=how[lang])
    key = f"{name} {scale.things[low]} {scale.things[high]}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=(answer,),
        key=key,
        held_out=high - low > 1 and unseen(NAME, key),
    )


skill = Skill(name=NAME, draw=draw, check=says_alike, weight=2.0)
