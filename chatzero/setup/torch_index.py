"""Is this PyTorch build to be had from the PyTorch index, for this Python and system? Asked before pip is."""

import platform
import re
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from enum import Enum, auto

from chatzero.setup.torch_build import TORCH_VERSION, Source

TIMEOUT_S = 6.0


class Answer(Enum):
    """What the index says."""

    HAS_IT = auto()
    HAS_NOT = auto()
    SILENT = auto()  # cannot be reached from here


def ask_index(source: Source, timeout_s: float = TIMEOUT_S) -> Answer:
    """Within `timeout_s`, also where looking up the name hangs: a blocked network must not cost minutes."""
    answers: list[Answer] = []
    asking = threading.Thread(target=lambda: answers.append(_ask(source, timeout_s)), daemon=True)
    asking.start()
    asking.join(timeout_s)
    return answers[0] if answers else Answer.SILENT


def lists_wheel(page: str, build: str, python: tuple[int, int], machine: str) -> bool:
    """Is there, on this page of links, our PyTorch release for this Python and machine (`platform.machine()`)?"""
    version = re.escape(f"{TORCH_VERSION}+{build}")
    machine = re.escape(machine.lower())
    python_tag = "cp{}{}".format(*python)
    wheel = rf"torch-{version}-{python_tag}-{python_tag}-\w*{machine}\.whl"
    return re.search(wheel, urllib.parse.unquote(page), flags=re.IGNORECASE) is not None


def _ask(source: Source, timeout_s: float) -> Answer:
    try:
        with urllib.request.urlopen(f"{source.index}/torch/", timeout=timeout_s) as page:
            text = page.read().decode("utf-8", errors="replace")
    except urllib.error.HTTPError:
        return Answer.HAS_NOT
    except (OSError, ValueError):
        return Answer.SILENT
    has_it = lists_wheel(text, source.build, sys.version_info[:2], platform.machine())
    return Answer.HAS_IT if has_it else Answer.HAS_NOT
