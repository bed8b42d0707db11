"""`chatzero runs`: the runs under a folder: stage, step, loss, state, where."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from chatzero.language import tr


def runs(
    folder: Annotated[Path, typer.Argument(help="Where to look.")] = Path("runs"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """The runs here: stage, step, loss, state, where.

    Example: chatzero runs
    """
    from chatzero.training.report import read_metrics
    from chatzero.training.run import RUN_FILE, read_run_file

    found = []
    for path in sorted(folder.glob(f"**/{RUN_FILE}")):
        there = read_run_file(path.parent)
        assert there is not None, "the file was just found"
        metrics = read_metrics(path.parent / "metrics.jsonl")
        held_out = [row["loss"] for row in metrics if row["kind"] == "eval"]
        model = there.settings.get("model")
        found.append(
            {
                "folder": str(path.parent),
                "stage": there.settings.get("stage"),
                "arch": model.get("arch") if isinstance(model, dict) else None,
                "step": metrics[-1]["step"] if metrics else 0,
                "held_out_loss": held_out[-1] if held_out else None,
                "state": there.state,
            }
        )
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    if not found:
        Console().print(
            tr(
                f"No runs under {folder}. Begin with: chatzero quickstart",
                f"{folder} 下没有运行。可以从 chatzero quickstart 开始",
            )
        )
        return
    table = Table()
    for title in (
        tr("where", "位置"),
        tr("stage", "阶段"),
        tr("arch", "架构"),
        tr("step", "步数"),
        tr("held-out loss", "留出集 loss"),
        tr("state", "状态"),
    ):
        table.add_column(title)
    for run in found:
        loss = run["held_out_loss"]
        table.add_row(
            str(run["folder"]), str(run["stage"]), str(run["arch"]), str(run["step"]),
            f"{loss:.3f}" if isinstance(loss, float) else "-", str(run["state"]),
        )  # fmt: skip
    Console().print(table)
