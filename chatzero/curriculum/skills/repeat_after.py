"""Say exactly this: a few words, so many things, a sentence, or a greeting to somebody.

Held out: what is to be said; a name or a sentence that is held out in another skill is so here.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from chatzero.curriculum.names import draw_names
from chatzero.curriculum.personal_facts import VALUES
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
_JOIN: dict[Lang, tuple[str, ...]] = {"en": (" ", ", ", " and "), "zh": (" ", "，", "和")}
_COUNTABLE = tuple(word for word in WORDS if word.countable)
_TEXTS: dict[Lang, tuple[str, ...]] = {
    "en": tuple(dict.fromkeys((*(word.en for word in WORDS), *VALUES["en"]))),
    "zh": tuple(dict.fromkeys((*(word.zh for word in WORDS), *VALUES["zh"]))),
}
_TO_SOMEBODY: dict[Lang, tuple[str, ...]] = {
    "en": (
        "{}",
        "{} and {}",
        "Hello {}",
        "Good morning {}",
        "Good night, {}",
        "I like {}",
        "My name is {}",
        "Thank you, {}",
        "Where is {}?",
        "{} is my friend",
        "{} is at home",
        "See you tomorrow, {}",
        "Happy birthday, {}",
        "{} and {} are friends",
    ),
    "zh": (
        "{}",
        "{}和{}",
        "你好，{}",
        "早上好，{}",
        "晚安，{}",
        "我喜欢{}",
        "我叫{}",
        "谢谢你，{}",
        "{}在哪里？",
        "{}是我的朋友",
        "{}在家里",
        "明天见，{}",
        "{}，生日快乐",
        "{}和{}是朋友",
    ),
}


class _Phrase(NamedTuple):
    """What is to be said, and whether it is held out."""

    text: str
    held_out: bool


def _words(rng: Random, lang: Lang) -> _Phrase:
    text = rng.choice(_JOIN[lang]).join(rng.sample(_TEXTS[lang], rng.randint(1, 3)))
    return _Phrase(text, unseen(NAME, normalise(text)))


def _counted(rng: Random, lang: Lang) -> _Phrase:
    number, word = rng.randint(2, 20), rng.choice(_COUNTABLE)
    text = f"{number} {word.form}" if lang == "en" else f"{number}{word.measure}{word.zh}"
    return _Phrase(text, unseen(NAME, normalise(text)))


def _to_somebody(rng: Random, lang: Lang) -> _Phrase:
    said = rng.choice(_TO_SOMEBODY[lang])
    names, held_out = draw_names(rng, lang, said.count("{}"))
    return _Phrase(said.format(*names), held_out)


def _sentence(rng: Random, lang: Lang) -> _Phrase:
    sentence = draw_sentence(rng)
    text = (sentence.en if lang == "en" else sentence.zh)[0]
    return _Phrase(text.rstrip(".。?？") if rng.random() < 0.5 else text, unseen("sentence", sentence.en[0]))


_KINDS: tuple[Callable[[Random, Lang], _Phrase], ...] = (
    _words,
    _words,
    _counted,
    _to_somebody,
    _to_somebody,
    _sentence,
    _sentence,
)


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


skill = Skill(name=NAME, draw=draw, check=check, weight=4.5)
