"""How many? Items of a list, letters of a word, characters of a Chinese word. The answer counts aloud, then says it.

Held out: the whole list; for the letters of a word (a closed list), the word in a phrasing not seen with it.
"""

from random import Random

from chatzero.curriculum.checkers import ends_in_number
from chatzero.curriculum.item_lists import ListKind, draw_items, draw_separator
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.short_words import SPELLING_WORDS
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "count_items"

_LIST = Phrasings(
    en=(
        "How many {things} are [in this list|in the list|here|there]: {items}?",
        "How many {things} are there in: {items}?",
        "How many {things}: {items}?",
        "Count the {things}: {items}.",
        "Count the {things} in this list: {items}.",
        "Count how many {things} there are: {items}.",
        "{items}. How many {things} [is that|are there|did I write]?",
        "Here is a list: {items}. How many {things} does it have?",
        "I wrote {items}. How many {things} are these?",
        "What is the number of {things} in this list: {items}?",
        "{items}: how many {things}?",
    ),
    zh=(
        "{items}，一共有[几|多少]个{things}？",
        "{items}，这里有[几|多少]个{things}？",
        "下面有[几|多少]个{things}：{items}？",
        "数一数有[几|多少]个{things}：{items}。",
        "数数看有[几|多少]个{things}：{items}。",
        "[几|多少]个{things}：{items}？",
        "这里一共有[几|多少]个{things}：{items}？",
        "我写了{items}，有[几|多少]个{things}？",
        "这一串里有[几|多少]个{things}：{items}？",
        "列表里有[几|多少]个{things}：{items}？",
        "{items}是[几|多少]个{things}？",
    ),
)
_WORD = Phrasings(
    en=(
        "How many letters are [there in|in] {word}?",
        "How many letters does {word} have?",
        "How many letters are in the word {word}?",
        "Count the letters in {word}.",
        "Count the letters of the word {word}.",
        "What is the number of letters in {word}?",
        "{word}: how many letters?",
        "How long is the word {word}?",
    ),
    zh=(
        "{word}有[几|多少]个{units}？",
        "{word}一共有[几|多少]个{units}？",
        "{word}是[几|多少]个{units}？",
        "{word}这个词有[几|多少]个{units}？",
        "数一数{word}有几个{units}。",
        "{word}里有[几|多少]个{units}？",
        "词语{word}有[几|多少]个{units}？",
        "{word}由[几|多少]个{units}组成？",
    ),
)
_THINGS: dict[Lang, dict[ListKind, tuple[str, ...]]] = {
    "en": {"words": ("words", "items", "things"), "letters": ("letters", "letters", "items")},
    "zh": {"words": ("词", "词语"), "letters": ("字母",)},
}


def _draw_list(rng: Random, lang: Lang) -> tuple[str, str, int, str]:
    """(question, the items counted aloud, how many, key)"""
    kind: ListKind = "words" if rng.random() < 0.7 else "letters"
    items, separator = draw_items(rng, lang, kind, 2, 5), draw_separator(rng, lang, kind)
    question, _ = _LIST.draw(rng, lang, things=rng.choice(_THINGS[lang][kind]), items=separator.join(items))
    space = " " if lang == "en" else ""
    counted = separator.join(f"{i}{space}{item}" for i, item in enumerate(items, 1))
    return question, counted, len(items), " ".join(items)


def _draw_word(rng: Random, lang: Lang) -> tuple[str, str, int, str]:
    """The same for a word: its letters as in spelling."""
    chinese = lang == "zh" and rng.random() < 0.7  # the others are asked about English words in Chinese
    word = rng.choice(SPELLING_WORDS["zh" if chinese else "en"])
    question, phrasing = _WORD.draw(rng, lang, word=f"“{word}”" if chinese else word, units="字" if chinese else "字母")
    return question, ("、" if chinese else "-").join(word), len(word), f"{word}: {phrasing}"


def draw(rng: Random, lang: Lang) -> Item:
    question, counted, number, key = (_draw_list if rng.random() < 0.7 else _draw_word)(rng, lang)
    answer = f"{counted}, so {number}." if lang == "en" else f"{counted}，一共{number}个。"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=(str(number),),
        key=key,
        held_out=unseen(NAME, key),
    )


skill = Skill(name=NAME, draw=draw, check=ends_in_number, weight=1.8)
