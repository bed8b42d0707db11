"""Who may attend to whom: every mask as one boolean `attn_mask`, True where a query may attend to a key.

Masks combine with `&`. Not here: what attention does with one (`attention.attend`).
"""

import torch

from chatzero.shapes import Bool, Int, Tensor


def causal_mask(seq_len: int, device: torch.device | None = None) -> Bool[Tensor, "1 1 T T"]:
    """Each position may attend to itself and to earlier ones: the future is not there yet."""
    return torch.ones(1, 1, seq_len, seq_len, dtype=torch.bool, device=device).tril()


def padding_mask(real: Bool[Tensor, "B S"]) -> Bool[Tensor, "B 1 1 S"]:
    """Nobody may attend to padding. `real` is True at tokens, False at padding."""
    return real[:, None, None, :]


def document_mask(document_ids: Int[Tensor, "B T"]) -> Bool[Tensor, "B 1 T T"]:
    """Several documents packed into one row stay strangers: causal, and only within one's own document."""
    same = document_ids[:, None, :, None] == document_ids[:, None, None, :]
    return same & causal_mask(document_ids.shape[1], document_ids.device)
