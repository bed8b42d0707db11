"""Questions of yes or no that follow from what they tell: who is taller, what all cats are, who has what.

Half of the answers are yes, and no single word gives the answer away. An answer first names what is asked about: the
verdict then hangs on what stands beside that word in the question ("but not dogs ... As for dogs: no"), which a small
model finds; a bare yes or no it can only guess for a long time. Held out: people's names, drawn as in `names`.
"""

from random import Random

from chatzero.curriculum.checkers import says_alike
from chatzero.curriculum.names import draw_names
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill
from chatzero.curriculum.words import BY_KIND, article
from chatzero.text.conversation import Conversation

NAME = "yes_no"

_ASK_MORE = (
    "[Is {x} {more} than {y}|Is it true that {x} is {more} than {y}|So is {x} {more} than {y}"
    "|{x} is {more} than {y}, right]?"
)
_ASK_MORE_ZH = "[{x}比{y}{more}吗|那么{x}比{y}{more}吗|{x}是不是比{y}{more}|{x}比{y}{more}，对吗]？"
_ONE_STEP = Phrasings(
    en=(
        f"{{a}} is {{more}} than {{b}}. {_ASK_MORE}",
        "If {a} is {more} than {b}, is {x} {more} than {y}?",
        "{a} is {more} than {b}, is {x} {more} than {y}?",
    ),
    zh=(
        f"{{a}}比{{b}}{{more}}，{_ASK_MORE_ZH}",
        f"{{a}}比{{b}}{{more}}。{_ASK_MORE_ZH}",
        "如果{a}比{b}{more}，{x}比{y}{more}吗？",
    ),
)
_TWO_STEPS = Phrasings(
    en=(
        f"{{a}} is {{more}} than {{b}}. {{b}} is {{more}} than {{c}}. {_ASK_MORE}",
        f"{{a}} is {{more}} than {{b}}, {{b}} is {{more}} than {{c}}. {_ASK_MORE}",
        f"{{a}} is {{more}} than {{b}} and {{b}} is {{more}} than {{c}}. {_ASK_MORE}",
        f"{{a}} is {{more}} than {{b}}, and {{b}} is {{more}} than {{c}}. {_ASK_MORE}",
        "If {a} is {more} than {b} and {b} is {more} than {c}, is {x} {more} than {y}?",
        f"{{b}} is {{more}} than {{c}}. {{a}} is {{more}} than {{b}}. {_ASK_MORE}",
    ),
    zh=(
        f"{{a}}比{{b}}{{more}}，{{b}}比{{c}}{{more}}，{_ASK_MORE_ZH}",
        f"{{a}}比{{b}}{{more}}，{{b}}比{{c}}{{more}}。{_ASK_MORE_ZH}",
        f"{{a}}比{{b}}{{more}}。{{b}}比{{c}}{{more}}。{_ASK_MORE_ZH}",
        f"已知{{a}}比{{b}}{{more}}，{{b}}比{{c}}{{more}}。{_ASK_MORE_ZH}",
        "如果{a}比{b}{more}，{b}比{c}{more}，那么{x}比{y}{more}吗？",
        f"{{b}}比{{c}}{{more}}，{{a}}比{{b}}{{more}}。{_ASK_MORE_ZH}",
    ),
)
_MORE: dict[Lang, tuple[tuple[str, str], ...]] = {
    "en": (
        ("taller", "taller"),
        ("older", "older"),
        ("faster", "faster"),
        ("stronger", "stronger"),
        ("heavier", "heavier"),
        ("richer", "richer"),
        ("shorter", "shorter"),
        ("younger", "younger"),
        ("slower", "slower"),
        ("smarter", "smarter"),
    ),
    "zh": (
        ("高", "更高"),
        ("大", "更大"),
        ("跑得快", "跑得更快"),
        ("强壮", "更强壮"),
        ("重", "更重"),
        ("富有", "更富有"),
        ("矮", "更矮"),
        ("年轻", "更年轻"),
        ("慢", "更慢"),
        ("聪明", "更聪明"),
    ),
}

