"""Answers in a wanted form: upper case, brackets, a numbered list, joined by a sign, JSON, several times, one word.

Held out: combinations of form and words; where the answer must be known (upper case, one word), of form, word and
phrasing.
"""

import unicodedata
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from chatzero.curriculum.names import draw_names
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.short_words import SHORT_WORDS
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.curriculum.words import OPPOSITES
from chatzero.text.conversation import Conversation

NAME = "follow_format"

_LISTED: dict[Lang, str] = {"en": ", ", "zh": "、"}
_SIGNS: dict[Lang, tuple[tuple[str, str], ...]] = {
    "en": (("commas", ", "), ("dashes", "-")),
    "zh": (("逗号", "，"), ("短横线", "-")),
}
_TIMES: dict[Lang, tuple[tuple[str, int], ...]] = {
    "en": (("twice", 2), ("three times", 3), ("four times", 4), ("3 times", 3), ("4 times", 4)),
    "zh": (("两", 2), ("三", 3), ("四", 4), ("3", 3), ("4", 4)),
}

_UPPER = Phrasings(
    en=(
        "Write {w} in [capital letters|upper case|capitals|uppercase].",
        "Put {w} [in|into] [upper case|capital letters].",
        "[{w} in capital letters|{w} in upper case|{w} in uppercase]",
        "Make [“{w}”|{w}] upper case.",
    ),
    zh=("把{w}[改成|变成|写成]大写。", "用大写字母写出{w}。", "{w}的大写[是什么|怎么写]？", "大写：{w}"),
)
_BRACKETS = Phrasings(
    en=("Put {w} in [brackets|parentheses].", "Write {w} [in|inside] brackets.", "Put brackets around {w}."),
    zh=("[把|将]{w}放[在|进]括号里。", "给{w}加上括号。", "用括号把{w}括起来。"),
)
_QUOTES = Phrasings(
    en=("Put {w} in [quotes|quotation marks].", "Write {w} [in|inside] quotation marks.", "Put quotes around {w}."),
    zh=("[把|将]{w}放[在|进]引号里。", "给{w}加上引号。", "用引号把{w}引起来。"),
)
_NUMBERED = Phrasings(
    en=(
        "[List|Write] {list} [as a numbered list|with numbers].",
        "Number these [words|items]: {list}",
        "Make a numbered list: {list}",
    ),
    zh=("[给|为]{list}[编号|编上号]。", "[把|将]{list}写成[带编号的列表|编号列表]。", "用编号列出：{list}"),
)
_JOINED = Phrasings(
    en=(
        "Join {spaced} with {sign}.",
        "Put {sign} between the words: {spaced}",
        "Connect these words with {sign}: {spaced}",
    ),
    zh=("用{sign}连接：{spaced}", "[把|将]{spaced}用{sign}连起来。", "在词之间加上{sign}：{spaced}"),
)
_REPEATED = Phrasings(
    en=("[Say|Write|Repeat] {w} {times}.", "[Say|Write] the word {w} {times}.", "Type {w} {times}."),
    zh=("[把|将]{w}[说|写|重复]{times}遍。", "[说|写]{times}遍{w}。", "[重复|连说]{times}次：{w}"),
)
_JSON = Phrasings(
    en=(
        "Write[ the|] {key} {value} as JSON.",
        "Give me JSON with the key {key} and the value {value}.",
        "[Answer|Reply] in JSON: the {key} is {value}.",
        "{key}: {value}, as JSON",
    ),
    zh=(
        "用JSON写出：{key}是{value}",
        "[把|将]{key} {value}写成JSON。",
        "用JSON格式表示，{key}为{value}。",
        "[写一个|给我一个]JSON，键是{key}，值是{value}。",
    ),
)
_ONE_WORD = Phrasings(
    en=(
        "[Answer in|Use|In] one word: what is the opposite of {w}?",
        "Answer with [exactly one|one|a single] word: what is the opposite of {w}?",
        "[One word only|Just one word|One word, please]: what is the opposite of {w}?",
    ),
    zh=(
        "只用一个词回答：{w}的反义词是什么？",
        "用一个词回答，{w}的反义词是什么？",
        "[只说一个词|一个词回答]：{w}的反义词是什么？",
    ),
)


