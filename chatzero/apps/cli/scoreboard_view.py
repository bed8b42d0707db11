"""The scoreboard on a terminal."""

from rich.console import Console
from rich.table import Table

from chatzero.evaluation.scoreboard import Scoreboard
from chatzero.language import tr
from chatzero.pipeline.judge import Verdict
from chatzero.pipeline.report import scoreboard_rows

_PASSED = 0.85


def show_scoreboard(console: Console, board: Scoreboard, verdict: Verdict | None = None) -> None:
    """A row a skill; below them the whole, and the baselines where they were measured."""
    table = Table(title=tr("Scoreboard: held-out questions", "计分板：留出题"), title_justify="left")
    table.add_column(tr("skill", "技能"))
    table.add_column(tr("Chinese", "中文"), justify="right")
    table.add_column(tr("English", "英文"), justify="right")
    *rows, whole = scoreboard_rows(board)
    for name, zh, en in rows:
        table.add_row(name, _coloured(zh), _coloured(en))
    table.add_section()
    table.add_row(*(f"[bold]{cell}[/]" for cell in whole))
    if verdict is not None:
        baselines = [
            (tr("untrained", "未训练"), verdict.untrained),
            (tr("nearest question", "最相近的问题"), verdict.nearest),
        ]
        for name, baseline in baselines:
            if baseline is not None:
                table.add_row(f"[dim]{name}[/]", *(f"[dim]{baseline.share(lang=lang):.1%}[/]" for lang in ("zh", "en")))
    console.print(table)
    console.print(
        tr(f"{board.right:,} of {board.total:,} right", f"答对 {board.right:,} / {board.total:,} 题")
        + f" ({board.right / max(1, board.total):.1%})"
    )


def _coloured(percent: str) -> str:
    if percent == "-":
        return percent
    return f"[green]{percent}[/]" if float(percent.rstrip("%")) >= 100 * _PASSED else f"[yellow]{percent}[/]"