_KIND = Phrasings(
    en=(
        "All {many} are {kinds}, and no {many} are {others}. {name} is {one}. [Is|So is] {name} {asked}?",
        "All {many} are {kinds}. No {many} are {others}. {name} is {one}. [Is {name} {asked}|Is {name} {asked}, then]?",
        "No {many} are {others}. All {many} are {kinds}. {name} is {one}. [Is|So is] {name} {asked}?",
        "If all {many} are {kinds}, no {many} are {others}, and {name} is {one}, is {name} {asked}?",
    ),
    zh=(
        "所有的{many}都是{kinds}，没有{many}是{others}。{name}是{many}。[{name}|那么{name}]是{asked}吗？",
        "所有{many}都是{kinds}。没有{many}是{others}。{name}是{many}。[{name}是{asked}吗|{name}是不是{asked}]？",
        "没有{many}是{others}，所有{many}都是{kinds}。{name}是{many}，{name}是{asked}吗？",
        "{many}都是{kinds}，都不是{others}。{name}是{many}，[{name}是{asked}吗|{name}是不是{asked}]？",
    ),
)
_HAS = Phrasings(
    en=(
        "{name} has only {one} and {two}. [Does {name} have {asked}|So does {name} have {asked}]?",
        "{name} has {one} and {two}, nothing else. Does {name} have {asked}?",
        "If {name} has only {one} and {two}, does {name} have {asked}?",
    ),
    zh=(
        "{name}只有{one}和{two}。[{name}|那么{name}]有{asked}吗？",
        "{name}有{one}和{two}，没有别的。{name}有{asked}吗？",
        "{name}只有{one}和{two}，那么{name}有{asked}吗？",
    ),
)
_LIKES = Phrasings(
    en=(
        "{name} likes {one} but not {two}. [Does|So does] {name} like {asked}?",
        "{name} likes {one} but does not like {two}. Does {name} like {asked}?",
        "{name} does not like {two} but likes {one}. Does {name} like {asked}?",
    ),
    zh=(
        "{name}喜欢{one}，不喜欢{two}。[{name}|那么{name}]喜欢{asked}吗？",
        "{name}不喜欢{two}，喜欢{one}。[{name}|那么{name}]喜欢{asked}吗？",
        "{name}喜欢{one}，但是不喜欢{two}。{name}喜欢{asked}吗？",
    ),
)
_MORE_ANSWER: dict[Lang, dict[bool, str]] = {
    "en": {True: "As for {x}: yes, {x} is {much}.", False: "As for {x}: no, {y} is {much}."},
    "zh": {True: "{x}：是的，{x}{much}。", False: "{x}：不，{y}{much}。"},
}
_IS_ANSWER: dict[Lang, dict[bool, str]] = {
    "en": {True: "As for {asked}: yes.", False: "As for {asked}: no."},
    "zh": {True: "{asked}：是的。", False: "{asked}：不是。"},
}
_HAS_ANSWER: dict[Lang, dict[bool, str]] = {
    **_IS_ANSWER,
    "zh": {True: "{asked}：是的，有。", False: "{asked}：不，没有。"},
}
_LIKES_ANSWER: dict[Lang, dict[bool, str]] = {
    **_IS_ANSWER,
    "zh": {True: "{asked}：是的，喜欢。", False: "{asked}：不，不喜欢。"},
}

# All cats are animals, no cats are plants: (the kind, what it is, what it is not), English plurals and Chinese. What
# is here the right kind is there the wrong one, so that no kind gives the answer away.
_KINDS: tuple[tuple[str, str], ...] = (
    ("cats animals plants", "猫 动物 植物"),
    ("dogs animals machines", "狗 动物 机器"),
    ("roses plants animals", "玫瑰 植物 动物"),
    ("robots machines animals", "机器人 机器 动物"),
    ("ducks birds fish", "鸭子 鸟 鱼"),
    ("sharks fish birds", "鲨鱼 鱼 鸟"),
    ("oaks trees flowers", "橡树 树 花"),
    ("tulips flowers trees", "郁金香 花 树"),
)
_SINGULAR = {"fish": "fish"}
_LIKED = tuple(word for kind in ("animal", "fruit", "drink", "sport") for word in BY_KIND[kind])
_OWNED = tuple(word for kind in ("animal", "clothing", "fruit") for word in BY_KIND[kind])


def _one(many: str) -> str:
    """'an animal', of 'animals'."""
    single = _SINGULAR.get(many, many.removesuffix("s"))
    return f"{article(single)} {single}"


def _more(rng: Random, lang: Lang, names: tuple[str, ...], true: bool) -> tuple[str, str]:
    """Two are compared, or three in a chain; then the first and the last of them are asked about."""
    a, b, c = names
    more, much = rng.choice(_MORE[lang])
    ask, pair = (_ONE_STEP, (a, b)) if rng.random() < 0.5 else (_TWO_STEPS, (a, c))
    x, y = pair if true else pair[::-1]
    text = ask.draw(rng, lang, a=a, b=b, c=c, x=x, y=y, more=more).text
    return text, _MORE_ANSWER[lang][true].format(x=x, y=y, much=much)


def _kind(rng: Random, lang: Lang, names: tuple[str, ...], true: bool) -> tuple[str, str]:
    """What all of a kind are, and what none of it is."""
    many, kinds, others = rng.choice(_KINDS)[lang == "zh"].split()
    asked = kinds if true else others
    one = _one(many) if lang == "en" else many
    asked = _one(asked) if lang == "en" else asked
    text = _KIND.draw(rng, lang, name=names[0], many=many, one=one, kinds=kinds, others=others, asked=asked).text
    return text, _IS_ANSWER[lang][true].format(asked=asked)


def _has(rng: Random, lang: Lang, names: tuple[str, ...], true: bool) -> tuple[str, str]:
    """Two things are all that somebody has."""
    one, two, other = (word.with_article if lang == "en" else word.zh for word in rng.sample(_OWNED, 3))
    asked = rng.choice((one, two)) if true else other
    text = _HAS.draw(rng, lang, name=names[0], one=one, two=two, asked=asked).text
    return text, _HAS_ANSWER[lang][true].format(asked=asked)


def _likes(rng: Random, lang: Lang, names: tuple[str, ...], true: bool) -> tuple[str, str]:
    """One thing is liked, another is not."""
    one, two = ((word.form or word.en) if lang == "en" else word.zh for word in rng.sample(_LIKED, 2))
    asked = one if true else two
    text = _LIKES.draw(rng, lang, name=names[0], one=one, two=two, asked=asked).text
    return text, _LIKES_ANSWER[lang][true].format(asked=asked)


# (form, how many names it uses, whether they name animals)
_FORMS = ((_more, 3, False), (_more, 3, False), (_kind, 1, True), (_has, 1, False), (_likes, 1, False))


def draw(rng: Random, lang: Lang) -> Item:
    form, count, animals = rng.choice(_FORMS)
    names, held_out = draw_names(rng, lang, count, nicknames=animals)
    true = rng.random() < 0.5
    question, answer = form(rng, lang, names, true)
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=(answer,),
        key=",".join(sorted(names)),
        held_out=held_out,
    )


skill = Skill(name=NAME, draw=draw, check=says_alike, weight=2.5)
