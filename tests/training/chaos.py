"""Training processes killed by SIGKILL until a run is through; the result is compared, byte for byte, with another's.

    python -m tests.training.chaos --arch gpt --kills 100 --folder /tmp/chaos

Every life is a process of its own, forked from one that has only imported, so that a kill costs milliseconds and not
the seconds of an import. Two of three kills come at a random moment; every third life kills itself while it brings a
checkpoint to the disk.
Prints one JSON document.
"""

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from chatzero.checkpoint.resume import saved_steps
from chatzero.models.sizes import Arch
from chatzero.training.config import TrainConfig
from chatzero.training.report import read_metrics
from chatzero.training.run import Materials, run
from tests import small

CONFIG = TrainConfig(
    steps=60, optimizer="muon", batch_tokens=400, eval_every=7, save_every=3, precision="float32", seed=3
)
TIMED = ("seconds", "elapsed_s")


def materials(arch: Arch) -> Materials:
    tokens = small.tokenizer()
    loader = small.loader(arch, tokens)
    return Materials(small.model(arch, tokens), tokens, loader, list(loader.in_order())[:2], 3.0, "card")


def train(folder: Path, arch: Arch) -> None:
    """One run, dropout on, from wherever the folder stands to the horizon."""
    for _ in run(folder, materials(arch), CONFIG, {"arch": arch}):
        pass


def in_a_process(work: Callable[[], None]) -> int:
    """The process id of a fork that does the work and nothing else; it exits with 0 when that went well."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def left_behind(folder: Path) -> dict[str, object]:
    """What a run leaves: the last checkpoint's files and the model as bytes, the metrics without their times."""
    last = saved_steps(folder / "checkpoints")[0]
    files = [*(last / f"{name}.safetensors" for name in ("model", "optimizer", "random"))]
    files.append(folder / "model" / "model.safetensors")
    rows = [{k: v for k, v in row.items() if k not in TIMED} for row in read_metrics(folder / "metrics.jsonl")]
    kept = sorted(path.name for path in (folder / "checkpoints").iterdir())
    return {"files": [path.read_bytes() for path in files], "rows": rows, "kept": kept}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", choices=["transformer", "gpt"], required=True)
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    words = parser.parse_args()
    chance = random.Random(words.seed)

    def ends_well(folder: Path) -> float:
        started = time.monotonic()
        _, status = os.waitpid(in_a_process(partial(train, folder, words.arch)), 0)
        assert status == 0, f"the run in {folder} ended with {status}"
        return time.monotonic() - started

    whole_s = ends_well(words.folder / "whole")
    wanted = left_behind(words.folder / "whole")
    kills = kills_in_a_save = runs = 0
    differing: list[str] = []
    while kills < words.kills:
        folder = words.folder / f"killed-{runs}"
        runs += 1
        while kills < words.kills:
            before = half_written(folder)
            delay_s, nth = chance.uniform(0.0, 0.4 * whole_s), chance.randint(1, 8)
            if kills % 3 == 2:
                child = in_a_process(partial(train_and_die, folder, words.arch, delay_s, nth))
                status = os.waitpid(child, 0)[1]
            else:
                child = in_a_process(partial(train, folder, words.arch))
                status = wait_then_kill(child, delay_s)
            if status == 0:
                break
            assert os.WIFSIGNALED(status), f"a life ended by itself with {status}"
            assert os.WTERMSIG(status) == signal.SIGKILL
            kills += 1
            kills_in_a_save += not half_written(folder) <= before
        ends_well(folder)
        found = left_behind(folder)
        differing += [f"{folder.name}: {key}" for key in wanted if found[key] != wanted[key]]
    print(
        json.dumps(
            {"kills": kills, "in_a_save": kills_in_a_save, "runs": runs, "rows": len(wanted["rows"]),  # type: ignore[arg-type]
             "differing": differing}
        )
    )  # fmt: skip


def train_and_die(folder: Path, arch: Arch, delay_s: float, nth: int) -> None:
    """`train`, until after the delay the nth file is to be brought to the disk: then SIGKILL, to itself."""
    awake_s, left, sync = time.monotonic() + delay_s, nth, os.fsync

    def fsync(handle: int) -> None:  # the project syncs handles, not files
        nonlocal left
        left -= time.monotonic() >= awake_s
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        sync(handle)

    os.fsync = fsync  # type: ignore[assignment]
    train(folder, arch)


def wait_then_kill(child: int, delay_s: float) -> int:
    """SIGKILL after the delay. Returns how the child ended."""
    time.sleep(delay_s)
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        return status
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def half_written(folder: Path) -> set[Path]:
    """Drafts of checkpoints."""
    return set((folder / "checkpoints").glob(".step-*.tmp-*"))


if __name__ == "__main__":
    main()
