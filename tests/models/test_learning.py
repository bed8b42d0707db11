"""A model that is right can learn: to copy and to reverse, to 100 % on sequences it has never seen."""

import pytest
import torch
from torch.nn import functional as F

from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.sizes import ARCHS, Arch, sized
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


def scores(model: GPT | Transformer, prompts: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    if isinstance(model, GPT):
        hidden = model.hidden(torch.cat([prompts, answers[:, :-1]], dim=1))
        return model.logits(hidden[:, prompts.shape[1] - 1 :])
    start = torch.full_like(answers[:, :1], model.embedding.pad_id)
    return model.logits(model.hidden(prompts, torch.cat([start, answers[:, :-1]], dim=1)))


def learn(config: GPTConfig | TransformerConfig, longest: int, steps: int, learning_rate: float) -> GPT | Transformer:
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    model = build(config, generator)
    assert isinstance(model, GPT | Transformer)
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    for step in range(steps):
        share = min(1.0, (step + 1) / (0.1 * steps), (steps - step) / (0.5 * steps))  # up, along, down
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * share
        prompts, answers = draw(generator, 64, longest, config.vocab_size)
        logits = scores(model, prompts, answers)
        torch.autograd.backward(F.cross_entropy(logits.flatten(0, 1), answers.flatten()))
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
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
    assert share_right(learn(config, longest=3, steps=700, learning_rate=5e-3), longest=3) == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("arch", ARCHS)
def test_the_smallest_size_learns_to_copy_and_to_reverse(arch: Arch) -> None:
    config = sized(arch, "nano", vocab_size=64, max_seq_len=32, dropout=0.0)
    assert share_right(learn(config, longest=10, steps=1500, learning_rate=2e-3), longest=10) == 1.0
