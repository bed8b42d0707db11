"""A run folder in a line, and as curves: what `chatzero runs` and the studio show of it, while it trains or later."""

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from chatzero.checkpoint.process_note import NOTE, process_in
from chatzero.errors import ChatZeroError
from chatzero.pipeline.run_list import remembered
from chatzero.training.report import read_metrics
from chatzero.training.run import RUN_FILE, read_run_file

METRICS_FILE = "metrics.jsonl"
MAX_POINTS = 400
"""More, and a curve takes longer to send than to look at."""


State = Literal["preparing", "running", "interrupted", "finished", "failed", "damaged"]


@dataclass(frozen=True)
class Run:
    """A row. `loss` is that of the last step, `held_out_loss` that of the last look; nats per token.

    `state`: beside what `run.json` says, "preparing" before there is one, "failed" when it never came to that, and
    "damaged" where it cannot be read. A run whose process died without a word is "interrupted".
    """

    where: str
    stage: str | None
    arch: str | None
    step: int
    loss: float | None
    held_out_loss: float | None
    state: State


@dataclass(frozen=True)
class Curves:
    """What one run measured. A point of `training` stands for the steps up to its own since the point before."""

    training: list[tuple[int, float, float]]
    """(step, mean loss in nats per token, trained-on tokens per second)"""
    held_out: list[tuple[int, float]]
    """(step, loss in nats per token)"""
    progress: float
    """The share of the run that is done."""
    elapsed_s: float
    remaining_s: float | None
    """At the pace so far; None before there is one."""
    quiet_s: float | None
    """Since the last line was written; None where there is none."""


def runs_below(place: Path) -> list[Path]:
    return sorted({path.parent.resolve() for name in (RUN_FILE, NOTE) for path in place.glob(f"**/{name}")})


def run_folders(place: Path, notes: Path | None) -> list[Path]:
    """The runs below `place`, and those noted on this machine (`run_list`)."""
    noted = remembered(notes) if notes is not None else []
    return sorted({*runs_below(place), *(path for path in noted if (path / RUN_FILE).is_file())})


def run_id(folder: Path) -> str:
    """A name for the folder that says nothing about it, and is the same each time."""
    return hashlib.sha256(str(folder).encode(errors="surrogateescape")).hexdigest()[:16]


def summary(folder: Path) -> Run:
    """The run in a line."""
    noted = (folder / NOTE).exists()
    lives = process_in(folder) is not None
    try:
        there = read_run_file(folder)
        metrics = read_metrics(folder / METRICS_FILE)
    except (ChatZeroError, OSError, ValueError):
        return Run(str(folder), None, None, 0, None, None, "damaged")
    if there is None:
        return Run(str(folder), None, None, 0, None, None, "preparing" if lives else "failed")
    model = there.settings.get("model")
    return Run(
        where=str(folder),
        stage=_text(there.settings.get("stage")),
        arch=_text(model.get("arch")) if isinstance(model, dict) else None,
        step=int(str(metrics[-1]["step"])) if metrics else 0,
        loss=_last(metrics, "step"),
        held_out_loss=_last(metrics, "eval"),
        state=_state(there.state, lives, noted),
    )


def _state(written: str, lives: bool, noted: bool) -> State:
    """`written` as `run.json` has it. Where no process is noted, as on Windows, it is all that is known."""
    if lives:
        return "running"  # also while a run that was interrupted is taken up again
    if written == "running" and noted:
        return "interrupted"
    return next((state for state in get_args(State) if state == written), "damaged")


def stamp(folder: Path) -> tuple[object, ...]:
    """Times and sizes of the files that `summary` reads, and its process: the same stamp, the same summary."""
    found: list[object] = [process_in(folder)]
    for name in (RUN_FILE, METRICS_FILE, NOTE):
        try:
            there = (folder / name).stat()
            found.append((there.st_mtime_ns, there.st_size))
        except OSError:
            found.append(None)
    return tuple(found)


def curves(folder: Path) -> Curves:
    """The curves of the run so far, in at most `MAX_POINTS` points each."""
    path = folder / METRICS_FILE
    rows = read_metrics(path)
    steps = [row for row in rows if row["kind"] == "step"]
    looks = [(int(str(row["step"])), float(str(row["loss"]))) for row in rows if row["kind"] == "eval"]
    progress, elapsed_s = (_number(steps[-1], "progress"), _number(steps[-1], "elapsed_s")) if steps else (0.0, 0.0)
    return Curves(
        training=[_point(group) for group in _groups(steps)],
        held_out=looks[:: max(1, -(-len(looks) // MAX_POINTS))],
        progress=progress,
        elapsed_s=elapsed_s,
        remaining_s=elapsed_s * (1 - progress) / progress if progress > 0 else None,
        quiet_s=max(0.0, time.time() - path.stat().st_mtime) if rows else None,
    )


def _groups(steps: Sequence[dict[str, object]]) -> Iterable[Sequence[dict[str, object]]]:
    size = max(1, -(-len(steps) // MAX_POINTS))
    return (steps[i : i + size] for i in range(0, len(steps), size))


def _point(group: Sequence[dict[str, object]]) -> tuple[int, float, float]:
    tokens = sum(_number(row, "tokens") for row in group)
    seconds = sum(_number(row, "seconds") for row in group)
    loss = sum(_number(row, "loss") for row in group) / len(group)
    return int(_number(group[-1], "step")), loss, tokens / seconds if seconds > 0 else 0.0


def _number(row: dict[str, object], name: str) -> float:
    return float(str(row.get(name, 0.0)))


def _last(metrics: Sequence[dict[str, object]], kind: str) -> float | None:
    return next((float(str(row["loss"])) for row in reversed(metrics) if row["kind"] == kind), None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
