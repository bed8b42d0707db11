"""Which process trains in a run folder: a note with its number and its birth, so that no other is taken for it.

Numbers of processes are given out anew after a while, and at every start of the machine; births are not. Whoever finds
the folder later, in another process or after a restart, can so tell whether that one still lives, and ask it to stop.
Not on Windows, where a signal does not reach another program.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from chatzero.checkpoint.atomic import write_whole
from chatzero.errors import StorageError

NOTE = "process.json"


def note_process(folder: Path, pid: int) -> None:
    """Note that this process trains in the folder. Does nothing on Windows, or where a note cannot be written."""
    if sys.platform != "win32":
        with suppress(OSError, StorageError):  # the run itself will meet the same disk, and say so
            write_whole(folder / NOTE, json.dumps({"pid": pid, "born": _birth(pid)}) + "\n")


def forget_process(folder: Path) -> None:
    with suppress(OSError):
        (folder / NOTE).unlink(missing_ok=True)


def process_in(folder: Path) -> int | None:
    """The number of the process noted here, if that very one still lives."""
    try:
        raw = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        pid, born = int(raw["pid"]), raw["born"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if born is not None and pid > 1 and _birth(pid) == born else None


def ask_to_stop(folder: Path) -> bool:
    """Ask the process noted here to save and leave. False where there is none any more."""
    pid = process_in(folder)
    if pid is None:
        return False
    try:
        # Training answers to it as to Ctrl-C; but a second one, unlike a second Ctrl-C, cannot cut the saving short
        os.kill(pid, signal.SIGTERM)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _birth(pid: int) -> str | None:
    """When the process began, in the system's own words; None where it is dead, or the system does not tell."""
    if sys.platform == "linux":
        try:
            # The name, in brackets, may itself hold spaces and brackets
            state, *fields = (
                Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            )
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return None
        return None if state in "ZX" else f"{boot} {fields[18]}"  # Z, X: dead, and its parent has not looked yet
    if sys.platform == "win32":
        return None
    asked = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, born = asked.stdout.strip().partition(" ")
    return None if not born or state.startswith("Z") else born.strip()
