"""What PyTorch says of itself and of the devices. A plain value: `torch_trial` gathers it, `checks` judges it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TorchFacts:
    """`cuda_build` is the CUDA version the build was made with, None for a build without.

    `gpu` and `mps` tell whether PyTorch lists such a device; the fault is why it cannot be used, None when it can.
    """

    version: str
    cuda_build: str | None = None
    gpu: str | None = None
    gpu_fault: str | None = None
    mps: bool = False
    mps_fault: str | None = None
    threads: int = 1
    bf16: bool = False
