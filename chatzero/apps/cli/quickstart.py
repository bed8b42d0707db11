"""`chatzero quickstart`: the main job. Built-in data -> tokenizer -> training -> scoreboard -> studio or chat."""

import os
import secrets
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from chatzero.language import tr


def quickstart(
    arch: Annotated[
        Literal["transformer", "gpt"],
        typer.Option(
            help=tr(
                "transformer: the encoder-decoder of 2017; gpt: decoder-only.",
                "transformer：2017 年的编码器-解码器；gpt：纯解码器。",
            )
        ),
    ] = "transformer",
    minutes: Annotated[
        float,
        typer.Option(min=0.05, metavar="N", help=tr("Training ends within this time.", "训练在这么多分钟内结束。")),
    ] = 10.0,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help=tr("The run folder (default: runs/quickstart-ARCH).", "运行文件夹（默认：runs/quickstart-ARCH）。"),
        ),
    ] = None,
    no_chat: Annotated[
        bool, typer.Option("--no-chat", help=tr("Do not open the chat at the end.", "训练完后不打开聊天。"))
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help=tr("Of weights, data and order (default: drawn).", "权重、数据和顺序的随机种子（默认：随机抽取）。"),
        ),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help=tr("Forget an earlier run in this folder.", "清除此文件夹中以前的运行，重新训练。")
        ),
    ] = False,
) -> None:
    """From nothing to your own talking, bilingual ChatGPT. Running it again resumes.

    Example: chatzero quickstart --arch gpt --minutes 5
    """
    console = Console(stderr=True, soft_wrap=True)
    folder = out or Path("runs") / f"quickstart-{arch}"
    _look_at_this_machine(folder, console)
    # Not before: a PyTorch that is missing or broken is one of the things to be found.
    from chatzero.apps.cli.carry_out import carry_out
    from chatzero.pipeline.quickstart import quickstart_recipe, recipe_of_run
    from chatzero.training.run import read_run_file

    there = None if fresh else read_run_file(folder)
    began = recipe_of_run(there.settings, folder, arch, minutes) if there is not None else None
    if there is not None and there.state == "finished" and (folder / "report.md").exists():
        console.print(
            tr(f"{folder} is trained already (--fresh trains anew).", f"{folder} 已经训练完成（--fresh 可重新训练）。")
        )
    else:
        drawn = seed if seed is not None else secrets.randbelow(2**31)
        recipe = began or quickstart_recipe(arch, minutes, drawn, console.print)
        carry_out(recipe, folder, "never" if fresh else "auto", console)
    if not no_chat:
        _talk(folder, console)


def _talk(folder: Path, console: Console) -> None:
    """In the browser where a person sits at this machine; in the terminal where there is none."""
    from chatzero.apps.cli.chat import chat
    from chatzero.apps.cli.studio import graphical_browser, open_studio

    # Without a person at the terminal nobody would end the server
    browser = graphical_browser(os.environ, sys.platform) if sys.stdin.isatty() else None
    if browser is not None:
        open_studio(folder, browser)
        return
    if sys.stdin.isatty():
        console.print(
            tr(
                f"No browser here: the chat is in the terminal. (For a browser: chatzero serve {folder})",
                f"这里没有浏览器，就在终端里聊天。（要用浏览器：chatzero serve {folder}）",
            ),
            highlight=False,
        )
    chat(folder)


def _look_at_this_machine(folder: Path, console: Console) -> None:
    """The doctor in short. Leaves with exit code 1 when something is so wrong that training would fail."""
    from chatzero.apps.cli.doctor_view import show_short
    from chatzero.doctor.checks import short_report

    findings = short_report(folder)
    show_short(findings, console)
    if any(finding.verdict == "fail" for finding in findings):
        console.print(
            tr(
                "Nothing was begun. Mend what failed, then run the same command again; more: chatzero doctor",
                "尚未开始训练。请先解决上面标为失败的问题，再运行同一命令；详情：chatzero doctor",
            ),
            highlight=False,
        )
        raise typer.Exit(1)
