"""Questions of yes or no that follow from what they tell: who is taller, who likes what, who is what.

Half of the answers are yes, and no single word gives the answer away. An answer first names what is asked about: the
verdict then hangs on the word that stands before it where it was told ("but not dogs ... As for dogs: no"), which a
small model finds; a bare yes or no it can only guess for a long time. Held out: people's names, drawn as in `names`.
"""

from collections.abc import Sequence
from random import Random

from chatzero.curriculum.checkers import says_alike
from chatzero.curriculum.names import draw_names
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill
from chatzero.curriculum.words import BY_KIND, Word
from chatzero.text.conversation import Conversation

NAME = "told_yes_no"

_ONE_STEP = Phrasings(
    en=(
        "{a} is {more} than {b}. [Is|So is] {x} {more} than {y}?",
        "{a} is {more} than {b}. Is it true that {x} is {more} than {y}?",
        "If {a} is {more} than {b}, is {x} {more} than {y}?",
        "{a} is {more} than {b}, is {x} {more} than {y}?",
    ),
    zh=(
        "{a}比{b}{more}。[{x}|那么{x}]比{y}{more}吗？",
        "{a}比{b}{more}，[{x}|那么{x}]比{y}{more}吗？",
        "{a}比{b}{more}，{x}比{y}{more}，对吗？",
        "如果{a}比{b}{more}，{x}比{y}{more}吗？",
    ),
)
_TWO_STEPS = Phrasings(
    en=(
        "{a} is {more} than {b}. {b} is {more} than {c}. [Is|So is] {x} {more} than {y}?",
        "{a} is {more} than {b} and {b} is {more} than {c}. [Is|So is] {x} {more} than {y}?",
        "If {a} is {more} than {b} and {b} is {more} than {c}, is {x} {more} than {y}?",
        "{b} is {more} than {c}. {a} is {more} than {b}. [Is|So is] {x} {more} than {y}?",
    ),
    zh=(
        "{a}比{b}{more}，{b}比{c}{more}，[{x}|那么{x}]比{y}{more}吗？",
        "{a}比{b}{more}。{b}比{c}{more}。[{x}|那么{x}]比{y}{more}吗？",
        "如果{a}比{b}{more}，{b}比{c}{more}，那么{x}比{y}{more}吗？",
        "{b}比{c}{more}，{a}比{b}{more}。[{x}|那么{x}]比{y}{more}吗？",
    ),
)
_MORE: dict[Lang, tuple[str, ...]] = {
    "en": ("taller", "older", "faster", "stronger", "heavier", "richer", "shorter", "younger", "slower", "smarter"),
    "zh": ("高", "大", "跑得快", "强壮", "重", "富有", "矮", "年轻", "慢", "聪明"),
}
_MORE_ANSWER: dict[Lang, dict[bool, str]] = {
    "en": {True: "As for {x}: yes, {x} is {more}.", False: "As for {x}: no, {y} is {more}."},
    "zh": {True: "{x}：是的，{x}更{more}。", False: "{x}：不，{y}更{more}。"},
}

