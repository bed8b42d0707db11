# %% [markdown]
# # 1. Environment
#
# Before anything can be learnt, it must run. More beginners give up here than at any formula, and most of the
# trouble is a handful of version conflicts that look frightening and take one command to mend. This chapter sets
# you up, shows each of these conflicts with its cure, and starts your first training run, so that your own model is
# ready when chapter 13 needs it.
#
# ## Set up
#
# You need Python 3.10 or newer, and nothing else: no GPU, no account. In a terminal, in the folder of this project:
#
#     python start.py            # sets up, trains for ten minutes, opens a chat
#     python start.py doctor     # looks at the machine, says what is wrong and what mends it
#
# (On Linux and macOS the command may be `python3`, on Windows `py`.) The first command leaves your model in
# `runs/quickstart-transformer`. Let it run while you read. Where this book writes `chatzero WORD`, the command
# `python start.py WORD` does the same.
#
# To run the cells of this book, open the file in VS Code (with its Python and Jupyter extensions) or PyCharm, and
# choose the interpreter in `.venv`. Or run a whole chapter in the terminal:
#
#     .venv/bin/python tutorial/en/01_environment.py          # Windows: .venv\Scripts\python
#
# ## What is a virtual environment?
#
# `.venv` is a folder with a Python of its own and its own libraries. Two projects can then need different versions
# without a quarrel, and deleting the folder undoes everything. The most common mistake of all is to run another
# Python than one thinks. So look:

# %%
import sys

import torch

print(sys.version.split()[0], sys.executable)
print(torch.__version__, torch.get_num_threads())

# %% [markdown]
# If the path does not lie in `.venv`, choose the other interpreter. (In a terminal: `which python` on Linux and
# macOS, `where python` on Windows.)
#
# ## What the doctor sees
#
# `chatzero doctor` gathers facts and judges them. The same from Python:

# %%
from pathlib import Path

from chatzero.doctor.checks import check, short_report
from chatzero.doctor.facts import Facts

for finding in short_report(Path()):
    print(f"{finding.verdict:5} {finding.name:20} {finding.found}")

# %% [markdown]
# ## The classic conflicts
#
# The judging part of the doctor is a pure function of facts, so we can show it machines that are broken in all the
# usual ways, without breaking yours. Each prints what is found and the command that mends it.
#
# **1. Python is too old.** Looks like: `SyntaxError` in somebody's library, or pip saying "no matching
# distribution".

# %%
from dataclasses import replace

from chatzero.doctor.torch_facts import TorchFacts
from chatzero.setup.driver import Driver, Gpu

A_CARD = Gpu("a card", (8, 6))
OURS = {"chatzero": ("torch>=2.10",)}
HEALTHY = Facts(packages={"torch": "2.13.0"}, requirements=OURS, torch=TorchFacts("2.13.0"), compiler="cc")


def show(facts):
    troubled = [finding for finding in check(facts) if finding.verdict != "ok"]
    for finding in troubled:
        print(f"{finding.verdict:5} {finding.name}: {finding.found}")
        print(f"      -> {finding.mend}")
    return {finding.name for finding in troubled}


assert show(HEALTHY) == set()
assert "Python" in show(replace(HEALTHY, python=(3, 8, 10)))

# %% [markdown]
# **2. numpy 2 with an old PyTorch.** Looks like: "A module that was compiled using NumPy 1.x cannot be run in NumPy
# 2", or `RuntimeError: Numpy is not available`. The two are linked at the level of machine code; one of them must
# move.

# %%
names = show(replace(HEALTHY, packages={"torch": "2.1.2", "numpy": "2.2.0"}))
assert "PyTorch" in names

# %% [markdown]
# **3. transformers and tokenizers of different ages.** Looks like:
# `ImportError: tokenizers>=0.22,<=0.23 is required for a normal functioning of this module`, or a `KeyError` for a
# model's name. Each release of `transformers` wants a narrow range of `tokenizers`; install the two together, never
# one alone.

# %%
quarrel = replace(
    HEALTHY,
    packages={"torch": "2.13.0", "transformers": "4.57.1", "tokenizers": "0.15.0"},
    requirements=OURS | {"transformers": ("tokenizers<=0.23.0,>=0.22.0",)},
)
assert "tokenizers" in show(quarrel)

# %% [markdown]
# **4. A GPU, but PyTorch for the CPU.** Looks like: `torch.cuda.is_available()` is False although `nvidia-smi`
# lists a card, or `Torch not compiled with CUDA enabled`. Plain `pip install torch` may have brought the wrong
# build, and so may a package that pulled in another torch on its way.

