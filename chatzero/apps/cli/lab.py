"""`chatzero lab`: classic mistakes, each beside the right version, measured."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from chatzero.errors import StorageError
from chatzero.language import tr

if TYPE_CHECKING:
    from chatzero.lab.pitfall import Measured, Number, Pitfall


def lab(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help=tr("Which mistakes, or all (default: list them).", "哪些错误，或 all 表示全部（默认：列出）。"),
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="PNG|DIR",
            help=tr(
                "Draw into this file, or into this folder where several are named.",
                "把图画到这个文件；多个错误时画到这个文件夹。",
            ),
        ),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help=tr("A few steps only: no result, a trial of the machinery.", "只跑几步：试试能否运行，结果不作数。"),
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=tr("Print one JSON document.", "输出一个 JSON 文档。"))
    ] = False,
) -> None:
    """A classic mistake and the right version, trained from the same seed: a table, a plot, and what was found.

    Example: chatzero lab no-causal-mask
    """
    from chatzero.lab.pitfall import FULL, QUICK
    from chatzero.lab.record import to_document
    from chatzero.lab.registry import PITFALLS, pitfall_named

    console = Console()
    if not names:
        _list(console, PITFALLS, as_json)
        return
    pitfalls = PITFALLS if names == ["all"] else tuple(pitfall_named(name) for name in names)
    documents = []
    for pitfall in pitfalls:
        Console(stderr=True).print(tr(f"{pitfall.name}: measuring ...", f"{pitfall.name}：正在测量……"))
        measured = pitfall.run(QUICK if quick else FULL)
        if out is not None:
            _draw(pitfall, measured, out if len(pitfalls) == 1 else out / f"{pitfall.name}.png")
        documents.append(to_document(pitfall.name, measured))
        if not as_json:
            _show(console, pitfall, measured, quick)
    if as_json:
        print(json.dumps(documents, ensure_ascii=False))


def _list(console: Console, pitfalls: "tuple[Pitfall, ...]", as_json: bool) -> None:
    if as_json:
        print(json.dumps([{"name": one.name, "title": str(one.title)} for one in pitfalls], ensure_ascii=False))
        return
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("chatzero lab", style="bold", no_wrap=True)
    table.add_column(tr("what people say", "人们怎么说"))
    for one in pitfalls:
        table.add_row(one.name, str(one.said))
    console.print(table)


def _show(console: Console, pitfall: "Pitfall", measured: "Measured", quick: bool) -> None:
    lines = Text()
    lines.append(tr("wrong  ", "错的  "), style="bold red").append(pitfall.wrong_line + "\n")
    lines.append(tr("right  ", "对的  "), style="bold green").append(pitfall.right_line + "\n")
    lines.append(tr("said   ", "据说  "), style="bold").append(str(pitfall.said))
    console.print(Panel(lines, title=str(pitfall.title), title_align="left", expand=False))
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column(tr("version", "版本"), no_wrap=True)
    for heading in measured.columns.values():
        table.add_column(str(heading), justify="right")
    for version in measured.versions:
        table.add_row(str(version.name), *(_number(version.numbers[key]) for key in measured.columns))
    console.print(table)
    for version in measured.versions:
        if version.said:
            console.print(Text(f"{version.name}: {version.said}", style="dim"))
    words = Text()
    if quick:
        words.append(
            tr("A quick trial: these numbers say nothing.\n", "快速试跑：这些数字不说明问题。\n"), style="yellow"
        )
    else:
        verdict = (
            tr("It came true here. ", "在这里应验了。")
            if measured.holds
            else tr("It did not come true here. ", "在这里没有应验。")
        )
        words.append(verdict, style="bold green" if measured.holds else "bold yellow")
    said = " ".join(map(str, (measured.found, *measured.notes)))
    words.append(said + "\n\n").append(str(pitfall.why), style="dim")
    console.print(Panel(words, title=tr("Measured", "实测"), title_align="left", expand=False))


def _number(value: "Number") -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _draw(pitfall: "Pitfall", measured: "Measured", out: Path) -> None:
    from chatzero.lab.plot import draw

    try:
        draw(pitfall, measured, out)
    except OSError as error:
        raise StorageError(
            what=tr(f"cannot write {out}", f"无法写入 {out}"),
            why=str(error),
            do=tr("name another file with --out", "请用 --out 指定另一个文件"),
        ) from error
