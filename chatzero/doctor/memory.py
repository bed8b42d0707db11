"""Main memory: how much there is, and how much a new program can have. A container's limit counts as the machine's."""

import ctypes
import os
import platform
import subprocess
import sys
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def total_memory_bytes() -> int | None:
    """None where it cannot be found out."""
    installed = _installed_bytes()
    limit = _number(_CGROUP / "memory.max")
    known = [value for value in (installed, limit) if value is not None]
    return min(known) if known else None


def free_memory_bytes() -> int | None:
    """What can be had without pushing other programs out; None where it cannot be found out."""
    free = _meminfo("MemAvailable") if platform.system() == "Linux" else _windows_memory("ullAvailPhys")
    limit, used = _number(_CGROUP / "memory.max"), _number(_CGROUP / "memory.current")
    if limit is not None and used is not None:
        free = min(limit - used, free) if free is not None else limit - used
    return free


def process_bytes() -> int | None:
    """What this process holds in memory now; None where it cannot be found out."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def peak_process_bytes() -> int | None:
    """The most that this process ever held in memory; None where it cannot be found out."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)


def _installed_bytes() -> int | None:
    match platform.system():
        case "Linux":
            return _meminfo("MemTotal")
        case "Darwin":
            answer = subprocess.run(["sysctl", "-n", "hw.memsize"], capture_output=True, text=True, check=False)
            return int(answer.stdout) if answer.stdout.strip().isdecimal() else None
        case _:
            return _windows_memory("ullTotalPhys")


def _meminfo(name: str) -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), None)


def _number(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None  # "max": no limit


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("dwLength", ctypes.c_ulong),
        ("dwMemoryLoad", ctypes.c_ulong),
        ("ullTotalPhys", ctypes.c_ulonglong),
        ("ullAvailPhys", ctypes.c_ulonglong),
        ("ullTotalPageFile", ctypes.c_ulonglong),
        ("ullAvailPageFile", ctypes.c_ulonglong),
        ("ullTotalVirtual", ctypes.c_ulonglong),
        ("ullAvailVirtual", ctypes.c_ulonglong),
        ("ullAvailExtendedVirtual", ctypes.c_ulonglong),
    )


def _windows_memory(field: str) -> int | None:
    if sys.platform == "win32":
        status = _MemoryStatus(dwLength=ctypes.sizeof(_MemoryStatus))
        if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return int(getattr(status, field))
    return None
