"""One forward pass over a question and the model's own answer, with everything that was heard on the way.

A GPT reads question and answer as one text. An encoder-decoder reads the question, and the answer one place late: its
decoder starts from `<pad>`.
"""

from dataclasses import dataclass

import torch

from chatzero.data.batch import LMBatch, Seq2SeqBatch
from chatzero.generation.answer_text import end_ids
from chatzero.generation.decode import decode
from chatzero.generation.options import GenerationOptions
from chatzero.inspection.example import example_batch
from chatzero.inspection.listen import hearing
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Float, Tensor
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer


@dataclass(frozen=True, eq=False)
class Observation:
    """What went in, what came out, and every step between: of one row, without the batch dimension."""

    question_ids: list[int]
    answer_ids: list[int]
    read_ids: list[int]
    """What the scored positions read: a GPT's whole text, a decoder's `<pad>` and answer."""
    target_ids: list[int]
    """The token that really comes after each of these positions."""
    answer_start: int
    """The first position whose target belongs to the answer."""
    logits: Float[Tensor, "T V"]
    steps: dict[str, Tensor]
    """The output of every step by name."""


def observe(model: LanguageModel, tokenizer: Tokenizer, question: str, max_tokens: int = 64) -> Observation:
    """Let the model answer greedily, then read question and answer in one pass. Dropout is off; nothing is changed.

    Raises `DataError` for a question that does not fit the model's window.
    """
    device = next(model.parameters()).device
    question_ids = render_prompt(Conversation.of(question), tokenizer)
    options = GenerationOptions(max_tokens=max_tokens)
    answer_ids = list(decode(model, question_ids, options, end_ids(tokenizer)))
    batch = example_batch(model.config, tokenizer, question, answer_ids, device=device)
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), hearing(model) as ear:
            match model, batch:
                case GPT(), LMBatch():
                    logits = model(batch.token_ids)
                    read_ids = batch.token_ids[0].tolist()
                    target_ids = [*read_ids[1:], answer_ids[-1]]
                    answer_start = len(question_ids) - 1
                case Transformer(), Seq2SeqBatch():
                    logits = model(batch.source_ids, batch.decoder_ids)
                    read_ids, target_ids, answer_start = batch.decoder_ids[0].tolist(), answer_ids, 0
                case _:
                    raise TypeError(f"{type(model).__name__} cannot be looked into")
    finally:
        model.train(was_training)
    steps = {heard.name: heard.tensor for heard in ear.steps}
    return Observation(
        question_ids=question_ids,
        answer_ids=answer_ids,
        read_ids=read_ids,
        target_ids=target_ids,
        answer_start=answer_start,
        logits=logits[0],
        steps={
            name: tensor[0] if tensor.dim() > 0 and tensor.shape[0] == 1 else tensor for name, tensor in steps.items()
        },
    )