class _Task(NamedTuple):
    """The words of a question, the only right answer, what must be unseen for it to be new, and whether it is."""

    question: str
    answer: str
    key: str
    held_out: bool


_Form = Callable[[Random, Lang], _Task]


def _task(question: str, answer: str, *key: object) -> _Task:
    return _Task(question, answer, " ".join(map(str, key)), unseen(NAME, *key))


def _around(form: str, ask: Phrasings, en: str, zh: str) -> _Form:
    """Signs around a word."""
    shape: dict[Lang, str] = {"en": en, "zh": zh}

    def task(rng: Random, lang: Lang) -> _Task:
        word = rng.choice(SHORT_WORDS[lang])
        return _task(ask.draw(rng, lang, w=word).text, shape[lang].format(word), form, word)

    return task


def _upper(rng: Random, lang: Lang) -> _Task:
    """An English word, also in a Chinese question."""
    word = rng.choice(SHORT_WORDS["en"])
    question, phrasing = _UPPER.draw(rng, lang, w=word)
    return _task(question, word.upper(), "upper", word, phrasing)


def _numbered(rng: Random, lang: Lang) -> _Task:
    words = _some_words(rng, lang)
    question = _NUMBERED.draw(rng, lang, list=_LISTED[lang].join(words)).text
    return _task(question, "\n".join(f"{i}. {word}" for i, word in enumerate(words, 1)), "numbered", *words)


def _joined(rng: Random, lang: Lang) -> _Task:
    words = _some_words(rng, lang)
    name, sign = rng.choice(_SIGNS[lang])
    return _task(_JOINED.draw(rng, lang, spaced=" ".join(words), sign=name).text, sign.join(words), "joined", *words)


def _repeated(rng: Random, lang: Lang) -> _Task:
    word = rng.choice(SHORT_WORDS[lang])
    times, count = rng.choice(_TIMES[lang])
    return _task(_REPEATED.draw(rng, lang, w=word, times=times).text, " ".join([word] * count), "repeated", word, count)


def _json(rng: Random, lang: Lang) -> _Task:
    (name,), held_out = draw_names(rng, lang, 1)
    key = rng.choice(("name", "friend", "teacher"))
    return _Task(_JSON.draw(rng, lang, key=key, value=name).text, f'{{"{key}": "{name}"}}', f"json {name}", held_out)


def _one_word(rng: Random, lang: Lang) -> _Task:
    word = rng.choice(_WITH_OPPOSITE[lang])
    question, phrasing = _ONE_WORD.draw(rng, lang, w=word)
    return _task(question, OPPOSITES[lang][word][0], "one word", word, phrasing)


def _some_words(rng: Random, lang: Lang) -> list[str]:
    return rng.sample(SHORT_WORDS[lang], rng.choice((2, 2, 3)))


_WITH_OPPOSITE: dict[Lang, tuple[str, ...]] = {"en": tuple(OPPOSITES["en"]), "zh": tuple(OPPOSITES["zh"])}
_FORMS: tuple[_Form, ...] = (
    _upper,
    _around("brackets", _BRACKETS, "({})", "（{}）"),
    _around("quotes", _QUOTES, '"{}"', "“{}”"),
    _numbered,
    _joined,
    _repeated,
    _json,
    _one_word,
    _one_word,  # twice: it is the one whose answer must be known
)


def draw(rng: Random, lang: Lang) -> Item:
    task = rng.choice(_FORMS)(rng, lang)
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(task.question, task.answer),
        accept=(task.answer,),
        key=task.key,
        held_out=task.held_out,
    )


def check(answer: str, item: Item) -> bool:
    """Exactly the form that was asked for; only full-width signs and blanks beside the lines do not matter."""
    return _exact(answer) == _exact(item.answer)


def _exact(text: str) -> list[str]:
    quotes = str.maketrans("“”", '""')
    return [line.strip() for line in unicodedata.normalize("NFKC", text).translate(quotes).strip().splitlines()]


skill = Skill(name=NAME, draw=draw, check=check, weight=3.8)
