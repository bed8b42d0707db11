"""What training tells: one row a step, one row a look at the held-out data; `metrics.jsonl` holds them all."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from chatzero.checkpoint.atomic import write_whole


@dataclass(frozen=True)
class StepReport:
    """One update. `loss` is nats per trained-on token, `tokens` counts these, `padded_tokens` all that was computed."""

    step: int
    progress: float
    loss: float
    learning_rate: float
    grad_norm: float
    tokens: int
    padded_tokens: int
    seconds: float
    elapsed_s: float
    kind: Literal["step"] = "step"


@dataclass(frozen=True)
class EvalReport:
    """The held-out loss after `step` updates: nats per token, and bits per byte of the answers' text."""

    step: int
    loss: float
    bits_per_byte: float
    elapsed_s: float
    best: bool
    kind: Literal["eval"] = "eval"


class MetricsFile:
    """`metrics.jsonl`, a row a report, appended; opened at a step, it drops the rows after that step.

    So a resumed run, which repeats the steps after its checkpoint, has no row twice and none missing.
    """

    def __init__(self, path: Path, after_step: int) -> None:
        kept = [row for row in read_metrics(path) if int(str(row["step"])) <= after_step]
        write_whole(path, "".join(json.dumps(row) + "\n" for row in kept))
        self._file = path.open("a", encoding="utf-8")

    def write(self, report: StepReport | EvalReport) -> None:
        self._file.write(json.dumps(asdict(report)) + "\n")

    def flush(self) -> None:
        """To the disk, as a checkpoint that follows must find every row before it."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def read_metrics(path: Path) -> list[dict[str, object]]:
    """The rows of a metrics file; a last line torn by a kill is left out. No file: no rows."""
    rows: list[dict[str, object]] = []
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                break
    return rows
