"""A LanguageModel that says what a script tells it to: exact tests need exact scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import nn

from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.interface import DecodeState, LanguageModel, RunningState
from chatzero.shapes import Bool, Float, Int, Tensor

Script = Callable[[tuple[int, ...], tuple[int, ...]], Sequence[float]]
"""(prompt, answer so far) -> the logits of the next token."""


@dataclass
class ScriptedState:
    """What each row of the batch has read and said."""

    rows: list[tuple[tuple[int, ...], tuple[int, ...]]]
    length: int

    def select(self, rows: Int[Tensor, "N"]) -> None:
        self.rows = [self.rows[i] for i in rows.tolist()]


@dataclass
class RunningScript(ScriptedState):
    """The same, of rows that come and go."""

    def join(self, state: DecodeState) -> None:
        assert isinstance(state, ScriptedState)
        self.rows += state.rows


@dataclass
class Calls:
    """The batch size of every call."""

    prefill: list[int] = field(default_factory=list)
    decode_step: list[int] = field(default_factory=list)


class ScriptedModel(LanguageModel):
    def __init__(self, script: Script, vocab_size: int, max_seq_len: int = 64, arch: str = "gpt") -> None:
        super().__init__()
        if arch == "gpt":
            self.config = GPTConfig(
                vocab_size=vocab_size,
                d_model=4,
                num_heads=1,
                num_kv_heads=1,
                num_layers=1,
                dim_feedforward=4,
                max_seq_len=max_seq_len,
            )
        else:
            self.config = TransformerConfig(
                vocab_size=vocab_size,
                d_model=4,
                num_heads=1,
                num_encoder_layers=1,
                num_decoder_layers=1,
                dim_feedforward=4,
                max_seq_len=max_seq_len,
            )
        self.weight = nn.Parameter(torch.zeros(1))  # says on which device the model is
        self.script = script
        self.calls = Calls()

    def prefill(
        self, prompt_ids: Int[Tensor, "B S"], prompt_mask: Bool[Tensor, "B S"] | None = None
    ) -> tuple[Float[Tensor, "B V"], DecodeState]:
        real = torch.ones_like(prompt_ids, dtype=torch.bool) if prompt_mask is None else prompt_mask
        prompts = [tuple(ids[mask].tolist()) for ids, mask in zip(prompt_ids, real, strict=True)]
        self.calls.prefill.append(len(prompts))
        length = prompt_ids.shape[1] if isinstance(self.config, GPTConfig) else 1
        state = ScriptedState([(prompt, ()) for prompt in prompts], length)
        return self._logits(state), state

    def decode_step(self, token_ids: Int[Tensor, "B"], state: DecodeState) -> Float[Tensor, "B V"]:
        assert isinstance(state, ScriptedState)
        assert state.length < self.config.max_seq_len, "beyond the window"
        self.calls.decode_step.append(len(token_ids))
        state.length += 1
        state.rows = [
            (prompt, (*said, token)) for (prompt, said), token in zip(state.rows, token_ids.tolist(), strict=True)
        ]
        return self._logits(state)

    def open_batch(self) -> RunningState:
        return RunningScript([], 0)

    def _logits(self, state: ScriptedState) -> Float[Tensor, "B V"]:
        return torch.tensor([list(self.script(prompt, said)) for prompt, said in state.rows])


def likes(token_id: int, vocab_size: int) -> list[float]:
    """Logits that prefer one token."""
    return [5.0 if i == token_id else 0.0 for i in range(vocab_size)]


def says(answers: Mapping[tuple[int, ...], Sequence[int]], vocab_size: int, end_id: int) -> Script:
    """The script of a model that gives each prompt its fixed answer, then the end token."""

    def script(prompt: tuple[int, ...], said: tuple[int, ...]) -> list[float]:
        # a prompt that was read again holds the beginning of its answer
        question = next(q for q in answers if prompt[: len(q)] == q)
        done = len(prompt) - len(question) + len(said)
        answer = answers[question]
        return likes(answer[done] if done < len(answer) else end_id, vocab_size)

    return script
