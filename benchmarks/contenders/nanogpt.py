"""nanoGPT's model and loop (`plain_gpt`) at this size: blocks from random places of one long text."""

import torch

from benchmarks.contenders.contender import Contender, looping
from benchmarks.plain_gpt import PlainGPT, PlainSettings, plain_training
from benchmarks.task import LEARNING_RATE, Task


def nanogpt(task: Task) -> Contender:
    torch.manual_seed(0)
    settings = PlainSettings(
        vocab_size=task.config.vocab_size,
        num_layers=task.layers()[1],
        num_heads=task.config.num_heads,
        d_model=task.config.d_model,
        context=task.max_seq_len,
        batch_size=task.batch_tokens // task.max_seq_len,
        learning_rate=LEARNING_RATE,
    )
    model = PlainGPT(settings).to(task.device)
    steps = plain_training(model, task.stream, settings, seed=1, dtype=task.dtype)
    return looping("nanoGPT's model and loop", model, task.dtype, steps)
