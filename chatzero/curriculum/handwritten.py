"""The hand-written questions and answers: reads `handwritten/<topic>.<lang>.toml`, one skill a topic.

A file is a list of groups: many ways to ask one thing (`ask`), its answer (`answer`), and what a right answer must
contain one of (`accept`). Held out are whole phrasings, so the scoreboard asks in words the model never saw.
Not here: the questions themselves.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import get_args

from chatzero.curriculum.skill import Item, Skill, unseen
from chatzero.errors import DataError
from chatzero.language import Lang, tr
from chatzero.text.conversation import Conversation
from chatzero.text.matching import accepts, normalise

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["FOLDER", "Group", "handwritten_skills", "held_out_keys", "held_out_questions", "read_groups"]

FOLDER = Path(__file__).with_suffix("")
KEYS = ("id", "ask", "answer", "accept")
HELD_OUT_SHARE = 0.12
KEPT_FOR_TRAINING = 4  # phrasings of each group, at least: fewer would not show what they have in common
# A topic's weight grows with the answers to know and with the ways to ask for them: so many groups, or so many
# phrasings, in each language weigh as much as one ordinary skill.
GROUPS_PER_WEIGHT = 18
PHRASINGS_PER_WEIGHT = 480
LEAD_IN_SHARE = 0.3
LEAD_IN_SHARE_HELD_OUT = 0.1
NO_FINAL_MARK_SHARE = 0.3
ASCII_MARKS_SHARE = 0.1
LOWER_CASE_SHARE = 0.25
WORD_LEFT_OUT_SHARE = 0.2  # of the training questions: what is asked should not hang on any one word
ASCII_MARKS = str.maketrans("，？！：", ",?!:")
# What may stand before a question, and before anything else (a greeting, a feeling, a fragment).
LEAD_INS: Mapping[Lang, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "zh": (
        ("请问，", "请问", "你好，", "嗨，", "你好，请问", "我想问一下，", "问一下，"),
        ("嗨，", "那个，", "对了，", "嗯，"),
    ),
    "en": (
        ("Hi, ", "Hey, ", "Hello, ", "Please tell me, ", "Tell me, ", "Quick question: "),
        ("Hey, ", "Well, ", "So, "),
    ),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Ways to ask one thing, its answers, and strings one of which a right answer contains."""

    id: str
    ask: tuple[str, ...]
    answer: tuple[str, ...]
    accept: tuple[str, ...]


