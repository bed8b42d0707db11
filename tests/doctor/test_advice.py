"""What is predicted from two measured sizes: exact where the law holds, sane where it does not."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatzero.doctor.advice import (
    BATCH_TOKENS,
    BYTES_PER_PARAMETER,
    Prediction,
    activations_of,
    largest_within,
    predict,
    time_law,
)
from chatzero.doctor.measure import TOKENS_PER_STEP, Measurement, SizeTime
from chatzero.models.sizes import SIZES
from chatzero.training.precision import Precision

GIB = 1024**3
SMALL_FLOPS, LARGE_FLOPS = 5 * 10**9, 80 * 10**9
SMALL_BYTES, LARGE_BYTES = 40 * 10**6, 200 * 10**6


def measured(s_per_flop: float, s_per_byte: float) -> Measurement:
    """A machine on which the law holds exactly."""

    def size(name: str, flops: int, held: int) -> SizeTime:
        seconds = flops * s_per_flop + held * s_per_byte
        return SizeTime(name, flops, held, {"float32": 3 * seconds, "bfloat16": seconds})

    small = size("nano", SMALL_FLOPS, SMALL_BYTES)
    large = size("small", LARGE_FLOPS, LARGE_BYTES)
    return Measurement("cpu", "gpt", small, large, {"float32": 1e12, "bfloat16": 2e12})


@given(s_per_flop=st.floats(1e-14, 1e-9), s_per_byte=st.floats(1e-12, 1e-7))
def test_the_law_is_recovered_from_two_sizes(s_per_flop: float, s_per_byte: float) -> None:
    found = time_law(measured(s_per_flop, s_per_byte))
    small_s = measured(s_per_flop, s_per_byte).small.step_s["bfloat16"]
    assert found[0] * SMALL_FLOPS + found[1] * SMALL_BYTES == pytest.approx(small_s, rel=1e-6)
    assert found[0] == pytest.approx(s_per_flop, rel=1e-3, abs=1e-16)


@pytest.mark.parametrize("small_s", [1e-9, 100.0])
def test_noise_never_gives_a_negative_speed(small_s: float) -> None:
    honest = measured(1e-12, 1e-9)
    noisy = replace(honest, small=replace(honest.small, step_s={"float32": small_s, "bfloat16": small_s}))
    assert min(time_law(noisy)) >= 0
    assert all(prediction.minutes > 0 for prediction in predict(noisy, 10**6, None))


def test_activations_lie_on_the_line_through_the_measured_sizes() -> None:
    machine = measured(1e-12, 1e-9)
    assert activations_of(machine, "nano") == SMALL_BYTES
    assert activations_of(machine, "small") == LARGE_BYTES
    assert SMALL_BYTES < activations_of(machine, "tiny") < LARGE_BYTES


def test_every_size_is_predicted_and_larger_is_slower_and_heavier() -> None:
    predictions = predict(measured(1e-12, 1e-9), 10**7, None)
    assert [prediction.size for prediction in predictions] == list(SIZES)
    for smaller, larger in pairwise(predictions):
        assert smaller.minutes < larger.minutes
        assert smaller.memory_bytes < larger.memory_bytes


def test_minutes_are_tokens_over_tokens_per_second() -> None:
    once, twice = (predict(measured(1e-12, 1e-9), budget, None)[0] for budget in (10**6, 2 * 10**6))
    assert once.minutes == pytest.approx(10**6 / once.tokens_per_s / 60)
    assert twice.minutes == pytest.approx(2 * once.minutes)


def test_memory_is_weights_optimizer_activations_and_what_the_process_holds() -> None:
    (nano, *_) = predict(measured(1e-12, 1e-9), 10**6, None, process_bytes=GIB)
    activations = SMALL_BYTES * BATCH_TOKENS / TOKENS_PER_STEP
    assert nano.memory_bytes == round(GIB + nano.parameters * BYTES_PER_PARAMETER + activations)


def test_what_does_not_fit_is_marked_and_never_advised() -> None:
    predictions = predict(measured(1e-15, 1e-12), 10**6, free_memory_bytes=GIB)
    assert predictions[0].fits
    assert not predictions[-1].fits
    best = largest_within(predictions, minutes=10.0)
    assert best is not None
    assert best.fits
    assert best.parameters == max(p.parameters for p in predictions if p.fits)


def test_nothing_is_advised_where_nothing_can_be_done() -> None:
    assert largest_within([Prediction("nano", 1, 1.0, 999.0, 1, True)], minutes=10.0) is None


def test_the_faster_precision_is_the_one_predicted_with() -> None:
    machine = measured(1e-12, 1e-9)
    assert machine.faster == "bfloat16"
    slow: dict[Precision, float] = {"float32": 1.0, "bfloat16": 9.0}
    assert replace(machine, large=replace(machine.large, step_s=slow)).faster == "float32"
