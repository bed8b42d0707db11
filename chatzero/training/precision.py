"""float32 or bfloat16 for the matrix products: measured here, on the model at hand, not believed.

Some CPUs multiply bfloat16 at twice the speed of float32, others emulate it at a tenth.
"""

import copy
import time
from typing import Literal

import torch

from chatzero.data.batch import LMBatch, Seq2SeqBatch
from chatzero.models.interface import LanguageModel
from chatzero.training.memory import keep_freed_memory
from chatzero.training.objective import batch_loss

Precision = Literal["float32", "bfloat16"]
DTYPES: dict[str, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def step_seconds(model: LanguageModel, batch: LMBatch | Seq2SeqBatch, dtype: torch.dtype, repeats: int = 3) -> float:
    """Seconds for forward and backward of one batch: the fastest of some tries, after one to warm up."""
    device = next(model.parameters()).device
    trial = copy.deepcopy(model).train()  # so that neither gradients nor dropout touch the model to be trained
    times = []
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        for _ in range(repeats + 1):
            started = time.perf_counter()
            with torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
                loss = batch_loss(trial, batch.to(device))
            torch.autograd.backward(loss.sum_nats)
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            times.append(time.perf_counter() - started)
    return min(times[1:])


def faster_precision(model: LanguageModel, batch: LMBatch | Seq2SeqBatch) -> tuple[Precision, dict[str, float]]:
    """The precision with the shorter step, and the seconds of both."""
    keep_freed_memory()  # as in the run to come
    seconds = {name: step_seconds(model, batch, dtype) for name, dtype in DTYPES.items()}
    return ("bfloat16" if seconds["bfloat16"] < seconds["float32"] else "float32"), seconds
