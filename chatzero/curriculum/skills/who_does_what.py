"""Reading: two or three people, each with a place, a thing or an action; then a question about one of them.

Held out: people's names, drawn as in `names`.
"""

from random import Random
from typing import NamedTuple

from chatzero.curriculum.names import draw_names
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill
from chatzero.curriculum.words import BY_KIND
from chatzero.text.conversation import Conversation

NAME = "who_does_what"
THREE_SHARE = 0.1


class _Fact(NamedTuple):
    """What is told of a person, and how the answer names it: went to the park, in the park."""

    told: str
    value: str


class _Form(NamedTuple):
    """One kind of fact: questions about the person's fact and about whose fact it is; both have the same answer."""

    told: dict[Lang, str]
    facts: dict[Lang, tuple[_Fact, ...]]
    what: Phrasings
    who: Phrasings
    answer: dict[Lang, str]


def _facts(en: str, zh: str) -> dict[Lang, tuple[_Fact, ...]]:
    """'told=value, ...'; without a value, it is what is told."""

    def read(table: str) -> tuple[_Fact, ...]:
        pairs = (entry.strip().partition("=") for entry in table.split(","))
        return tuple(_Fact(told, value or told) for told, _, value in pairs)

    return {"en": read(en), "zh": read(zh)}


def _words(*kinds: str, many: bool) -> dict[Lang, tuple[_Fact, ...]]:
    """'a cat', or 'cats'."""
    words = [word for kind in kinds for word in BY_KIND[kind]]
    english = [(word.form or word.en) if many else word.with_article for word in words]
    return {"en": tuple(_Fact(en, en) for en in english), "zh": tuple(_Fact(word.zh, word.zh) for word in words)}


