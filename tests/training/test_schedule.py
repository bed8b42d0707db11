"""The learning rate rises, falls, and stays within its bounds, whatever the settings."""

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatzero.training.schedule import Schedule, learning_rate_share


@given(
    progress=st.floats(0, 2),
    warmup=st.floats(0, 0.99),
    floor=st.floats(0, 1),
    schedule=st.sampled_from(get_args(Schedule)),
)
def test_always_between_zero_and_one(progress: float, warmup: float, floor: float, schedule: Schedule) -> None:
    share = learning_rate_share(progress, schedule=schedule, warmup=warmup, floor=floor)
    assert 0.0 <= share <= 1.0 + 1e-9
    if progress >= 1.0 and schedule != "inverse-sqrt":
        assert share == pytest.approx(1.0 if schedule == "constant" else floor)


@pytest.mark.parametrize(("progress", "wanted"), [(0.05, 0.5), (0.1, 1.0), (0.55, 0.55), (1.0, 0.1), (1.5, 0.1)])
def test_cosine_by_hand(progress: float, wanted: float) -> None:
    """Half-way down a half cosine stands at the middle between peak and floor."""
    assert math.isclose(learning_rate_share(progress, schedule="cosine", warmup=0.1, floor=0.1), wanted)


def test_a_line_is_straight() -> None:
    shares = [learning_rate_share(p, schedule="linear", warmup=0.0, floor=0.0) for p in (0.0, 0.25, 0.5, 1.0)]
    assert shares == pytest.approx([1.0, 0.75, 0.5, 0.0])


def test_inverse_square_root_by_hand() -> None:
    """2,000 updates of warm-up in 8,000: at four times as many the rate has halved, as equation 3 of the paper says."""
    shares = [
        learning_rate_share(step / 8000, schedule="inverse-sqrt", warmup=0.25, floor=0.0)
        for step in (0, 1000, 2000, 8000, 32000)
    ]
    assert shares == pytest.approx([0.0, 0.5, 1.0, 0.5, 0.25])
