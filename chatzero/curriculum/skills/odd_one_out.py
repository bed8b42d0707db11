"""Three to five things of which one is of another kind: which one?

Held out: sets of things. The answer names the kind of the others first, for that is how one finds out.
"""

from random import Random

from chatzero.curriculum.kinds import KINDS, apart
from chatzero.curriculum.mentions import mentions_only
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "odd_one_out"

_ASK = Phrasings(
    en=(
        "Which [one|word] does not belong: {list}?",
        "Which is the odd one out: {list}?",
        "Find the odd one out: {list}.",
        "{list}: which is the odd one out?",
        "Which one is different: {list}?",
        "What does not fit: {list}?",
        "Which of these is not like the others: {list}?",
        "{list}. Which one does not belong?",
        "One of these does not fit: {list}. Which?",
        "Pick the odd one out: {list}.",
        "odd one out: {list}",
        "Among {list}, which one is of another kind?",
    ),
    zh=(
        "哪一个不是同类：{list}？",
        "{list}，哪个和其他的不一样？",
        "{list}，哪一个不同类？",
        "下面哪个不属于同一类：{list}？",
        "找出不同类的词：{list}。",
        "{list}里哪个与众不同？",
        "{list}中，哪一个不是一类？",
        "哪个词和其他词不是一类：{list}？",
        "[选出|挑出]不同类的一个：{list}",
        "这几个词里哪个不合群：{list}？",
        "不同类的是哪个：{list}？",
        "{list}，谁和别的不一样？",
    ),
)
_ANSWER: dict[Lang, str] = {"en": "All are {kind} except {odd}.", "zh": "其他都是{kind}，{odd}不是。"}
_SEPARATORS: dict[Lang, tuple[str, ...]] = {"en": (", ", ", ", " "), "zh": ("、", "、", "，", " ")}


def draw(rng: Random, lang: Lang) -> Item:
    kind = rng.choice(KINDS)
    odd = rng.choice(rng.choice(apart(kind)).words)
    words = [odd, *rng.sample(kind.words, rng.choice((2, 3, 3, 3, 4)))]
    rng.shuffle(words)
    separator = rng.choice(_SEPARATORS[lang])
    question, _ = _ASK.draw(rng, lang, list=separator.join(word.text(lang) for word in words))
    key = ",".join(sorted(word.en for word in words))
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, _ANSWER[lang].format(kind=kind.plural[lang], odd=odd.text(lang))),
        accept=(odd.text(lang),),
        key=key,
        held_out=unseen(NAME, key),
    )


check = mentions_only(word.text(lang) for lang in _ANSWER for kind in KINDS for word in kind.words)

skill = Skill(name=NAME, draw=draw, check=check, weight=1.5)
