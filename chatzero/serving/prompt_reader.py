"""Prompts to the scores of their first token. Of a prompt whose beginning is kept, only the rest is read.

Prompts that are read together end in the last column of one tensor, as everywhere. The columns before those that
somebody still has to read are filled in from what is kept: so many tokens are read of each row, and all rows are
equally far. A row that had more than that reads some of it again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

from chatzero.generation.decode import BATCH_TOKENS, batches_of_like_length, device_of, left_padded
from chatzero.models.interface import DecodeState, LanguageModel, ResumesPrompts, RunningState
from chatzero.serving.kept_prefixes import Held, KeptPrefixes
from chatzero.shapes import Float, Tensor

Prompt = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Some of the prompts, read together."""

    places: list[int]
    """Which of the prompts."""
    logits: Float[Tensor, "B V"]
    state: DecodeState
    reused: int
    """Tokens that need not be read, in all rows together."""


@final
class PromptReader:
    """Reads for one model, and remembers up to `kept_bytes` of what it has read."""

    def __init__(self, model: LanguageModel, kept_bytes: int) -> None:
        self._model = model
        self._resumes = model if isinstance(model, ResumesPrompts) and kept_bytes else None
        self._device = device_of(model)
        self.kept = KeptPrefixes(kept_bytes)

    def read(self, prompts: Sequence[Prompt]) -> Iterator[Reading]:
        """All prompts, those of like length together."""
        held = {i: found for i, prompt in enumerate(prompts) if (found := self.kept.longest(prompt)) is not None}
        fresh = [i for i in range(len(prompts)) if i not in held]
        for places in _alike(fresh, [len(prompts[i]) for i in fresh]):
            logits, state = self._model.prefill(*left_padded([prompts[i] for i in places], self._device))
            yield Reading(places, logits, state, reused=0)
        for places in _alike(list(held), [len(prompts[i]) - held[i].tokens for i in held]):
            yield self._read_rest(places, [prompts[i] for i in places], [held[i] for i in places])

    def keep(self, state: RunningState, place: int, token_ids: Prompt) -> None:
        """Remember a row of `state` that has read these tokens."""
        if self._resumes is not None:
            self.kept.keep(token_ids, self._resumes.held_row(state, place))

    def _read_rest(self, places: list[int], prompts: Sequence[Prompt], held: Sequence[Held]) -> Reading:
        assert self._resumes is not None, "only a model that resumes prompts leaves something behind"
        unread = max(len(prompt) - found.tokens for prompt, found in zip(prompts, held, strict=True))
        ids, real = left_padded(prompts, self._device)
        columns = ids.shape[1] - unread
        num_layers, _, num_kv_heads, _, head_dim = held[0].row.shape
        filled = held[0].row.new_zeros(num_layers, 2, len(prompts), num_kv_heads, columns, head_dim)
        reused = 0
        for i, (prompt, found) in enumerate(zip(prompts, held, strict=True)):
            if (tokens := len(prompt) - unread) > 0:
                filled[:, :, i, :, columns - tokens :] = found.row[:, :, :, :tokens]
                reused += tokens
        logits, state = self._resumes.prefill_rest(filled, ids, real)
        return Reading(places, logits, state, reused)


def _alike(places: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places in batches of like length."""
    for batch in batches_of_like_length(lengths, BATCH_TOKENS):
        yield [places[i] for i in batch]
