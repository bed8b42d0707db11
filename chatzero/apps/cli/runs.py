"""`chatzero runs`: the runs on this machine: stage, step, loss, state, where."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chatzero.language import tr

if TYPE_CHECKING:
    from chatzero.pipeline.run_summary import Run

RUNS = Path("runs")


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
    from chatzero.pipeline.run_summary import run_folders, runs_below, summary

    found = [summary(path) for path in (run_folders(RUNS, run_notes()) if folder is None else runs_below(folder))]
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

    if (notes := run_notes()) is not None:
        remember(folder, notes)


def run_notes() -> Path | None:
    """Where runs are noted on this machine; None for a user without a home."""
    from chatzero.pipeline.run_list import state_folder

    try:
        return state_folder(os.environ, sys.platform, Path.home())
    except RuntimeError:
        return None


def chat_history() -> Path | None:
    """The file with the studio's conversations, beside the notes of runs."""
    notes = run_notes()
    return None if notes is None else notes / "chats.sqlite3"


def _show(found: "list[Run]", console: Console) -> None:
    table = Table()
    for title in (tr("stage", "阶段"), tr("arch", "架构")):
        table.add_column(title)
    for title in (tr("step", "步数"), tr("loss", "损失"), tr("held out", "留出集")):
        table.add_column(title, justify="right")
    table.add_column(tr("state", "状态"))
    table.add_column(tr("where", "位置"), overflow="fold")
    states = {
        "preparing": tr("preparing", "准备中"),
        "running": tr("running", "训练中"),
        "interrupted": tr("interrupted", "已中断"),
        "finished": tr("finished", "已完成"),
        "failed": tr("failed", "未能开始"),
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
