"""The first, second or last item of a list, digit of a number, letter of a word, character of a Chinese word.

Held out: the whole list or number; for the letters of a word (a closed list), the word in a phrasing not seen with it.
"""

from random import Random

from chatzero.curriculum.checkers import ends_in_word
from chatzero.curriculum.item_lists import ListKind, draw_items, write_items
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.short_words import SHORT_WORDS
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "first_last"

_LIST = Phrasings(
    en=(
        "What is the {which} {thing} [in|of] this list: {items}?",
        "What is the {which} {thing}: {items}?",
        "What is the {which} {thing} in {items}?",
        "Which {thing} is {which}: {items}?",
        "Which {thing} comes {which} in {items}?",
        "Tell me the {which} {thing}: {items}.",
        "Give me the {which} {thing} of {items}.",
        "Find the {which} {thing}: {items}.",
        "{items}. What is the {which} {thing}?",
        "{items}: which {thing} is {which}?",
        "The {which} {thing} of {items}",
    ),
    zh=(
        "{items}，{which}{thing}是什么？",
        "{items}中{which}{thing}是什么？",
        "{items}里面，{which}{thing}是哪个？",
        "{which}{thing}是什么：{items}？",
        "下面{which}{thing}是什么：{items}？",
        "说出{which}{thing}：{items}。",
        "找出{which}{thing}：{items}。",
        "在{items}中，{which}{thing}是哪个？",
        "{items}，哪个是{which}{thing}？",
        "这一串的{which}{thing}是什么：{items}？",
    ),
)
_INSIDE = Phrasings(
    en=(
        "What is the {which} {thing} of {whole}?",
        "What is the {which} {thing} in {whole}?",
        "What's the {which} {thing} of the {kind} {whole}?",
        "Which {thing} is {which} in {whole}?",
        "Which {thing} comes {which} in the {kind} {whole}?",
        "Tell me the {which} {thing} of {whole}.",
        "Give me the {which} {thing} of the {kind} {whole}.",
        "The {which} {thing} of {whole}",
        "Find the {which} {thing} in {whole}.",
        "{whole}: what is the {which} {thing}?",
    ),
    zh=(
        "{whole}的{which}{thing}是什么？",
        "{whole}{which}{thing}是什么？",
        "{kind}{whole}的{which}{thing}是什么？",
        "{kind}{whole}里{which}{thing}是哪个？",
        "{whole}中，{which}{thing}是什么？",
        "说出{whole}的{which}{thing}。",
        "{whole}里，哪个是{which}{thing}？",
        "找出{whole}的{which}{thing}。",
        "{whole}这个{kind}的{which}{thing}是什么？",
        "说一下{whole}的{which}{thing}。",
    ),
)
_PLACES = {"first": 0, "second": 1, "last": -1}
_WHICH: dict[Lang, dict[str, str]] = {
    "en": {place: place for place in _PLACES},
    "zh": {"first": "第一个", "second": "第二个", "last": "最后一个"},
}
_THING: dict[Lang, dict[ListKind, str]] = {
    "en": {"words": "word", "letters": "letter", "digits": "digit"},
    "zh": {"words": "词", "letters": "字母", "digits": "数字"},
}


def draw(rng: Random, lang: Lang) -> Item:
    place = rng.choice(("first", "second", "last", "last"))
    which = _WHICH[lang][place]
    kind: ListKind = rng.choice(("words", "letters", "digits"))
    thing = _THING[lang][kind]
    items: list[str] | str
    source = rng.random()
    if source < 0.55:
        items = draw_items(rng, lang, kind, 3, 5)
        question, _ = _LIST.draw(rng, lang, which=which, thing=thing, items=write_items(rng, lang, kind, items))
        key = " ".join(items)
    elif source < 0.7:
        items = str(rng.randrange(10, 10 ** rng.randint(3, 5)))
        thing, whole_kind = _THING[lang]["digits"], "number" if lang == "en" else "数"
        question, _ = _INSIDE.draw(rng, lang, which=which, thing=thing, kind=whole_kind, whole=items)
        key = items
    else:
        chinese = lang == "zh" and rng.random() < 0.7  # the others are asked about English words in Chinese
        items = rng.choice(SHORT_WORDS["zh" if chinese else "en"])
        thing, whole = ("字", f"“{items}”") if chinese else (_THING[lang]["letters"], items)
        whole_kind = {"en": "word", "zh": "词语" if chinese else "单词"}[lang]
        question, phrasing = _INSIDE.draw(rng, lang, which=which, thing=thing, kind=whole_kind, whole=whole)
        key = f"{place} of {items}: {phrasing}"
    wanted = items[_PLACES[place]]
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(
            question, f"The {which} {thing} is {wanted}." if lang == "en" else f"{which}{thing}是{wanted}。"
        ),
        accept=(wanted,),
        key=key,
        held_out=unseen(NAME, key),
    )


skill = Skill(name=NAME, draw=draw, check=ends_in_word, weight=1.5)
