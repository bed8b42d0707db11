"""The command `chatzero`: which verbs there are, and what becomes of errors.

The exit code says how it went: 0 done, 1 ran and found a problem, 2 bad input, 130 stopped by Ctrl-C. Each verb is a
file of its own beside this one.
"""

import inspect
import os
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Annotated, Protocol, runtime_checkable

import typer

from chatzero.apps.cli.console import speak_utf8
from chatzero.apps.cli.frame_words import complaint, speak_for
from chatzero.apps.cli.global_options import GlobalOptions, reader_language, split_global_options
from chatzero.errors import ChatZeroError
from chatzero.language import set_language, tr
from chatzero.training.memory import ask_for_huge_pages
from chatzero.version import __version__


@runtime_checkable
class CommandContext(Protocol):
    """Where in the command line it was."""

    command_path: str


@runtime_checkable
class Usage(Protocol):
    """A mistyped command line: Typer's own class or Click's, by the release of Typer. This is what they share."""

    ctx: CommandContext | None

    def format_message(self) -> str: ...


def run(words: Sequence[str] | None = None) -> int:
    """Carry out a command line (default: this process's), print what went wrong, and return the exit code."""
    speak_utf8()
    ask_for_huge_pages()
    set_language(reader_language(os.environ))
    words = sys.argv[1:] if words is None else words
    options = GlobalOptions(lang=None, debug="--debug" in words, words=())
    try:
        options = split_global_options(words)
        if options.lang is not None:
            set_language(options.lang)
        command = typer.main.get_command(build_app())
        answer = command.main(list(options.words) or ["--help"], prog_name="chatzero", standalone_mode=False)
        return answer if isinstance(answer, int) else 0
    except SystemExit as stop:  # also Typer's way to end when the reader of a pipe has left
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException as error:
        return report(error, options.debug)


def report(error: BaseException, debug: bool) -> int:
    """Say on standard error what happened, and return the exit code: the one table from exceptions to codes."""
    if debug:
        traceback.print_exception(error)
    match error:
        case KeyboardInterrupt() | typer.Abort():
            return 130
        case ChatZeroError():
            rank = os.environ.get("RANK", "0")  # torchrun's: the leader of a team says it in full, the others in a line
            print(error if rank == "0" else f"[{rank}] {error.what}", file=sys.stderr)
            return 2
        case Usage() if type(error).__name__ == "NoArgsIsHelpError":  # `chatzero data` alone: its message is the help
            print(error.format_message(), file=sys.stderr)
            return 2
        case Usage():
            print(usage_error(error), file=sys.stderr)
            return 2
        case ModuleNotFoundError():
            what = tr(f"the library {error.name} is missing", f"缺少库 {error.name}")
            why = tr("the installation is not complete", "安装不完整")
            do = f"python start.py doctor {tr('or', '或')} {sys.executable} -m pip install {error.name}"
        case OSError():
            what, why = str(error), tr("the system refused", "系统拒绝了这个操作")
            do = tr("check the path, the permissions and the room on the disk", "检查路径、权限和磁盘空间")
        case _:
            what = f"{type(error).__name__}: {error}"
            why = tr("this is a fault in ChatZero, not in what you did", "这是 ChatZero 的缺陷，不是你的错")
            do = tr(
                "run it again with --debug, and report what it prints", "加上 --debug 再运行一次，并把输出反馈给我们"
            )
            print(ChatZeroError(what=what, why=why, do=do), file=sys.stderr)
            return 1
    print(ChatZeroError(what=what, why=why, do=do), file=sys.stderr)
    return 2


def usage_error(error: Usage) -> ChatZeroError:
    """A mistyped option or verb, dressed as all our errors are."""
    path = error.ctx.command_path if error.ctx is not None else "chatzero"
    return ChatZeroError(
        what=complaint(error.format_message()),
        why=tr(f"`{path}` cannot be written like that", f"`{path}` 不能这样写"),
        do=f"{path} --help",
    )


def print_version(wanted: bool) -> bool:
    """Print the version and stop there; else the option's value is what it was."""
    if wanted:
        print(f"chatzero {__version__}")
        raise typer.Exit
    return wanted


