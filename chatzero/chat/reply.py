"""A conversation to its next answer. Nothing is remembered here: the same conversation gets the same answer.

The terminal remembers in `session`; the server gets the whole conversation with each request.
"""

from collections.abc import Generator, Sequence

from chatzero.chat.context import fit_window
from chatzero.generation.answer_text import Piece
from chatzero.generation.generate import Generated, generate, generate_batch, stream
from chatzero.generation.options import GenerationOptions
from chatzero.generation.window import prompt_room
from chatzero.generation.writer import Speaks
from chatzero.models.interface import LanguageModel
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer


def reply(
    conversation: Conversation, model: Speaks, tokenizer: Tokenizer, options: GenerationOptions
) -> Generator[Piece, None, None]:
    """The answer, piece by piece. Raises `DataError` for a last message too long for the model."""
    yield from stream(model, tokenizer, prompt_for(conversation, model, tokenizer, options), options)


def answer(conversation: Conversation, model: Speaks, tokenizer: Tokenizer, options: GenerationOptions) -> Generated:
    """The whole answer. Raises `DataError` for a last message too long for the model."""
    return generate(model, tokenizer, prompt_for(conversation, model, tokenizer, options), options)


def answer_batch(
    conversations: Sequence[Conversation], model: LanguageModel, tokenizer: Tokenizer, options: GenerationOptions
) -> list[Generated]:
    """The answers to many conversations at once, in their order: what `answer` gives for each, much faster."""
    prompts = [prompt_for(conversation, model, tokenizer, options) for conversation in conversations]
    return generate_batch(model, tokenizer, prompts, options)


def prompt_for(
    conversation: Conversation, model: Speaks, tokenizer: Tokenizer, options: GenerationOptions
) -> list[int]:
    """What the model reads: the conversation, without its oldest turns if need be, and the assistant's opening."""
    room_tokens = prompt_room(model.config, options.max_tokens)
    return render_prompt(fit_window(conversation, tokenizer, room_tokens), tokenizer)
