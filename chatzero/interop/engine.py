"""What the comparison asks of another engine that has loaded an export."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from chatzero.shapes import Float, Tensor
from chatzero.text.conversation import Conversation


@runtime_checkable
class Engine(Protocol):
    """Token ids are ours: exports keep the vocabulary, a decoder-only model all but `<pad>`, the last."""

    name: str
    """The library and its version, as the table shows it."""

    def prompt_ids(self, conversation: Conversation) -> list[int] | None:
        """The prompt by the engine's own tokenizer and chat template; None where the engine has neither."""
        ...

    def log_probabilities(self, prompt_ids: Sequence[int], answer_ids: Sequence[int]) -> Float[Tensor, "N C"]:
        """Nats of every token at each place of the answer; or, of an engine that tells no more, of the answer's own."""
        ...

    def greedy(self, prompt_ids: Sequence[int], max_tokens: int) -> list[int]:
        """The likeliest token at each place, to an end token (which may be left out) or `max_tokens`."""
        ...
