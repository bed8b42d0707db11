"""`chatzero serve` as a process of its own on a free port, for the measurements of this folder."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "bench"
"""What the model is called there."""


@contextmanager
def started_server(model: Path, *words: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Its port, and the process; afterwards it is told to end. Raises `RuntimeError` when it does not start."""
    command = [sys.executable, "-m", "chatzero", "--lang", "en", "serve", str(model), "--port", "0"]
    command += ["--name", NAME, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:(\d+)", server.stdout.readline())
            if found is None:
                raise RuntimeError("the server did not start; try it by hand: " + " ".join(command))
            yield int(found[1]), server
        finally:
            server.terminate()
