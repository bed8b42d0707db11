"""A model answers many questions at once, greedily."""

from collections.abc import Sequence

from chatzero.generation.decode import decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.models.interface import LanguageModel
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer

MAX_ANSWER_TOKENS = 64


def greedy_answers(
    model: LanguageModel,
    tokenizer: Tokenizer,
    questions: Sequence[Conversation],
    max_tokens: int = MAX_ANSWER_TOKENS,
) -> list[str]:
    """The most probable next token at each place, until the end token, for every question."""
    prompts = [render_prompt(question, tokenizer) for question in questions]
    options = GenerationOptions(temperature=0.0, max_tokens=max_tokens, no_repeat_ngram_size=0)
    return [tokenizer.decode(ids) for ids in decode_batch(model, prompts, options, {tokenizer.end_id})]
