"""In place of `chatzero`: a command that behaves like a training process, and goes on only when the test lets it.

runs/prepared    once there, it writes run.json and its first rows
runs/finish      once there, it is finished
"""

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chatzero.pipeline import launch

_SCRIPT = """
import json, pathlib, signal, sys, time
words = sys.argv[1:]
out = pathlib.Path(words[words.index("--out") + 1] if "--out" in words else words[-1])
with (out / "words.jsonl").open("a") as file:
    file.write(json.dumps(words) + chr(10))
print("Measuring a training step ...", flush=True)
if "bad" in out.name:
    sys.exit("ConfigError: the data is not there")
stopped = []
def state(name):
    settings = {"stage": "sft", "model": {"arch": "gpt"}}
    (out / "run.json.part").write_text(json.dumps({"state": name, "settings": settings}))
    (out / "run.json.part").replace(out / "run.json")
while not (out.parent / "prepared").exists():
    time.sleep(0.01)
signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
rows = [{"kind": "step", "step": i, "loss": 5.0 - i / 10, "tokens": 100, "seconds": 1.0, "elapsed_s": float(i),
         "progress": i / 40} for i in range(1, 21)]
(out / "metrics.jsonl").write_text("".join(json.dumps(row) + chr(10) for row in rows))
state("running")
while not stopped:
    time.sleep(0.01)
    if (out.parent / "finish").exists():
        state("finished")
        sys.exit()
state("interrupted")
"""


def pretend_training(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    script = place / "trainer.py"
    script.write_text(_SCRIPT)
    monkeypatch.setattr(launch, "COMMAND", (sys.executable, str(script)))


def eventually(found: Callable[[], object], patience_s: float = 20) -> None:
    """Waits for something that another process brings about."""
    deadline_s = time.monotonic() + patience_s
    while not found():
        assert time.monotonic() < deadline_s, "it never came"
        time.sleep(0.02)


HAS_SIGNALS = hasattr(signal, "SIGKILL")
