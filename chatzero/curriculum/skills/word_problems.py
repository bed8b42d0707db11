"""Stories of one step: someone gets more, gives some away, or has several boxes with as many in each.

Held out: two numbers in a story that they were not seen in.
"""

from random import Random

from chatzero.curriculum.checkers import ends_in_number
from chatzero.curriculum.names import is_held_out
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.short_words import words_of
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "word_problems"

_STORIES = {
    "+": Phrasings(
        en=(
            "{name} has {a_things} and gets {b} more. How many {things} does {name} have now?",
            "{name} has {a_things}. {other} gives {name} {b} more. How many {things} does {name} have [now|in all]?",
            "{name} had {a_things} and bought {b} more. How many {things} does {name} have?",
            "There [are|were] {a_things} in a box. {name} puts in {b} more. How many {things} are in the box now?",
            "{name} has {a_things} and {other} has {b}. How many {things} do they have together?",
            "{name} finds {a_things} today and {b} more later. How many {things} is that in total?",
            "{name} has {a_things} and {other} has {b_things}. How many {things} are there in all?",
            "I have {a_things} and I get {b} more. How many do I have?",
        ),
        zh=(
            "{name}有{a}{thing}，又得到{b}{m}，现在一共有多少{thing}？",
            "{name}有{a}{thing}，{other}又给了{name}{b}{m}，{name}现在有[几|多少]{thing}？",
            "{name}原来有{a}{thing}，又买了{b}{m}，现在有[几|多少]{thing}？",
            "盒子里有{a}{thing}，{name}又放进{b}{m}，盒子里现在有[几|多少]{thing}？",
            "{name}有{a}{thing}，{other}有{b}{m}，两人一共有[几|多少]{thing}？",
            "{name}上午找到{a}{thing}，下午又找到{b}{m}，一共找到[几|多少]{thing}？",
            "我有{a}{thing}，朋友又送我{b}{m}，我现在有[几|多少]{thing}？",
            "{name}先拿了{a}{thing}，再拿{b}{m}，一共拿了[几|多少]{thing}？",
        ),
    ),
    "-": Phrasings(
        en=(
            "{name} has {a_things} and gives {b} to {other}. How many {things} does {name} have left?",
            "{name} has {a_things} and loses {b}. How many {things} are left?",
            "{name} had {a_things} and gave away {b}. How many {things} does {name} have now?",
            "There are {a_things} on the table. {name} takes {b}. How many {things} are left?",
            "There were {a_things} in a bag. {name} took out {b}. How many {things} are still in the bag?",
            "{name} has {a_things} and sells {b} of them. How many {things} remain?",
            "{name} has {a_things} and {other} has {b}. How many more {things} does {name} have than {other}?",
            "I have {a_things} and give away {b}. How many do I have left?",
        ),
        zh=(
            "{name}有{a}{thing}，给了{other}{b}{m}，还剩[几|多少]{thing}？",
            "{name}有{a}{thing}，丢了{b}{m}，还剩[几|多少]{thing}？",
            "{name}原来有{a}{thing}，送给别人{b}{m}，现在还有[几|多少]{thing}？",
            "桌上有{a}{thing}，{name}拿走{b}{m}，桌上还剩[几|多少]{thing}？",
            "袋子里有{a}{thing}，{name}拿出{b}{m}，袋子里还有[几|多少]{thing}？",
            "{name}有{a}{thing}，卖掉{b}{m}，还剩下[几|多少]{thing}？",
            "{name}有{a}{thing}，{other}有{b}{m}，{name}比{other}多[几|多少]{thing}？",
            "我有{a}{thing}，送出去{b}{m}，我还有[几|多少]{thing}？",
        ),
    ),
    "×": Phrasings(
        en=(
            "There are {a} boxes with {b_things} in each. How many {things} are there in all?",
            "{name} has {a} bags. Each bag has {b_things}. How many {things} does {name} have?",
            "{a} children have {b_things} each. How many {things} do they have together?",
            "{name} buys {a} packs of {b} {things}. How many {things} is that?",
            "Each box holds {b_things}. How many {things} are in {a} boxes?",
        ),
        zh=(
            "有{a}个盒子，每个盒子里有{b}{thing}，一共有多少{thing}？",
            "{name}有{a}个袋子，每个袋子装{b}{thing}，一共有多少{thing}？",
            "{a}个小朋友每人有{b}{thing}，一共有多少{thing}？",
            "{name}每天得到{b}{thing}，{a}天一共得到多少{thing}？",
            "每盒有{b}{thing}，{a}盒一共有多少{thing}？",
        ),
    ),
}
_ALL_NAMES: dict[Lang, tuple[str, ...]] = {
    "en": words_of(
        "Tom Anna Ben Lily Jack Mary Sam Lucy Peter Emma Leo Kate Max Nina Paul Rose Alice Bob Amy Mike Jane Tim"
    ),
    "zh": words_of(
        "小明 小红 小华 小刚 小丽 小军 小芳 小强 小美 小林 小杰 小雨 乐乐 明明 丽丽 东东 小亮 小英 小伟 小娟 小云 小兰"
    ),
}
# A held-out name stands in no training question of any skill.
_NAMES = {lang: tuple(name for name in names if not is_held_out(name)) for lang, names in _ALL_NAMES.items()}
_EN_THINGS = words_of(
    "apple pencil book coin card shell stamp ball flower marble sticker cookie egg candle button orange pen toy balloon"
)
_ZH_THINGS = words_of(
    "个苹果 支铅笔 本书 枚硬币 张卡片 个贝壳 张邮票 个球 朵花 颗弹珠 张贴纸 块饼干 个鸡蛋 根蜡烛 颗纽扣 个橘子 "
    "支钢笔 个玩具 个气球 颗糖"
)


def _numbers(rng: Random, operation: str) -> tuple[int, int, int]:
    """(a, b, result)"""
    if operation == "×":
        a, b = rng.randint(2, 9), rng.randint(2, 9)
        return a, b, a * b
    a, b = rng.randint(1, 12), rng.randint(1, 9)
    return (a, b, a + b) if operation == "+" else (a + b, b, a)


def _english(n: int, thing: str) -> str:
    return f"{n} {thing}{'s' if n != 1 else ''}"


def draw(rng: Random, lang: Lang) -> Item:
    operation = rng.choice("++--×")
    a, b, result = _numbers(rng, operation)
    name, other = rng.sample(_NAMES[lang], 2)
    thing = rng.choice(_EN_THINGS if lang == "en" else _ZH_THINGS)
    question, phrasing = _STORIES[operation].draw(
        rng,
        lang,
        name=name,
        other=other,
        a=a,
        b=b,
        things=thing + "s",
        a_things=_english(a, thing),
        b_things=_english(b, thing),
        thing=thing,
        m=thing[0],
    )
    working = f"{a}{operation}{b}={result}"
    if lang == "en":
        answer = f"{working}, so {_english(result, thing)}."
    else:
        answer = f"{working}，{'剩' if operation == '-' else '共'}{result}{thing}。"
    key = f"{a}{operation}{b} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=(str(result),),
        key=key,
        held_out=unseen(NAME, key),
    )


skill = Skill(name=NAME, draw=draw, check=ends_in_number, weight=1.0)
