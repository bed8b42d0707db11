"""From facts to findings: what is wrong, how bad it is, and the exact command that mends it. Pure."""

from collections.abc import Callable, Iterator
from pathlib import Path

from chatzero.doctor.check_devices import check_bf16, check_cuda, check_mps, check_torch_build
from chatzero.doctor.check_packages import check_packages, check_torch
from chatzero.doctor.facts import Facts, gather_facts
from chatzero.doctor.finding import Finding, Verdict
from chatzero.language import tr

NEWEST_TESTED = (3, 13)
GIB = 1024**3
# A quickstart holds about 1 GiB (PyTorch itself, the built-in data, the model and its optimizer).
MEMORY_NEEDED = 1 * GIB
MEMORY_WANTED = 2 * GIB
DISK_NEEDED = GIB // 2
DISK_WANTED = 2 * GIB
WRITE_WANTED_PER_S = 20e6


def check(facts: Facts) -> list[Finding]:
    """Every finding, in the order of the table."""
    checks: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
        check_python,
        check_torch,
        check_torch_build,
        check_cuda,
        check_mps,
        check_bf16,
        check_packages,
        check_compiler,
        check_memory,
        check_disk,
        check_threads,
        check_load,
        check_text,
    )
    return [finding for each in checks for finding in each(facts)]


def short_report(folder: Path) -> list[Finding]:
    """The checks that take next to no time: no measuring, no further imports. For the beginning of a run in `folder`.

    Without the compiler: training does without one. The disk is that of the nearest folder that exists already.
    """
    existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.is_dir())
    return [finding for finding in check(gather_facts(existing, thorough=False)) if finding.name != _compiler()]


def check_python(facts: Facts) -> Iterator[Finding]:
    found = ".".join(map(str, facts.python))
    wanted = tr("3.10 to 3.13", "3.10 至 3.13")
    if facts.python < (3, 10):
        yield Finding("Python", found, wanted, "fail", "https://www.python.org -> Python 3.12; python3.12 start.py")
    elif facts.python[:2] > NEWEST_TESTED:
        mend = tr("nothing, unless something fails: then Python 3.12", "若一切正常则无需处理；否则改用 Python 3.12")
        yield Finding("Python", found, wanted, "warn", mend)
    else:
        yield Finding("Python", found, wanted, "ok")


def check_compiler(facts: Facts) -> Iterator[Finding]:
    name, wanted = _compiler(), tr("only for torch.compile", "仅 torch.compile 需要")
    if facts.compiler is not None:
        yield Finding(name, facts.compiler, wanted, "ok")
        return
    mend = {
        "Linux": "sudo apt install build-essential",
        "Darwin": "xcode-select --install",
        "Windows": "winget install Microsoft.VisualStudio.2022.BuildTools",
    }.get(facts.system, "")
    yield Finding(name, tr("none", "无"), wanted, "warn", mend)


def check_memory(facts: Facts) -> Iterator[Finding]:
    if facts.memory_bytes is None:
        return
    free = facts.free_memory_bytes if facts.free_memory_bytes is not None else facts.memory_bytes
    found = tr(f"{_gib(free)} free of {_gib(facts.memory_bytes)}", f"空闲 {_gib(free)}，共 {_gib(facts.memory_bytes)}")
    wanted = tr(f"{_gib(MEMORY_WANTED)} free", f"空闲 {_gib(MEMORY_WANTED)}")
    if free >= MEMORY_WANTED:
        yield Finding(tr("memory", "内存"), found, wanted, "ok")
        return
    mend = tr("close other programs, or take a smaller size", "关闭其他程序，或选用更小的模型")
    yield Finding(tr("memory", "内存"), found, wanted, "fail" if free < MEMORY_NEEDED else "warn", mend)


def check_disk(facts: Facts) -> Iterator[Finding]:
    if facts.disk_free_bytes is not None:
        free = facts.disk_free_bytes
        found = tr(f"{_gib(free)} free", f"空闲 {_gib(free)}")
        wanted = tr(f"{_gib(DISK_WANTED)} free", f"空闲 {_gib(DISK_WANTED)}")
        mend = tr("make room: `pip cache purge` is a start", "清理磁盘，例如先运行 `pip cache purge`")
        verdict: Verdict = "ok" if free >= DISK_WANTED else "warn" if free >= DISK_NEEDED else "fail"
        yield Finding(tr("disk", "磁盘"), found, wanted, verdict, "" if verdict == "ok" else mend)
    if facts.disk_write_bytes_per_s is not None:
        speed = facts.disk_write_bytes_per_s
        slow = speed < WRITE_WANTED_PER_S
        yield Finding(
            tr("disk writes", "磁盘写入"),
            f"{speed / 1e6:.0f} MB/s",
            f"{WRITE_WANTED_PER_S / 1e6:.0f} MB/s",
            "warn" if slow else "ok",
            tr("put the runs on a local disk: --out DIR", "把运行目录放到本地磁盘：--out DIR") if slow else "",
        )


def check_threads(facts: Facts) -> Iterator[Finding]:
    if facts.torch is None:
        return
    threads = facts.torch.threads
    most = min(facts.usable_cores, facts.physical_cores or facts.usable_cores)
    found = tr(f"{threads} for {most} cores", f"{most} 个核心，{threads} 个线程")
    wanted = tr("one a core", "每个核心一个")
    if threads > most:
        # Two threads of one core share its arithmetic units, and wait for each other besides.
        yield Finding(tr("threads", "线程"), found, wanted, "warn", _set_variable(facts, "OMP_NUM_THREADS", str(most)))
    elif facts.omp_num_threads is not None and threads < most:
        found += f" (OMP_NUM_THREADS={facts.omp_num_threads})"
        yield Finding(tr("threads", "线程"), found, wanted, "warn", _unset_variable(facts, "OMP_NUM_THREADS"))
    else:
        yield Finding(tr("threads", "线程"), found, wanted, "ok")


def check_load(facts: Facts) -> Iterator[Finding]:
    """Other programs at work: then every time that is measured here is too long, and training slow."""
    if facts.load is None or facts.load < max(1.5, 0.75 * facts.usable_cores):
        return
    found = tr(f"{facts.load:.1f} programs at work", f"有 {facts.load:.1f} 个程序在计算")
    wanted = tr("an idle machine", "空闲的机器")
    mend = tr("close them before you measure or train", "实测或训练之前先关闭它们")
    yield Finding(tr("load", "负载"), found, wanted, "warn", mend)


def check_text(facts: Facts) -> Iterator[Finding]:
    is_utf8 = facts.text_encoding.lower().replace("-", "").replace("_", "") in ("utf8", "cp65001")
    mend = {"Windows": "set PYTHONUTF8=1", "Darwin": "export LANG=zh_CN.UTF-8"}.get(
        facts.system, "export LC_ALL=C.UTF-8"
    )
    yield Finding(
        tr("text encoding", "文字编码"),
        facts.text_encoding,
        "UTF-8",
        "ok" if is_utf8 else "warn",
        "" if is_utf8 else mend,
    )


def _compiler() -> str:
    return tr("C compiler", "C 编译器")


def _set_variable(facts: Facts, name: str, value: str) -> str:
    return f"set {name}={value}" if facts.system == "Windows" else f"export {name}={value}"


def _unset_variable(facts: Facts, name: str) -> str:
    return f"set {name}=" if facts.system == "Windows" else f"unset {name}"


def _gib(count: int) -> str:
    return f"{count / GIB:.1f} GiB"
