"""Each fault of a machine is pretended once; the finding, its verdict and the mending command are checked."""

from dataclasses import replace
from pathlib import Path

import pytest

from chatzero.doctor.checks import check, short_report
from chatzero.doctor.facts import Facts
from chatzero.doctor.torch_facts import TorchFacts
from chatzero.language import set_language
from tests.doctor.machines import GIB, GOOD, GPU_MACHINE, complaint, complaints

MAC = replace(GOOD, system="Darwin", torch=TorchFacts(version="2.13.0", mps=True, threads=4))


@pytest.mark.parametrize("facts", [GOOD, GPU_MACHINE, MAC], ids=["CPU", "GPU", "Mac"])
def test_a_good_machine_gives_no_complaint(facts: Facts) -> None:
    assert complaints(facts) == []
    assert {"Python", "PyTorch", "numpy", "memory", "disk", "threads"} <= {finding.name for finding in check(facts)}


def test_an_old_python() -> None:
    found = complaint(replace(GOOD, python=(3, 9, 18)))
    assert (found.name, found.found, found.verdict) == ("Python", "3.9.18", "fail")
    assert "python3.12 start.py" in found.mend


def test_a_python_newer_than_any_we_tested() -> None:
    assert complaint(replace(GOOD, python=(3, 15, 0))).verdict == "warn"


@pytest.mark.parametrize(
    ("system", "mend"), [("Linux", "apt install build-essential"), ("Windows", "winget"), ("Darwin", "xcode-select")]
)
def test_no_compiler_is_no_failure(system: str, mend: str) -> None:
    finding = next(f for f in check(replace(MAC, system=system, compiler=None)) if f.name == "C compiler")
    assert finding.verdict == "warn"
    assert mend in finding.mend


@pytest.mark.parametrize(("free", "verdict"), [(1.5, "warn"), (0.5, "fail")])
def test_little_memory(free: float, verdict: str) -> None:
    found = complaint(replace(GOOD, free_memory_bytes=int(free * GIB)))
    assert (found.name, found.verdict) == ("memory", verdict)
    assert f"{free} GiB free of 16.0 GiB" in found.found


@pytest.mark.parametrize(("free", "verdict"), [(1.0, "warn"), (0.1, "fail")])
def test_little_room_on_the_disk(free: float, verdict: str) -> None:
    found = complaint(replace(GOOD, disk_free_bytes=int(free * GIB)))
    assert (found.name, found.verdict) == ("disk", verdict)
    assert "pip cache purge" in found.mend


def test_a_slow_disk() -> None:
    found = complaint(replace(GOOD, disk_write_bytes_per_s=3e6))
    assert (found.name, found.found, found.verdict) == ("disk writes", "3 MB/s", "warn")


def test_more_threads_than_cores() -> None:
    assert GOOD.torch is not None
    found = complaint(replace(GOOD, torch=replace(GOOD.torch, threads=8)))
    assert (found.name, found.found, found.verdict) == ("threads", "8 for 4 cores", "warn")
    assert found.mend == "export OMP_NUM_THREADS=4"


def test_a_container_that_may_use_fewer_cores_than_there_are() -> None:
    assert complaint(replace(GOOD, usable_cores=2)).mend == "export OMP_NUM_THREADS=2"


def test_omp_num_threads_that_leaves_cores_idle() -> None:
    assert GOOD.torch is not None
    one = replace(GOOD, torch=replace(GOOD.torch, threads=1), omp_num_threads="1")
    found = complaint(one)
    assert "OMP_NUM_THREADS=1" in found.found
    assert found.mend == "unset OMP_NUM_THREADS"
    assert "set OMP_NUM_THREADS=" in [f.mend for f in complaints(replace(one, system="Windows"))]


def test_a_busy_machine() -> None:
    found = complaint(replace(GOOD, load=6.3))
    assert (found.name, found.found, found.verdict) == ("load", "6.3 programs at work", "warn")
    assert complaints(replace(GOOD, load=0.9)) == []


@pytest.mark.parametrize(("encoding", "is_right"), [("UTF-8", True), ("utf8", True), ("cp936", False), ("GBK", False)])
def test_the_text_encoding(encoding: str, is_right: bool) -> None:
    found = complaints(replace(GOOD, text_encoding=encoding))
    assert [finding.found for finding in found] == ([] if is_right else [encoding])


def test_a_machine_of_which_nothing_is_known_breaks_no_check() -> None:
    assert complaints(Facts())[0].name in ("ChatZero", "PyTorch")


def test_every_complaint_has_a_mending_command_in_both_languages() -> None:
    broken = replace(
        GOOD,
        python=(3, 9, 0),
        torch=TorchFacts("2.13.0", threads=64),
        compiler=None,
        free_memory_bytes=GIB // 2,
        disk_free_bytes=GIB // 4,
        disk_write_bytes_per_s=1e6,
        text_encoding="gbk",
    )
    english = complaints(broken)
    assert len(english) == 7
    set_language("zh")
    chinese = complaints(broken)
    for one, other in zip(english, chinese, strict=True):
        assert one.mend
        assert other.mend
        assert one.verdict == other.verdict
    assert [f.name for f in chinese] == ["Python", "C 编译器", "内存", "磁盘", "磁盘写入", "线程", "文字编码"]


def test_the_short_report_of_this_very_machine_measures_nothing(tmp_path: Path) -> None:
    names = {finding.name for finding in short_report(tmp_path)}
    assert {"Python", "PyTorch", "memory", "threads"} <= names
    assert "disk writes" not in names
