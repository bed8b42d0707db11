"""Who can write an answer: a model that gives scores, from which tokens are chosen here; or an engine that does it all.

A `LanguageModel` that runs in another library needs nothing from this file: it is decoded as ours is. A `Writer` is an
engine that gives no scores between tokens, or knows only one text at a time.
"""

from collections.abc import Collection, Generator, Sequence
from contextlib import closing
from typing import Protocol, runtime_checkable

from chatzero.errors import ConfigError
from chatzero.generation.beam import beam_search
from chatzero.generation.decode import decode, decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.language import tr
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.interface import LanguageModel


class UnsupportedOptionError(ConfigError):
    """Asked for, and not there on this engine. `option`: its name, as in `GenerationOptions` and in the API."""

    def __init__(self, option: str, engine: str, why: str) -> None:
        super().__init__(
            what=tr(f"{option} with --engine {engine}", f"{option} 不能与 --engine {engine} 同用"),
            why=why,
            do=tr(f"leave {option} out, or use --engine torch or onnx", f"去掉 {option}，或用 --engine torch 或 onnx"),
        )
        self.option = option


@runtime_checkable
class Writer(Protocol):
    """Prompt in, tokens out, one answer at a time."""

    @property
    def name(self) -> str:
        """As in `--engine`."""
        ...

    @property
    def config(self) -> TransformerConfig | GPTConfig: ...

    def require(self, options: GenerationOptions) -> None:
        """Raises `UnsupportedOptionError` for what is asked for and not there, rather than leave it out in silence."""
        ...

    def write(
        self, prompt_ids: Sequence[int], options: GenerationOptions, end_ids: Collection[int]
    ) -> Generator[int, None, None]:
        """As `decode`: to an end token, `max_tokens` or the end of the window. Closed early, it stops computing.

        Raises `UnsupportedOptionError` before the first token.
        """
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
