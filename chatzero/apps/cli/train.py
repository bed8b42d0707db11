"""`chatzero train RECIPE.toml`: any stage, from a recipe; `chatzero train RUN_FOLDER` goes on with what is there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.pipeline.recipe import Recipe, parse_recipe, read_recipe


def train(
    recipe: Annotated[
        Path,
        typer.Argument(
            metavar="RECIPE.toml",
            help=tr(
                "A TOML file, see recipes/; or a run folder, to go on with that run.",
                "TOML 配方文件，见 recipes/；或运行文件夹，接着训练它。",
            ),
        ),
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
    if recipe.is_dir():
        asked, folder = _recipe_of_run(recipe, overrides or ()), out or recipe
    else:
        asked, folder = read_recipe(recipe, overrides or ()), out or Path("runs") / recipe.stem
    if resume not in ("auto", "never"):
        folder = Path(resume)
    from chatzero.apps.cli.carry_out import carry_out

    carry_out(asked, folder, "never" if resume == "never" else "auto", Console(stderr=True, soft_wrap=True))


def _recipe_of_run(folder: Path, overrides: Sequence[str]) -> Recipe:
    """What the run in this folder began with. Raises `ConfigError` where there is none."""
    from chatzero.training.run import RUN_FILE, read_run_file

    there = read_run_file(folder)
    if there is None:
        raise ConfigError(
            what=tr(f"there is no run in {folder}", f"{folder} 里没有训练"),
            why=tr(f"a run folder has a {RUN_FILE}", f"运行文件夹中应有 {RUN_FILE}"),
            do=tr(
                "name a recipe, or a folder that `chatzero runs` lists", "请指定配方，或 `chatzero runs` 列出的文件夹"
            ),
        )
    return parse_recipe(there.settings, folder / RUN_FILE, overrides)
