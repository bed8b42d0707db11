"""The hand-written questions: the files as they are, the split, and the errors of a broken file."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import get_args

import pytest

from chatzero.curriculum.handwritten import (
    FOLDER,
    HELD_OUT_SHARE,
    KEPT_FOR_TRAINING,
    LEAD_INS,
    Group,
    handwritten_skills,
    held_out_keys,
    read_groups,
)
from chatzero.curriculum.skill import Item, Skill
from chatzero.errors import DataError
from chatzero.language import Lang, set_language
from chatzero.text.matching import normalise

LANGS: tuple[Lang, ...] = get_args(Lang)
TOPICS = (
    "about_chatzero",
    "everyday",
    "feelings",
    "greetings",
    "identity",
    "limits",
    "opinions_jokes",
    "small_talk",
    "transformer",
)
# Core questions, which people ask first and in every wording.
CORE = ("who_are_you", "are_you_human", "who_made_you", "what_can_you_do", "hello", "thanks", "goodbye", "how_are_you")
LONGEST_ANSWER = {"zh": 40, "en": 120}  # characters: a small model learns short answers
MOST_FOREIGN_ANSWERS = 3
GROUP = """
[[group]]
id = "sea"
ask = ["What is the sea?", "Tell me about the sea", "the sea?", "Sea, what is it?", "What is a sea?", "Is it wet?"]
answer = ["The sea is salt water."]
accept = ["salt water"]
"""


@pytest.fixture(scope="module")
def skills() -> tuple[Skill, ...]:
    return handwritten_skills()


@pytest.fixture(scope="module")
def groups() -> dict[Lang, dict[str, tuple[Group, ...]]]:
    return {lang: {topic: read_groups(FOLDER / f"{topic}.{lang}.toml") for topic in TOPICS} for lang in LANGS}


def each(by_topic: dict[str, tuple[Group, ...]]) -> Iterator[tuple[str, Group]]:
    for topic, members in by_topic.items():
        for group in members:
            yield topic, group


def write(folder: Path, text: str, name: str = "water.en.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def draws(skill: Skill, lang: Lang, times: int) -> list[Item]:
    rng = Random(0)
    return [skill.draw(rng, lang) for _ in range(times)]


def test_every_topic_is_there_in_both_languages(skills: tuple[Skill, ...]) -> None:
    assert tuple(skill.name for skill in skills) == TOPICS
    assert {path.name for path in FOLDER.iterdir()} == {f"{topic}.{lang}.toml" for topic in TOPICS for lang in LANGS}


@pytest.mark.parametrize("lang", LANGS)
def test_there_are_many_questions(groups: dict[Lang, dict[str, tuple[Group, ...]]], lang: Lang) -> None:
    asked = {normalise(text) for _, group in each(groups[lang]) for text in group.ask}
    assert len(asked) >= 1500
    assert sum(1 for _ in each(groups[lang])) >= 110


@pytest.mark.parametrize("lang", LANGS)
def test_core_questions_come_in_many_wordings(groups: dict[Lang, dict[str, tuple[Group, ...]]], lang: Lang) -> None:
    wordings = {group.id: len(set(map(normalise, group.ask))) for _, group in each(groups[lang])}
    assert {name: wordings.get(name, 0) for name in CORE if wordings.get(name, 0) < 12} == {}


def test_who_are_you(groups: dict[Lang, dict[str, tuple[Group, ...]]]) -> None:
    for topic, group in each(groups["zh"]):
        if "你是谁" in set(map(normalise, group.ask)):
            assert topic == "identity"
            assert all("我是 AI 助手" in answer for answer in group.answer)
            break
    else:
        pytest.fail("nobody asks who I am")


@pytest.mark.parametrize("lang", LANGS)
def test_a_question_has_one_home(groups: dict[Lang, dict[str, tuple[Group, ...]]], lang: Lang) -> None:
    """Also across topics: a phrasing held out in one may not be taught in another."""
    homes = defaultdict(set)
    for topic, group in each(groups[lang]):
        for text in group.ask:
            homes[normalise(text)].add((topic, group.id))
    assert {key: home for key, home in homes.items() if len(home) > 1} == {}


@pytest.mark.parametrize("lang", LANGS)
def test_answers_are_short_and_their_own(groups: dict[Lang, dict[str, tuple[Group, ...]]], lang: Lang) -> None:
    members = list(each(groups[lang]))
    too_long = [answer for _, group in members for answer in group.answer if len(answer) > LONGEST_ANSWER[lang]]
    assert too_long == []
    answers = [((topic, group.id), normalise(answer)) for topic, group in members for answer in group.answer]
    for topic, group in members:
        wanted = [normalise(text) for text in group.accept]
        taken = [name for name, answer in answers if name != (topic, group.id) and any(w in answer for w in wanted)]
        assert len(taken) <= MOST_FOREIGN_ANSWERS, f"{topic}/{group.id} accepts the answers of {taken}"


@pytest.mark.parametrize("lang", LANGS)
def test_split_leaves_enough_to_learn_from(groups: dict[Lang, dict[str, tuple[Group, ...]]], lang: Lang) -> None:
    total = hidden = 0
    for topic, group in each(groups[lang]):
        keys = set(map(normalise, group.ask))
        held_out = held_out_keys(topic, lang, group)
        assert held_out < keys
        assert normalise(group.ask[0]) not in held_out
        assert not held_out or len(keys - held_out) >= KEPT_FOR_TRAINING
        total += len(keys)
        hidden += len(held_out)
    assert 0.7 * HELD_OUT_SHARE < hidden / total < 1.3 * HELD_OUT_SHARE


def test_a_small_group_holds_none_out() -> None:
    # Each of these is held out in a group that is large enough.
    names = [f"q{i}" for i in range(2000)]
    chosen = sorted(held_out_keys("t", "en", Group("g", ("first", *names), ("a",), ("a",))))[:9]
    assert held_out_keys("t", "en", Group("g", ("first", *chosen[:3]), ("a",), ("a",))) == frozenset()
    assert len(held_out_keys("t", "en", Group("g", ("first", *chosen[:4]), ("a",), ("a",)))) == 1
    assert len(held_out_keys("t", "en", Group("g", ("first", *chosen), ("a",), ("a",)))) == 10 - KEPT_FOR_TRAINING


def test_punctuation_and_case_do_not_make_a_new_question() -> None:
    names = [f"q {i}" for i in range(100)]
    plain = Group("g", ("first", *names), ("a",), ("a",))
    dressed = Group("g", ("first", *(f"Q{i}?!" for i in range(100)), *names), ("a",), ("a",))
    assert held_out_keys("t", "en", plain) == held_out_keys("t", "en", dressed) != frozenset()


@pytest.mark.parametrize("lang", LANGS)
def test_split_is_leak_free(skills: tuple[Skill, ...], lang: Lang) -> None:
    """No key on both sides, and no training text, dressed up as it may be, that reads like a held-out question."""
    sides: dict[bool, set[str]] = {True: set(), False: set()}
    texts: dict[bool, set[str]] = {True: set(), False: set()}
    for skill in skills:
        for item in draws(skill, lang, 1500):
            sides[item.held_out].add(item.key)
            texts[item.held_out].add(normalise(item.prompt[-1].content))
            if item.held_out:  # in training a word may be left out
                assert item.key in normalise(item.prompt[-1].content)
    assert len(sides[True]) > 100
    assert sides[True] & sides[False] == set()
    assert sides[True] & texts[False] == set()


@pytest.mark.parametrize("lang", LANGS)
def test_draws_are_right_and_repeatable(skills: tuple[Skill, ...], lang: Lang) -> None:
    for skill in skills:
        items = draws(skill, lang, 300)
        assert items == draws(skill, lang, 300)
        assert all(item.skill == skill.name and item.lang == lang for item in items)
        assert all(skill.check(item.answer, item) for item in items)
        assert not any(skill.check("…", item) for item in items)


@pytest.mark.parametrize("lang", LANGS)
def test_some_training_questions_have_a_lead_in_and_few_held_out_ones(skills: tuple[Skill, ...], lang: Lang) -> None:
    lead_ins = tuple(normalise(text) for kind in LEAD_INS[lang] for text in kind)
    share: dict[bool, list[bool]] = {True: [], False: []}
    for skill in skills:
        for item in draws(skill, lang, 1000):
            text = normalise(item.prompt[-1].content)
            share[item.held_out].append(text != item.key and text.startswith(lead_ins))
    # The topics draw from one seed, so their draws go together: the bound is wider than that of a mean of so many.
    assert 0.2 < sum(share[False]) / len(share[False]) < 0.33
    assert sum(share[True]) / len(share[True]) < 0.12


def test_weight_follows_the_number_of_groups_and_phrasings(tmp_path: Path) -> None:
    for lang in LANGS:
        write(tmp_path, GROUP, f"one.{lang}.toml")
        write(tmp_path, GROUP + GROUP.replace("sea", "lake"), f"two.{lang}.toml")
    one, two = handwritten_skills(tmp_path)
    assert two.weight == pytest.approx(2 * one.weight)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (GROUP.replace('id = "sea"', 'id = "sea"\ntopic = "x"'), r"group 1 \('sea'\) has the unknown key 'topic'"),
        (GROUP.replace('accept = ["salt water"]', ""), r"group 1 \('sea'\) lacks the key 'accept'"),
        (GROUP.replace('id = "sea"', "id = 3"), r"group 1 \(3\): the id is not a plain name"),
        (GROUP.replace('["salt water"]', '"salt water"'), "accept is not a list of strings"),
        (GROUP.replace('["salt water"]', "[]"), "accept is not a list of strings"),
        (GROUP.replace('["salt water"]', '["?!"]'), "accept has an entry without words"),
        (
            GROUP.replace('["salt water"]', '["sugar"]'),
            "accept does not accept its own answer 'The sea is salt water.'",
        ),
        (GROUP + GROUP, "the id 'sea' is used twice"),
        ('title = "x"\n' + GROUP, r"top-level keys are \['group', 'title'\]"),
        ("group = 3", r"top-level keys are \['group'\]"),
        ("group = [3]", "group 1 is not a table"),
        ("", r"top-level keys are \[\]"),
        ("[[group]\n", "not valid TOML"),
    ],
)
def test_a_broken_file_is_named_with_the_place(tmp_path: Path, broken: str, message: str) -> None:
    path = write(tmp_path, broken)
    with pytest.raises(DataError, match=message) as caught:
        read_groups(path)
    assert caught.value.what.startswith(str(path))
    assert "[[group]] with exactly id, ask, answer, accept;" in caught.value.why
    assert caught.value.do == "mend that place in the file"


def test_wrong_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "water.zh.toml"
    path.write_bytes("海".encode("gbk"))
    with pytest.raises(DataError, match="not valid TOML"):
        read_groups(path)


def test_errors_speak_chinese(tmp_path: Path) -> None:
    set_language("zh")
    with pytest.raises(DataError, match="缺少键 'accept'"):
        read_groups(write(tmp_path, GROUP.replace('accept = ["salt water"]', "")))


def test_a_topic_without_one_language_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GROUP)
    with pytest.raises(DataError, match=r"water\.zh\.toml: the file is missing"):
        handwritten_skills(tmp_path)


@pytest.mark.parametrize("name", ["water.toml", "water.fr.toml", "water.en.old.toml"])
def test_a_file_of_another_name_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, GROUP, name)
    with pytest.raises(DataError, match=r"not <topic>\.<zh\|en>\.toml"):
        handwritten_skills(tmp_path)
