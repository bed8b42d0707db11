"""Typer's own words in Chinese, whichever release of Typer says them."""

import pytest

from chatzero.apps.cli.frame_words import complaint, help_page
from chatzero.apps.cli.main import run
from chatzero.language import set_language


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        ("No such option: --foo", "没有选项 --foo"),
        ("No such option: --foo Did you mean --for?", "没有选项 --foo"),
        ("No such command 'nonsense'.", "没有命令 'nonsense'"),
        ("Missing argument 'RECIPE.toml'.", "缺少参数 'RECIPE.toml'"),
        ("Missing option '--out'.", "缺少选项 '--out'"),
        ("Option '--seed' requires an argument.", "选项 '--seed' 后面要写一个值"),
        ("Got unexpected extra argument (b)", "多出的参数：b"),
        ("Got unexpected extra argument(s) (b c)", "多出的参数：b c"),
        (
            "Invalid value for '--minutes': Input should be a valid number, unable to parse string as a number",
            "'--minutes' 的值无效：应为数",
        ),
        ("Invalid value for '--minutes': 'x' is not a valid float range.", "'--minutes' 的值无效：应为数"),
        ("Invalid value for '--seed': '1.5' is not a valid integer range.", "'--seed' 的值无效：应为整数"),
        (
            "Invalid value for '--minutes': Input should be greater than or equal to 0.05",
            "'--minutes' 的值无效：应不小于 0.05",
        ),
        ("Invalid value for '--seed': -1 is not in the range x>=0.", "'--seed' 的值无效：-1 不在范围 x>=0 内"),
        (
            "Invalid value for '--arch': Value error, 'x' is not one of 'transformer', 'gpt'",
            "'--arch' 的值无效：'x' 不是下列之一：'transformer', 'gpt'",
        ),
        ("something Typer will say one day", "something Typer will say one day"),
    ],
)  # fmt: skip
def test_a_complaint(said: str, chinese: str) -> None:
    assert complaint(said) == said
    set_language("zh")
    assert complaint(said) == chinese


def test_the_frame_of_a_help_page() -> None:
    page = (
        "Usage: act [OPTIONS] COMMAND [ARGS]...\n\nOptions:\n"
        "  --n N  数。  [default: 3;\n required]\n  --help  Show this\n message and exit."
    )
    set_language("zh")
    assert help_page(page) == (
        "用法：act [选项] 命令 [参数]...\n\n选项：\n  --n N  数。  [默认：3；必填]\n  --help  显示本帮助，然后退出。"
    )


def test_a_group_alone_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "--lang", "zh"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("用法：chatzero data")
    assert "原因" not in told
