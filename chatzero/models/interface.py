"""LanguageModel: what generation and training may rely on, whichever architecture stands behind it."""

from abc import ABC, abstractmethod
from typing import Protocol, runtime_checkable

from torch import nn

from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.shapes import Bool, Float, Int, Tensor


@runtime_checkable
class DecodeState(Protocol):
    """What a model remembers between decoding steps: the caches of a batch of texts."""

    @property
    def length(self) -> int:
        """Positions decoded so far, the prompt included where it is decoded too; at most `max_seq_len`."""

    def select(self, rows: Int[Tensor, "N"]) -> None:
        """Keep, reorder or repeat rows: row i becomes what row `rows[i]` was (beams; leaving out finished rows)."""


@runtime_checkable
class RunningState(DecodeState, Protocol):
    """The state of a batch that texts join and leave while it runs. `length` is that of the longest."""

    def join(self, state: DecodeState) -> None:
        """The rows of a state that `prefill` just gave become the last rows. They go on as they would have there."""


@runtime_checkable
class ResumesPrompts(Protocol):
    """A model that need not read twice what two prompts begin with.

    What it keeps of a token depends on earlier tokens only. Not every `LanguageModel` is so: an encoder reads in both
    directions, and one word more changes everything.
    """

    def held_row(self, state: RunningState, row: int) -> Float[Tensor, "layers 2 G S K"]:
        """A copy of the keys and values of all tokens that a row of `open_batch` has read."""

    def prefill_rest(
        self,
        held: Float[Tensor, "layers 2 B G P K"],
        prompt_ids: Int[Tensor, "B S"],
        prompt_mask: Bool[Tensor, "B S"] | None = None,
    ) -> tuple[Float[Tensor, "B V"], DecodeState]:
        """`LanguageModel.prefill` of the same prompts when `held` has the first P < S columns already."""


class LanguageModel(nn.Module, ABC):
    """A module that scores the next token. `prefill` reads the prompts once, `decode_step` adds a token at a time.

    Both run without gradients. Training goes through the architecture's own `hidden` and `logits`.
    """

    config: TransformerConfig | GPTConfig

    @abstractmethod
    def prefill(
        self, prompt_ids: Int[Tensor, "B S"], prompt_mask: Bool[Tensor, "B S"] | None = None
    ) -> tuple[Float[Tensor, "B V"], DecodeState]:
        """Scores of the first answer token, and the state to go on from.

        Prompts of different length are padded on the left; `prompt_mask` is True at real tokens (None: all are).
        Padding changes nothing: a row's scores are those it would have alone.
        """

    @abstractmethod
    def decode_step(self, token_ids: Int[Tensor, "B"], state: DecodeState) -> Float[Tensor, "B V"]:
        """Scores of the token after `token_ids`, one a row. `state` moves on by one position.

        Raises `ShapeError` when the context window is full.
        """

    @abstractmethod
    def open_batch(self) -> RunningState:
        """A state without rows, for texts that begin and end at different times; `decode_step` takes it like another.

        logits, state = model.prefill(prompts)   # the newcomers
        running.join(state)
        logits = model.decode_step(token_ids, running)   # everybody, newcomers last
        """
