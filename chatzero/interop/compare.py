"""Does an engine that has loaded an export say what our model says? Prompts, scores, greedy answers, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from chatzero.checkpoint.bundle import Bundle
from chatzero.generation.answer_text import end_ids
from chatzero.generation.decode import decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.generation.window import answer_room
from chatzero.interop.engine import Engine
from chatzero.interop.precision import Precision
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Float, Tensor
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation

ANSWER_TOKENS = 32


@dataclass(frozen=True)
class Agreement:
    """What was compared, and how much of it agrees. `largest_nats`: the widest gap between two log-probabilities."""

    engine: str
    precision: Precision
    prompts: int
    prompts_equal: int | None
    """Prompts that the engine's own tokenizer and template cut as ours; None where it has none."""
    answers_equal: int
    places: int
    largest_nats: float

    @property
    def ok(self) -> bool:
        """Within what this precision promises. Nothing compared, or a score that is not a number, is not agreement."""
        return (
            self.prompts > 0
            and self.prompts_equal in (None, self.prompts)
            and self.answers_equal >= self.precision.least_equal * self.prompts
            and self.largest_nats <= self.precision.tolerance_nats
        )


def compare(bundle: Bundle, engine: Engine, questions: Sequence[Conversation], precision: Precision) -> Agreement:
    """Answer every question with both, greedily; score our answer, place by place, with both."""
    model, tokenizer = bundle.model, bundle.tokenizer
    ends = end_ids(tokenizer)
    prompts = [render_prompt(question, tokenizer) for question in questions]
    greedy = GenerationOptions(max_tokens=ANSWER_TOKENS, no_repeat_ngram_size=0)
    answers = decode_batch(model, prompts, greedy, ends)
    theirs = [engine.prompt_ids(question) for question in questions]
    equal, places, largest = 0, 0, 0.0
    for prompt, answer in zip(prompts, answers, strict=True):
        longest = min(ANSWER_TOKENS, answer_room(model.config, len(prompt)))  # some engines go on beyond the window
        equal += _words(engine.greedy(prompt, longest), ends) == _words(answer, ends)
        ours, scores = log_probabilities(model, prompt, answer), engine.log_probabilities(prompt, answer)
        if scores.shape[1] == 1:  # of the answer's own tokens only
            ours = ours.gather(1, torch.tensor(answer)[:, None])
        width = min(ours.shape[1], tokenizer.vocab_size - 1)  # without `<pad>`
        gap = float((ours[:, :width] - scores[:, :width].to(ours)).abs().max())
        largest = max(largest, gap) if gap == gap else float("inf")
        places += len(answer)
    known = [(mine, other) for mine, other in zip(prompts, theirs, strict=True) if other is not None]
    return Agreement(
        engine=engine.name,
        precision=precision,
        prompts=len(prompts),
        prompts_equal=sum(mine == other for mine, other in known) if known else None,
        answers_equal=equal,
        places=places,
        largest_nats=largest,
    )


@torch.inference_mode()
def log_probabilities(
    model: LanguageModel, prompt_ids: Sequence[int], answer_ids: Sequence[int]
) -> Float[Tensor, "N V"]:
    """Nats of every token at each place of the answer, by our model."""
    device = next(model.parameters()).device
    prompt = torch.tensor([list(prompt_ids)], device=device)
    answer = torch.tensor([list(answer_ids)], device=device)
    match model:
        case GPT():
            logits = model(torch.cat([prompt, answer[:, :-1]], dim=1))[0, len(prompt_ids) - 1 :]
        case Transformer():
            start = torch.full((1, 1), model.config.vocab_size - 1, device=device)
            logits = model(prompt, torch.cat([start, answer[:, :-1]], dim=1))[0]
        case _:
            raise TypeError(type(model).__name__)
    scores: Tensor = logits.log_softmax(dim=-1).cpu()
    return scores


def _words(answer: Sequence[int], ends: frozenset[int]) -> list[int]:
    """The answer without the token that ends it, which some engines leave out."""
    for place, token in enumerate(answer):
        if token in ends:
            return list(answer[:place])
    return list(answer)
