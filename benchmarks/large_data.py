"""Data that grows tenfold: memory and time of its preparation, in files and in memory. Made-up chats, here and now.

    python -m benchmarks.large_data --rows 40000 --times 10

Each case is a process of its own: it prepares a run (tokenizer, rows, model), and makes 200 batches; then another
process starts the same run again. `own` is memory that nobody else can use; the rest of the peak are pages of files,
which the system takes back when somebody needs them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import torch

from benchmarks.machine import machine

_BATCHES = 200
_WORDS = (
    "river stone quiet lamp over under walks answer green seven because never light paper winter 小河 石头 安静 灯 回答"
)


def write_chats(path: Path, rows: int) -> None:
    """Questions and answers of a few dozen words, all different."""
    words, lot = _WORDS.split(), Random(1)
    with path.open("w", encoding="utf-8") as file:
        for n in range(rows):
            asked, said = (" ".join(lot.choices(words, k=lot.randrange(8, 60))) for _ in range(2))
            file.write(json.dumps({"question": f"{n} {asked}?", "answer": said}, ensure_ascii=False) + "\n")


def prepare(file: str, folder: str, on_disk: bool) -> dict[str, float]:
    """In this process: what it takes to get ready, and 200 batches."""
    from chatzero.doctor.memory import peak_process_bytes
    from chatzero.pipeline.materials import gather
    from chatzero.pipeline.recipe import parse_recipe

    raw: dict[str, object] = {
        "model": {"arch": "gpt", "size": "nano"},
        "data": {"files": [file], "heldout": 0.01, "on_disk": on_disk},
        "train": {"steps": 1},
    }
    recipe = parse_recipe(raw, Path("large_data.toml"))
    started = time.perf_counter()
    with own_memory_watched() as most:
        loader = gather(recipe, Path(folder), lambda words: None)[0].loader
        ready = time.perf_counter() - started
        for step in range(_BATCHES):
            loader.batch_at(step)
    return {
        "ready_s": ready,
        "batch_ms": (time.perf_counter() - started - ready) / _BATCHES * 1e3,
        "peak_mb": (peak_process_bytes() or 0) / 1e6,
        "own_mb": most[0] / 1e6,
    }


@contextmanager
def own_memory_watched() -> Iterator[list[int]]:
    """The most of this process's memory that is not pages of files, looked at every 20 ms."""
    most, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
            own = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))
            most[0] = max(most[0], own)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=40_000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--one", nargs=3, metavar=("FILE", "FOLDER", "WHERE"))
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(prepare(asked.one[0], asked.one[1], asked.one[2] == "files")))
        return
    print(json.dumps(machine(torch.device("cpu"))))
    print("| rows | file MB | rows kept in | start | ready s | peak MB | own MB | ms a batch |\n" + "|---" * 8 + "|")
    with tempfile.TemporaryDirectory() as place:
        for rows in (asked.rows, asked.rows * asked.times):
            file = Path(place) / f"{rows}.jsonl"
            write_chats(file, rows)
            for where in ("memory", "files"):
                for start in ("first", "again"):
                    words = [
                        sys.executable,
                        "-m",
                        "benchmarks.large_data",
                        "--one",
                        str(file),
                        f"{place}/{where}{rows}",
                    ]
                    done = subprocess.run([*words, where], capture_output=True, check=True, text=True)
                    found = json.loads(done.stdout)
                    cells = (f"{found['ready_s']:.1f}", f"{found['peak_mb']:,.0f}", f"{found['own_mb']:,.0f}")
                    size = f"{file.stat().st_size / 1e6:,.0f}"
                    print("|", " | ".join([f"{rows:,}", size, where, start, *cells, f"{found['batch_ms']:.1f}"]), "|")


if __name__ == "__main__":
    main()
