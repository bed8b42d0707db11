"""A disk that really fills up, in a real process: the reason is said, the last checkpoint is good, and it goes on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatzero.checkpoint.resume import latest_state

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of a file")

# "limited": from step 5 on no file may be larger than 20 KB, so that the next checkpoint does not fit.
_TRAIN = """
import resource, sys
from pathlib import Path
from chatzero.errors import StorageError
from chatzero.training.run import run
from tests.training.chaos import CONFIG, materials
try:
    for event in run(Path(sys.argv[1]), materials("gpt"), CONFIG, {}):
        if getattr(event, "step", 0) == 5 and sys.argv[2] == "limited":
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
except StorageError as error:
    print(error)
    sys.exit(2)
"""


def train(folder: Path, how: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", _TRAIN, str(folder), how]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def stops_and_goes_on(folder: Path, how: str) -> Iterator[None]:
    """Yields once, when it has stopped: time to make room."""
    stopped = train(folder, how)
    assert stopped.returncode == 2, stopped.stderr[-2000:]
    assert "no room on the disk" in stopped.stdout
    found, skipped = latest_state(folder / "checkpoints")
    assert found is not None
    assert skipped == []
    assert int(str(found.numbers["step"])) >= 3
    assert not list((folder / "checkpoints").glob(".*"))
    yield
    assert train(folder, "free").returncode == 0


def test_files_that_may_not_grow(tmp_path: Path) -> None:
    for _ in stops_and_goes_on(tmp_path / "run", "limited"):
        pass


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=760k", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("not allowed to mount a small disk")
    try:
        for _ in stops_and_goes_on(disk / "run", "full"):
            subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
