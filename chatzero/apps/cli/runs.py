"""`chatzero runs`: the runs on this machine: stage, step, loss, state, where."""

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chatzero.errors import ChatZeroError
from chatzero.language import tr

HERE = Path("runs")


@dataclass(frozen=True)
class Run:
    """A row. `loss` is that of the last step, `held_out_loss` that of the last look; nats per token."""

    where: str
    stage: str | None
    arch: str | None
    step: int
    loss: float | None
    held_out_loss: float | None
    state: str


def runs(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER",
            help=tr("Only the runs below this folder.", "只列出此文件夹下的运行。"),
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=tr("Print one JSON document.", "输出一个 JSON 文档。"))
    ] = False,
) -> None:
    """The runs on this machine: stage, step, loss, state, where.

    Example: chatzero runs
    """
    found = [_row(path) for path in _folders(folder)]
    if as_json:
        print(json.dumps([asdict(run) for run in found], ensure_ascii=False))
    elif found:
        _show(found, Console())
    else:
        nothing = (
            tr(f"No runs under {folder}.", f"{folder} 下没有运行。") if folder else tr("No runs yet.", "还没有运行。")
        )
        begin = tr(" Begin with: chatzero quickstart", "可以从 chatzero quickstart 开始。")
        Console().print(nothing + begin, soft_wrap=True, highlight=False, markup=False)


def note_run(folder: Path) -> None:
    """Let `chatzero runs` find this run folder later, from wherever it is called."""
    from chatzero.pipeline.run_list import remember

    if (state := _state()) is not None:
        remember(folder, state)


def _folders(folder: Path | None) -> list[Path]:
    """Below `folder`; or those noted on this machine, and those below ./runs, noted or not."""
    from chatzero.pipeline.run_list import remembered
    from chatzero.training.run import RUN_FILE

    def below(place: Path) -> Iterable[Path]:
        return (path.parent.resolve() for path in place.glob(f"**/{RUN_FILE}"))

    if folder is not None:
        return sorted(set(below(folder)))
    state = _state()
    noted = remembered(state) if state is not None else []
    return sorted({*below(HERE), *(path for path in noted if (path / RUN_FILE).is_file())})


def _state() -> Path | None:
    from chatzero.pipeline.run_list import state_folder

    try:
        return state_folder(os.environ, sys.platform, Path.home())
    except RuntimeError:  # a user without a home
        return None


def _row(folder: Path) -> Run:
    from chatzero.training.report import read_metrics
    from chatzero.training.run import read_run_file

    try:
        there = read_run_file(folder)
        metrics = read_metrics(folder / "metrics.jsonl")
    except (ChatZeroError, OSError, ValueError):
        there, metrics = None, []
    if there is None:
        return Run(str(folder), None, None, 0, None, None, "damaged")
    model = there.settings.get("model")
    return Run(
        where=str(folder),
        stage=_text(there.settings.get("stage")),
        arch=_text(model.get("arch")) if isinstance(model, dict) else None,
        step=int(str(metrics[-1]["step"])) if metrics else 0,
        loss=_last(metrics, "step"),
        held_out_loss=_last(metrics, "eval"),
        state=there.state,
    )


def _last(metrics: list[dict[str, object]], kind: str) -> float | None:
    return next((float(str(row["loss"])) for row in reversed(metrics) if row["kind"] == kind), None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _show(found: list[Run], console: Console) -> None:
    table = Table()
    for title in (tr("stage", "阶段"), tr("arch", "架构")):
        table.add_column(title)
    for title in (tr("step", "步数"), tr("loss", "损失"), tr("held out", "留出集")):
        table.add_column(title, justify="right")
    table.add_column(tr("state", "状态"))
    table.add_column(tr("where", "位置"), overflow="fold")
    states = {
        "running": tr("running", "训练中"),
        "interrupted": tr("interrupted", "已中断"),
        "finished": tr("finished", "已完成"),
        "damaged": tr("damaged", "已损坏"),
    }
    for run in found:
        table.add_row(
            run.stage or "-",
            run.arch or "-",
            f"{run.step:,}",
            _loss(run.loss),
            _loss(run.held_out_loss),
            states.get(run.state, run.state),
            escape(_short(Path(run.where))),
        )
    console.print(table)


def _loss(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _short(path: Path) -> str:
    """As one would type it from here: below this folder, below one's home (~), or whole."""
    here = Path.cwd()
    if path.is_relative_to(here):
        return str(path.relative_to(here))
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (RuntimeError, ValueError):
        return str(path)