_LIKES = Phrasings(
    en=(
        "{name} likes {one} but not {two}. [Does|So does] {name} like {asked}?",
        "{name} likes {one}, not {two}. Does {name} like {asked}?",
        "If {name} likes {one} but not {two}, does {name} like {asked}?",
        "{name} does not like {two} but likes {one}. [Does|So does] {name} like {asked}?",
    ),
    zh=(
        "{name}喜欢{one}，不喜欢{two}。[{name}|那么{name}]喜欢{asked}吗？",
        "{name}喜欢{one}，但是不喜欢{two}。[{name}|那么{name}]喜欢{asked}吗？",
        "如果{name}喜欢{one}，不喜欢{two}，{name}喜欢{asked}吗？",
        "{name}不喜欢{two}，喜欢{one}。[{name}|那么{name}]喜欢{asked}吗？",
    ),
)
_HAS = Phrasings(
    en=(
        "{name} has {one} but not {two}. [Does|So does] {name} have {asked}?",
        "{name} has {one}, not {two}. Does {name} have {asked}?",
        "If {name} has {one} but not {two}, does {name} have {asked}?",
        "{name} does not have {two} but has {one}. [Does|So does] {name} have {asked}?",
    ),
    zh=(
        "{name}有{one}，没有{two}。[{name}|那么{name}]有{asked}吗？",
        "{name}有{one}，但是没有{two}。[{name}|那么{name}]有{asked}吗？",
        "如果{name}有{one}，没有{two}，{name}有{asked}吗？",
        "{name}没有{two}，有{one}。[{name}|那么{name}]有{asked}吗？",
    ),
)
_IS = Phrasings(
    en=(
        "{name} is {one}, not {two}. [Is|So is] {name} {asked}?",
        "{name} is {one} and not {two}. [Is|So is] {name} {asked}?",
        "If {name} is {one} and not {two}, is {name} {asked}?",
        "{name} is not {two} but {one}. [Is|So is] {name} {asked}?",
    ),
    zh=(
        "{name}是{one}，不是{two}。[{name}|那么{name}]是{asked}吗？",
        "{name}是{one}，并不是{two}。[{name}|那么{name}]是{asked}吗？",
        "如果{name}是{one}，不是{two}，{name}是{asked}吗？",
        "{name}不是{two}，是{one}。[{name}|那么{name}]是{asked}吗？",
    ),
)
_ANSWER: dict[Lang, dict[bool, str]] = {
    "en": {True: "As for {asked}: yes.", False: "As for {asked}: no."},
    "zh": {True: "{asked}：是的。", False: "{asked}：不是。"},
}
_LIKES_ANSWER: dict[Lang, dict[bool, str]] = {
    **_ANSWER,
    "zh": {True: "{asked}：是的，喜欢。", False: "{asked}：不，不喜欢。"},
}
_HAS_ANSWER: dict[Lang, dict[bool, str]] = {
    **_ANSWER,
    "zh": {True: "{asked}：是的，有。", False: "{asked}：不，没有。"},
}


def _of_kinds(*kinds: str) -> tuple[Word, ...]:
    return tuple(word for kind in kinds for word in BY_KIND[kind])


_LIKED = _of_kinds("animal", "fruit", "drink", "sport")
_OWNED = _of_kinds("animal", "clothing", "fruit")
_JOBS = tuple(word for word in BY_KIND["person"] if word.en not in ("mother", "father", "child", "friend"))


def _more(rng: Random, lang: Lang, names: tuple[str, ...], true: bool) -> tuple[str, str]:
    """Two are compared, or three in a chain; then the first and the last of them are asked about."""
    a, b, c = names
    more = rng.choice(_MORE[lang])
    ask, pair = (_ONE_STEP, (a, b)) if rng.random() < 0.6 else (_TWO_STEPS, (a, c))
    x, y = pair if true else pair[::-1]
    text = ask.draw(rng, lang, a=a, b=b, c=c, x=x, y=y, more=more).text
    return text, _MORE_ANSWER[lang][true].format(x=x, y=y, more=more)


def _told(
    rng: Random, lang: Lang, name: str, true: bool, ask: Phrasings, words: Sequence[str], answer: dict[bool, str]
) -> tuple[str, str]:
    """One thing is so, another is not."""
    one, two = rng.sample(words, 2)
    asked = one if true else two
    text = ask.draw(rng, lang, name=name, one=one, two=two, asked=asked).text
    return text, answer[true].format(asked=asked)


def draw(rng: Random, lang: Lang) -> Item:
    form = rng.choice(("more", "more", "likes", "has", "is"))
    names, held_out = draw_names(rng, lang, 3 if form == "more" else 1)
    true = rng.random() < 0.5
    if form == "more":
        question, answer = _more(rng, lang, names, true)
    elif form == "likes":
        words = [(word.form or word.en) if lang == "en" else word.zh for word in _LIKED]
        question, answer = _told(rng, lang, names[0], true, _LIKES, words, _LIKES_ANSWER[lang])
    else:
        chosen, ask, answers = (_OWNED, _HAS, _HAS_ANSWER) if form == "has" else (_JOBS, _IS, _ANSWER)
        words = [word.with_article if lang == "en" else word.zh for word in chosen]
        question, answer = _told(rng, lang, names[0], true, ask, words, answers[lang])
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=(answer,),
        key=",".join(sorted(names)),
        held_out=held_out,
    )


skill = Skill(name=NAME, draw=draw, check=says_alike, weight=3.0)
