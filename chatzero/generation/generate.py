"""A prompt to text: pieces while it is written (`stream`), the whole (`generate`), or many at once (`generate_batch`).

All three show the same text for the same prompt. A prompt is token ids: what makes a conversation into one is
`chatzero.text.chat_template`; what makes plain text into one is `Tokenizer.encode`.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from chatzero.generation.answer_text import AnswerText, Piece, end_ids
from chatzero.generation.beam import beam_search
from chatzero.generation.decode import BATCH_TOKENS, batches_of_like_length, decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.generation.stop import FinishReason
from chatzero.generation.writer import Speaks, tokens_of
from chatzero.models.interface import LanguageModel
from chatzero.text.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Generated:
    """A whole answer, why it is over, and its tokens, the end token counted."""

    text: str
    finish_reason: FinishReason
    num_tokens: int


def stream(
    model: Speaks, tokenizer: Tokenizer, prompt_ids: Sequence[int], options: GenerationOptions
) -> Generator[Piece, None, None]:
    """The answer, piece by piece as the model says it; put together, the text of `generate`.

    Beam search knows its answer only at the end and shows it then. Close the iterator to stop early.
    Raises `DataError`, at the first piece, for a prompt that is empty or does not fit the window.
    """
    with closing(tokens_of(model, prompt_ids, options, end_ids(tokenizer))) as token_ids:
        yield from _pieces(token_ids, tokenizer, options)


def generate(model: Speaks, tokenizer: Tokenizer, prompt_ids: Sequence[int], options: GenerationOptions) -> Generated:
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


def _pieces(token_ids: Iterable[int], tokenizer: Tokenizer, options: GenerationOptions) -> Iterator[Piece]:
    text = AnswerText(tokenizer, options.stop)
    for token_id in token_ids:
        if piece := text.push(token_id):
            yield piece
        if text.over:
            return
    yield text.cut_off()


def _joined(pieces: Iterable[Piece]) -> Generated:
    text, last = "", Piece("", None, 0)
    for last in pieces:
        text += last.text
    assert last.finish_reason is not None, "the last piece says why"
    return Generated(text, last.finish_reason, last.num_tokens)
