"""What kind of thing is it? Asked openly, as a choice of two kinds, or whether it is of this kind.

The answer is always the kind it is of: with it the question is answered, however it was put.

Held out: combinations of word and phrasing; each word is taught in other phrasings.
"""

from random import Random

from chatzero.curriculum.kinds import KINDS, apart
from chatzero.curriculum.mentions import finder, folded
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "categories"

_OPEN = Phrasings(
    en=(
        "What kind of thing is {thing}?",
        "What [sort|type] of thing is {thing}?",
        "Which [category|group] does {thing} belong to?",
        "{thing} is what kind of thing?",
        "What is {thing}?",
        "To which [group|category] does {thing} belong?",
        "Name the category of {thing}.",
    ),
    zh=(
        "{thing}是什么？",
        "{thing}属于什么[类|类别|种类]？",
        "{thing}是[哪一类|什么类型的|哪类]东西？",
        "{thing}是什么东西？",
        "{thing}属于哪[一类|类]？",
        "说说{thing}属于哪一类。",
        "{thing}算什么？",
    ),
)
_EITHER = Phrasings(
    en=(
        "Is {thing} {one} or {two}?",
        "What is {thing}, {one} or {two}?",
        "{thing}: {one} or {two}?",
        "Would you call {thing} {one} or {two}?",
        "{thing} is {one} or {two}?",
        "Does {thing} count as {one} or {two}?",
        "Tell me if {thing} is {one} or {two}.",
    ),
    zh=(
        "{thing}是{one}还是{two}？",
        "{thing}属于{one}还是{two}？",
        "{thing}算{one}还是{two}？",
        "{thing}究竟是{one}还是{two}？",
        "{one}还是{two}：{thing}是哪种？",
        "说说{thing}是{one}还是{two}。",
        "{thing}到底是{one}还是{two}？",
    ),
)
_WHETHER = Phrasings(
    en=(
        "Is {thing} {one}?",
        "Is it true that {thing} is {one}?",
        "{thing} is {one}, right?",
        "Would you call {thing} {one}?",
        "Does {thing} count as {one}?",
    ),
    zh=(
        "{thing}是{one}吗？",
        "{thing}属于{one}吗？",
        "{thing}是不是{one}？",
        "{thing}是{one}，对吗？",
        "{thing}算{one}吗？",
    ),
)
_ANSWER: dict[Lang, str] = {"en": "It is {kind}.", "zh": "它是{kind}。"}


def draw(rng: Random, lang: Lang) -> Item:
    kind = rng.choice(KINDS)
    word = rng.choice(kind.words)
    other = rng.choice(apart(kind))
    thing = word.with_article if lang == "en" else word.zh
    name, how = kind.name[lang], rng.random()
    answer, accept = _ANSWER[lang].format(kind=name), (name, *kind.also)
    if how < 0.4:
        question, phrasing = _OPEN.draw(rng, lang, thing=thing)
    elif how < 0.75:
        one, two = rng.sample((name, other.name[lang]), 2)
        question, phrasing = _EITHER.draw(rng, lang, thing=thing, one=one, two=two)
    else:
        true = rng.random() < 0.5
        question, phrasing = _WHETHER.draw(rng, lang, thing=thing, one=name if true else other.name[lang])
    form = "open" if how < 0.4 else "either" if how < 0.75 else "whether"
    key = f"{word.en} {form} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=accept,
        key=key,
        held_out=unseen(NAME, key),
    )


_KIND_OF = {folded(name): kind.id for kind in KINDS for name in (*kind.name.values(), *kind.also)}
_find = finder(_KIND_OF)


def _kinds_in(text: str) -> set[str]:
    return {_KIND_OF[name] for name in _find(text)}


def check(answer: str, item: Item) -> bool:
    """The true kind and no other."""
    return _kinds_in(answer) == _kinds_in(item.answer)


skill = Skill(name=NAME, draw=draw, check=check, weight=1.2)