def build_app() -> typer.Typer:
    """The verbs, with their help in the language spoken now.

    They are imported here and not above: their help texts are made at import, and a library that is missing is then
    an error like any other, with the command that mends it.
    """
    from chatzero.apps.cli import data, tokenizer
    from chatzero.apps.cli.bench import bench
    from chatzero.apps.cli.chat import chat
    from chatzero.apps.cli.doctor import doctor
    from chatzero.apps.cli.evaluate import evaluate
    from chatzero.apps.cli.export import export, import_
    from chatzero.apps.cli.lab import lab
    from chatzero.apps.cli.look import look
    from chatzero.apps.cli.quickstart import quickstart
    from chatzero.apps.cli.runs import runs
    from chatzero.apps.cli.serve import serve
    from chatzero.apps.cli.studio import studio
    from chatzero.apps.cli.trace import trace
    from chatzero.apps.cli.train import train
    from chatzero.apps.cli.translate import translate

    app = typer.Typer(
        help=tr(
            "From an empty machine to a small ChatGPT that you trained yourself.\n\nExample: chatzero quickstart",
            "从空机器到你亲手训练的小 ChatGPT。\n\n例：chatzero quickstart",
        ),
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(front_page())
    verbs: tuple[tuple[str, Callable[..., None], str], ...] = (
        (
            "quickstart",
            quickstart,
            "从零训练你自己的中英双语聊天模型，然后与它聊天。中断后再次运行即可继续。",
        ),
        ("doctor", doctor, "检查并实测这台机器：缺什么、怎么修、能训练多大的模型。"),
        ("train", train, "按配方训练；中断过的训练会接着进行。"),
        ("chat", chat, "在终端里与模型聊天。"),
        ("translate", translate, "翻译：标准输入的每一行，译成标准输出的一行。"),
        ("studio", studio, "在浏览器里与模型聊天、训练、看内部：工作室，只对本机开放。"),
        ("serve", serve, "以 OpenAI 兼容的 API 提供模型，并带浏览器里的工作室：同时服务许多对话；默认只对本机开放。"),
        ("eval", evaluate, "模型有多好？按技能和语言出题，或用你自己的题目文件。"),
        ("look", look, "看进模型里：词元、各头的注意力、下一个词元、逐层预测、位置、嵌入，都在一个 HTML 页面里。"),
        ("trace", trace, "模型里的每一步：名字、形状（每一维都有名字）、参数、FLOPs、字节、时间，前向与反向。"),
        ("export", export, "把模型写成其他引擎的格式，在那里加载，并对比得分与回答。"),
        ("import", import_, "把 transformers 格式的文件夹变成模型文件夹。"),
        ("lab", lab, "经典的错误：犯一次，与正确版本对照，在同一个种子上实测。"),
        ("bench", bench, "实测这台机器的训练速度：计入 loss 的 token、填充、占峰值的比例、每步各部分的时间。"),
        ("runs", runs, "列出这台机器上的训练：阶段、步数、损失、状态、位置。"),
    )
    for name, verb, chinese in verbs:
        app.command(name, help=tr(_help(verb), f"{chinese}\n\n例：{_example(verb)}"))(verb)
    app.add_typer(data.app, name="data")
    app.add_typer(tokenizer.app, name="tokenizer")
    speak_for(app)
    return app


def front_page() -> Callable[..., None]:
    """The options before the verb. `--lang` and `--debug` have been taken out by now; here they are for `--help`."""

    def chatzero(
        version: Annotated[
            bool,
            typer.Option(
                "--version",
                is_eager=True,
                callback=print_version,
                help=tr("Print it and exit.", "显示版本，然后退出。"),
            ),
        ] = False,
        lang: Annotated[
            str,
            typer.Option(
                "--lang",
                metavar="zh|en",
                help=tr("Language / 语言 (default: the locale).", "语言 / Language（默认随系统）。"),
            ),
        ] = "",
        debug: Annotated[
            bool, typer.Option("--debug", help=tr("Show where an error arose.", "出错时显示出错的位置。"))
        ] = False,
    ) -> None:
        pass

    return chatzero


def _help(verb: Callable[..., None]) -> str:
    return inspect.getdoc(verb) or ""


def _example(verb: Callable[..., None]) -> str:
    """The command in the docstring's line `Example: ...`."""
    found = re.search(r"Example: (.+)", _help(verb))
    return found[1] if found else ""
