"""What the model would say next: after the last layer, and, by the logit lens, after each layer before it.

The lens (nostalgebraist 2020) puts the residual stream after a layer through the last norm and the output table, as
if no layer came after. Its last row is what the model really says.
"""

import re
from dataclasses import dataclass

import torch

from chatzero.inspection.observe import Observation
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Float, Tensor

_STREAM = re.compile(r"^(?:decoder\.)?layers\.(\d+)\.feed_forward_residual\.out$")
_INPUT = ("embedded", "decoder.input.out")


@dataclass(frozen=True)
class NextToken:
    """The scores after one position: the likeliest tokens, and the one that really came."""

    top: list[tuple[int, float]]
    """Token and probability, likeliest first."""
    target_probability: float
    loss: float
    """Nats: minus the logarithm of the target's probability."""
    rank: int
    """0 when the target is the likeliest."""


def next_tokens(logits: Float[Tensor, "T V"], target_ids: list[int], top: int = 10) -> list[NextToken]:
    """One for each position."""
    log_probabilities = logits.double().log_softmax(dim=-1)
    targets = torch.tensor(target_ids, device=logits.device)[:, None]
    of_target = log_probabilities.gather(1, targets)
    ranks = (log_probabilities > of_target).sum(dim=-1).tolist()
    best = log_probabilities.exp().topk(min(top, logits.shape[-1]), dim=-1)
    return [
        NextToken(
            list(zip(ids, probabilities, strict=True)), float(log_probability.exp()), -float(log_probability), rank
        )
        for ids, probabilities, log_probability, rank in zip(
            best.indices.tolist(), best.values.tolist(), of_target[:, 0], ranks, strict=True
        )
    ]


@torch.no_grad()
def logit_lens(model: LanguageModel, seen: Observation) -> dict[str, Float[Tensor, "T V"]]:
    """Scores after the input and after each layer, by name: "input", "0", "1", ...; the last are the model's own."""
    was_training = model.training
    model.eval()
    try:
        rows: dict[str, Tensor] = {}
        for name, tensor in seen.steps.items():
            layer = _STREAM.match(name)
            if layer is not None:
                rows[layer[1]] = _scores(model, tensor)
            elif name in _INPUT:
                rows["input"] = _scores(model, tensor)
        return rows
    finally:
        model.train(was_training)


def _scores(model: LanguageModel, stream: Float[Tensor, "T D"]) -> Float[Tensor, "T V"]:
    match model:
        case GPT():
            return model.logits(model.norm(stream))
        case Transformer():
            return model.logits(model.decoder.norm(stream))
        case _:
            raise TypeError(f"no lens for {type(model).__name__}")
