"""The measured step is a real training step, and what is counted is what is there."""

import math

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from chatzero.data.batch import LMBatch
from chatzero.device import seeded_generator
from chatzero.doctor import measure as measure_module
from chatzero.doctor.measure import (
    ANSWER_LEN,
    PRECISIONS,
    activation_bytes,
    made_up_batch,
    measure_size,
    peak_flops_per_s,
    seconds_of,
    step_flops,
    training_step,
)
from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.sizes import ARCHS, Arch
from chatzero.training.objective import batch_loss

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure_module, "NUM_ROWS", 4)
    monkeypatch.setattr(measure_module, "VOCAB_SIZE", 64)


def tiny_model(arch: Arch, vocab_size: int = 64) -> GPT | Transformer:
    config: GPTConfig | TransformerConfig
    if arch == "gpt":
        config = GPTConfig(
            vocab_size=vocab_size,
            d_model=32,
            num_heads=2,
            num_kv_heads=1,
            num_layers=1,
            dim_feedforward=64,
            max_seq_len=48,
        )
    else:
        config = TransformerConfig(
            vocab_size=vocab_size,
            d_model=32,
            num_heads=2,
            num_encoder_layers=1,
            num_decoder_layers=1,
            dim_feedforward=64,
            max_seq_len=48,
            dropout=0.0,
        )
    model = build(config, seeded_generator(0))
    assert isinstance(model, GPT | Transformer)
    return model


@pytest.mark.parametrize("arch", ARCHS)
def test_the_step_learns(arch: Arch) -> None:
    model, batch = tiny_model(arch), made_up_batch(arch)
    step = training_step(model, batch, "float32")
    before = batch_loss(model, batch).sum_nats.item()
    for _ in range(60):
        step()
    assert batch_loss(model, batch).sum_nats.item() < 0.8 * before


@pytest.mark.parametrize("arch", ARCHS)
def test_the_batch_bears_loss_on_the_answers_only(arch: Arch) -> None:
    assert made_up_batch(arch).num_targets == 4 * ANSWER_LEN


def test_a_gpt_is_asked_for_the_token_that_follows() -> None:
    batch = made_up_batch("gpt")
    assert isinstance(batch, LMBatch)
    assert torch.equal(batch.targets[:, 31:-1], batch.token_ids[:, 32:])


@pytest.mark.parametrize("arch", ARCHS)
def test_activations_grow_with_the_rows_and_leave_the_weights_out(arch: Arch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the rows, twice the bytes: what is there once for any batch, as the weights are, does not count."""
    monkeypatch.setattr(measure_module, "NUM_ROWS", 32)  # targets in whole multiples of what the loss fills up to
    model, batch = tiny_model(arch), made_up_batch(arch)
    assert activation_bytes(model, batch) == pytest.approx(2 * activation_bytes(model, batch.split(2)[0]), rel=0.01)


@pytest.mark.parametrize("arch", ARCHS)
def test_flops_of_a_step_are_those_of_its_matrix_products(arch: Arch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted by PyTorch itself while the step runs. A vocabulary so large shows where it is projected."""
    monkeypatch.setattr(measure_module, "VOCAB_SIZE", 1024)
    model, batch = tiny_model(arch, vocab_size=1024), made_up_batch(arch)
    with FlopCounterMode(display=False) as counter:
        torch.autograd.backward(batch_loss(model, batch).sum_nats)
    assert step_flops(model.config) == pytest.approx(counter.get_total_flops(), rel=0.1)


def test_a_size_is_measured_in_every_precision() -> None:
    measured = measure_size(CPU, "gpt", "nano", seconds_each=0.01)
    assert set(measured.step_s) == set(PRECISIONS)
    assert all(0 < seconds < math.inf for seconds in measured.step_s.values())
    assert measured.step_flops > 0
    assert measured.activation_bytes > 0


def test_the_time_of_an_act_leaves_the_warm_up_out(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.9, 1.0, 1.2, 2.0, 2.3, 3.0, 3.3])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    assert seconds_of(lambda: None, CPU, budget_s=1.2) == pytest.approx(0.2)


def test_an_act_that_takes_too_long_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 60.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    assert seconds_of(lambda: None, CPU, budget_s=1.0) == 60.0


def test_the_peak_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(measure_module.MATMUL_SIDE, "cpu", 64)
    assert 0 < peak_flops_per_s(CPU, torch.float32, budget_s=0.01) < math.inf
