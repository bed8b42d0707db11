"""Which device computes, whether it is good at bfloat16, and where random numbers come from.

Every choice is a value that is handed down; nothing here is a global. What is wrong with a device, and the command
that mends it, is the doctor's business (`chatzero.doctor`).
"""

import platform
from dataclasses import dataclass

import torch

from chatzero.errors import ConfigError
from chatzero.language import tr


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """The device, and the reason for it in words to show."""

    device: torch.device
    reason: str


def choose_device(requested: str = "auto") -> DeviceChoice:
    """`auto` takes CUDA, then MPS (Apple silicon), then the CPU; `cuda`, `cuda:1`, `mps` and `cpu` are what they say.

    A CUDA device that is listed but cannot compute (a PyTorch build that does not know the card, a broken driver) is
    passed over by `auto`, with the reason. Raises `ConfigError` for a device that is unknown, absent or cannot compute.
    """
    kind, _, index = requested.partition(":")
    if kind == "auto" and not index:
        return _best_device()
    if kind not in ("cuda", "mps", "cpu") or (index and not (kind == "cuda" and index.isdecimal())):
        raise ConfigError(
            what=tr(f"unknown device {requested!r}", f"不认识的设备 {requested!r}"),
            why=tr("a device is auto, cuda, cuda:N, mps or cpu", "设备只能是 auto、cuda、cuda:N、mps 或 cpu"),
            do=tr("use device=auto", "请用 device=auto"),
        )
    fault = fault_of(requested)
    if fault is not None:
        raise ConfigError(
            what=tr(f"device {requested!r} cannot be used", f"设备 {requested!r} 无法使用"),
            why=fault,
            do=tr("use device=auto, or run `chatzero doctor`", "请用 device=auto，或运行 `chatzero doctor` 查看原因"),
        )
    return DeviceChoice(torch.device(requested), tr(f"{_name(requested)}, as asked", f"按要求使用 {_name(requested)}"))


def fault_of(device: str) -> str | None:
    """Why this device cannot compute here, in words; None when it can (an addition there has been tried)."""
    if device.startswith("cuda") and not torch.cuda.is_available():
        return tr("PyTorch sees no NVIDIA GPU", "PyTorch 没有找到 NVIDIA GPU")
    if device == "mps" and not torch.backends.mps.is_available():
        return tr("PyTorch sees no Apple GPU", "PyTorch 没有找到 Apple GPU")
    try:
        total = (torch.ones(2, device=device) + 1).sum().item()
    except RuntimeError as error:  # no kernel image for this card, no such index, out of memory, a driver at fault
        return str(error).strip().splitlines()[0]
    return None if total == 4 else tr(f"1 + 1 there gives {total / 2}", f"在它上面 1 + 1 得到 {total / 2}")


def supports_bf16(device: torch.device) -> bool:
    """Does the hardware itself multiply in bfloat16? Elsewhere bfloat16 works too, but slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "mps":
        return _mps_knows_bf16()
    if platform.machine().lower() in ("x86_64", "amd64"):
        return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def seeded_generator(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator of its own, so that no other code can disturb its sequence."""
    return torch.Generator(device=device).manual_seed(seed)


def _best_device() -> DeviceChoice:
    passed_over = ""
    if torch.cuda.is_available():
        fault = fault_of("cuda")
        if fault is None:
            return DeviceChoice(torch.device("cuda"), tr(f"GPU: {_name('cuda')}", f"GPU：{_name('cuda')}"))
        passed_over = tr(f"; its GPU cannot compute ({fault})", f"；GPU 无法计算（{fault}）")
    if torch.backends.mps.is_available() and fault_of("mps") is None:
        return DeviceChoice(torch.device("mps"), _name("mps"))
    threads = torch.get_num_threads()
    reason = tr(f"CPU with {threads} threads: no GPU that PyTorch can use", f"CPU（{threads} 个线程）：没有可用的 GPU")
    return DeviceChoice(torch.device("cpu"), reason + passed_over)


def _name(device: str) -> str:
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return "Apple GPU" if device == "mps" else "CPU"


def _mps_knows_bf16() -> bool:
    """bfloat16 came to MPS with macOS 14."""
    try:
        torch.ones(1, device="mps", dtype=torch.bfloat16)
    except (RuntimeError, TypeError):
        return False
    return True
