"""A list backwards: words, spaced letters, spaced digits, the digits of a number; and a short word letter by letter.

Held out: the whole list; for the letters of a word (a closed list), the word in a phrasing not seen with it.
"""

from random import Random

from chatzero.curriculum.checkers import words_in
from chatzero.curriculum.item_lists import ListKind, draw_items, draw_separator
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.short_words import SHORT_WORDS
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "reverse_list"

_LIST = Phrasings(
    en=(
        "Reverse this list: {items}.",
        "Reverse: {items}",
        "Reverse {items}.",
        "Reverse the order of {items}.",
        "Reverse the order of these {things}: {items}.",
        "Say these {things} backwards: {items}.",
        "Say {items} backwards.",
        "Write these {things} in reverse order: {items}.",
        "Write {items} in reverse order.",
        "Turn this list around: {items}.",
        "What is {items} [backwards|in reverse|in reverse order]?",
        "Put these {things} in reverse order: {items}.",
        "List these {things} from last to first: {items}.",
        "[Can|Could] you reverse {items}?",
    ),
    zh=(
        "把{items}[倒过来|反过来]。",
        "把{items}倒过来[写|说|念]。",
        "把这些{things}[倒过来|反过来]：{items}。",
        "倒着[写|说|念]：{items}。",
        "倒着[写|说|念]这些{things}：{items}。",
        "把{items}的顺序[颠倒|反过来]。",
        "颠倒顺序：{items}。",
        "反过来排：{items}。",
        "{items}倒过来是什么？",
        "{items}反过来怎么[写|说|念]？",
        "从后往前[写|说|念]：{items}。",
        "把下面的{things}倒序排列：{items}。",
        "倒序写出{items}。",
    ),
)
_NUMBER = Phrasings(
    en=(
        "Reverse the number {n}.",
        "Reverse the digits of {n}.",
        "Write {n} backwards.",
        "What is {n} backwards?",
        "What is the number {n} [reversed|in reverse]?",
    ),
    zh=(
        "把数字{n}[倒过来|反过来]。",
        "把{n}的各位数字倒过来。",
        "{n}倒过来是[多少|什么]？",
        "把{n}倒着写。",
        "数字{n}反过来[怎么写|是多少]？",
    ),
)
_WORD = Phrasings(
    en=(
        "Reverse the word {word}.",
        "Spell {word} backwards.",
        "Write the word {word} backwards.",
        "How do you spell {word} backwards?",
        "What is the word {word} [backwards|in reverse]?",
        "Write the letters of {word} in reverse.",
    ),
    zh=(
        "把{word}[倒过来|反过来]念。",
        "{word}倒过来怎么[念|写]？",
        "把{word}的字倒着写。",
        "词语{word}反过来是什么？",
        "倒着念{word}。",
        "{word}反过来念是什么？",
    ),
)
# A word of five letters, spelt and then turned round, is more than is learnt in minutes.
_WORDS = {lang: tuple(word for word in words if len(word) <= 4) for lang, words in SHORT_WORDS.items()}
_THINGS: dict[Lang, dict[ListKind, str]] = {
    "en": {"words": "words", "letters": "letters", "digits": "digits"},
    "zh": {"words": "词", "letters": "字母", "digits": "数字"},
}


def _draw_list(rng: Random, lang: Lang) -> tuple[str, str, str]:
    """(question, answer, key)"""
    kind: ListKind = rng.choice(("words", "letters", "digits"))
    items, separator = draw_items(rng, lang, kind, 3, 5 if rng.random() < 0.1 else 4), draw_separator(rng, lang, kind)
    question, _ = _LIST.draw(rng, lang, items=separator.join(items), things=_THINGS[lang][kind])
    return question, separator.join(reversed(items)), " ".join(items)


def _draw_number(rng: Random, lang: Lang) -> tuple[str, str, str]:
    n = f"{rng.randrange(10, 10 ** rng.randint(2, 3))}{rng.randint(1, 9)}"  # three or four digits, the last no zero
    return _NUMBER.draw(rng, lang, n=n).text, n[::-1], n


def _draw_word(rng: Random, lang: Lang) -> tuple[str, str, str]:
    """The letters forwards first: backwards is then a list like any other."""
    word = rng.choice(_WORDS[lang])
    question, phrasing = _WORD.draw(rng, lang, word=word if lang == "en" else f"“{word}”")
    answer = f"{'-'.join(word)}, backwards {'-'.join(reversed(word))}" if lang == "en" else word[::-1]
    return question, answer, f"{word}: {phrasing}"


def draw(rng: Random, lang: Lang) -> Item:
    kind = rng.random()
    question, answer, key = (_draw_list if kind < 0.7 else _draw_number if kind < 0.85 else _draw_word)(rng, lang)
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=(answer.rpartition("backwards ")[2],),
        key=key,
        held_out=unseen(NAME, key),
    )


def check(answer: str, item: Item) -> bool:
    """Does the answer end in the whole list backwards, with nothing between its items?"""
    wanted = words_in(item.accept[0])
    said = words_in(answer.rpartition("backwards")[2])
    return said == wanted


skill = Skill(name=NAME, draw=draw, check=check, weight=3.8)
