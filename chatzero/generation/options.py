"""How an answer is to be generated: one frozen value, checked when made. What an option does to scores is `sampling`.

The default is greedy with a guard against loops. Greedy, because small models are right most often with their first
choice. The guard is the n-gram block at a length that right answers do not reach: only a model that says the same 24
tokens in a row a second time is stopped from going on, while "3+3=6", "ha ha ha" or a phrase said three times pass.
A repetition penalty would be no such guard: it is at work from the second token on, and spoils "3+3=6".
"""

import math
from dataclasses import dataclass

from chatzero.errors import ConfigError
from chatzero.language import tr

LOOP_GUARD_TOKENS = 24
_MAX_SEED = 2**63 - 1  # what a torch.Generator takes


@dataclass(frozen=True, slots=True)
class GenerationOptions:
    """Raises `ConfigError` for a value out of range, or options in conflict."""

    temperature: float | int = 0.0
    """0 = greedy; below 1 sharpens, above 1 flattens."""
    top_k: int = 0
    """Sample from the k likeliest tokens; 0 = off."""
    top_p: float | int = 1.0
    """Sample from the smallest set of tokens with this much probability; 1 = off."""
    min_p: float | int = 0.0
    """Sample from tokens at least this likely, relative to the likeliest; 0 = off."""
    repetition_penalty: float | int = 1.0
    """Above 1 makes tokens the answer already holds less likely; 1 = off."""
    presence_penalty: float | int = 0.0
    """Taken off the score of every token the answer already holds; 0 = off."""
    frequency_penalty: float | int = 0.0
    """Taken off the score of a token for each time the answer already holds it; 0 = off."""
    logit_bias: tuple[tuple[int, float | int], ...] = ()
    """(token id, what is added to its score)."""
    no_repeat_ngram_size: int = LOOP_GUARD_TOKENS
    """No run of this many tokens stands twice in an answer; 0 = off."""
    max_tokens: int = 256
    """The longest answer; the model's window may end it earlier."""
    stop: tuple[str, ...] = ()
    """The answer ends before the first of these strings."""
    seed: int | None = None
    """The same seed gives the same answer; None = a new one each time."""
    beam_size: int = 1
    """Hypotheses kept by beam search; 1 = no beam search."""
    length_penalty: float | int = 1.0
    """Beam search ranks by log-probability / length ** this; 0 favours short answers."""

    def __post_init__(self) -> None:
        _require("temperature", self.temperature, 0, math.inf)
        _require("top_k", self.top_k, 0, math.inf)
        _require("top_p", self.top_p, 0, 1)
        _require("min_p", self.min_p, 0, 1)
        _require("repetition_penalty", self.repetition_penalty, 0, math.inf, above=True)
        _require("presence_penalty", self.presence_penalty, -2, 2)
        _require("frequency_penalty", self.frequency_penalty, -2, 2)
        for token_id, bias in self.logit_bias:
            _require(f"logit_bias of token {token_id}", bias, -100, 100)
        _require("no_repeat_ngram_size", self.no_repeat_ngram_size, 0, math.inf)
        _require("max_tokens", self.max_tokens, 1, math.inf)
        _require("beam_size", self.beam_size, 1, math.inf)
        _require("length_penalty", self.length_penalty, 0, math.inf)
        if self.seed is not None:
            _require("seed", self.seed, 0, _MAX_SEED)
        if not all(self.stop):
            raise ConfigError(
                what=tr("a stop string is empty", "有一个停止串是空的"),
                why=tr("every text holds the empty string", "任何文字都含有空串"),
                do=tr("leave it out", "请去掉它"),
            )
        if self.beam_size > 1 and not self.greedy:
            raise ConfigError(
                what=tr(
                    f"beam_size={self.beam_size} and temperature={self.temperature} exclude each other",
                    f"beam_size={self.beam_size} 与 temperature={self.temperature} 不能同时使用",
                ),
                why=tr(
                    "beam search looks for the likeliest answer, it does not sample", "束搜索找最可能的回答，不做采样"
                ),
                do=tr("use temperature=0 with beams, or beam_size=1", "用束搜索时设 temperature=0，否则设 beam_size=1"),
            )

    @property
    def greedy(self) -> bool:
        """Always the likeliest token? So small a temperature, too, leaves only one token with any probability."""
        return self.temperature < 1e-6


def _require(name: str, value: float | int, low: int, high: float | int, *, above: bool = False) -> None:
    """`low <= value <= high` (`low < value` when `above`), and finite."""
    if math.isfinite(value) and low <= value <= high and not (above and value == low):
        return
    bound = f"{'>' if above else '>='} {low}" if math.isinf(high) else f"{low} ... {high}"
    raise ConfigError(
        what=tr(f"{name} must be {bound}, got {value}", f"{name} 应为 {bound}，给的是 {value}"),
        why=tr(f"{name}={value} has no meaning", f"{name}={value} 没有意义"),
        do=tr(f"choose a {name} in that range, or leave it out", f"请在此范围内选择 {name}，或不设置"),
    )
