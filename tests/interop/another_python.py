"""Another interpreter, with other versions of libraries, named by an environment variable: what it says, as JSON."""

import json
import os
import subprocess
from typing import Any

import pytest


def interpreter(variable: str) -> str:
    """Skips the test where the variable is not set."""
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"{variable} names no interpreter")
    return python


def ask(python: str, script: str, *words: object) -> Any:
    """Run `script` there; it prints one JSON document last. No network: everything it loads is on disk."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(
        [python, "-c", script, *map(str, words)], capture_output=True, text=True, env=environ, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
