"""A prompt to text: pieces while it is written (`stream`), the whole (`generate`), or many at once (`generate_batch`).

All three show the same text for the same prompt. A prompt is token ids: what makes a conversation into one is
`chatzero.text.chat_template`; what makes plain text into one is `Tokenizer.encode`.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from chatzero.generation.beam import beam_search
from chatzero.generation.decode import BATCH_TOKENS, batches_of_like_length, decode, decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.generation.stop import FinishReason, StopStrings
from chatzero.models.interface import LanguageModel
from chatzero.text.tokenizer import Tokenizer
from chatzero.text.utf8_stream import Utf8Stream


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more text, of whole characters; the last piece says why the answer is over. Tokens counted so far."""

    text: str
    finish_reason: FinishReason | None
    num_tokens: int


@dataclass(frozen=True, slots=True)
class Generated:
    """A whole answer, why it is over, and its tokens, the end token counted."""

    text: str
    finish_reason: FinishReason
    num_tokens: int


def stream(
    model: LanguageModel, tokenizer: Tokenizer, prompt_ids: Sequence[int], options: GenerationOptions
) -> Generator[Piece, None, None]:
    """The answer, piece by piece as the model says it; put together, the text of `generate`.

    Beam search knows its answer only at the end and shows it then. Close the iterator to stop early.
    Raises `DataError`, at the first piece, for a prompt that is empty or does not fit the window.
    """
    if options.beam_size > 1:
        best = beam_search(model, [prompt_ids], options, end_ids(tokenizer))[0][0]
        yield from _pieces(best.token_ids, tokenizer, options)
    else:
        with closing(decode(model, prompt_ids, options, end_ids(tokenizer))) as token_ids:
            yield from _pieces(token_ids, tokenizer, options)


def generate(
    model: LanguageModel, tokenizer: Tokenizer, prompt_ids: Sequence[int], options: GenerationOptions
) -> Generated:
    """The whole answer. Raises `DataError` for a prompt that is empty or does not fit the window."""
    return _joined(stream(model, tokenizer, prompt_ids, options))


def generate_batch(
    model: LanguageModel,
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    options: GenerationOptions,
    batch_tokens: int = BATCH_TOKENS,
) -> list[Generated]:
    """The answers to many prompts, in their order: each what `generate` gives alone (with the seed `seed + i`)."""
    ends = end_ids(tokenizer)
    if options.beam_size == 1:
        answers = decode_batch(model, prompts, options, ends, batch_tokens)
    else:
        answers = [[] for _ in prompts]
        for rows in batches_of_like_length([len(prompt) for prompt in prompts], batch_tokens // options.beam_size):
            for i, hypotheses in zip(rows, beam_search(model, [prompts[i] for i in rows], options, ends), strict=True):
                answers[i] = hypotheses[0].token_ids
    return [_joined(_pieces(token_ids, tokenizer, options)) for token_ids in answers]


def end_ids(tokenizer: Tokenizer) -> frozenset[int]:
    """The tokens that end an answer: `<|end|>`, and every other control token, for none is ever part of one."""
    return frozenset(
        (
            tokenizer.document_id,
            tokenizer.system_id,
            tokenizer.user_id,
            tokenizer.assistant_id,
            tokenizer.end_id,
            tokenizer.pad_id,
        )
    )


def _pieces(token_ids: Iterable[int], tokenizer: Tokenizer, options: GenerationOptions) -> Iterator[Piece]:
    ends = end_ids(tokenizer)
    characters, stop_strings = Utf8Stream(), StopStrings(options.stop)
    reason: FinishReason = "length"
    num_tokens = 0
    for num_tokens, token_id in enumerate(token_ids, start=1):
        if token_id in ends:
            reason = "stop"
            break
        if text := stop_strings.push(characters.push(tokenizer.token_bytes(token_id))):
            yield Piece(text, None, num_tokens)
        if stop_strings.met:
            break
    rest = stop_strings.push(characters.flush()) + stop_strings.flush()
    yield Piece(rest, "stop" if stop_strings.met else reason, num_tokens)


def _joined(pieces: Iterable[Piece]) -> Generated:
    text, last = "", Piece("", None, 0)
    for last in pieces:
        text += last.text
    assert last.finish_reason is not None, "the last piece says why"
    return Generated(text, last.finish_reason, last.num_tokens)
