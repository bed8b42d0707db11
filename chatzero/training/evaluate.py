"""Held-out loss in nats per token, and in bits per byte, which compares across tokenizers."""

import math
from collections.abc import Sequence

import torch

from chatzero.data.batch import LMBatch, Seq2SeqBatch
from chatzero.data.shares import part_of
from chatzero.models.interface import LanguageModel
from chatzero.training.distributed import Together


@torch.no_grad()
def held_out_loss(
    model: LanguageModel,
    batches: Sequence[LMBatch | Seq2SeqBatch],
    dtype: torch.dtype = torch.float32,
    together: Together | None = None,
) -> float:
    """Mean nats per target over all batches, each shared out in a team. Leaves the model in the mode it was in."""
    together = together or Together()
    team = together.team
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    nats, count = 0.0, 0
    for batch in batches:
        mine = batch if team.size == 1 else part_of(batch, team.rank, team.size)
        with torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
            loss = together.loss(model, mine.to(device))
        nats += float(loss.plain_nats)
        count += loss.num_targets
    model.train(was_training)
    nats, total = team.totals(nats, count)
    return nats / max(1, total)


def bits_per_byte(nats_per_token: float, bytes_per_token: float) -> float:
    """Bits that the model needs for one byte of text: its loss in base 2, per byte instead of per token."""
    return nats_per_token / math.log(2) / bytes_per_token
