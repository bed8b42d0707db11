"""What a run tells beside its numbers, kept in `told.jsonl`: the model's answers on the way, and the remarks.

Written by whoever follows a run (it asks the model), read by whoever shows it later. A run that is taken up again
repeats some steps: what was told of them before is passed over.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from chatzero.training.guards.remark import Remark

TOLD_FILE = "told.jsonl"


@dataclass(frozen=True)
class Sample:
    """The model's answers after `step` updates, each as (question, answer)."""

    step: int
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Told:
    """In the order of steps, each remark once."""

    samples: list[Sample]
    remarks: list[Remark]


def tell_sample(folder: Path, step: int, answers: Sequence[tuple[str, str]]) -> None:
    _append(folder, {"kind": "sample", **asdict(Sample(step, tuple(answers)))})


def tell_remark(folder: Path, remark: Remark) -> None:
    _append(folder, {"kind": "remark", **asdict(remark)})


def read_told(folder: Path) -> Told:
    """All of it. A line that is none of ours, or torn by a kill, is passed over."""
    samples: list[Sample] = []
    remarks: dict[str, Remark] = {}
    for row in _rows(folder / TOLD_FILE):
        with suppress(KeyError, TypeError, ValueError):
            step = int(str(row["step"]))
            if row["kind"] == "sample":
                sample = Sample(step, tuple((str(asked), str(said)) for asked, said in _pairs(row["answers"])))
                while samples and samples[-1].step >= step:
                    samples.pop()
                samples.append(sample)
            elif row["kind"] == "remark":
                name = str(row["name"])
                what, why, do = ((str(en), str(zh)) for en, zh in _pairs([row["what"], row["why"], row["do"]]))
                remarks.setdefault(name, Remark(step, name, what, why, do))
    return Told(samples, sorted(remarks.values(), key=lambda remark: remark.step))


def _pairs(value: object) -> list[tuple[object, object]]:
    if not isinstance(value, list):
        raise TypeError("not a list of pairs")
    return [(first, second) for first, second in value]


def _append(folder: Path, row: dict[str, object]) -> None:
    # No room: the run, which needs more of it, will say so itself
    with suppress(OSError), (folder / TOLD_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _rows(path: Path) -> Iterator[dict[str, object]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        with suppress(ValueError):
            row = json.loads(line)
            if isinstance(row, dict):
                yield row
