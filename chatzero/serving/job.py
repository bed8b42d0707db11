"""What is asked of the engine, and what comes back: plain values, without tensors and without the network."""

from dataclasses import dataclass
from typing import Literal

from chatzero.generation.options import GenerationOptions
from chatzero.generation.stop import FinishReason


@dataclass(frozen=True, slots=True)
class Job:
    """One answer to write."""

    prompt_ids: tuple[int, ...]
    options: GenerationOptions
    alternatives: int | None = None
    """With each token its log-probability and those of this many likeliest tokens; None = neither."""
    streamed: bool = True
    """Progress as it happens; else all at the end."""


@dataclass(frozen=True, slots=True)
class TokenScore:
    """How likely the model found a token it said, before sampling options bent that: log-probabilities in nats."""

    token_id: int
    logprob_nats: float
    alternatives: tuple[tuple[int, float], ...]
    """The likeliest tokens, likeliest first."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Some more of the answer; the last one says why it is over. Tokens counted so far."""

    text: str
    finish_reason: FinishReason | None
    num_tokens: int
    scores: tuple[TokenScore, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """There will be no (more) answer: it waited too long for its turn, the engine stopped, or a fault of ours."""

    cause: Literal["waited_too_long", "stopped", "fault"]


Event = Progress | Failure
