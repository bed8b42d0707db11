"""What is true of this machine and environment: gathered here, judged in `checks`.

Nothing here raises: what cannot be found out is None, and a library that cannot be imported is a fact too.
"""

import importlib
import importlib.metadata
import locale
import os
import platform
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chatzero.doctor.disk import disk_free_bytes, write_bytes_per_s
from chatzero.doctor.memory import free_memory_bytes, total_memory_bytes
from chatzero.doctor.processor import physical_cores, recent_load, usable_cores
from chatzero.doctor.requirements import applying
from chatzero.doctor.torch_facts import TorchFacts
from chatzero.setup.driver import Driver, read_driver

# Those whose versions are known to quarrel with one another.
CORE_PACKAGES = ("torch", "transformers", "tokenizers", "datasets", "numpy", "safetensors")
COMPILERS = ("cc", "gcc", "clang", "cl")


@dataclass(frozen=True)
class Facts:
    """One machine, one moment. The defaults are those of a machine of which nothing is known."""

    python: tuple[int, int, int] = (3, 12, 0)
    executable: str = "python"
    system: str = "Linux"
    packages: Mapping[str, str | None] = field(default_factory=dict)
    """Version of each package that is required, None where it is missing."""
    requirements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What ChatZero and the core packages require, in the words of their metadata."""
    import_faults: Mapping[str, str] = field(default_factory=dict)
    """Packages that are installed and cannot be imported, with the reason."""
    torch: TorchFacts | None = None
    driver: Driver | None = None
    compiler: str | None = None
    memory_bytes: int | None = None
    free_memory_bytes: int | None = None
    disk_free_bytes: int | None = None
    disk_write_bytes_per_s: float | None = None
    physical_cores: int | None = None
    usable_cores: int = 1
    load: float | None = None
    """How many programs wanted to compute in the last minute, on average."""
    omp_num_threads: str | None = None
    text_encoding: str = "utf-8"


def gather_facts(folder: Path, thorough: bool) -> Facts:
    """`thorough` also imports every core package and writes a file in `folder` to time it: some seconds."""
    requirements = {name: _requirements_of(name) for name in ("chatzero", *CORE_PACKAGES)}
    versions = {name: _version_of(name) for name in _names(requirements)}
    torch_facts, import_faults = _torch_facts()
    if thorough:
        import_faults |= _import_faults(name for name in CORE_PACKAGES if versions.get(name) and name != "torch")
    return Facts(
        python=sys.version_info[:3],
        executable=sys.executable,
        system=platform.system(),
        packages=versions,
        requirements=requirements,
        import_faults=import_faults,
        torch=torch_facts,
        driver=read_driver(),
        compiler=next((found for found in map(shutil.which, COMPILERS) if found), None),
        memory_bytes=total_memory_bytes(),
        free_memory_bytes=free_memory_bytes(),
        disk_free_bytes=disk_free_bytes(folder),
        disk_write_bytes_per_s=write_bytes_per_s(folder) if thorough else None,
        physical_cores=physical_cores(),
        usable_cores=usable_cores(),
        load=recent_load(),
        omp_num_threads=os.environ.get("OMP_NUM_THREADS"),
        text_encoding=locale.getpreferredencoding(False),
    )


def _torch_facts() -> tuple[TorchFacts | None, dict[str, str]]:
    """The facts; or None, and the reason under "torch" where it is installed and cannot be imported."""
    try:
        # Here and not above: that this import fails is one of the facts.
        from chatzero.doctor.torch_trial import try_torch
    except Exception as error:  # ImportError, a missing DLL (OSError), a build for another numpy (RuntimeError, ...)
        missing = isinstance(error, ModuleNotFoundError) and error.name == "torch"
        return None, {} if missing else {"torch": _first_line(error)}
    return try_torch(), {}


def _import_faults(names: Iterable[str]) -> dict[str, str]:
    faults = {}
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # whatever a broken library throws at import is what we want to know
            faults[name] = _first_line(error)
    return faults


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _requirements_of(name: str) -> tuple[str, ...]:
    try:
        return tuple(importlib.metadata.requires(name) or ())
    except importlib.metadata.PackageNotFoundError:
        return ()


def _names(requirements: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Every package that is required by ChatZero or a core package, the core packages first."""
    required = (requirement.name for declared in requirements.values() for requirement in applying(declared))
    return list(dict.fromkeys((*CORE_PACKAGES, *required)))


def _version_of(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
