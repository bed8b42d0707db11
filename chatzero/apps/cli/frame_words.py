"""Typer's own words (Usage, Options, "no such option") in the language spoken now.

Typer speaks English only. What it wrote is translated afterwards, word for word by the tables here, so that this holds
for every verb there is and will be, and for every release of Typer: a word that is not in a table stays as it is.
"""

import re
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from chatzero.language import current_language

_HELP_PAGE = (
    (r"^Usage: ", "用法："),
    (r"\[OPTIONS\]", "[选项]"),
    (r"COMMAND \[ARGS\]\.\.\.", "命令 [参数]..."),
    (r"^Arguments:$", "参数："),
    (r"^Options:$", "选项："),
    (r"^Commands:$", "命令："),
    (r"Show\s+this\s+message\s+and\s+exit\.", "显示本帮助，然后退出。"),
    (r"\[default:\s+", "[默认："),
    (r"\[required\]", "[必填]"),
    (r";\s+required\]", "；必填]"),
)
_COMPLAINTS = (
    (r"No such option: (\S+?)\.?( .*)?$", r"没有选项 \1"),
    (r"No such command (\S+?)\.( .*)?$", r"没有命令 \1"),
    (r"Missing command\.", "缺少命令"),
    (r"Missing argument (.+?)\.$", r"缺少参数 \1"),
    (r"Missing option (.+?)\.$", r"缺少选项 \1"),
    (r"Option (\S+) requires an argument\.", r"选项 \1 后面要写一个值"),
    (r"Got unexpected extra argument(?:s|\(s\))? \((.+)\)", r"多出的参数：\1"),
    (r"Invalid value for (.+?): (?:Value error, )?", r"\1 的值无效："),
    (r"Input should be a valid number\b.*$|(?<=：)\S+ is not a valid float(?: range)?\.$", "应为数"),
    (r"Input should be a valid integer\b.*$|(?<=：)\S+ is not a valid int(?:eger)?(?: range)?\.$", "应为整数"),
    (r"Input should be greater than or equal to (\S+)$", r"应不小于 \1"),
    (r"Input should be less than or equal to (\S+)$", r"应不大于 \1"),
    (r"(\S+) is not in the range (.+?)\.?$", r"\1 不在范围 \2 内"),
    (r"(\S+) is not one of (.+?)\.?$", r"\1 不是下列之一：\2"),
)


def help_page(page: str) -> str:
    """A help page as Typer wrote it, its frame in the language spoken now."""
    return _translated(page, _HELP_PAGE)


def complaint(message: str) -> str:
    """What Typer says of a mistyped command line, in the language spoken now."""
    return _translated(message, _COMPLAINTS)


def speak_for(app: typer.Typer) -> None:
    """Let every help page of `app`, of its commands and of its groups, speak through `help_page`."""
    app.info.cls = _Group
    for command in app.registered_commands:
        command.cls = _Command
    for group in app.registered_groups:
        group.cls = _Group
        if group.typer_instance is not None:
            speak_for(group.typer_instance)


def _translated(text: str, table: tuple[tuple[str, str], ...]) -> str:
    if current_language() == "en":
        return text
    for pattern, chinese in table:
        text = re.sub(pattern, chinese, text, flags=re.MULTILINE)
    return text


# Any: the context is Click's class or Typer's own, by the release of Typer.


class _Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        return help_page(super().get_help(ctx))


class _Group(TyperGroup):
    def get_help(self, ctx: Any) -> str:
        return help_page(super().get_help(ctx))
