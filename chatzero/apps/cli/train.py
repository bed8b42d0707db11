"""`chatzero train RECIPE.toml`: any stage, from a recipe."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chatzero.language import tr
from chatzero.pipeline.recipe import read_recipe


def train(
    recipe: Annotated[Path, typer.Argument(help="A TOML file; see recipes/.")],
    out: Annotated[Path | None, typer.Option(help="The run folder (default: runs/<recipe's name>).")] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Lay over the recipe.")
    ] = None,
    resume: Annotated[str, typer.Option(metavar="auto|never|DIR", help="Go on, start anew, or go on in DIR.")] = "auto",
) -> None:
    """Train by a recipe, or go on with a run that was interrupted.

    Example: chatzero train recipes/my-chats.toml --set train.minutes=30
    """
    asked = read_recipe(recipe, overrides or ())
    folder = out or Path("runs") / recipe.stem
    if resume not in ("auto", "never"):
        folder = Path(resume)
    from chatzero.apps.cli.carry_out import carry_out

    console = Console(stderr=True, soft_wrap=True)
    stopped = carry_out(asked, folder, "never" if resume == "never" else "auto", console)
    if not stopped.finished:
        console.print(
            tr(
                "Interrupted; everything is kept. The same command resumes.",
                "已中断，进度已保存。再次运行同一命令即可继续。",
            )
        )
        raise typer.Exit(128 + stopped.signal_number)
