"""Who can write an answer: a model that gives scores, from which tokens are chosen here; or an engine that does it all.

A `LanguageModel` that runs in another library needs nothing from this file: it is decoded as ours is. A `Writer` is an
engine that gives no scores between tokens, or knows only one text at a time.
"""

from collections.abc import Collection, Generator, Sequence
from contextlib import closing
from typing import Protocol, runtime_checkable

from chatzero.generation.beam import beam_search
from chatzero.generation.decode import decode, decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.interface import LanguageModel


@runtime_checkable
class Writer(Protocol):
    """Prompt in, tokens out, one answer at a time."""

    @property
    def config(self) -> TransformerConfig | GPTConfig: ...

    def write(
        self, prompt_ids: Sequence[int], options: GenerationOptions, end_ids: Collection[int]
    ) -> Generator[int, None, None]:
        """As `decode`. Raises `ConfigError`, before the first token, for an option that this engine has not."""
        ...


Speaks = LanguageModel | Writer


def tokens_of(
    model: Speaks, prompt_ids: Sequence[int], options: GenerationOptions, end_ids: Collection[int]
) -> Generator[int, None, None]:
    """The answer to one prompt, token by token; that of a beam search, which is known only at its end, at once."""
    if not isinstance(model, LanguageModel):
        written = model.write(prompt_ids, options, end_ids)
    elif options.beam_size == 1:
        written = decode(model, prompt_ids, options, end_ids)
    else:
        yield from beam_search(model, [prompt_ids], options, end_ids)[0][0].token_ids
        return
    with closing(written):
        yield from written


def answers_of(
    model: Speaks, prompts: Sequence[Sequence[int]], options: GenerationOptions, end_ids: Collection[int]
) -> list[list[int]]:
    """The answers to many prompts, in their order, without beams: all at once where the model can."""
    if isinstance(model, LanguageModel):
        return decode_batch(model, prompts, options, end_ids)
    return [list(model.write(prompt, options, end_ids)) for prompt in prompts]
