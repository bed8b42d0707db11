"""The nearest-question baseline: answer with the answer of the most similar training question.

What a model knows beyond this, it did not merely look up.
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache

import torch

from chatzero.shapes import Float, Tensor
from chatzero.text.conversation import Conversation
from chatzero.text.matching import normalise

_BUCKETS = 2048
_PART_ROWS = 8192


def nearest_answers(questions: Sequence[Conversation], answered: Sequence[Conversation]) -> list[str]:
    """For each question the answer of the nearest answered conversation, by cosine of character 1- to 3-gram counts.

    Common n-grams weigh less (inverse document frequency over `answered`).
    """
    known = [_text(Conversation(c.messages[:-1])) for c in answered]
    holding = torch.stack([(_counts(part) > 0).sum(dim=0) for part in _parts(known)]).sum(dim=0)
    rarity = torch.log(len(known) / (1.0 + holding)).clamp(min=0.0)
    asked = _unit(_counts([_text(q) for q in questions]) * rarity)
    best = torch.full((len(questions),), -1.0)
    best_row = torch.zeros(len(questions), dtype=torch.long)
    for number, part in enumerate(_parts(known)):
        similarity, row = (asked @ _unit(_counts(part) * rarity).T).max(dim=1)
        nearer = similarity > best
        best = torch.where(nearer, similarity, best)
        best_row = torch.where(nearer, row + number * _PART_ROWS, best_row)
    return [answered[row].messages[-1].content for row in best_row.tolist()]


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Pieces small enough for their counts to fit in memory."""
    return (texts[start : start + _PART_ROWS] for start in range(0, len(texts), _PART_ROWS))


def _text(conversation: Conversation) -> str:
    return "\n".join(normalise(message.content) for message in conversation.messages)


def _counts(texts: Sequence[str]) -> Float[Tensor, "N M"]:
    counts = torch.zeros(len(texts), _BUCKETS)
    for i, text in enumerate(texts):
        grams = [_bucket(text[j : j + n]) for n in (1, 2, 3) for j in range(len(text) - n + 1)]
        if grams:
            counts[i].index_add_(0, torch.tensor(grams), torch.ones(len(grams)))
    return counts


@cache
def _bucket(gram: str) -> int:
    """A bucket by a hash that is the same in every process (Python's own is not)."""
    return int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=4).digest(), "big") % _BUCKETS


def _unit(rows: Float[Tensor, "N M"]) -> Float[Tensor, "N M"]:
    return torch.nn.functional.normalize(rows, dim=1)
