"""What each head tends to do, measured on one text: how much of its attention goes where, against an even spread.

A tendency is a rule that marks keys for each query (the one before, the first, ...). Its measure is the mean weight
that falls on marked keys, over the queries that have any; `even` is the same for attention spread evenly over
whatever a query may see. A head is named after the tendency with the largest measure above even, when that is clear;
it is a measure on one text and no proof of what the head is for.
"""

from dataclasses import dataclass

import torch

from chatzero.shapes import Bool, Float, Tensor

# A tendency gives the head its name when it holds this much of the attention, and this much more than even.
_CLEAR = 0.35
_ABOVE_EVEN = 0.15
_EVEN_ENTROPY = 0.85

TENDENCIES = (
    "itself", "previous", "next", "first", "last", "same", "after same", "copied",
    "even", "mixed",  # no rule: the attention is spread, or none of the above is clear
)  # fmt: skip


@dataclass(frozen=True)
class HeadMeasure:
    """One head: its name, the mean weight by tendency, that of even attention, and its spread."""

    tendency: str
    measured: dict[str, float]
    even: dict[str, float]
    entropy: float
    """Mean entropy of the rows over that of an even spread: 0 = one key each, 1 = even."""


def measure_heads(
    weights: Float[Tensor, "H T S"],
    query_ids: list[int],
    key_ids: list[int],
    target_ids: list[int] | None,
    causal: bool,
    cross: bool,
) -> list[HeadMeasure]:
    """Each head of one attention. `target_ids`: what is about to be said at each query, where that is known."""
    allowed = torch.ones(len(query_ids), len(key_ids), dtype=torch.bool)
    if causal:
        allowed = allowed.tril()
    marks = _marks(query_ids, key_ids, target_ids, causal, cross)
    return [_measure(head.cpu().double(), allowed, marks) for head in weights]


def _marks(
    query_ids: list[int], key_ids: list[int], target_ids: list[int] | None, causal: bool, cross: bool
) -> dict[str, Bool[Tensor, "T S"]]:
    queries, keys = torch.tensor(query_ids)[:, None], torch.tensor(key_ids)[None, :]
    places = torch.arange(len(key_ids))[None, :].expand(len(query_ids), -1)
    marks = {"first": places == 0}
    if not causal:
        marks["last"] = places == len(key_ids) - 1
    if target_ids is not None:
        marks["copied"] = torch.tensor(target_ids)[:, None] == keys
    if cross:
        marks["same"] = queries == keys
        return marks
    own = torch.arange(len(query_ids))[:, None]
    marks["itself"] = places == own
    marks["previous"] = places == own - 1
    if not causal:
        marks["next"] = places == own + 1
    marks["same"] = (queries == keys) & (places != own)
    after = torch.zeros_like(marks["same"])
    after[:, 1:] = marks["same"][:, :-1]
    marks["after same"] = after & (places != own)
    return marks


def _measure(
    head: Float[Tensor, "T S"], allowed: Bool[Tensor, "T S"], marks: dict[str, Bool[Tensor, "T S"]]
) -> HeadMeasure:
    counts = allowed.sum(dim=1)
    # A query with a single key has no choice, and says nothing about the head.
    free = counts > 1
    measured: dict[str, float] = {}
    even: dict[str, float] = {}
    for name, mark in marks.items():
        seen = mark & allowed
        rows = free & seen.any(dim=1)
        if int(rows.sum()) < 2:
            continue
        measured[name] = float((head * seen)[rows].sum(dim=1).mean())
        even[name] = float((seen[rows].sum(dim=1) / counts[rows]).mean())
    rows = head[free]
    entropy = float((torch.special.entr(rows).sum(dim=1) / counts[free].double().log()).mean()) if len(rows) else 1.0
    return HeadMeasure(_named(measured, even, entropy), measured, even, entropy)


def _named(measured: dict[str, float], even: dict[str, float], entropy: float) -> str:
    clear = [name for name, share in measured.items() if share >= _CLEAR and share - even[name] >= _ABOVE_EVEN]
    if clear:
        return max(clear, key=lambda name: measured[name] - even[name])
    return "even" if entropy >= _EVEN_ENTROPY else "mixed"
