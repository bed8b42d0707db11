"""The two sides of the split share nothing; there is enough to learn; the same seed gives the same stream."""

import unicodedata
from itertools import islice
from random import Random

import pytest

from chatzero.curriculum.generate import LANGS, held_out_items, training_conversations, training_items
from chatzero.curriculum.handwritten import held_out_questions
from chatzero.curriculum.registry import SKILLS
from chatzero.curriculum.skill import Item, Lang, Skill
from chatzero.text.conversation import Conversation


def prompt(item: Item) -> str:
    """The words as a person would call them the same: case, width, spaces and final marks apart; 3-0 is not 3*0."""
    texts = (unicodedata.normalize("NFKC", message.content).casefold() for message in item.prompt)
    return "\n".join("".join(text.split()).rstrip("?.!。") for text in texts)


def leaks(training: list[Item], held_out: list[Item]) -> list[Item]:
    """Held-out items whose key or whose words stand in the training set."""
    keys = {(item.skill, item.key) for item in training}
    prompts = {prompt(item) for item in training}
    return [item for item in held_out if (item.skill, item.key) in keys or prompt(item) in prompts]


def test_no_held_out_question_is_trained_on() -> None:
    training = list(islice(training_items(SKILLS, seed=5), 30_000))
    held_out = held_out_items(SKILLS, seed=6, per_cell=20)
    assert all(item.held_out for item in held_out)
    assert not any(item.held_out for item in training)
    assert leaks(training, held_out) == []


def test_the_leak_test_finds_a_leak() -> None:
    held_out = held_out_items(SKILLS[:2], seed=6, per_cell=5)
    assert leaks([held_out[3]], held_out) == [held_out[3]]


def test_what_is_held_out_of_one_skill_comes_from_no_other() -> None:
    kept = sorted(held_out_questions())

    def draw(rng: Random, lang: Lang) -> Item:
        asked = rng.choice([kept[0], "How many days are in a fortnight?"])
        return Item("other", lang, Conversation.of(asked, "14"), ("14",), asked, held_out=False)

    drawn = list(islice(training_items([Skill("other", draw)], seed=1), 50))
    assert {item.key for item in drawn} == {"How many days are in a fortnight?"}


@pytest.mark.slow
def test_three_hundred_thousand_distinct_examples_and_none_leaks() -> None:
    """Measured on 600,000 draws, as a long run would use them."""
    training = list(islice(training_items(SKILLS, seed=7), 600_000))
    distinct = {(prompt(item), item.answer) for item in training}
    assert len(distinct) >= 300_000
    assert leaks(training, held_out_items(SKILLS, seed=8, per_cell=100)) == []


def test_at_least_24_skills_each_in_both_languages() -> None:
    assert len(SKILLS) >= 24
    assert len({skill.name for skill in SKILLS}) == len(SKILLS)
    cells = {(item.skill, item.lang) for item in held_out_items(SKILLS, seed=1, per_cell=3)}
    assert cells == {(skill.name, lang) for skill in SKILLS for lang in LANGS}


def test_every_true_answer_is_accepted_by_its_checker() -> None:
    checks = {skill.name: skill.check for skill in SKILLS}
    for item in held_out_items(SKILLS, seed=9, per_cell=20):
        assert checks[item.skill](item.answer, item), item


def test_an_answer_of_another_skill_is_refused() -> None:
    """Each skill's answers tried on the next skill's questions: nearly all wrong (a few say the same, like "yes")."""
    checks = {skill.name: skill.check for skill in SKILLS}
    items = held_out_items(SKILLS, seed=10, per_cell=10)
    others = items[-20:] + items[:-20]
    accepted = sum(checks[item.skill](other.answer, item) for item, other in zip(items, others, strict=True))
    assert accepted < 0.03 * len(items)


def test_the_same_seed_gives_the_same_conversations() -> None:
    def first(seed: int) -> list[Conversation]:
        return list(islice(training_conversations(SKILLS, seed), 500))

    assert first(3) == first(3)
    assert first(3) != first(4)


def test_some_conversations_go_on_from_earlier_turns_and_end_in_a_true_answer() -> None:
    items = list(islice(training_items(SKILLS, seed=3), 2000))
    conversations = list(islice(training_conversations(SKILLS, seed=3), 2000))
    lengths = [(len(c.messages), len(item.prompt) + 1) for c, item in zip(conversations, items, strict=True)]
    longer = [mixed for mixed, alone in lengths if mixed > alone]
    assert 100 < len(longer) < 500
    for conversation, item in zip(conversations, items, strict=True):
        assert conversation.messages[-len(item.conversation.messages) :] == item.conversation.messages
