"""`chatzero train RECIPE.toml`: any stage, from a recipe."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chatzero.language import tr
from chatzero.pipeline.recipe import read_recipe


def train(
    recipe: Annotated[
        Path,
        typer.Argument(metavar="RECIPE.toml", help=tr("A TOML file; see recipes/.", "TOML 配方文件，见 recipes/。")),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help=tr("The run folder (default: runs/<recipe's name>).", "运行文件夹（默认：runs/配方名）。"),
        ),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help=tr(
                "Lay over the recipe; may be given again: --set train.minutes=5",
                "覆盖配方中的一项，可多次使用：--set train.minutes=5",
            ),
        ),
    ] = None,
    resume: Annotated[
        str,
        typer.Option(
            metavar="auto|never|DIR",
            help=tr(
                "auto: go on with what is there; never: start anew; DIR: go on there.",
                "auto：接着已有的进度；never：重新开始；DIR：接着该文件夹里的运行。",
            ),
        ),
    ] = "auto",
) -> None:
    """Train by a recipe, or go on with a run that was interrupted.

    Example: chatzero train recipes/my-chats.toml --set train.minutes=30
    """
    asked = read_recipe(recipe, overrides or ())
    folder = out or Path("runs") / recipe.stem
    if resume not in ("auto", "never"):
        folder = Path(resume)
    from chatzero.apps.cli.carry_out import carry_out

    carry_out(asked, folder, "never" if resume == "never" else "auto", Console(stderr=True, soft_wrap=True))
