"""What nobody here can know: what somebody did, what lies in a drawer, what the future brings. The answer says so.

Held out: names; questions without a name by their phrasing and slots. Not here: questions about the user that were
simply not told yet (`remember_name`, `remember_fact`), and the hand-written `limits`.
"""

from dataclasses import dataclass
from random import Random

from chatzero.curriculum.names import draw_names
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "unknown"

Slots = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Topic:
    """Questions with the same reason for not knowing; `named` if they are about somebody by name."""

    ask: Phrasings
    reason: dict[Lang, str]
    named: bool


_PAST = _Topic(
    Phrasings(
        en=(
            "What did {name} [eat|have|cook] for {meal} {day}?",
            "Where did {name} go {past}?",
            "What did {name} buy {past}?",
            "Who did {name} [meet|call|visit] {past}?",
            "When did {name} [get up|go to bed|come home] {day}?",
            "What was {name} wearing {past}?",
            "What did {name} dream {past}?",
            "Do you know what {name} did {past}?",
            "How many [cups of tea did {name} drink|steps did {name} walk|pages did {name} read] {past}?",
        ),
        zh=(
            "{name}{day}{meal}[吃了什么|吃的什么|吃了啥]？",
            "{name}{past}去[哪里|哪儿]了？",
            "{name}{past}买了什么？",
            "{name}{past}[见了谁|给谁打了电话|和谁在一起]？",
            "{name}{day}几点[起床|睡觉|回家]的？",
            "{name}{past}穿了什么衣服？",
            "{name}{past}梦到了什么？",
            "你知道{name}{past}[做了什么|干了什么]吗？",
            "{name}{past}[喝了几杯茶|走了多少步|看了几页书]？",
        ),
    ),
    {"en": "I don't know. I was not there.", "zh": "我不知道，当时我不在场。"},
    named=True,
)
_HIDDEN = _Topic(
    Phrasings(
        en=(
            "What colour [are {whose} {things}|is {whose} {thing}]?",
            "Where [are {whose} {things}|is {whose} {thing}]?",
            "What is in {whose} {box}?",
            "How many coins are in {whose} {box}?",
            "How much [money|paper] is in {whose} {box}?",
            "What is the name of {whose} cousin?",
            "What did {whose} letter say?",
            "How much did {whose} {thing} cost?",
            "What colour [are my {things}|is my {thing}]?",
            "Where did I put my [{things}|{thing}]?",
            "What is in my {box}?",
            "Guess what is in {whose} {box}.",
            "Do you know what {whose} {box} looks like?",
        ),
        zh=(
            "{whose}的[{thing}|{things}]是什么颜色[的|]？",
            "{whose}的[{thing}在|{things}在|{things}放在]哪里？",
            "{whose}的{box}里[有什么|装了什么|放着什么]？",
            "{whose}的{box}里有[几枚硬币|多少钱|几张纸]？",
            "{whose}的表弟叫什么名字？",
            "{whose}的信里写了什么？",
            "{whose}的{thing}[花了多少钱|多少钱买的|是多少钱买的]？",
            "我的[{things}|{thing}]是什么颜色[的|]？",
            "我把[{things}|{thing}]放[在哪里|哪儿|到哪里]了？",
            "我的{box}里[有什么|装了什么|放着什么]？",
            "猜猜{whose}的{box}里有什么。",
            "你知道{whose}的{box}长什么样吗？",
            "{whose}的{box}有多重？",
        ),
    ),
    {"en": "I don't know. Nobody told me.", "zh": "我不知道，没有人告诉过我。"},
    named=False,
)
_FUTURE = _Topic(
    Phrasings(
        en=(
            "What [will be the|are the] lottery numbers {future}?",
            "Which [lottery numbers|numbers] will win {future}?",
            "Who will win the {sport} [game|match] {future}?",
            "How many people will [come to|visit] the {place} {future}?",
            "What will my [boss|teacher|friend] [say|do|buy] {future}?",
            "Will {whose} team win {future}?",
            "Who will [call|visit|write to] me {future}?",
            "What will {whose} {thing} cost {future}?",
            "Where will {whose} {thing} be {future}?",
            "Who is going to win the {sport} match {future}?",
        ),
        zh=(
            "{future}的彩票号码是[多少|什么]？",
            "{future}哪个[彩票号码|号码]会中奖？",
            "{future}的{sport}比赛谁会赢？",
            "{future}会有多少人[来|去]{place}？",
            "我的[老板|同事|朋友]{future}会[说什么|做什么|买什么]？",
            "{future}{whose}的球队会赢吗？",
            "{future}谁会[给我打电话|来看我|给我写信]？",
            "{future}{whose}的{thing}要多少钱？",
            "{future}{whose}的{thing}会在哪里？",
            "说说{future}的{sport}比赛谁会赢。",
        ),
    ),
    {"en": "I don't know. Nobody can see the future.", "zh": "我不知道，没有人能看到未来。"},
    named=False,
)
_TOPICS = (_PAST, _HIDDEN, _FUTURE)
_SLOTS: dict[Lang, Slots] = {
    "en": {
        "meal": ("breakfast", "lunch", "dinner"),
        "day": ("yesterday", "last Sunday", "last Friday", "two days ago"),
        "past": ("yesterday", "last night", "last Sunday", "last week", "this morning"),
        "future": ("tomorrow", "next week", "next month", "next year", "next Sunday"),
        "whose": ("my neighbour's", "my uncle's", "my boss's", "my sister's", "the teacher's", "the doctor's"),
        "thing": ("wallet", "coat", "bicycle", "umbrella", "watch", "phone"),
        "things": ("socks", "shoes", "glasses", "keys"),
        "box": ("pocket", "bag", "drawer", "fridge", "box", "suitcase"),
        "sport": ("football", "tennis", "basketball", "chess"),
        "place": ("zoo", "park", "museum", "library", "beach"),
    },
    "zh": {
        "meal": ("早饭", "午饭", "晚饭"),
        "day": ("昨天", "上个星期天", "上周五", "前天"),
        "past": ("昨天", "昨晚", "上个星期天", "上周", "今天早上"),
        "future": ("明天", "下周", "下个月", "明年", "下个星期天"),
        "whose": ("邻居", "我叔叔", "我老板", "我妹妹", "老师", "医生"),
        "thing": ("钱包", "外套", "自行车", "雨伞", "手表", "手机"),
        "things": ("袜子", "鞋子", "眼镜", "钥匙"),
        "box": ("口袋", "书包", "抽屉", "冰箱", "盒子", "行李箱"),
        "sport": ("足球", "网球", "篮球", "象棋"),
        "place": ("动物园", "公园", "博物馆", "图书馆", "海滩"),
    },
}
_ACCEPT: dict[Lang, tuple[str, ...]] = {
    "en": ("don't know", "do not know", "cannot know", "can't know", "no idea", "not told me"),
    "zh": ("不知道", "无法知道", "没法知道", "不清楚", "没有告诉我"),
}


def draw(rng: Random, lang: Lang) -> Item:
    topic = rng.choice(_TOPICS)
    slots = {slot: rng.choice(values) for slot, values in _SLOTS[lang].items()}
    (name,), name_held_out = draw_names(rng, lang, 1) if topic.named else (("",), False)
    question, phrasing = topic.ask.draw(rng, lang, dress=True, name=name, **slots)
    used = " ".join(value for value in slots.values() if value in question)
    key = name or f"{phrasing} {used}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, topic.reason[lang]),
        accept=_ACCEPT[lang],
        key=key,
        held_out=name_held_out if topic.named else unseen(NAME, key),
    )


skill = Skill(name=NAME, draw=draw, weight=1.0)
