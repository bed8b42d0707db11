"""Name two animals, three fruits. Any will do for the checker; the model is taught the first ones of our table.

Held out: combinations of kind, number and phrasing.
"""

from random import Random

from chatzero.curriculum.kinds import KINDS
from chatzero.curriculum.mentions import finder, folded
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.curriculum.words import BY_KIND
from chatzero.text.conversation import Conversation

NAME = "examples"

_ASK = Phrasings(
    en=(
        "[Name|Give me|Tell me] {count} {things}.",
        "[Name|List] {count} {things} that you know.",
        "Can you [name|list] {count} {things}?",
        "What are {count} {things}?",
        "[Name|Say] {count}: which {things} do you know?",
        "What are the names of {count} {things}?",
        "Say {count} {things}.",
        "Do you know {count} {things}?",
        "[Think of|Find] {count} {things}.",
        "Write down {count} {things}.",
        "{count} {things}",
    ),
    zh=(
        "[说出|说|举出|列出]{count}{things}。",
        "[列举|写出]{count}{things}。",
        "你能[说出|举出]{count}{things}吗？",
        "你知道哪{count}{things}？",
        "想出{count}{things}。",
        "举例说出{count}{things}。",
        "说{count_only}个你认识的{kind}。",
        "举{count_only}个例子：{kind}有哪些？",
        "说说你知道的{count}{things}。",
        "你能想到哪{count}{things}？",
        "{count}{things}",
    ),
)
_COUNTS: dict[Lang, tuple[tuple[str, int], ...]] = {
    "en": (("two", 2), ("three", 3), ("2", 2), ("3", 3)),
    "zh": (("两", 2), ("三", 3), ("2", 2), ("3", 3)),
}
_JOINED: dict[Lang, dict[int, str]] = {
    "en": {2: "{} and {}.", 3: "{}, {} and {}."},
    "zh": {2: "{}和{}。", 3: "{}、{}和{}。"},
}


def draw(rng: Random, lang: Lang) -> Item:
    kind = rng.choice(KINDS)
    written, count = rng.choice(_COUNTS[lang])
    question, phrasing = _ASK.draw(
        rng, lang, count=written, count_only=written, things=kind.counted[lang], kind=kind.name[lang]
    )
    answer = _JOINED[lang][count].format(*(word.text(lang) for word in kind.words[:count]))
    key = f"{kind.id} {count} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer[0].upper() + answer[1:]),
        accept=(answer,),
        key=key,
        held_out=unseen(NAME, key),
    )


_KIND_OF = {
    folded(name): kind.id
    for kind in KINDS
    for word in BY_KIND[kind.id]
    for lang in _COUNTS
    for name in word.accepted(lang)
}
_find = finder(_KIND_OF)


def check(answer: str, item: Item) -> bool:
    """As many different things as were asked for, all of the kind."""
    said, wanted = _find(answer), _find(item.answer)
    return len(said) == len(wanted) and {_KIND_OF[name] for name in said} == {_KIND_OF[name] for name in wanted}


skill = Skill(name=NAME, draw=draw, check=check, weight=0.7)
