"""Killed at any moment, a run ends as if nothing had happened: model, optimizer, random generator, metrics."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatzero.models.sizes import ARCHS, Arch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork and no SIGKILL")


def chaos(folder: Path, arch: Arch, kills: int) -> dict[str, object]:
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # a fork carries no threads along
    command = [
        sys.executable,
        "-m",
        "tests.training.chaos",
        "--arch",
        arch,
        "--kills",
        str(kills),
        "--folder",
        str(folder),
    ]
    done = subprocess.run(command, env=one_thread, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    document = json.loads(done.stdout)
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("arch", ARCHS)
def test_ten_kills_change_not_a_byte(tmp_path: Path, arch: Arch) -> None:
    told = chaos(tmp_path, arch, 10)
    assert told["kills"] == 10
    assert told["differing"] == []
    assert isinstance(told["in_a_save"], int)
    assert told["in_a_save"] >= 1


@pytest.mark.slow
@pytest.mark.parametrize("arch", ARCHS)
def test_a_hundred_kills_change_not_a_byte(tmp_path: Path, arch: Arch) -> None:
    told = chaos(tmp_path, arch, 100)
    assert told["kills"] == 100
    assert told["differing"] == []
    assert isinstance(told["in_a_save"], int)
    assert told["in_a_save"] >= 10
