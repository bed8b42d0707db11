"""Training speed, ours beside others', in one run: equal text, equal shape of model, AdamW; what differs is the code.

    python -m benchmarks.compare_training --size tiny --rounds 3 --seconds 6

Each round every contender trains for some seconds, one after the other, so that whatever else the machine does falls on
all of them; ratios are taken within a round. What counts is tokens that carry loss, per second. The tutorial code is
float32; the libraries get the precision that was measured to be the faster for ours. Writes a JSON file;
`python -m benchmarks.write_page` makes docs/benchmarks.md of it.
"""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from importlib import metadata
from pathlib import Path
from statistics import median

import torch

from benchmarks.contenders.contender import Contender
from benchmarks.contenders.hub import hub_in_the_usual_loop, hub_trainer
from benchmarks.contenders.lit import litgpt
from benchmarks.contenders.nanogpt import nanogpt
from benchmarks.contenders.ours import ours
from benchmarks.contenders.torch_layers import torch_layers
from benchmarks.contenders.tutorial import tutorial
from benchmarks.machine import machine
from benchmarks.task import Kind, Task, task_of
from chatzero.device import choose_device
from chatzero.models.sizes import Arch
from chatzero.training.memory import keep_freed_memory

RESULT = Path(__file__).parent / "results" / "training.json"
TASKS: tuple[tuple[Kind, Arch], ...] = (("chat", "transformer"), ("chat", "gpt"), ("text", "gpt"))
_OURS: tuple[Callable[[Task], Contender], ...] = (partial(ours, optimizer="adamw"), partial(ours, optimizer="muon"))
CONTENDERS: dict[Kind, tuple[Callable[[Task], Contender], ...]] = {
    "chat": (*_OURS, tutorial, torch_layers, hub_in_the_usual_loop, hub_trainer),
    "text": (*_OURS, nanogpt, hub_trainer, litgpt),
}
_LIBRARIES = ("transformers", "accelerate", "litgpt", "lightning")


def compare(
    kind: Kind,
    arch: Arch,
    size: str,
    batch_tokens: int,
    max_seq_len: int,
    conversations: int,
    device: torch.device,
    rounds: int,
    seconds: float,
) -> dict[str, object]:
    """Every contender of the task, `rounds` times for `seconds`."""
    task, precisions = task_of(kind, arch, size, batch_tokens, max_seq_len, conversations, device)
    contenders, missing = [], []
    for make in CONTENDERS[kind]:
        try:
            contenders.append(make(task))
        except ImportError as error:
            missing.append(str(error.name or error))
    speeds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            speeds[contender.name].append(contender.train(seconds))
            print(f"{kind} {arch}: {contender.name} {speeds[contender.name][-1]:,.0f}", file=sys.stderr)
    mine = speeds[contenders[0].name]
    return {
        "task": kind,
        "arch": arch,
        "size": size,
        "batch_tokens": batch_tokens,
        "max_seq_len": max_seq_len,
        "our_step_s": precisions,
        "not_installed": missing,
        "contenders": [
            {
                "name": contender.name,
                "parameters": contender.parameters,
                "precision": contender.precision,
                "tokens_per_s": speeds[contender.name],
                "ours_is_faster_by": spread([a / b for a, b in zip(mine, speeds[contender.name], strict=True)]),
            }
            for contender in contenders
        ],
    }


def spread(ratios: list[float]) -> dict[str, float]:
    """The middle one and both ends."""
    return {"median": median(ratios), "least": min(ratios), "most": max(ratios)}


def versions() -> dict[str, str]:
    """Of the libraries that are installed."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=[f"{kind}-{arch}" for kind, arch in TASKS], help="one task alone")
    parser.add_argument("--size", default="tiny", help="tiny is the quickstart's: 256 wide")
    parser.add_argument("--batch-tokens", type=int, default=4096)
    parser.add_argument("--max-seq-len", type=int, default=256)
    parser.add_argument("--conversations", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args(words)
    keep_freed_memory()
    device = choose_device(asked.device).device
    settings = (asked.size, asked.batch_tokens, asked.max_seq_len, asked.conversations, device)
    document = {
        "command": "python -m benchmarks.compare_training " + " ".join(sys.argv[1:] if words is None else words),
        "machine": {**machine(device), **versions()},
        "tasks": [
            compare(kind, arch, *settings, asked.rounds, asked.seconds)
            for kind, arch in TASKS
            if asked.only in (None, f"{kind}-{arch}")
        ],
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
