"""The processor: real cores, and those this process may use."""

import os
import platform
import subprocess
import sys
from pathlib import Path


def physical_cores() -> int | None:
    """Cores that compute by themselves: two hardware threads of one core share its arithmetic. None if unknown."""
    match platform.system():
        case "Linux":
            return _cores_of(_text(Path("/proc/cpuinfo")))
        case "Darwin":
            answer = subprocess.run(["sysctl", "-n", "hw.physicalcpu"], capture_output=True, text=True, check=False)
            return int(answer.stdout) if answer.stdout.strip().isdecimal() else None
        case _:
            return None


def usable_cores() -> int:
    """Hardware threads this process may run on: affinity and a container's quota count."""
    usable = os.cpu_count() or 1
    if platform.system() == "Linux":
        usable = len(os.sched_getaffinity(0))
    quota = _quota_of(_text(Path("/sys/fs/cgroup/cpu.max")))
    return min(usable, quota) if quota is not None else usable


def recent_load() -> float | None:
    """Programs that wanted to compute at the same time, averaged over the last minute; None on Windows."""
    if sys.platform == "win32":
        return None
    return os.getloadavg()[0]


def _cores_of(cpuinfo: str) -> int | None:
    """Distinct (socket, core) pairs of /proc/cpuinfo; None on processors that do not name them (many ARM ones)."""
    cores, socket = set(), ""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "physical id":
            socket = value.strip()
        elif name.strip() == "core id":
            cores.add((socket, value.strip()))
    return len(cores) or None


def _quota_of(cpu_max: str) -> int | None:
    """Of a line like `150000 100000` (microseconds of work in each period): whole cores, at least one."""
    words = cpu_max.split()
    if len(words) != 2 or not words[0].isdecimal():
        return None
    return max(1, int(words[0]) // int(words[1]))


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
