"""Reading nvidia-smi: old and new banners, a hung tool, a broken one, none."""

import os
import stat
import sys
from pathlib import Path

import pytest

from chatzero.setup import driver
from chatzero.setup.driver import Driver, Gpu, NvidiaSmiError, parse_cuda_version, parse_gpus, read_driver

OLD = "| NVIDIA-SMI 550.54.15   Driver Version: 550.54.15   CUDA Version: 12.4     |"
NEW = "| NVIDIA-SMI 610.43.02   KMD Version: 610.43.02      CUDA UMD Version: 13.3 |"


@pytest.mark.parametrize(
    ("banner", "expected"),
    [(OLD, (12, 4)), (NEW, (13, 3)), ("CUDA Version: N/A", None), ("CUDA Version: ERR!", None), ("", None)],
)
def test_cuda_version_of_a_banner(banner: str, expected: tuple[int, int] | None) -> None:
    assert parse_cuda_version(banner) == expected


def test_gpus_of_a_listing() -> None:
    listing = "NVIDIA GeForce RTX 3060, 8.6\nOld, Card, [N/A]\n\n"
    assert parse_gpus(listing) == (Gpu("NVIDIA GeForce RTX 3060", (8, 6)), Gpu("Old, Card", None))
    assert parse_gpus("Field 'compute_cap' is not a valid field to query.") == ()


def test_a_driver_is_its_cuda_and_its_cards() -> None:
    answers = {"": OLD, "--query-gpu=name,compute_cap": "NVIDIA A10, 8.6\n"}
    assert read_driver(lambda words: answers["".join(words[:1])]) == Driver((12, 4), (Gpu("NVIDIA A10", (8, 6)),))


def test_no_nvidia_smi_means_no_driver() -> None:
    assert read_driver(lambda words: None) is None


def test_a_tool_that_fails_is_a_fault_not_an_absence() -> None:
    def broken(words: list[str]) -> str:
        raise NvidiaSmiError("couldn't communicate with the NVIDIA driver")

    assert read_driver(broken) == Driver(cuda=None, fault="couldn't communicate with the NVIDIA driver")


def test_a_banner_without_a_version_is_a_fault() -> None:
    found = read_driver(lambda words: "CUDA Version: N/A")
    assert found is not None
    assert found.cuda is None
    assert found.fault


def test_a_driver_too_old_to_tell_the_capability_is_still_read() -> None:
    def old(words: list[str]) -> str:
        if words:
            raise NvidiaSmiError("not a valid field")
        return OLD

    assert read_driver(old) == Driver(cuda=(12, 4))


@pytest.mark.skipif(sys.platform == "win32", reason="the pretended tool is a shell script")
class TestTheRealTool:
    """A shell script stands in for nvidia-smi."""

    def pretend(self, folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
        tool = folder / "nvidia-smi"
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def test_it_answers(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pretend(tmp_path, monkeypatch, f"echo '{NEW}'")
        assert read_driver() == Driver(cuda=(13, 3))

    def test_it_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pretend(tmp_path, monkeypatch, "echo 'Failed to initialize NVML: Driver mismatch'; exit 18")
        found = read_driver()
        assert found is not None
        assert found.fault == "Failed to initialize NVML: Driver mismatch"

    def test_it_hangs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pretend(tmp_path, monkeypatch, "exec sleep 60")
        with pytest.raises(NvidiaSmiError, match=r"within 0\.2 s"):
            driver.ask_nvidia_smi([], timeout_s=0.2)

    def test_it_is_no_program(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pretend(tmp_path, monkeypatch, "")
        (tmp_path / "nvidia-smi").write_bytes(b"\x00not a program")
        with pytest.raises(NvidiaSmiError, match="could not be started"):
            driver.ask_nvidia_smi([])
