"""One measured training step, and the measured peak of matrix products: what this machine really does.

The step is the training loop's own: the same loss, the same optimizer. What follows from it for other sizes is
`advice`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

import torch

from chatzero.data.batch import IGNORE, LMBatch, Seq2SeqBatch
from chatzero.device import seeded_generator
from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from chatzero.models.size import forward_flops
from chatzero.models.sizes import Arch, sized
from chatzero.training.config import TrainConfig
from chatzero.training.objective import batch_loss
from chatzero.training.optimizer import build_optimizers
from chatzero.training.precision import DTYPES, Precision
from chatzero.training.state import TrainState
from chatzero.training.step import train_step

# Like the built-in data: short chats, of which the question is the longer part.
VOCAB_SIZE = 4096
SOURCE_LEN = 32
ANSWER_LEN = 16
NUM_ROWS = 48
TOKENS_PER_STEP = NUM_ROWS * (SOURCE_LEN + ANSWER_LEN)
SMALL, LARGE = "nano", "small"
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
MATMUL_SIDE = {"cpu": 1024, "mps": 2048, "cuda": 8192}


@dataclass(frozen=True, slots=True)
class SizeTime:
    """One size, measured. `activation_bytes` is what the forward pass keeps for the backward pass, weights left out."""

    size: str
    step_flops: int
    activation_bytes: int
    step_s: dict[Precision, float]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Of one device and architecture: a small and a large size, and the ceiling."""

    device: str
    arch: Arch
    small: SizeTime
    large: SizeTime
    peak_flops_per_s: dict[Precision, float]

    @property
    def faster(self) -> Precision:
        """The precision in which the large size trains faster."""
        return min(self.large.step_s, key=lambda precision: self.large.step_s[precision])


def measure(device: torch.device, arch: Arch, seconds_each: float = 1.5) -> Measurement:
    """Train two sizes in both precisions on made-up tokens, `seconds_each` a time."""
    return Measurement(
        str(device),
        arch,
        measure_size(device, arch, SMALL, seconds_each),
        measure_size(device, arch, LARGE, seconds_each),
        {name: peak_flops_per_s(device, DTYPES[name], seconds_each / 3) for name in PRECISIONS},
    )


def measure_size(device: torch.device, arch: Arch, size: str, seconds_each: float) -> SizeTime:
    config = sized(arch, size, VOCAB_SIZE, max_seq_len=SOURCE_LEN + ANSWER_LEN)
    batch = made_up_batch(arch).to(device)
    step_s: dict[Precision, float] = {}
    kept_bytes = 0
    for precision in PRECISIONS:
        model = build(config, seeded_generator(0))
        assert isinstance(model, GPT | Transformer)
        model.to(device).train()
        kept_bytes = kept_bytes or activation_bytes(model, batch)
        step_s[precision] = seconds_of(training_step(model, batch, precision), device, seconds_each)
    return SizeTime(size, step_flops(config), kept_bytes, step_s)


def training_step(model: GPT | Transformer, batch: LMBatch | Seq2SeqBatch, precision: Precision) -> Callable[[], None]:
    """One update, by the very function that training calls."""
    config = TrainConfig(steps=1)
    state = TrainState(model, build_optimizers(model, config))

    def step() -> None:
        train_step(state, batch, progress=0.5, config=config, dtype=DTYPES[precision])

    return step


def step_flops(config: TransformerConfig | GPTConfig) -> int:
    """Of one such step, forward and backward. The vocabulary is projected only where the loss falls: on the answer."""
    if isinstance(config, GPTConfig):
        unprojected = 2 * SOURCE_LEN * config.vocab_size * config.d_model
        return 3 * NUM_ROWS * (forward_flops(config, SOURCE_LEN + ANSWER_LEN) - unprojected)
    return 3 * NUM_ROWS * forward_flops(config, ANSWER_LEN, SOURCE_LEN)


def activation_bytes(model: LanguageModel, batch: LMBatch | Seq2SeqBatch) -> int:
    """Bytes the forward pass keeps for the backward pass because of the batch: twice what half the rows add.

    What is there once for any batch (weights, their copies in another type, their gradients) falls out.
    """
    half = batch.rows(slice(batch.num_rows // 2))
    return (_kept_bytes(model, batch) - _kept_bytes(model, half)) * batch.num_rows // (batch.num_rows - half.num_rows)


def _kept_bytes(model: LanguageModel, batch: LMBatch | Seq2SeqBatch) -> int:
    """Of everything one forward pass keeps, each tensor counted once."""
    kept: dict[int, torch.UntypedStorage] = {}  # held, so that no other tensor gets the place of one that was freed

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage
        return tensor.detach()  # the tensor itself would hold its own graph, and neither would ever be freed

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        loss = batch_loss(model, batch)
    del loss
    return sum(storage.nbytes() for storage in kept.values())


def seconds_of(act: Callable[[], None], device: torch.device, budget_s: float) -> float:
    """Of one act: the fastest of those that fit the budget, the first left out where there are others."""
    times: list[float] = []
    while len(times) < 2 or sum(times) < budget_s:
        wait_for(device)
        started_s = time.perf_counter()
        act()
        wait_for(device)
        times.append(time.perf_counter() - started_s)
        if times[0] > budget_s:  # a precision that is emulated: the warm-up tells enough
            return times[0]
    return min(times[1:])


def peak_flops_per_s(device: torch.device, dtype: torch.dtype, budget_s: float) -> float:
    """The best a single large matrix product reaches: the ceiling of any training."""
    side = MATMUL_SIDE[device.type]
    a, b = torch.randn(2, side, side, generator=seeded_generator(0)).to(device, dtype).unbind()
    return 2 * side**3 / seconds_of(lambda: _discard(a @ b), device, budget_s)


def made_up_batch(arch: Arch) -> LMBatch | Seq2SeqBatch:
    """Random tokens in the shape of short chats; the loss falls on the answer."""
    ids = torch.randint(8, VOCAB_SIZE - 8, (NUM_ROWS, SOURCE_LEN + ANSWER_LEN), generator=seeded_generator(1))
    if arch == "gpt":
        targets = torch.full_like(ids, IGNORE)
        targets[:, SOURCE_LEN - 1 : -1] = ids[:, SOURCE_LEN:]
        return LMBatch(ids, targets)
    source_ids, answer_ids = ids[:, :SOURCE_LEN], ids[:, SOURCE_LEN:]
    return Seq2SeqBatch(
        source_ids=source_ids,
        source_mask=torch.ones_like(source_ids, dtype=torch.bool),
        decoder_ids=answer_ids.roll(1, dims=1),
        targets=answer_ids,
    )


def wait_for(device: torch.device) -> None:
    """Until the device has computed what it was told to: a GPU is told, and computes later."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def _discard(_: torch.Tensor) -> None:
    """For the time it took."""
