"""Skills -> a training set and a held-out set that share no key.

A training conversation may follow on from earlier, unrelated turns, as in a real chat; a held-out question stands
alone.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import get_args

from chatzero.curriculum.handwritten import held_out_questions
from chatzero.curriculum.skill import Item, Lang, Skill
from chatzero.text.conversation import Conversation
from chatzero.text.matching import normalise

LANGS: tuple[Lang, ...] = get_args(Lang)
_MOST_DRAWS = 20_000
_HISTORY_SHARE = 0.15
_MOST_HISTORY_CHARACTERS = 120


def draw_side(skill: Skill, rng: Random, lang: Lang, *, held_out: bool) -> Item:
    """An item of the wanted side of the split: drawn until one comes."""
    for _ in range(_MOST_DRAWS):
        item = skill.draw(rng, lang)
        if item.held_out == held_out:
            return item
    raise RuntimeError(f"{skill.name} ({lang}) drew {_MOST_DRAWS} items, none with held_out={held_out}")


def training_items(skills: Sequence[Skill], seed: int) -> Iterator[Item]:
    """An endless stream of training items: skills by their weight, languages by turns."""
    rng = Random(seed)
    weights = [skill.weight for skill in skills]
    while True:
        for skill in rng.choices(skills, weights, k=1024):
            for lang in LANGS:
                item = draw_side(skill, rng, lang, held_out=False)
                while _asks_what_is_held_out(item):  # hours in a day: a unit to convert, and a hand-written question
                    item = draw_side(skill, rng, lang, held_out=False)
                yield item


def training_conversations(skills: Sequence[Skill], seed: int) -> Iterator[Conversation]:
    """The items' conversations; some continue the one before them, so that a long chat does not confuse the model."""
    rng = Random(seed + 1)
    recent: dict[Lang, Conversation] = {}
    for item in training_items(skills, seed):
        conversation = item.conversation
        earlier = recent.get(item.lang if rng.random() < 0.8 else rng.choice(LANGS))
        recent[item.lang] = conversation
        if earlier is not None and rng.random() < _HISTORY_SHARE and _characters(earlier) <= _MOST_HISTORY_CHARACTERS:
            conversation = Conversation(earlier.messages + conversation.messages)
            recent[item.lang] = conversation
        yield conversation


def held_out_items(skills: Sequence[Skill], seed: int, per_cell: int) -> list[Item]:
    """`per_cell` held-out items of each skill and language, no question twice where the skill has that many."""
    rng = Random(seed)
    items: list[Item] = []
    for skill in skills:
        for lang in LANGS:
            cell: dict[str, Item] = {}
            for _ in range(per_cell * 20):
                item = draw_side(skill, rng, lang, held_out=True)
                cell.setdefault(" ".join(message.content for message in item.prompt), item)
                if len(cell) == per_cell:
                    break
            items += cell.values()
    return items


def _asks_what_is_held_out(item: Item) -> bool:
    """Is it, in the same words, a hand-written question that is kept from training?"""
    return len(item.prompt) == 1 and normalise(item.prompt[0].content) in held_out_questions()


def _characters(conversation: Conversation) -> int:
    return sum(len(message.content) for message in conversation.messages)
