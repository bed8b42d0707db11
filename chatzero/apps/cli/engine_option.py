"""`--engine` and `--precision` of the commands that run a model: which engine, and what is said about the choice."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from chatzero.errors import ChatZeroError, ConfigError
from chatzero.interop.engine_names import AUTO, ENGINES, EngineName
from chatzero.language import tr

if TYPE_CHECKING:
    from chatzero.checkpoint.bundle import Bundle
    from chatzero.generation.writer import Speaks

EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="|".join((*ENGINES, AUTO)),
        help=tr(
            "What computes; auto measures what is installed and takes the fastest.",
            "由谁计算；auto 测量已安装的引擎并选最快的。",
        ),
    ),
]
PrecisionOption = Annotated[
    str | None,
    typer.Option(
        "--precision",
        metavar="f32|int8|...",
        help=tr("How exactly the engine keeps numbers, as in `export`.", "引擎保存数值的精度，同 `export`。"),
    ),
]


def speaker(bundle: "Bundle", engine: str, precision: str | None, serving: bool = False) -> "Speaks":
    """The model on the engine asked for. With `auto`, each that is installed is measured, which is said on stderr."""
    if precision is not None and engine in ("torch", AUTO):
        raise ConfigError(
            what=tr(f"--precision with --engine {engine}", f"--precision 不能与 --engine {engine} 同用"),
            why=tr("it says how another engine is to keep its numbers", "它指定其他引擎保存数值的精度"),
            do=tr(
                "name the engine, as in --engine ct2 --precision int8", "请指明引擎，如 --engine ct2 --precision int8"
            ),
        )
    from chatzero.interop.speak import candidates, fastest, open_engine

    for name in ENGINES:
        if engine == name:
            return open_engine(bundle, name, precision)
    names = candidates(bundle, serving)
    if names == ["torch"]:
        _say(tr("engine: torch, the only one here for this", "引擎：torch，这里只有它可用"))
        return bundle.model
    opened: dict[EngineName, Speaks] = {}
    for name in names:
        try:
            opened[name] = open_engine(bundle, name)
        except ChatZeroError as error:  # this variant is not for that engine, or it says something else
            _say(tr(f"engine {name} left out: {error}", f"不用引擎 {name}：{error}"))
    seconds = fastest(bundle, opened, together=serving)
    chosen = next(iter(seconds))
    measured = ", ".join(f"{name} {1000 * took:.0f} ms" for name, took in seconds.items())
    _say(tr(f"engine: {chosen}, the fastest here ({measured})", f"引擎：{chosen}，这里最快（{measured}）"))
    return opened[chosen]


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
