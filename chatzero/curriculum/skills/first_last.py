"""The first or last item of a list, digit of a number, letter of a word, character of a Chinese word.

Held out: the whole list or number; for the letters of a word (a closed list), the word in a phrasing not seen with it.
"""

from random import Random

from chatzero.curriculum.checkers import ends_in_word
from chatzero.curriculum.item_lists import ListKind, draw_items, draw_separator
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
_PLACES = {"first": 0, "last": -1}
_WHICH: dict[Lang, dict[str, str]] = {
    "en": {place: place for place in _PLACES},
    "zh": {"first": "第一个", "last": "最后一个"},
}
_THING: dict[Lang, dict[ListKind, str]] = {
    "en": {"words": "word", "letters": "letter", "digits": "digit"},
    "zh": {"words": "词", "letters": "字母", "digits": "数字"},
}


def _draw_list(rng: Random, lang: Lang, place: str) -> tuple[str, str, str, str]:
    """(question, answer, the item wanted, key)"""
    kind: ListKind = rng.choice(("words", "letters", "digits"))
    items, which, thing = draw_items(rng, lang, kind, 3, 4), _WHICH[lang][place], _THING[lang][kind]
    written = draw_separator(rng, lang, kind).join(items)
    question, _ = _LIST.draw(rng, lang, which=which, thing=thing, items=written)
    return question, _say(which, thing, items[_PLACES[place]], lang), items[_PLACES[place]], " ".join(items)


def _draw_number(rng: Random, lang: Lang, place: str) -> tuple[str, str, str, str]:
    number, which, thing = str(rng.randrange(10, 10 ** rng.randint(3, 4))), _WHICH[lang][place], _THING[lang]["digits"]
    kind = "number" if lang == "en" else "数"
    question, _ = _INSIDE.draw(rng, lang, which=which, thing=thing, kind=kind, whole=number)
    return question, _say(which, thing, number[_PLACES[place]], lang), number[_PLACES[place]], number


def _draw_word(rng: Random, lang: Lang, place: str) -> tuple[str, str, str, str]:
    """The answer spells the word first: then there is a letter to point at."""
    chinese = lang == "zh" and rng.random() < 0.7  # the others are asked about English words in Chinese
    word, which = rng.choice(SHORT_WORDS["zh" if chinese else "en"]), _WHICH[lang][place]
    thing = "字" if chinese else _THING[lang]["letters"]
    kind = {"en": "word", "zh": "词语" if chinese else "单词"}[lang]
    whole = f"“{word}”" if chinese else word
    question, phrasing = _INSIDE.draw(rng, lang, which=which, thing=thing, kind=kind, whole=whole)
    said = _say(which, thing, word[_PLACES[place]], lang)
    answer = f"{'-'.join(word)}, so t{said[1:]}" if lang == "en" else f"{('、' if chinese else '-').join(word)}，{said}"
    return question, answer, word[_PLACES[place]], f"{place} of {word}: {phrasing}"


def _say(which: str, thing: str, wanted: str, lang: Lang) -> str:
    return f"The {which} {thing} is {wanted}." if lang == "en" else f"{which}{thing}是{wanted}。"


def draw(rng: Random, lang: Lang) -> Item:
    place, kind = rng.choice(("first", "last")), rng.random()
    draw_kind = _draw_list if kind < 0.6 else _draw_number if kind < 0.75 else _draw_word
    question, answer, wanted, key = draw_kind(rng, lang, place)
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=(wanted,),
        key=key,
        held_out=unseen(NAME, key),
    )


skill = Skill(name=NAME, draw=draw, check=ends_in_word, weight=1.1)
