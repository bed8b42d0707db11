"""Pretended machines: one on which all is well, to be spoilt in one way by each test."""

from collections.abc import Mapping
from dataclasses import replace

from chatzero.doctor.checks import check
from chatzero.doctor.facts import Facts
from chatzero.doctor.finding import Finding
from chatzero.doctor.torch_facts import TorchFacts
from chatzero.setup.driver import Driver, Gpu

GIB = 1024**3
PACKAGES: Mapping[str, str | None] = {
    "torch": "2.13.0+cpu",
    "transformers": "5.23.0",
    "tokenizers": "0.23.3",
    "datasets": "5.2.0",
    "numpy": "2.4.6",
    "safetensors": "0.8.0",
    "tqdm": "4.67.1",
}
REQUIREMENTS = {
    "chatzero": ("torch>=2.10", "numpy>=1.26", "tokenizers>=0.21", "transformers>=4.57", "datasets>=3.0", "tqdm>=4.66"),
    "transformers": ("tokenizers<0.24.0,>=0.23.1", "numpy>=1.17", 'torch>=2.6; extra == "torch"'),
}
GOOD = Facts(
    python=(3, 12, 4),
    executable="/venv/bin/python",
    system="Linux",
    packages=PACKAGES,
    requirements=REQUIREMENTS,
    torch=TorchFacts(version="2.13.0+cpu", threads=4, bf16=True),
    compiler="/usr/bin/cc",
    memory_bytes=16 * GIB,
    free_memory_bytes=8 * GIB,
    disk_free_bytes=50 * GIB,
    disk_write_bytes_per_s=400e6,
    physical_cores=4,
    usable_cores=8,
)
RTX = Gpu("NVIDIA GeForce RTX 3060", (8, 6))
GPU_MACHINE = replace(
    GOOD,
    packages={**PACKAGES, "torch": "2.13.0+cu130"},
    torch=TorchFacts(version="2.13.0+cu130", cuda_build="13.0", gpu=RTX.name, threads=4, bf16=True),
    driver=Driver((13, 1), (RTX,)),
)


def with_versions(**versions: str | None) -> Facts:
    """The good machine with some packages of other versions; None: missing."""
    return replace(GOOD, packages={**PACKAGES, **versions})


def complaints(facts: Facts) -> list[Finding]:
    """What is not right there."""
    return [finding for finding in check(facts) if finding.verdict != "ok"]


def complaint(facts: Facts) -> Finding:
    """The one thing that is not right there."""
    (only,) = complaints(facts)
    return only
