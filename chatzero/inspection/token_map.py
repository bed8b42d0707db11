"""The token table seen from its two widest sides: principal components (Pearson 1901), and nearest neighbours.

A table of hundreds of dimensions has no true picture in two: `explained` says how much of it the picture shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from chatzero.shapes import Float, Tensor


@dataclass(frozen=True, eq=False)
class TokenMap:
    """Where the tokens asked for lie, in their order."""

    token_ids: list[int]
    places: Float[Tensor, "N 2"]
    explained: tuple[float, float]
    """Share of the whole table's variance along each of the two axes."""
    neighbours: list[list[tuple[int, float]]]
    """For each token the nearest of the whole table: id and cosine, nearest first."""


@torch.no_grad()
def token_map(table: Float[Tensor, "V D"], token_ids: Sequence[int], nearest: int = 5) -> TokenMap:
    """The two principal components of the whole table (without `<pad>`, its last row), seen at these tokens."""
    rows = table[:-1].detach().cpu().double()
    centred = rows - rows.mean(dim=0)
    variances, axes = torch.linalg.eigh(centred.T @ centred)  # ascending
    # An axis may point either way: towards its largest coordinate, so that the same table gives the same picture.
    widest = axes[:, [-1, -2]]
    widest = widest * widest.gather(0, widest.abs().argmax(dim=0, keepdim=True)).sign()
    total = float(variances.sum()) or 1.0
    normed = torch.nn.functional.normalize(rows, dim=-1)
    ids = torch.tensor(list(token_ids))
    cosines = normed[ids] @ normed.T
    cosines[torch.arange(len(ids)), ids] = -torch.inf
    best = cosines.topk(min(nearest, len(rows) - 1), dim=-1)
    return TokenMap(
        token_ids=list(token_ids),
        places=centred[ids] @ widest,
        explained=(float(variances[-1]) / total, float(variances[-2]) / total),
        neighbours=[
            list(zip(neighbours, values, strict=True))
            for neighbours, values in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ],
    )


def tokens_to_show(pieces: Sequence[str], in_text: Sequence[int], most: int = 400) -> list[int]:
    """The text's own tokens, then the commonest that spell something (a BPE learns the commonest first)."""
    shown = dict.fromkeys(token_id for token_id in in_text if token_id < len(pieces) - 1)
    for token_id, piece in enumerate(pieces[:-1]):
        if len(shown) >= most:
            break
        word = piece.strip("·")
        speaks = len(word) > 1 or word.isdigit() or not word.isascii()
        if speaks and not piece.startswith("<"):
            shown.setdefault(token_id)
    return list(shown)
