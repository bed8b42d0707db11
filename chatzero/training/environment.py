"""What changes the last bits of a result on the same seed: written into every checkpoint, compared when it is taken up.

Measured: one thread or two give different weights at equal printed losses; so do the fused and the plain AdamW. A sum
in another order is the whole reason; what is learned is as good.
"""

import platform
from collections.abc import Sequence

import torch

from chatzero.language import tr
from chatzero.models.interface import LanguageModel

Environment = dict[str, str]


def environment(
    model: LanguageModel, optimizers: Sequence[torch.optim.Optimizer], dtype: torch.dtype, processes: int = 1
) -> Environment:
    """The versions, the processor and the choices that decide in which order numbers are added up."""
    device = next(model.parameters()).device
    return {
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "processor": f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
        "processes": str(processes),
        "threads": str(torch.get_num_threads()),
        "precision": str(dtype).removeprefix("torch."),
        "optimizers": ", ".join(_described(optimizer) for optimizer in optimizers),
    }


def changes(before: object, now: Environment) -> list[str]:
    """A line for each fact that was otherwise when the checkpoint was written; none where nothing was recorded."""
    if not isinstance(before, dict):
        return []
    return [
        tr(f"{name}: {before[name]} then, {value} now", f"{name}：当时 {before[name]}，现在 {value}")
        for name, value in now.items()
        if name in before and before[name] != value
    ]


def _described(optimizer: torch.optim.Optimizer) -> str:
    return f"{type(optimizer).__name__}{' fused' if optimizer.defaults.get('fused') else ''}"
