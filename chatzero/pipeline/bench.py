"""How fast does training run here, and where does the time of a step go? On the built-in data, by the real step.

What counts is tokens that carry loss: padding and questions are computed too, but nothing is learned from them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import torch

from chatzero.curriculum.generate import training_conversations
from chatzero.curriculum.registry import skills_of
from chatzero.data.batch import Batch, LMBatch
from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.loader import Loader
from chatzero.device import seeded_generator
from chatzero.doctor.measure import peak_flops_per_s
from chatzero.doctor.memory import process_bytes
from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.size import forward_flops, parameters
from chatzero.models.sizes import Arch, sized
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.config import TrainConfig
from chatzero.training.memory import keep_freed_memory
from chatzero.training.objective import batch_loss
from chatzero.training.optimizer import build_optimizers
from chatzero.training.precision import DTYPES, Precision, faster_precision
from chatzero.training.state import TrainState
from chatzero.training.step import train_step

PHASES = ("batch", "forward", "backward", "clip", "optimizer")
_CONVERSATIONS = 4000
_VOCAB_SIZE = 2048
_MAX_SEQ_LEN = 256
_WARM_UP = 3


@dataclass(frozen=True)
class Bench:
    """Of one architecture and size on one device. `phases_s`: seconds of an average step, by part."""

    device: str
    threads: int
    torch: str
    arch: Arch
    size: str
    parameters: int
    optimizer: str
    precision: str
    steps: int
    step_s: float
    loss_tokens_per_s: float
    computed_tokens_per_s: float
    padding_share: float
    flops_per_s: float
    peak_flops_per_s: float
    peak_share: float
    memory_bytes: int
    phases_s: dict[str, float]


def bench(
    device: torch.device, arch: Arch, size: str, seconds: float, batch_tokens: int, precision: Precision | None = None
) -> Bench:
    """Train for about `seconds`, after a few steps to warm up; then time the parts of as many steps by themselves."""
    keep_freed_memory()
    conversations = list(islice(training_conversations(skills_of("core"), 1), _CONVERSATIONS))
    tokenizer = Tokenizer.train((m.content for c in conversations for m in c.messages), _VOCAB_SIZE)
    config = sized(arch, size, tokenizer.vocab_size, _MAX_SEQ_LEN, dropout=0.0)
    model = build(config, seeded_generator(0)).to(device).train()
    rows = (
        lm_rows(conversations, tokenizer, _MAX_SEQ_LEN)
        if arch == "gpt"
        else seq2seq_rows(conversations, tokenizer, _MAX_SEQ_LEN, every_turn=False)
    )
    loader = Loader(rows, batch_tokens=batch_tokens, seed=1, pad_id=tokenizer.pad_id, repeat_shapes=True)
    precision = precision or faster_precision(model, loader.batch_at(0))[0]
    dtype = DTYPES[precision]
    train = TrainConfig(steps=10**6, optimizer="muon")
    state = TrainState(model, build_optimizers(model, train))
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)

    def step() -> Batch:
        batch = loader.batch_at(state.step)
        train_step(state, batch, 0.5, train, dtype)
        return batch

    for _ in range(_WARM_UP):
        step()
    batches: list[Batch] = []
    padding = 0.0
    wait_for(device)
    started_s = time.perf_counter()
    while (elapsed_s := time.perf_counter() - started_s) < seconds:
        padding += loader.padding_share(state.step)
        batches.append(step())
    wait_for(device)
    elapsed_s = time.perf_counter() - started_s
    memory = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else process_bytes() or 0
    flops = sum(batch_flops(config, batch) for batch in batches) / elapsed_s
    peak = max(peak_flops_per_s(device, dtype, 1.0), flops)  # a peak that was passed was none
    return Bench(
        device=str(device),
        threads=torch.get_num_threads(),
        torch=torch.__version__,
        arch=arch,
        size=size,
        parameters=parameters(config),
        optimizer=train.optimizer,
        precision=precision,
        steps=len(batches),
        step_s=elapsed_s / len(batches),
        loss_tokens_per_s=sum(batch.num_targets for batch in batches) / elapsed_s,
        computed_tokens_per_s=sum(batch.padded_tokens for batch in batches) / elapsed_s,
        padding_share=padding / len(batches),
        flops_per_s=flops,
        peak_flops_per_s=peak,
        peak_share=flops / peak,
        memory_bytes=memory,
        phases_s=time_phases(state, loader, train, dtype, len(batches)),
    )


def time_phases(
    state: TrainState, loader: Loader, config: TrainConfig, dtype: torch.dtype, steps: int
) -> dict[str, float]:
    """The parts of `train_step`, one after the other under a clock: mean seconds of each."""
    device = next(state.model.parameters()).device
    total_s = dict.fromkeys(PHASES, 0.0)

    def timed(phase: str, act: Callable[[], object]) -> None:
        wait_for(device)
        started_s = time.perf_counter()
        act()
        wait_for(device)
        total_s[phase] += time.perf_counter() - started_s

    for step in range(steps):
        made: list[Batch] = []
        sums: list[torch.Tensor] = []

        def forward(batch: list[Batch] = made, sums: list[torch.Tensor] = sums) -> None:
            with torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
                sums.append(batch_loss(state.model, batch[0]).sum_nats / max(1, batch[0].num_targets))

        def move() -> None:
            for optimizer in state.optimizers:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)

        timed("batch", lambda step=step, made=made: made.append(loader.batch_at(step).to(device)))  # type: ignore[misc]
        timed("forward", forward)
        timed("backward", lambda sums=sums: torch.autograd.backward(sums[0]))  # type: ignore[misc]
        timed("clip", lambda: torch.nn.utils.clip_grad_norm_(state.model.parameters(), config.grad_clip))
        timed("optimizer", move)
    return {phase: seconds / steps for phase, seconds in total_s.items()}


def batch_flops(config: GPTConfig | TransformerConfig, batch: Batch) -> int:
    """FLOPs of training on one batch, forward and backward; the vocabulary is projected only where a target is."""
    if isinstance(batch, LMBatch):
        positions, one_row = batch.token_ids.numel(), forward_flops(config, batch.token_ids.shape[1])
    else:
        positions = batch.decoder_ids.numel()
        one_row = forward_flops(config, batch.decoder_ids.shape[1], batch.source_ids.shape[1])
    unprojected = 2 * (positions - batch.num_targets) * config.vocab_size * config.d_model
    return 3 * (batch.num_rows * one_row - unprojected)


def wait_for(device: torch.device) -> None:
    """Until the device has computed what it was told to."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
