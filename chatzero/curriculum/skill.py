"""What a skill is: a seeded way to draw questions with answers, a held-out rule, and an answer checker.

One skill, one file. A skill's file says, from top to bottom: its words, its held-out rule, `draw`, its checker, and
the `Skill` value that `registry` lists. Not here: how skills are mixed into a training set (`generate`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from random import Random

from chatzero.language import Lang
from chatzero.text.conversation import Conversation, Message
from chatzero.text.matching import accepts

__all__ = ["Item", "Lang", "Skill", "unseen"]


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its true answer; the conversation ends with that answer.

    `key` names what must be unseen for the question to be new (operands, a name, a phrasing, a combination): no key
    stands on both sides of the split. `accept` lists strings one of which a right answer contains.
    """

    skill: str
    lang: Lang
    conversation: Conversation
    accept: tuple[str, ...]
    key: str
    held_out: bool

    @property
    def answer(self) -> str:
        return self.conversation.messages[-1].content

    @property
    def prompt(self) -> tuple[Message, ...]:
        return self.conversation.messages[:-1]


def accepts_item(answer: str, item: Item) -> bool:
    """The checker most skills use: the answer contains one of the accepted strings."""
    return accepts(answer, item.accept)


@dataclass(frozen=True)
class Skill:
    """`draw(rng, lang)` makes an item of either side of the split; `check` says whether an answer is right.

    `weight` is its share of a training set, relative to the other skills: what is harder gets more.
    """

    name: str
    draw: Callable[[Random, Lang], Item]
    check: Callable[[str, Item], bool] = accepts_item
    weight: float = 1.0


def unseen(*parts: object, share: float = 0.1) -> bool:
    """Is this combination kept for the held-out side? A fixed hash decides: the same on every machine, for ever."""
    digest = blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 < share
