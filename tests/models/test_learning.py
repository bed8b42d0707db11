"""A model that is right can learn: to copy and to reverse, to 100 % on sequences it has never seen."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence

from chatzero.data.batch import Batch, lm_batch, seq2seq_batch
from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.sizes import ARCHS, Arch, sized
from chatzero.training.config import TrainConfig
from chatzero.training.optimizer import build_optimizers
from chatzero.training.state import TrainState
from chatzero.training.step import train_step
from tests.models.random_models import gpt_config, transformer_config

COPY, REVERSE, END, SEPARATOR, FIRST_WORD = range(5)


def draw(generator: torch.Generator, rows: int, longest: int, vocab_size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(prompts, answers): a task, words and a separator; the words copied or reversed, and an end."""
    length = int(torch.randint(1, longest + 1, (), generator=generator))
    words = torch.randint(FIRST_WORD, vocab_size - 1, (rows, length), generator=generator)
    task = torch.randint(COPY, REVERSE + 1, (rows, 1), generator=generator)
    prompts = torch.cat([task, words, torch.full((rows, 1), SEPARATOR)], dim=1)
    answers = torch.cat([torch.where(task == COPY, words, words.flip(1)), torch.full((rows, 1), END)], dim=1)
    return prompts, answers


def batch_of(config: GPTConfig | TransformerConfig, generator: torch.Generator, longest: int) -> Batch:
    """Sixteen lengths, four rows of each, padded: steps on one length at a time pull to and fro, and learn slower."""
    draws = [draw(generator, 4, longest, config.vocab_size) for _ in range(16)]
    prompts = [prompt for some, _ in draws for prompt in some]
    answers = [answer for _, some in draws for answer in some]
    pad_id = config.vocab_size - 1

    def padded(rows: list[torch.Tensor]) -> NDArray[np.int64]:
        return pad_sequence(rows, batch_first=True, padding_value=pad_id).numpy()

    if isinstance(config, GPTConfig):
        rows = list(zip(prompts, answers, strict=True))
        answers_alone = padded([torch.cat([torch.full_like(prompt, pad_id), answer]) for prompt, answer in rows])
        return lm_batch(padded([torch.cat(row) for row in rows]), answers_alone != pad_id)
    sources, said = padded(prompts), padded(answers)
    return seq2seq_batch(sources, sources != pad_id, said, said != pad_id, pad_id)


def learn(config: GPTConfig | TransformerConfig, longest: int, steps: int, seed: int = 0) -> GPT | Transformer:
    generator = torch.Generator().manual_seed(seed)
    model = build(config, generator)
    assert isinstance(model, GPT | Transformer)
    train = TrainConfig(steps=steps, optimizer="muon", learning_rate=5e-3, matrix_learning_rate=0.03)
    state = TrainState(model, build_optimizers(model, train))
    for step in range(steps):
        train_step(state, batch_of(config, generator, longest), (step + 0.5) / steps, train, torch.float32)
    return model.eval()


def share_right(model: GPT | Transformer, longest: int, batches: int = 20) -> float:
    """The share of new sequences whose greedy answer is right to the last token."""
    generator = torch.Generator().manual_seed(1)
    right = total = 0
    for _ in range(batches):
        prompts, answers = draw(generator, 32, longest, model.config.vocab_size)
        logits, state = model.prefill(prompts)
        given = [logits.argmax(dim=-1)]
        while len(given) < answers.shape[1]:
            given.append(model.decode_step(given[-1], state).argmax(dim=-1))
        right += int((torch.stack(given, dim=1) == answers).all(dim=1).sum())
        total += len(answers)
    return right / total


@pytest.mark.parametrize("config", [gpt_config(vocab_size=16), transformer_config(vocab_size=16)], ids=ARCHS[::-1])
def test_a_toy_learns_short_sequences(config: GPTConfig | TransformerConfig) -> None:
    assert share_right(learn(config, longest=3, steps=300), longest=3) == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("arch", ARCHS)
def test_the_smallest_size_learns_to_copy_and_to_reverse(arch: Arch) -> None:
    config = sized(arch, "nano", vocab_size=64, max_seq_len=32, dropout=0.0)
    assert share_right(learn(config, longest=10, steps=2000), longest=10) == 1.0
