"""How much the engine takes on at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """Beyond these a request waits, is cut off, or is sent away."""

    max_running: int = 32
    """Answers being written at the same time."""
    max_waiting: int = 128
    """Answers waiting for a place; one more is refused."""
    prefill_tokens: int = 4096
    """Prompt tokens read between two steps of those already running, so that newcomers do not hold them up for long.
    A longer prompt is read alone."""
    gather_s: float = 0.03
    """So long at most a newcomer waits beside many answers until others come, so that their prompts are read together:
    each reading holds up everybody who is being answered, whether it is of one prompt or of five."""
    events_per_s: float = 500.0
    """Pieces of streams to deliver in a second, those of all answers together. Where more tokens than that are written,
    a piece holds several: to send each by itself would cost more than to compute it. The first is never held back."""
    kept_bytes: int = 64 << 20
    """Keys and values of answers that are over, kept so that the next turn of a conversation reads only what is new;
    the least recently used are forgotten first. 0 = none are kept."""
    time_limit_s: float = 300.0
    """From arrival: an answer that is running then is cut off, one still waiting is sent away."""
