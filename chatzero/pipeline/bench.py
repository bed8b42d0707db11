"""How fast do training and answering run here, and in how much memory? On the built-in data, by the real step.

What counts is tokens that carry loss: padding and questions are computed too, but nothing is learned from them.
Where the time of a step goes is `bench_phases`, one chat `bench_decoding`.
"""

import time
from dataclasses import dataclass
from itertools import islice

import torch

from chatzero.curriculum.generate import training_conversations
from chatzero.curriculum.registry import skills_of
from chatzero.data.batch import Batch, LMBatch
from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.loader import Loader
from chatzero.data.rows import LMRows, PairRows
from chatzero.device import seeded_generator
from chatzero.doctor.advice import training_bytes
from chatzero.doctor.measure import activation_bytes, peak_flops_per_s, wait_for
from chatzero.doctor.memory import peak_process_bytes, process_bytes
from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.kernels import suit_kernels
from chatzero.models.size import forward_flops, parameters
from chatzero.models.sizes import Arch, sized
from chatzero.pipeline.bench_decoding import DecodingSpeed, time_decoding
from chatzero.pipeline.bench_phases import time_phases
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.config import TrainConfig
from chatzero.training.memory import keep_freed_memory
from chatzero.training.optimizer import build_optimizers
from chatzero.training.precision import DTYPES, Precision, faster_precision
from chatzero.training.state import TrainState
from chatzero.training.step import train_step

_CONVERSATIONS = 4000
_VOCAB_SIZE = 2048
_MAX_SEQ_LEN = 256
_WARM_UP = 3
_QUESTION = "What is 12 + 30?"
_ANSWER_TOKENS = 64
# What PyTorch loads and sets aside at the first step in a process, whatever the model. Measured: 150 MB with a small
# encoder-decoder, 177 MB with a small GPT, beside what their sizes explain.
_FIRST_STEP_BYTES = 160_000_000


@dataclass(frozen=True)
class Bench:
    """Of one architecture and size on one device. `phases_s`: seconds of an average step, by part.

    `memory_bytes` is the peak (of the process, which held `memory_before_bytes` before there was a model; on a GPU of
    what was taken there), `predicted_memory_bytes` what was said of it before the first step.
    """

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
    memory_before_bytes: int
    memory_bytes: int
    predicted_memory_bytes: int
    decoding: DecodingSpeed
    phases_s: dict[str, float]


def bench(
    device: torch.device, arch: Arch, size: str, seconds: float, batch_tokens: int, precision: Precision | None = None
) -> Bench:
    """Train for about `seconds`, after a few steps to warm up; then time the parts of as many steps by themselves.

    Then answer one chat for half as long. The peak of memory is that of the process so far: call it in a fresh one.
    """
    keep_freed_memory()
    tokenizer, rows = builtin_rows(arch, _CONVERSATIONS, _VOCAB_SIZE, _MAX_SEQ_LEN)
    config = sized(arch, size, tokenizer.vocab_size, _MAX_SEQ_LEN, dropout=0.0)
    on_cuda = device.type == "cuda"
    held = 0 if on_cuda else process_bytes() or 0
    model = build(config, seeded_generator(0)).to(device).train()
    suit_kernels(model, device)
    loader = Loader(rows, batch_tokens=batch_tokens, seed=1, pad_id=tokenizer.pad_id, repeat_shapes=True)
    predicted = held + training_bytes(parameters(config), activation_bytes(model, loader.batch_at(0).to(device)))
    predicted += 0 if on_cuda else _FIRST_STEP_BYTES
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
    memory = torch.cuda.max_memory_allocated(device) if on_cuda else peak_process_bytes() or process_bytes() or 0
    prompt_ids = render_prompt(Conversation.of(_QUESTION), tokenizer)
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
        memory_before_bytes=held,
        memory_bytes=memory,
        predicted_memory_bytes=predicted,
        decoding=time_decoding(model, prompt_ids, _ANSWER_TOKENS, seconds / 2),
        phases_s=time_phases(state, loader, train, dtype, len(batches)),
    )


def builtin_rows(arch: Arch, examples: int, vocab_size: int, max_seq_len: int) -> tuple[Tokenizer, LMRows | PairRows]:
    """A tokenizer of so many built-in conversations, and the rows that the architecture trains on."""
    conversations = list(islice(training_conversations(skills_of("core"), 1), examples))
    tokenizer = Tokenizer.train((m.content for c in conversations for m in c.messages), vocab_size)
    if arch == "gpt":
        return tokenizer, lm_rows(conversations, tokenizer, max_seq_len)
    return tokenizer, seq2seq_rows(conversations, tokenizer, max_seq_len, every_turn=False)


def batch_flops(config: GPTConfig | TransformerConfig, batch: Batch) -> int:
    """FLOPs of training on one batch, forward and backward; the vocabulary is projected only where a target is."""
    if isinstance(batch, LMBatch):
        positions, one_row = batch.token_ids.numel(), forward_flops(config, batch.token_ids.shape[1])
    else:
        positions = batch.decoder_ids.numel()
        one_row = forward_flops(config, batch.decoder_ids.shape[1], batch.source_ids.shape[1])
    unprojected = 2 * (positions - batch.num_targets) * config.vocab_size * config.d_model
    return 3 * (batch.num_rows * one_row - unprojected)
