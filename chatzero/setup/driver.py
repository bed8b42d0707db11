"""What the NVIDIA driver says of itself: the newest CUDA it can run, and the cards it sees.

Standard library only: `start.py` reads this before anything is installed. Which PyTorch build follows from it is
`torch_build`.
"""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

Version = tuple[int, int]

# On WSL the tool is not always on the PATH.
PLACES = ("nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi")
TIMEOUT_S = 10.0  # a healthy nvidia-smi answers in well under a second; one that hangs means a wedged driver


@dataclass(frozen=True, slots=True)
class Gpu:
    """A card. `capability` is NVIDIA's "compute capability" (8.6, ...), None when the driver is too old to tell."""

    name: str
    capability: Version | None


@dataclass(frozen=True, slots=True)
class Driver:
    """`cuda` is the newest CUDA version the driver runs. `fault` says why it could not be read."""

    cuda: Version | None
    gpus: tuple[Gpu, ...] = ()
    fault: str | None = None


class NvidiaSmiError(Exception):
    """nvidia-smi is there but failed, hung, or could not be started."""


def read_driver(ask: Callable[[list[str]], str | None] | None = None) -> Driver | None:
    """The driver of this machine; None where there is no `nvidia-smi`, hence no NVIDIA driver."""
    ask = ask or ask_nvidia_smi
    try:
        banner = ask([])
    except NvidiaSmiError as error:
        return Driver(cuda=None, fault=str(error))
    if banner is None:
        return None
    cuda = parse_cuda_version(banner)
    if cuda is None:
        return Driver(cuda=None, fault="nvidia-smi names no CUDA version")
    try:
        listing = ask(["--query-gpu=name,compute_cap", "--format=csv,noheader"]) or ""
    except NvidiaSmiError:  # drivers before 510 do not know compute_cap; the build is then chosen by CUDA version alone
        listing = ""
    return Driver(cuda=cuda, gpus=parse_gpus(listing))


def parse_cuda_version(banner: str) -> Version | None:
    """From the head of nvidia-smi's table: `CUDA Version: 12.4`, or `CUDA UMD Version: 13.3` since driver 610."""
    found = re.search(r"CUDA (?:UMD )?Version\s*:\s*(\d+)\.(\d+)", banner)
    return (int(found[1]), int(found[2])) if found else None


def parse_gpus(listing: str) -> tuple[Gpu, ...]:
    """From lines like `NVIDIA GeForce RTX 3060, 8.6`."""
    gpus = []
    for line in listing.splitlines():
        name, comma, capability = line.rpartition(",")
        found = re.fullmatch(r"\s*(\d+)\.(\d+)\s*", capability)
        if comma and name.strip():
            gpus.append(Gpu(name.strip(), (int(found[1]), int(found[2])) if found else None))
    return tuple(gpus)


def ask_nvidia_smi(words: list[str], timeout_s: float = TIMEOUT_S) -> str | None:
    """What nvidia-smi prints for these arguments; None where it does not exist. Raises `NvidiaSmiError`."""
    tool = next((found for found in map(shutil.which, PLACES) if found), None)
    if tool is None:
        return None
    try:
        answer = subprocess.run(
            [tool, *words], capture_output=True, text=True, errors="replace", timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise NvidiaSmiError(f"nvidia-smi did not answer within {timeout_s:g} s") from None
    except OSError as error:
        raise NvidiaSmiError(f"nvidia-smi could not be started: {error}") from None
    if answer.returncode != 0:
        words_of_it = (answer.stdout + answer.stderr).strip().splitlines()
        raise NvidiaSmiError(words_of_it[0] if words_of_it else f"nvidia-smi stopped with code {answer.returncode}")
    return answer.stdout
