"""A process is known by its number and its birth; another with the same number is not taken for it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatzero.checkpoint.lock import alone_in
from chatzero.checkpoint.process_note import NOTE, ask_to_stop, forget_process, note_process, process_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is noted on Windows")


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def test_a_living_process_is_found_and_a_dead_one_not(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    assert process_in(tmp_path) is None
    note_process(tmp_path, sleeper.pid)
    assert process_in(tmp_path) == sleeper.pid
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)  # dead, and still in the system's table
    assert process_in(tmp_path) is None
    sleeper.wait()
    assert process_in(tmp_path) is None
    assert not ask_to_stop(tmp_path)


def test_another_process_with_the_same_number_is_left_alone(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    note_process(tmp_path, sleeper.pid)
    note = json.loads((tmp_path / NOTE).read_text())
    (tmp_path / NOTE).write_text(json.dumps({**note, "born": f"{note['born']}1"}))
    assert process_in(tmp_path) is None
    assert not ask_to_stop(tmp_path)
    assert sleeper.poll() is None


@pytest.mark.parametrize("pid", [0, 1, -1, "x", None, [], 2**70])
def test_a_note_that_names_no_process_of_ours_stops_nothing(tmp_path: Path, pid: object) -> None:
    for born in (None, "", "now"):
        (tmp_path / NOTE).write_text(json.dumps({"pid": pid, "born": born}))
        assert process_in(tmp_path) is None
        assert not ask_to_stop(tmp_path)
    (tmp_path / NOTE).write_text("[]")
    assert process_in(tmp_path) is None


def test_it_is_asked_and_may_tidy_up(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    note_process(tmp_path, sleeper.pid)
    assert ask_to_stop(tmp_path)
    assert sleeper.wait(10) == -signal.SIGTERM


def test_who_holds_a_folder_is_noted_in_it(tmp_path: Path) -> None:
    with alone_in(tmp_path):
        assert process_in(tmp_path) == os.getpid()
    assert not (tmp_path / NOTE).exists()
    forget_process(tmp_path)
