"""A model answers many questions at once, greedily."""

from collections.abc import Iterator, Sequence

from chatzero.chat.context import fit_window
from chatzero.errors import DataError
from chatzero.generation.options import GenerationOptions
from chatzero.generation.window import prompt_room
from chatzero.generation.writer import Speaks, answers_of
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer

MAX_ANSWER_TOKENS = 64
_AT_ONCE = 2_000
"""Questions held as tokens at once: enough for batches of like length, whatever the size of the file."""


def greedy_answers(
    model: Speaks,
    tokenizer: Tokenizer,
    questions: Sequence[Conversation],
    max_tokens: int = MAX_ANSWER_TOKENS,
) -> list[str]:
    """The most probable next token at each place, until the end token, for every question.

    A question that does not fit the model's window has the empty answer.
    """
    return [answer or "" for answer in each_greedy_answer(model, tokenizer, questions, max_tokens)]


def each_greedy_answer(
    model: Speaks, tokenizer: Tokenizer, questions: Sequence[Conversation], max_tokens: int
) -> Iterator[str | None]:
    """The answers one after the other, in the order of the questions; None where a question does not fit."""
    options = GenerationOptions(temperature=0.0, max_tokens=max_tokens, no_repeat_ngram_size=0)
    for start in range(0, len(questions), _AT_ONCE):
        prompts = [_prompt(q, model, tokenizer, max_tokens) for q in questions[start : start + _AT_ONCE]]
        fitting = [prompt for prompt in prompts if prompt is not None]
        said = iter(answers_of(model, fitting, options, {tokenizer.end_id}))
        yield from (None if prompt is None else tokenizer.decode(next(said)) for prompt in prompts)


def _prompt(question: Conversation, model: Speaks, tokenizer: Tokenizer, max_tokens: int) -> list[int] | None:
    """What the model reads: the question, as in the chat without the oldest turns that do not fit.

    Words for which the chat would leave no room to answer are asked all the same, if the window holds them.
    """
    for room_tokens in (prompt_room(model.config, max_tokens), model.config.max_seq_len):
        try:
            return render_prompt(fit_window(question, tokenizer, room_tokens), tokenizer)
        except DataError:
            continue
    return None
