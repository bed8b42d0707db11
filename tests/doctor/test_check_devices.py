"""The PyTorch build against driver and card, and devices that do not compute."""

from dataclasses import replace

import pytest

from chatzero.doctor.check_devices import driver_runs
from chatzero.doctor.facts import Facts
from chatzero.doctor.torch_facts import TorchFacts
from chatzero.language import set_language
from chatzero.setup.driver import Driver, Gpu, Version
from tests.doctor.machines import GOOD, GPU_MACHINE, RTX, complaint, complaints

PIP = "/venv/bin/python -m pip install"
CU126 = f"{PIP} torch==2.13.0+cu126 --extra-index-url https://download.pytorch.org/whl/cu126"


def gpu_machine(
    driver: Driver | None, cuda_build: str | None, gpu: str | None = None, fault: str | None = None
) -> Facts:
    torch = TorchFacts("2.13.0", cuda_build=cuda_build, gpu=gpu, gpu_fault=fault, threads=4)
    return replace(GPU_MACHINE, torch=torch, driver=driver)


def test_a_cpu_build_beside_a_gpu() -> None:
    found = complaint(gpu_machine(Driver((12, 4), (RTX,)), cuda_build=None))
    assert (found.name, found.found, found.verdict) == ("PyTorch build", "for the CPU", "warn")
    assert found.mend == CU126
    set_language("zh")
    assert complaint(gpu_machine(Driver((12, 4), (RTX,)), cuda_build=None)).found == "CPU 版"


def test_a_build_newer_than_the_driver() -> None:
    found = complaint(gpu_machine(Driver((12, 4), (RTX,)), cuda_build="13.0"))
    assert (found.found, found.wanted, found.verdict) == ("for CUDA 13.0", "CUDA <= 12.4", "fail")
    assert found.mend == f"a newer NVIDIA driver, or: {CU126}"


def test_a_build_of_the_same_major_version_is_right() -> None:
    assert complaints(gpu_machine(Driver((12, 4), (RTX,)), cuda_build="12.6", gpu=RTX.name)) == []


def test_a_cuda_build_without_a_driver() -> None:
    found = complaint(gpu_machine(None, cuda_build="13.0"))
    assert found.verdict == "warn"
    assert f"{PIP} torch==2.13.0+cpu" in found.mend


def test_a_driver_that_does_not_answer() -> None:
    found = complaint(gpu_machine(Driver(None, fault="did not answer within 10 s"), cuda_build="13.0"))
    assert found.verdict == "warn"
    assert "did not answer within 10 s" in found.mend


@pytest.mark.parametrize(("cuda_build", "verdict"), [(None, "warn"), ("13.0", "fail")])
def test_a_driver_too_old_for_any_build(cuda_build: str | None, verdict: str) -> None:
    found = complaint(gpu_machine(Driver((11, 4), (RTX,)), cuda_build))
    assert found.verdict == verdict
    assert "newest NVIDIA driver" in found.mend


def test_a_gpu_that_does_not_compute() -> None:
    old_card = Driver((13, 0), (Gpu("GTX 1080", (6, 1)),))
    found = complaint(gpu_machine(old_card, "13.0", gpu="GTX 1080", fault="no kernel image is available"))
    assert (found.name, found.verdict) == ("GPU", "fail")
    assert found.found == "GTX 1080: no kernel image is available"
    assert found.mend.startswith(CU126)


def test_a_gpu_that_pytorch_does_not_see() -> None:
    found = complaint(gpu_machine(Driver((13, 1), (RTX,)), "13.0", gpu=None))
    assert (found.name, found.verdict) == ("GPU", "fail")
    assert "CUDA_VISIBLE_DEVICES" in found.mend


@pytest.mark.parametrize(
    ("torch", "verdict"),
    [
        (TorchFacts("2.13.0", threads=4), "warn"),
        (TorchFacts("2.13.0", mps=True, mps_fault="off by 3", threads=4), "fail"),
    ],
)
def test_a_mac_whose_gpu_is_not_seen_or_wrong(torch: TorchFacts, verdict: str) -> None:
    found = complaint(replace(GOOD, system="Darwin", torch=torch))
    assert (found.name, found.verdict) == ("MPS", verdict)


@pytest.mark.parametrize(
    ("cuda", "build", "runs"),
    [((12, 4), "12.6", True), ((12, 4), "13.0", False), ((13, 0), "12.6", True), ((13, 0), "13.2", True)],
)
def test_which_builds_a_driver_runs(cuda: Version, build: str, runs: bool) -> None:
    assert driver_runs(Driver(cuda), build) == runs