# %%
names = show(replace(HEALTHY, driver=Driver(cuda=(13, 0), gpus=(A_CARD,)), torch=TorchFacts("2.13.0", cuda_build=None)))
assert names

# %% [markdown]
# **5. PyTorch newer than the driver.** Looks like: "The NVIDIA driver on your system is too old", or
# `no kernel image is available for execution on the device`. The driver sets the newest CUDA generation that can
# run; take a build for that or an older one, or update the driver. What `nvidia-smi` prints as "CUDA Version" is
# this limit; no CUDA toolkit has to be installed.

# %%
names = show(
    replace(HEALTHY, driver=Driver(cuda=(12, 6), gpus=(A_CARD,)), torch=TorchFacts("2.13.0", cuda_build="13.0"))
)
assert names

# %% [markdown]
# **6. No memory, no disk.** Looks like: `Killed` and nothing else (Linux ends the process), or
# `No space left on device` after an hour of training.

# %%
names = show(replace(HEALTHY, memory_bytes=2 * 1024**3, free_memory_bytes=200 * 1024**2, disk_free_bytes=10**7))
assert len(names) >= 2

# %% [markdown]
# **7. The download is slow or blocked.** Looks like: `ReadTimeoutError`, `Could not fetch URL`, `SSLError`. Name a
# mirror near you once, and pip keeps to it:
#
#     pip config set global.index-url ADDRESS
#
# For PyTorch's own index set `CHATZERO_TORCH_INDEX` to a mirror of it.
#
# **8. Garbled text on Windows.** Looks like: `UnicodeEncodeError: 'gbk' codec can't encode character`, or question
# marks for Chinese. The console speaks an old encoding. ChatZero switches it by itself; for other programs set
# `PYTHONUTF8=1`.
#
# When nothing helps: delete the folder `.venv` and run `python start.py` again. It is not a defeat; it takes
# minutes and nothing of yours is in there.
#
# ## Is it right, and is it fast?
#
# A last look: does the arithmetic come out right, and how many operations a second does this machine do? A *FLOP*
# is one multiplication or addition; chapter 18 computes from this number how long a model takes.

# %%
import time

side = 1024  # quick: 128
a, b = torch.randn(2, side, side)
torch.testing.assert_close(a @ b, (a.double() @ b.double()).float(), rtol=1e-3, atol=1e-3)
started = time.perf_counter()
for _ in range(10):
    a @ b
seconds = (time.perf_counter() - started) / 10
print(f"{2 * side**3 / seconds / 1e9:.0f} GFLOP/s")

# %% [markdown]
# ## Exercises
#
# 1. Write `same_python()`: is the interpreter that runs this code the one in `.venv` of this project? (`sys.prefix`
#    and `sys.base_prefix` differ inside any virtual environment.)
# 2. A driver runs builds of its own major CUDA version and of older ones (12.4 runs a build for 12.6, but none for
#    13.0). Write `newest_cuda(driver)`: of the builds (12, 6), (13, 0), (13, 2) the newest that `driver`, say (12,
#    4), can run; None if there is none.
# 3. Make a `Facts` with two troubles at once and find both in the doctor's table.


# %%
def same_python():
    return sys.prefix != sys.base_prefix


def newest_cuda(driver):
    fitting = [build for build in ((12, 6), (13, 0), (13, 2)) if build[0] <= driver[0]]
    return max(fitting, default=None)


print(same_python(), newest_cuda((12, 4)))
assert newest_cuda((12, 4)) == (12, 6)
assert newest_cuda((11, 8)) is None
assert {"Python", "PyTorch"} <= show(replace(HEALTHY, python=(3, 9, 0), packages={"torch": None}))

# %% [markdown]
# Versions compare number by number, not as text: as text, "2.10" is smaller than "2.9". That, too, has broken many
# an installation.
#
# ## Check yourself


# %%
def check_newest_cuda(mine):
    from chatzero.doctor.check_devices import driver_runs

    for driver in ((11, 8), (12, 6), (12, 9), (13, 0), (13, 1), (13, 2), (14, 0)):
        runs = [b for b in ("12.6", "13.0", "13.2") if driver_runs(Driver(cuda=driver, gpus=()), b)]
        wanted = tuple(map(int, runs[-1].split("."))) if runs else None
        assert mine(driver) == wanted, (driver, mine(driver), wanted)
    print("✓", mine.__name__)


check_newest_cuda(newest_cuda)
