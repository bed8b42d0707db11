"""Whether PyTorch and its devices compute rightly: tried, not believed."""

import torch

from chatzero.device import choose_device, fault_of, seeded_generator, supports_bf16
from chatzero.doctor.torch_facts import TorchFacts
from chatzero.language import tr

_SIDE = 256
# Sums of 256 products of numbers near 1 in float32: the order of summing moves them by about 1e-5, TF32 by about 1e-2.
_TOLERANCE = 0.1


def try_torch() -> TorchFacts:
    """Every device is asked for one matrix product, which is compared with the CPU's."""
    has_gpu = torch.cuda.is_available()
    has_mps = torch.backends.mps.is_available()
    return TorchFacts(
        version=torch.__version__,
        cuda_build=torch.version.cuda,
        gpu=torch.cuda.get_device_name(0) if has_gpu else None,
        gpu_fault=matmul_fault("cuda") if has_gpu else None,
        mps=has_mps,
        mps_fault=matmul_fault("mps") if has_mps else None,
        threads=torch.get_num_threads(),
        bf16=supports_bf16(choose_device().device),
    )


def matmul_fault(device: str) -> str | None:
    """None when `device` multiplies two matrices as the CPU does, else what is wrong."""
    fault = fault_of(device)
    if fault is not None:
        return fault
    a, b = torch.randn(2, _SIDE, _SIDE, generator=seeded_generator(0)).unbind()
    try:
        there = (a.to(device) @ b.to(device)).cpu()
    except RuntimeError as error:
        return str(error).strip().splitlines()[0]
    difference = (there - a @ b).abs().max().item()
    if difference < _TOLERANCE:  # False for NaN too
        return None
    return tr(f"its matrix product is off by {difference:.3g}", f"它的矩阵乘法误差达 {difference:.3g}")
