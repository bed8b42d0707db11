"""Progress -> learning rate: a pure function. Progress runs from 0 to 1 over the horizon, in steps or by the clock."""

import math
from typing import Literal

Schedule = Literal["cosine", "linear", "constant", "inverse-sqrt"]


def learning_rate_share(progress: float, *, schedule: Schedule, warmup: float, floor: float) -> float:
    """The share of the peak learning rate at this progress.

    Linear warm-up over the first `warmup` of the horizon (without it the first steps of Adam, whose second moments
    are still noise, throw the weights far away), then down to `floor` along a half cosine (Loshchilov and Hutter
    2017), a line, or not at all. "inverse-sqrt" falls with the root of the step (Vaswani et al. 2017, equation 3), from
    the peak at the end of the warm-up, and knows no floor.
    """
    if progress < warmup:
        return progress / warmup
    if schedule == "constant":
        return 1.0
    if schedule == "inverse-sqrt":
        return math.sqrt(warmup / progress) if progress > 0 else 1.0
    rest = min(1.0, (progress - warmup) / max(1e-9, 1.0 - warmup))
    fall = 0.5 * (1.0 + math.cos(math.pi * rest)) if schedule == "cosine" else 1.0 - rest
    return floor + (1.0 - floor) * fall
