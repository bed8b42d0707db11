"""A question and an answer -> the batch that a model would be trained on."""

import numpy as np
import torch

from chatzero.data.batch import LMBatch, Seq2SeqBatch, lm_batch, seq2seq_batch
from chatzero.errors import DataError
from chatzero.language import tr
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.text.chat_template import render, render_prompt
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer


def example_batch(
    config: TransformerConfig | GPTConfig,
    tokenizer: Tokenizer,
    question: str,
    answer_ids: list[int],
    batch_size: int = 1,
    device: torch.device | str = "cpu",
) -> LMBatch | Seq2SeqBatch:
    """One exchange, `batch_size` times over. `answer_ids` end with `<|end|>`; the loss is on them, as in training.

    Raises `DataError` when it does not fit the model's window.
    """
    prompt_ids = render_prompt(Conversation.of(question), tokenizer)
    needed = max(len(prompt_ids), len(answer_ids))
    if isinstance(config, GPTConfig):
        needed = len(prompt_ids) + len(answer_ids) - 1
    if needed > config.max_seq_len:
        raise DataError(
            what=tr(f"the text needs {needed} positions", f"这段文字需要 {needed} 个位置"),
            why=tr(
                f"the model has {config.max_seq_len} (max_seq_len)", f"模型只有 {config.max_seq_len} 个（max_seq_len）"
            ),
            do=tr("use a shorter text", "请用更短的文字"),
        )
    if isinstance(config, GPTConfig):
        ids = np.array([[*prompt_ids, *answer_ids]] * batch_size)
        trained_on = np.zeros(ids.shape, dtype=bool)
        trained_on[:, len(prompt_ids) :] = True
        return lm_batch(ids, trained_on).to(device)
    source, answer = np.array([prompt_ids] * batch_size), np.array([answer_ids] * batch_size)
    pad_id = config.vocab_size - 1
    return seq2seq_batch(
        source, np.ones(source.shape, dtype=bool), answer, np.ones(answer.shape, dtype=bool), pad_id
    ).to(device)


def repeat_answer(tokenizer: Tokenizer, text: str) -> list[int]:
    """The answer that says the text itself again, for looking at shapes before there is a better one."""
    answered = render(Conversation.of(text, text), tokenizer)
    return [i for i, said in zip(answered.token_ids, answered.trained_on, strict=True) if said]
