"""From what was measured: the minutes and the memory that each named size takes. Pure arithmetic.

A step is held up by arithmetic (its FLOPs) and by moving numbers (its activations), so its time is

    step_s = FLOPs * s_per_flop + activation_bytes * s_per_byte

Two measured sizes give the two unknowns. Small models are bound by the second term: judged by FLOPs alone, from one
size, a prediction for another is easily wrong by a factor of two.
"""

import math
from dataclasses import dataclass

from chatzero.doctor.measure import ANSWER_LEN, SOURCE_LEN, TOKENS_PER_STEP, VOCAB_SIZE, Measurement, step_flops
from chatzero.models.size import parameters
from chatzero.models.sizes import SIZES, sized
from chatzero.training.config import TrainConfig

# float32 each: weight, gradient, and AdamW's two running means.
BYTES_PER_PARAMETER = 16
BATCH_TOKENS = TrainConfig(steps=1).batch_tokens


@dataclass(frozen=True, slots=True)
class Prediction:
    """Of one size. `memory_bytes` includes what this process holds already; `fits` compares it with what there is."""

    size: str
    parameters: int
    tokens_per_s: float
    minutes: float
    memory_bytes: int
    fits: bool


def predict(
    measurement: Measurement, token_budget: int, free_memory_bytes: int | None, process_bytes: int = 0
) -> list[Prediction]:
    """Every named size, trained on `token_budget` tokens in the faster precision. Tokens count questions too."""
    s_per_flop, s_per_byte = time_law(measurement)
    predictions = []
    for size in SIZES:
        config = sized(measurement.arch, size, VOCAB_SIZE, SOURCE_LEN + ANSWER_LEN)
        activation_bytes = activations_of(measurement, size)
        step_s = step_flops(config) * s_per_flop + activation_bytes * s_per_byte
        tokens_per_s = TOKENS_PER_STEP / step_s
        memory_bytes = training_bytes(parameters(config), activation_bytes * BATCH_TOKENS / TOKENS_PER_STEP)
        predictions.append(
            Prediction(
                size,
                parameters(config),
                tokens_per_s,
                token_budget / tokens_per_s / 60,
                memory_bytes + process_bytes,
                free_memory_bytes is None or memory_bytes < free_memory_bytes,
            )
        )
    return predictions


def training_bytes(parameters: int, activation_bytes: float | int) -> int:
    """What training takes beside what the process holds already. Muon keeps less than AdamW, and is given as much."""
    return round(parameters * BYTES_PER_PARAMETER + activation_bytes)


def time_law(measurement: Measurement) -> tuple[float, float]:
    """(seconds per FLOP, seconds per byte of activations) that explain both measured sizes.

    Neither is negative: where noise would make one so, the other alone explains both sizes as well as it can.
    """
    small, large, precision = measurement.small, measurement.large, measurement.faster
    small_s, large_s = small.step_s[precision], large.step_s[precision]
    determinant = small.step_flops * large.activation_bytes - large.step_flops * small.activation_bytes
    s_per_flop = (small_s * large.activation_bytes - large_s * small.activation_bytes) / determinant
    s_per_byte = (small.step_flops * large_s - large.step_flops * small_s) / determinant
    if s_per_byte < 0:
        return math.sqrt(small_s / small.step_flops * large_s / large.step_flops), 0.0
    if s_per_flop < 0:
        return 0.0, math.sqrt(small_s / small.activation_bytes * large_s / large.activation_bytes)
    return s_per_flop, s_per_byte


def activations_of(measurement: Measurement, size: str) -> float:
    """Bytes: on the straight line in depth * d_model through the two measured sizes."""
    low, high = _volume(measurement.small.size), _volume(measurement.large.size)
    slope = (measurement.large.activation_bytes - measurement.small.activation_bytes) / (high - low)
    return measurement.small.activation_bytes + slope * (_volume(size) - low)


def largest_within(predictions: list[Prediction], minutes: float) -> Prediction | None:
    """The largest size that fits the memory and the minutes."""
    fitting = [prediction for prediction in predictions if prediction.fits and prediction.minutes <= minutes]
    return max(fitting, key=lambda prediction: prediction.parameters, default=None)


def _volume(size: str) -> int:
    return SIZES[size].depth * SIZES[size].d_model
