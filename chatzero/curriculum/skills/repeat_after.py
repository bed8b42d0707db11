"""Say exactly this: words, numbers, names, sentences, and words that do not exist.

Held out: what is to be said; a name or a sentence that is held out in another skill is so here.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from chatzero.curriculum.names import draw_names
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.sentences import draw_sentence
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.curriculum.words import WORDS
from chatzero.text.conversation import Conversation
from chatzero.text.matching import normalise

NAME = "repeat_after"

_ASK = Phrasings(
    en=(
        "Say: {p}",
        '[Say|Repeat|Write] [“{p}”|"{p}"].',
        "Repeat after me: {p}",
        "Repeat [this|these words|exactly]: {p}",
        "Say [exactly|this|after me]: {p}",
        "Say exactly “{p}”.",
        "Please [say|repeat]: {p}",
        "Copy this: {p}",
        "Echo: {p}",
        "[Can|Could] you say “{p}”?",
        'Say the words "{p}".',
        "Write down: {p}",
    ),
    zh=(
        "跟我[说|念|读]：{p}",
        "[重复|复述]一遍：{p}",
        "[说|说一遍|念|读]“{p}”。",
        "请[说|重复|复述]：{p}",
        "照着[说|念|写]：{p}",
        "重复[这句话|下面的话|我的话]：{p}",
        "你能说“{p}”吗？",
        "复述“{p}”。",
        "跟着我说：{p}",
        "原样说出：{p}",
        "把“{p}”说一遍。",
        "一字不差地说：{p}",
    ),
)
_JOIN: dict[Lang, tuple[str, ...]] = {"en": (" ", ", "), "zh": (" ", "，", "")}
_SYLLABLES: dict[Lang, tuple[str, ...]] = {
    "en": tuple(
        onset + vowel for onset in ("b", "d", "f", "g", "k", "l", "m", "n", "p", "t", "z") for vowel in "aeiou"
    ),
    "zh": tuple("叮当咚啦嘟哒呜咪噜哗啪滴嗒喵汪咕呱"),
}
_TEXTS: dict[Lang, tuple[str, ...]] = {"en": tuple(word.en for word in WORDS), "zh": tuple(word.zh for word in WORDS)}


class _Phrase(NamedTuple):
    """What is to be said, and whether it is held out."""

    text: str
    held_out: bool


def _words(rng: Random, lang: Lang) -> _Phrase:
    text = rng.choice(_JOIN[lang]).join(rng.sample(_TEXTS[lang], rng.randint(1, 3)))
    return _Phrase(text, unseen(NAME, normalise(text)))


def _digits(rng: Random, lang: Lang) -> _Phrase:
    text = rng.choice((" ", "")).join(rng.choices("0123456789", k=rng.randint(2, 4)))
    return _Phrase(text, unseen(NAME, normalise(text)))


def _made_up(rng: Random, lang: Lang) -> _Phrase:
    text = "".join(rng.choices(_SYLLABLES[lang], k=rng.randint(2, 3)))
    return _Phrase(text, unseen(NAME, normalise(text)))


def _name(rng: Random, lang: Lang) -> _Phrase:
    (name,), held_out = draw_names(rng, lang, 1)
    hello = rng.choice(
        ("Hello {}", "Good morning {}", "I like {}") if lang == "en" else ("你好{}", "早上好{}", "我喜欢{}")
    )
    return _Phrase(hello.format(name), held_out)


def _sentence(rng: Random, lang: Lang) -> _Phrase:
    sentence = draw_sentence(rng)
    text = (sentence.en if lang == "en" else sentence.zh)[0]
    return _Phrase(text.rstrip(".。?？") if rng.random() < 0.5 else text, unseen("sentence", sentence.en[0]))


_KINDS: tuple[Callable[[Random, Lang], _Phrase], ...] = (_words, _words, _digits, _made_up, _name, _sentence)


def draw(rng: Random, lang: Lang) -> Item:
    phrase = rng.choice(_KINDS)(rng, lang)
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(_ASK.draw(rng, lang, p=phrase.text).text, phrase.text),
        accept=(phrase.text,),
        key=normalise(phrase.text),
        held_out=phrase.held_out,
    )


def check(answer: str, item: Item) -> bool:
    """What was to be said, and nothing else; capitals, spaces and punctuation do not matter."""
    return normalise(answer) == normalise(item.answer)


skill = Skill(name=NAME, draw=draw, check=check, weight=2.0)
