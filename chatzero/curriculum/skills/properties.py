"""What things are like: their colour, taste, warmth, size, legs, what they eat and what they are for.

Held out: combinations of fact and phrasing; each fact is taught in other phrasings, for it cannot be guessed.
"""

from random import Random

from chatzero.curriculum.mentions import mentions_only
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.plain_facts import FACTS
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "properties"


def _either(en_one: str, en_two: str, zh_one: str, zh_two: str) -> Phrasings:
    """Hot or cold?"""
    return Phrasings(
        en=(
            f"Is {{thing}} {en_one} or {en_two}?",
            f"Is {{thing}} {en_two} or {en_one}?",
            f"What is {{thing}}, {en_one} or {en_two}?",
            f"{{thing}}: {en_one} or {en_two}?",
            f"Would you call {{thing}} {en_two} or {en_one}?",
            f"Tell me if {{thing}} is {en_one} or {en_two}.",
        ),
        zh=(
            f"{{thing}}是{zh_one}的还是{zh_two}的？",
            f"{{thing}}是{zh_two}的还是{zh_one}的？",
            f"{{thing}}{zh_one}还是{zh_two}？",
            f"{zh_two}还是{zh_one}：{{thing}}？",
            f"{{thing}}是{zh_one}还是{zh_two}？",
            f"说说{{thing}}是{zh_one}还是{zh_two}。",
        ),
    )


_ASK: dict[str, Phrasings] = {
    "colour": Phrasings(
        en=(
            "What [colour|color] is {thing}?",
            "What is the [colour|color] of {thing}?",
            "Which [colour|color] is {thing}?",
            "Which [colour|color] does {thing} have?",
            "Tell me the [colour|color] of {thing}.",
            "{thing} is what [colour|color]?",
            "Do you know what [colour|color] {thing} is?",
        ),
        zh=(
            "{thing}是什么颜色[的|]？",
            "{thing}的颜色是什么？",
            "{thing}是哪种颜色？",
            "{thing}[呈|有]什么颜色？",
            "说出{thing}的颜色。",
            "你知道{thing}是什么颜色吗？",
            "{thing}一般是什么颜色[的|]？",
        ),
    ),
    "warmth": _either("hot", "cold", "热", "冷"),
    "taste": Phrasings(
        en=(
            "How does {thing} taste?",
            "What does {thing} taste like?",
            "What is the taste of {thing}?",
            "Which taste does {thing} have?",
            "Tell me how {thing} tastes.",
            "Is {thing} sweet, sour, salty or bitter?",
            "When I try {thing}, how does it taste?",
        ),
        zh=(
            "{thing}是什么味道[的|]？",
            "{thing}的味道[怎么样|是什么]？",
            "{thing}吃起来是什么味道？",
            "{thing}尝起来怎么样？",
            "说说{thing}的味道。",
            "{thing}是酸的还是甜的，咸的还是苦的？",
            "你知道{thing}是什么味道吗？",
        ),
    ),
    "size": _either("big", "small", "大", "小"),
    "speed": _either("fast", "slow", "快", "慢"),
    "weight": _either("heavy", "light", "重", "轻"),
    "hardness": _either("hard", "soft", "硬", "软"),
    "legs": Phrasings(
        en=(
            "How many legs does {thing} have?",
            "How many legs has {thing}[ got|]?",
            "{thing} has how many legs?",
            "What is the number of legs of {thing}?",
            "Tell me how many legs {thing} has.",
            "Do you know how many legs {thing} has?",
        ),
        zh=(
            "{thing}有几条腿？",
            "{thing}有多少条腿？",
            "{thing}一共有几条腿？",
            "{thing}长了几条腿？",
            "你知道{thing}有几条腿吗？",
            "说说{thing}有几条腿。",
        ),
    ),
    "food": Phrasings(
        en=(
            "What does {thing} eat?",
            "What does {thing} like to eat?",
            "What is the food of {thing}?",
            "Tell me what {thing} eats.",
            "What do you feed {thing}?",
            "Do you know what {thing} eats?",
        ),
        zh=(
            "{thing}吃什么？",
            "{thing}[喜欢|爱]吃什么？",
            "{thing}的食物是什么？",
            "{thing}平时吃什么？",
            "说说{thing}吃什么。",
            "你知道{thing}吃什么吗？",
        ),
    ),
    "use": Phrasings(
        en=(
            "What is {thing} for?",
            "What is {thing} used for?",
            "What do we use {thing} for?",
            "What can I do with {thing}?",
            "What do people do with {thing}?",
            "Why do we need {thing}?",
            "What is the use of {thing}?",
        ),
        zh=(
            "{thing}是[用来做什么|做什么用|干什么用]的？",
            "{thing}有什么用[处|]？",
            "{thing}可以用来[做什么|干什么]？",
            "我们用{thing}做什么？",
            "人们为什么需要{thing}？",
            "{thing}的用途是什么？",
            "{thing}能[做什么|干什么]？",
        ),
    ),
}
_ANSWER: dict[Lang, dict[str, str]] = {
    "en": dict.fromkeys(_ASK, "{thing} is {value}.")
    | {"legs": "{thing} has {value}.", "food": "{thing} {value}.", "use": "{thing} is for {value}."},
    "zh": dict.fromkeys(_ASK, "{thing}{value}。")
    | {
        "colour": "{thing}是{value}的。",
        "warmth": "{thing}是{value}的。",
        "taste": "{thing}是{value}的。",
        "use": "{thing}是用来{value}的。",
    },
}
_TOPICS = tuple(topic for topic in _ASK for _ in range(1 if len(FACTS[topic]["en"]) < 9 else 2))


def draw(rng: Random, lang: Lang) -> Item:
    topic = rng.choice(_TOPICS)
    fact = rng.choice(FACTS[topic][lang])
    question, phrasing = _ASK[topic].draw(rng, lang, thing=fact.thing)
    answer = _ANSWER[lang][topic].format(thing=fact.thing, value=fact.values[0])
    key = f"{topic} {fact.thing} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer[0].upper() + answer[1:]),
        accept=fact.values,
        key=key,
        held_out=unseen(NAME, key),
    )


check = mentions_only(
    value for by_lang in FACTS.values() for facts in by_lang.values() for fact in facts for value in fact.values
)

skill = Skill(name=NAME, draw=draw, check=check, weight=1.2)
