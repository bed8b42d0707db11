"""Gathering facts: the parsers on made-up texts, and this very machine."""

import importlib
import sys
from pathlib import Path

import pytest

from chatzero.doctor import facts as facts_module
from chatzero.doctor.disk import disk_free_bytes, write_bytes_per_s
from chatzero.doctor.facts import CORE_PACKAGES, gather_facts
from chatzero.doctor.memory import free_memory_bytes, process_bytes, total_memory_bytes
from chatzero.doctor.processor import _cores_of, _quota_of, usable_cores
from chatzero.doctor.torch_trial import matmul_fault, try_torch

TWO_SOCKETS = "\n".join(
    f"processor : {i}\nphysical id : {socket}\ncore id : {core}\n"
    for i, (socket, core) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1), (0, 0), (0, 1), (1, 0), (1, 1)])
)


def test_physical_cores_are_counted_once_for_each_socket() -> None:
    assert _cores_of(TWO_SOCKETS) == 4
    assert _cores_of("processor : 0\nBogoMIPS : 48.00\n") is None


@pytest.mark.parametrize(
    ("cpu_max", "cores"),
    [("150000 100000", 1), ("400000 100000", 4), ("50000 100000", 1), ("max 100000", None), ("", None)],
)
def test_the_quota_of_a_container(cpu_max: str, cores: int | None) -> None:
    assert _quota_of(cpu_max) == cores


def test_this_machine_has_memory_a_disk_and_cores(tmp_path: Path) -> None:
    assert usable_cores() >= 1
    assert (disk_free_bytes(tmp_path) or 0) > 0
    assert (write_bytes_per_s(tmp_path, sample_bytes=2**20) or 0) > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_of_this_machine() -> None:
    total, free, own = total_memory_bytes(), free_memory_bytes(), process_bytes()
    assert total is not None
    assert free is not None
    assert own is not None
    assert 0 < own < total
    assert 0 < free <= total


def test_a_folder_that_is_not_there_is_no_crash(tmp_path: Path) -> None:
    assert disk_free_bytes(tmp_path / "absent") is None
    assert write_bytes_per_s(tmp_path / "absent") is None


def test_the_cpu_multiplies_as_the_cpu() -> None:
    assert matmul_fault("cpu") is None
    assert try_torch().version


def test_facts_of_this_machine(tmp_path: Path) -> None:
    facts = gather_facts(tmp_path, thorough=False)
    assert facts.torch is not None
    assert facts.torch.threads >= 1
    assert all(facts.packages[name] for name in CORE_PACKAGES)
    assert facts.disk_write_bytes_per_s is None
    assert facts.import_faults == {}


def test_an_import_that_fails_is_a_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise RuntimeError("module compiled against numpy 1\nmore lines")

    monkeypatch.setattr(importlib, "import_module", fail)
    assert facts_module._import_faults(["datasets"]) == {"datasets": "RuntimeError: module compiled against numpy 1"}


def test_a_pytorch_that_cannot_be_imported_is_a_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "chatzero.doctor.torch_trial", None)
    torch_facts, faults = facts_module._torch_facts()
    assert torch_facts is None
    assert "torch" in faults