def read_groups(path: Path) -> tuple[Group, ...]:
    """The groups of one file. Raises `DataError`, naming the file and the group, for whatever is not as it must be."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(path, tr(f"not valid TOML: {error}", f"不是合法的 TOML：{error}")) from error
    if set(table) != {"group"} or not isinstance(table["group"], list):
        raise _bad(path, tr(f"top-level keys are {sorted(table)}", f"顶层的键是 {sorted(table)}"))
    groups = tuple(_group(path, number, entry) for number, entry in enumerate(table["group"], 1))
    ids = [group.id for group in groups]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise _bad(path, tr(f"the id {twice[0]!r} is used twice", f"id {twice[0]!r} 用了两次"))
    return groups


def held_out_keys(topic: str, lang: Lang, group: Group) -> frozenset[str]:
    """The normalised questions of `group` that are kept from training.

    The first phrasing is always taught: it is the plainest way to ask.
    """
    keys = list(dict.fromkeys(map(normalise, group.ask)))
    # "6": drawn anew after the phrasings were last worked over, so that none was written with this split in view.
    chosen = [key for key in keys[1:] if unseen("handwritten 8", topic, lang, key, share=HELD_OUT_SHARE)]
    return frozenset(chosen[: max(0, len(keys) - KEPT_FOR_TRAINING)])


@cache
def held_out_questions(folder: Path = FOLDER) -> frozenset[str]:
    """Every question that is kept from training, normalised: no other skill may happen to teach it either."""
    keys: set[str] = set()
    for path in sorted(folder.glob("*.toml")):
        topic, code = path.stem.split(".")
        for lang in (known for known in get_args(Lang) if known == code):
            keys |= {key for group in read_groups(path) for key in held_out_keys(topic, lang, group)}
    return frozenset(keys)


def handwritten_skills(folder: Path = FOLDER) -> tuple[Skill, ...]:
    """One skill a topic, in the order of their names. A topic must be there in every language."""
    files: dict[str, dict[Lang, tuple[Group, ...]]] = {}
    for path in sorted(folder.glob("*.toml")):
        topic, _, code = path.stem.partition(".")
        lang = next((known for known in get_args(Lang) if known == code), None)
        if lang is None:
            raise _bad(path, tr("the file name is not <topic>.<zh|en>.toml", "文件名不是 <主题>.<zh|en>.toml"))
        files.setdefault(topic, {})[lang] = read_groups(path)
    for topic, by_lang in files.items():
        if missing := sorted(set(get_args(Lang)) - set(by_lang)):
            path = folder / f"{topic}.{missing[0]}.toml"
            raise _bad(path, tr("the file is missing", "缺少这个文件"))
    known = {
        lang: frozenset(normalise(text) for by_lang in files.values() for group in by_lang[lang] for text in group.ask)
        for lang in get_args(Lang)
    }
    return tuple(_skill(topic, by_lang, known) for topic, by_lang in files.items())


@dataclass(frozen=True, slots=True)
class _Question:
    """One phrasing, ready to be drawn."""

    text: str
    group: Group
    key: str
    held_out: bool


def _skill(topic: str, by_lang: Mapping[Lang, tuple[Group, ...]], known: Mapping[Lang, frozenset[str]]) -> Skill:
    questions: dict[Lang, list[_Question]] = {}
    for lang, groups in by_lang.items():
        questions[lang] = []
        for group in groups:
            hidden = held_out_keys(topic, lang, group)
            for text in group.ask:
                key = normalise(text)
                questions[lang].append(_Question(text, group, key, key in hidden))

    def draw(rng: Random, lang: Lang) -> Item:
        question = rng.choice(questions[lang])
        return Item(
            skill=topic,
            lang=lang,
            conversation=Conversation.of(_dress(rng, lang, question, known[lang]), rng.choice(question.group.answer)),
            accept=question.group.accept,
            key=question.key,
            held_out=question.held_out,
        )

    num_groups = sum(map(len, by_lang.values())) / len(by_lang)
    num_phrasings = sum(map(len, questions.values())) / len(by_lang)
    weight = num_groups / GROUPS_PER_WEIGHT + num_phrasings / PHRASINGS_PER_WEIGHT
    return Skill(name=topic, draw=draw, weight=weight)


def _dress(rng: Random, lang: Lang, question: _Question, known: frozenset[str]) -> str:
    """The phrasing as someone might type it: now and then with a lead-in, without its final mark, in a hurry."""
    text = question.text
    asks = text.endswith(("?", "？"))
    if rng.random() < NO_FINAL_MARK_SHARE:
        text = text.rstrip("?？.。")
    if not question.held_out and rng.random() < WORD_LEFT_OUT_SHARE:
        shorter = _without_one_word(rng, lang, text)
        if normalise(shorter) not in known:
            text = shorter
    if rng.random() < (LEAD_IN_SHARE_HELD_OUT if question.held_out else LEAD_IN_SHARE):
        lead_in = rng.choice(LEAD_INS[lang][0 if asks else 1])
        longer = lead_in + _lower_first(text)
        # With a lead-in it may have become another phrasing, perhaps a held-out one: then it stays bare.
        if normalise(longer) not in known and not text.startswith(lead_in[:2]):
            text = longer
    if lang == "zh" and rng.random() < ASCII_MARKS_SHARE:
        text = text.translate(ASCII_MARKS)
    if lang == "en" and rng.random() < LOWER_CASE_SHARE:
        text = _lower_first(text)
    return text


def _without_one_word(rng: Random, lang: Lang, text: str) -> str:
    """One word less, in Chinese one character; a text of fewer than five is left as it is (Wei and Zou 2019)."""
    pieces = text.split(" ") if lang == "en" else list(text)
    if len(pieces) < 5:
        return text
    left_out = rng.randrange(len(pieces) - 1)  # not the last, which may carry the mark
    return ("" if lang == "zh" else " ").join(pieces[:left_out] + pieces[left_out + 1 :])


def _lower_first(text: str) -> str:
    """Without its first capital, unless the word is a name like GPT or the pronoun I."""
    return text[0].lower() + text[1:] if text[1:2].islower() and text.split()[0][1:].islower() else text


def _group(path: Path, number: int, entry: object) -> Group:
    name = f"group {number}"
    if not isinstance(entry, dict):
        raise _bad(path, tr(f"{name} is not a table", f"{name} 不是表"))
    name = f"{name} ({entry.get('id')!r})"
    if unknown := sorted(set(entry) - set(KEYS)):
        raise _bad(path, tr(f"{name} has the unknown key {unknown[0]!r}", f"{name} 有未知的键 {unknown[0]!r}"))
    if missing := [key for key in KEYS if key not in entry]:
        raise _bad(path, tr(f"{name} lacks the key {missing[0]!r}", f"{name} 缺少键 {missing[0]!r}"))
    if not isinstance(entry["id"], str) or not entry["id"].isidentifier():
        raise _bad(path, tr(f"{name}: the id is not a plain name", f"{name}：id 不是简单的名字"))
    group = Group(entry["id"], *(_strings(path, name, key, entry[key]) for key in KEYS[1:]))
    for answer in group.answer:
        if not accepts(answer, group.accept):
            raise _bad(
                path,
                tr(
                    f"{name}: accept does not accept its own answer {answer!r}", f"{name}：accept 不接受答案 {answer!r}"
                ),
            )
    return group


def _strings(path: Path, name: str, key: str, value: object) -> tuple[str, ...]:
    """A non-empty list of strings with words in them."""
    if not isinstance(value, list) or not value:
        raise _bad(path, tr(f"{name}: {key} is not a list of strings", f"{name}：{key} 不是字符串列表"))
    words = tuple(entry for entry in value if isinstance(entry, str) and normalise(entry))
    if len(words) != len(value):
        raise _bad(path, tr(f"{name}: {key} has an entry without words", f"{name}：{key} 里有一项没有文字"))
    return words


def _bad(path: Path, what: str) -> DataError:
    return DataError(
        what=f"{path}: {what}",
        why=tr(
            f"a topic is two files, <topic>.zh.toml and <topic>.en.toml, of [[group]] with exactly {', '.join(KEYS)}; "
            "ids differ, and accept fits every answer",
            f"一个主题是 <topic>.zh.toml 和 <topic>.en.toml 两个文件，由 [[group]] 组成，每组恰好有 {'、'.join(KEYS)}；"
            "id 不重复，accept 接受每个答案",
        ),
        do=tr("mend that place in the file", "请修正文件中的这一处"),
    )
