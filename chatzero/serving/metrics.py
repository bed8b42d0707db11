"""What the engine counts: plain numbers, each written by one thread at a time. How they are shown is not known here."""

from dataclasses import dataclass, field

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


@dataclass
class Histogram:
    """How often a duration lay at or below each bound; the last count is of all."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    sum_s: float = 0.0

    def observe(self, duration_s: float) -> None:
        self.sum_s += duration_s
        for i, bound_s in enumerate(BOUNDS_S):
            if duration_s <= bound_s:
                self.counts[i] += 1
        self.counts[-1] += 1


@dataclass
class EngineMetrics:
    """Totals since the start."""

    prompt_tokens: int = 0
    prompt_tokens_reused: int = 0
    """Those of them that need not be read, because an earlier prompt or answer began with the same."""
    completion_tokens: int = 0
    steps: int = 0
    """Decoding steps; completion_tokens / steps is about how many answers shared one."""
    accepted: int = 0
    """Answers taken on. Each is running, waiting, or counted once in `finished`."""
    finished: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("stop", "length", "cancelled", "waited_too_long", "stopped", "fault"), 0)
    )
    first_token_s: Histogram = field(default_factory=Histogram)
    """From arrival to the first token."""
    answer_s: Histogram = field(default_factory=Histogram)
    """From arrival to the last token."""
