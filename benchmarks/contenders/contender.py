"""What a contender is, and the loop that tutorials write around a model."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.task import LEARNING_RATE, Task
from chatzero.data.batch import IGNORE, Batch, Seq2SeqBatch
from chatzero.doctor.measure import wait_for

WARM_UP_STEPS = 3


@dataclass(frozen=True)
class Contender:
    """`train` goes on training for about so many seconds; it gives tokens that carried loss per second."""

    name: str
    parameters: int
    precision: str
    train: Callable[[float], float]


def looping(name: str, model: nn.Module, dtype: torch.dtype, steps: Iterator[int]) -> Contender:
    """A contender that is a loop: each turn of `steps` is an update, and gives its tokens."""
    device = next(model.parameters()).device

    def train(seconds: float) -> float:
        for _ in range(WARM_UP_STEPS):
            next(steps)
        wait_for(device)
        started_s, tokens = time.perf_counter(), 0
        while time.perf_counter() - started_s < seconds:
            tokens += next(steps)
        wait_for(device)
        return tokens / (time.perf_counter() - started_s)

    return Contender(name, numbers_in(model), str(dtype).removeprefix("torch."), train)


def plain_steps(model: nn.Module, task: Task, dtype: torch.dtype) -> Iterator[int]:
    """The usual loop: a random batch, its scores at every place, cross-entropy, clipping, AdamW."""
    model.to(task.device).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    for batch in task.random_batches():
        optimizer.zero_grad()
        with torch.autocast(task.device.type, dtype=dtype, enabled=dtype != torch.float32):
            logits: Tensor = model(batch)
            loss = F.cross_entropy(logits.flatten(0, 1).float(), batch.targets.flatten(), ignore_index=IGNORE)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()
        yield batch.num_targets


def numbers_in(model: nn.Module) -> int:
    """Trained numbers."""
    return sum(p.numel() for p in model.parameters())


def read_by_decoder(batch: Batch) -> Tensor:
    """The ids whose successors are to be said."""
    return batch.decoder_ids if isinstance(batch, Seq2SeqBatch) else batch.token_ids


def causal(length: int, device: torch.device) -> Tensor:
    """True where a place may look."""
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()
