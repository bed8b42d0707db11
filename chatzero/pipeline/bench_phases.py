"""Where the time of a training step goes: its parts, one after the other, each under a clock."""

import time
from collections.abc import Callable

import torch

from chatzero.data.batch import Batch
from chatzero.data.loader import Loader
from chatzero.doctor.measure import wait_for
from chatzero.training.config import TrainConfig
from chatzero.training.objective import batch_loss
from chatzero.training.state import TrainState

PHASES = ("batch", "forward", "backward", "clip", "optimizer")


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
