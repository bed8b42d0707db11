"""Starts a run as a process of its own, which neither waits for who started it nor ends with it.

Only the run folder ties the two together: the process is noted there (`process_note`), and what it says goes into
`training.log`. The words of the command are a list that no shell reads.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from chatzero.checkpoint.process_note import note_process
from chatzero.language import current_language

LOG_FILE = "training.log"
_LOG_BYTES = 8192
_NOT_PASSED_ON = ("CHATZERO_API_KEY",)
COMMAND: Sequence[str] = (sys.executable, "-m", "chatzero")


def launch(words: Sequence[str], folder: Path) -> int:
    """Run `chatzero WORDS...`, which trains in `folder`; the number of the process. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    environ = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    environ |= {"TQDM_DISABLE": "1", "COLUMNS": "100"}  # a log holds no moving bar
    with (folder / LOG_FILE).open("wb") as log:
        process = subprocess.Popen(
            [*COMMAND, "--lang", current_language(), *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environ,
            start_new_session=True,  # Ctrl-C at the server, or its terminal closed, is not meant for the training
        )
    note_process(folder, process.pid)
    # Whoever started a process must look at its end, or it stays in the system's table
    threading.Thread(target=process.wait, name=f"chatzero-reaper-{process.pid}", daemon=True).start()
    return process.pid


def last_words(folder: Path) -> str:
    """The end of what the process in this folder said; nothing where it said nothing."""
    try:
        with (folder / LOG_FILE).open("rb") as log:
            size_bytes = log.seek(0, os.SEEK_END)
            log.seek(max(0, size_bytes - _LOG_BYTES))
            tail = log.read()
    except OSError:
        return ""
    cut = size_bytes > _LOG_BYTES
    lines = tail.decode("utf-8", errors="replace").replace("\r", "\n").splitlines()
    return "\n".join(lines[1:] if cut else lines)