_FORMS = (
    _Form(
        {"en": "{name} {told}", "zh": "{name}{told}"},
        _facts(
            "went to the park=in the park, went to the zoo=at the zoo, went to school=at school,"
            "stayed at home=at home, stayed home=at home,"
            "walked to the library=in the library, drove to the airport=at the airport, ran to the beach=at the beach,"
            "went to the museum=in the museum, went to the shop=in the shop, is waiting at the bank=at the bank,"
            "is in the garden=in the garden, went into the kitchen=in the kitchen, is at the hospital=at the hospital",
            "去了公园=公园, 去了动物园=动物园, 去了学校=学校, 留在家里=家里, 待在家里=家里, 走到了图书馆=图书馆,"
            "开车去了机场=机场, 跑到了海滩=海滩, 去了博物馆=博物馆, 去了商店=商店, 在银行等人=银行,"
            "在花园里=花园, 进了厨房=厨房, 在医院里=医院",
        ),
        Phrasings(
            en=(
                "{story} Where is {name}?",
                "{story} [Where is {name} now|So where is {name}]?",
                "{story} Do you know where {name} is?",
            ),
            zh=("{story}{name}在[哪里|哪儿]？", "{story}{name}现在在[哪里|哪儿]？", "{story}[那么|请问]{name}在哪里？"),
        ),
        Phrasings(
            en=("{story} Who is {value}?", "{story} [Who is {value} now|So who is {value}]?"),
            zh=("{story}谁在{value}？", "{story}[那么|现在]谁在{value}？"),
        ),
        {"en": "{name} is {value}.", "zh": "{name}在{value}。"},
    ),
    _Form(
        {"en": "{name} {told}", "zh": "{name}{told}"},
        _facts(
            "is reading, is singing, is cooking, is sleeping, is dancing, is swimming, is running, is working,"
            "is drawing, is writing a letter, is drinking tea, is playing football, is watching TV, is washing the car",
            "在看书, 在唱歌, 在做饭, 在睡觉, 在跳舞, 在游泳, 在跑步, 在工作, 在画画, 在写信, 在喝茶,"
            "在踢足球, 在看电视, 在洗车",
        ),
        Phrasings(
            en=("{story} What is {name} doing?", "{story} [What is {name} doing now|So what is {name} doing]?"),
            zh=(
                "{story}{name}在[做什么|干什么|干嘛]？",
                "{story}{name}现在在[做什么|干什么]？",
                "{story}[那么|请问]{name}在做什么？",
            ),
        ),
        Phrasings(
            en=("{story} Who {value}?", "{story} So who {value}?", "{story} Which of them {value}?"),
            zh=("{story}谁{value}？", "{story}[那么|请问]谁{value}？", "{story}是谁{value}？"),
        ),
        {"en": "{name} {value}.", "zh": "{name}{value}。"},
    ),
    _Form(
        {"en": "{name} has {told}", "zh": "{name}有{told}"},
        _words("fruit", "animal", "clothing", "instrument", many=False),
        Phrasings(
            en=("{story} What does {name} have?", "{story} So what does {name} have?", "{story} What has {name} got?"),
            zh=("{story}{name}有什么？", "{story}[那么|请问]{name}有什么？", "{story}{name}有的是什么？"),
        ),
        Phrasings(
            en=("{story} Who has {value}?", "{story} So who has {value}?", "{story} Which of them has {value}?"),
            zh=("{story}谁有{value}？", "{story}[那么|请问]谁有{value}？", "{story}是谁有{value}？"),
        ),
        {"en": "{name} has {value}.", "zh": "{name}有{value}。"},
    ),
    _Form(
        {"en": "{name} likes {told}", "zh": "{name}喜欢{told}"},
        _words("fruit", "animal", "drink", "sport", many=True),
        Phrasings(
            en=(
                "{story} What does {name} like?",
                "{story} So what does {name} like?",
                "{story} Do you know what {name} likes?",
            ),
            zh=("{story}{name}喜欢什么？", "{story}[那么|请问]{name}喜欢什么？", "{story}你知道{name}喜欢什么吗？"),
        ),
        Phrasings(
            en=(
                "{story} Who likes {value}?",
                "{story} So who likes {value}?",
                "{story} Do you know who likes {value}?",
            ),
            zh=("{story}谁喜欢{value}？", "{story}[那么|请问]谁喜欢{value}？", "{story}你知道谁喜欢{value}吗？"),
        ),
        {"en": "{name} likes {value}.", "zh": "{name}喜欢{value}。"},
    ),
)
_JOINED: dict[Lang, dict[int, tuple[str, ...]]] = {
    "en": {
        2: ("{} and {}.", "{}, and {}.", "{}. {}.", "{}, but {}.", "{}, {}."),
        3: ("{}, {} and {}.", "{}. {}. {}.", "{}, {}, {}."),
    },
    "zh": {2: ("{}，{}。", "{}。{}。", "{}，而{}。", "{}，{}，"), 3: ("{}，{}，{}。", "{}。{}。{}。")},
}


def draw(rng: Random, lang: Lang) -> Item:
    count = 3 if rng.random() < THREE_SHARE else 2
    names, held_out = draw_names(rng, lang, count)
    form = rng.choice(_FORMS)
    facts = rng.sample(form.facts[lang], count)
    while len({fact.value for fact in facts}) < count:  # home, and home
        facts = rng.sample(form.facts[lang], count)
    told = (form.told[lang].format(name=name, told=fact.told) for name, fact in zip(names, facts, strict=True))
    story = rng.choice(_JOINED[lang][count]).format(*told)
    asked = rng.randrange(count)
    name, value = names[asked], facts[asked].value
    ask = form.what if rng.random() < 0.55 else form.who
    answer = form.answer[lang].format(name=name, value=value)
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(ask.draw(rng, lang, story=story, name=name, value=value).text, answer),
        accept=(answer,),
        key=",".join(sorted(names)),
        held_out=held_out,
    )


skill = Skill(name=NAME, draw=draw, weight=2.0)
