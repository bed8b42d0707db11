"""Kept memory is not asked of the system again: counted in page faults, in a process of its own."""

import os
import subprocess
import sys

import pytest

_COUNT = """
import resource, sys, torch
from chatzero.training.memory import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def work():
    for _ in range(5):
        torch.ones(10_000_000)
work()
rounds = []
for _ in range(8):
    before = faults()
    work()
    rounds.append(faults() - before)
print(min(rounds))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no mallopt to call")
def test_memory_is_asked_of_the_system_once() -> None:
    def count(how: str) -> int:
        small_pages = {name: value for name, value in os.environ.items() if name != "THP_MEM_ALLOC_ENABLE"}
        command = [sys.executable, "-c", _COUNT, how]
        done = subprocess.run(command, env=small_pages, capture_output=True, text=True, check=True)
        return int(done.stdout)

    # 40 MB five times are 48,000 pages of 4 KB. Of some rounds the best: the system may take pages back by itself.
    assert count("keep") < 100
    assert count("leave") > 1_000
