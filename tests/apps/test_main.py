"""The front door: help without torch, both languages, and the table from errors to exit codes."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
import typer

from chatzero.apps.cli import main as main_module
from chatzero.apps.cli.main import run
from chatzero.errors import ConfigError
from chatzero.version import __version__

VERBS = ("quickstart", "doctor", "train", "chat", "eval", "bench", "runs", "data", "tokenizer")
HEAVY = ("torch", "transformers", "datasets", "matplotlib")


def chatzero(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as a person starts it."""
    return subprocess.run(
        [sys.executable, "-m", "chatzero", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        check=False,
    )


def with_verb(monkeypatch: pytest.MonkeyPatch, verb: Callable[[], None]) -> None:
    """One pretended verb in the place of all."""

    def build_app() -> typer.Typer:
        app = typer.Typer(pretty_exceptions_enable=False)
        app.callback()(lambda: None)
        app.command("act")(verb)
        return app

    monkeypatch.setattr(main_module, "build_app", build_app)


def raising(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def test_version_and_every_help_answer_without_the_heavy_libraries() -> None:
    """In one process: each import of them would stay to be seen."""
    commands = [["--version"], ["--help"], *([verb, "--help"] for verb in VERBS), ["train", "absent.toml"]]
    code = f"""
import sys
from chatzero.apps.cli.main import run
codes = [run(words) for words in {commands!r}]
print(codes, [name for name in {HEAVY!r} if name in sys.modules])
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    assert answer.stdout.splitlines()[-1] == f"{[0] * (len(commands) - 1) + [2]} []"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_verb_has_a_help_with_an_example(lang: str) -> None:
    code = f"""
from chatzero.apps.cli.main import run
for verb in {VERBS!r}:
    print("VERB", verb)
    run([verb, "--help", "--lang", "{lang}"])
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    pages = answer.stdout.split("VERB ")[1:]
    assert len(pages) == len(VERBS)
    for page in pages:
        verb = page.split()[0]
        if "COMMAND [ARGS]" not in page:  # a group shows its examples one level down
            assert f"chatzero {verb}" in page.replace("Usage: chatzero", ""), verb
        assert any("\u4e00" <= letter <= "\u9fff" for letter in page) == (lang == "zh"), verb


EVERY_PAGE = """
import json, re
import typer
from chatzero.apps.cli.main import build_app
from chatzero.language import set_language

def pages(command, context):
    yield context.command_path, command.get_help(context), [(p.name, getattr(p, "help", "")) for p in command.params]
    for name, inner in getattr(command, "commands", {}).items():
        yield from pages(inner, inner.make_context(name, [], parent=context, resilient_parsing=True))

set_language("zh")
command = typer.main.get_command(build_app())
print(json.dumps(list(pages(command, command.make_context("chatzero", [], resilient_parsing=True)))))
"""


def test_a_chinese_help_page_is_wholly_chinese() -> None:
    """Of every command and of every option. English stays in names, in metavars and in commands to be typed."""
    answer = subprocess.run([sys.executable, "-c", EVERY_PAGE], capture_output=True, text=True, check=True)
    pages = json.loads(answer.stdout)
    assert {path.split()[1] for path, _, _ in pages if " " in path} >= set(VERBS)
    for path, page, options in pages:
        assert "：" in page.splitlines()[0], page
        for name, words in options:
            assert re.search("[\u4e00-\u9fff]", words), f"{path}: the help of {name} is {words!r}"
        for line in page.splitlines():
            if "chatzero " not in line:  # no command to be typed
                assert not re.search(r"\b[A-Za-z]+( [a-z]+){2,}\b", line), f"{path}: {line}"
                assert not re.search(r"\b(Usage|Options|Arguments|Commands|default|required)\b", line), (
                    f"{path}: {line}"
                )


def test_the_front_page_names_every_verb() -> None:
    answer = chatzero("--lang", "zh")
    assert answer.returncode == 0
    assert "亲手训练" in answer.stdout
    for verb in VERBS:
        assert f"\n  {verb} " in answer.stdout


def test_the_version() -> None:
    assert chatzero("--version").stdout == f"chatzero {__version__}\n"


def test_the_locale_chooses_the_language() -> None:
    assert "  原因：" in chatzero("nonsense", LC_ALL="zh_CN.UTF-8").stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["train"], "Missing argument"),
        (["doctor", "--nonsense"], "No such option: --nonsense"),
        (["doctor", "--tokens", "many"], "Invalid value for '--tokens'"),
        (["--lang", "fr", "doctor"], "--lang 'fr' is not a language I speak"),
    ],
)
def test_a_mistyped_command_line_is_bad_input(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "\n  why: " in error
    assert "\n  do:  " in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            ConfigError(what="d_model=100 is odd", why="heads", do="use 96"),
            2,
            "d_model=100 is odd\n  why: heads\n  do:  use 96",
        ),
        (FileNotFoundError(2, "No such file or directory", "x.jsonl"), 2, "x.jsonl"),
        (OSError(28, "No space left on device"), 2, "No space left on device"),
        (ModuleNotFoundError("No module named 'rich'", name="rich"), 2, "the library rich is missing"),
        (KeyboardInterrupt(), 130, ""),
        (typer.Exit(1), 1, ""),
        (typer.Exit(0), 0, ""),
        (SystemExit(), 0, ""),
        (SystemExit(3), 3, ""),
        (
            ZeroDivisionError("division by zero"),
            1,
            "ZeroDivisionError: division by zero\n  why: this is a fault in ChatZero",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_what_becomes_of_each_error(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_verb(monkeypatch, raising(error))
    assert run(["act"]) == code
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_debug_shows_the_traceback_before_or_after_the_verb(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_verb(monkeypatch, raising(ConfigError(what="what", why="why", do="do")))
    for words in (["--debug", "act"], ["act", "--debug"]):
        assert run(words) == 2
        assert "Traceback" in capsys.readouterr().err


def test_a_verb_that_ends_well_gives_zero(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with_verb(monkeypatch, lambda: print("你好"))
    assert run(["act"]) == 0
    assert capsys.readouterr().out == "你好\n"


def test_errors_are_said_in_chinese(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with_verb(monkeypatch, raising(ZeroDivisionError("division by zero")))
    run(["act", "--lang", "zh"])
    assert "这是 ChatZero 的缺陷" in capsys.readouterr().err


def test_a_reader_that_leaves_the_pipe_is_no_traceback() -> None:
    code = (
        "import sys, typer\nfrom chatzero.apps.cli import main\n"
        "def act():\n    for i in range(100000): print('line', i)\n"
        "def build_app():\n    app = typer.Typer(); app.callback()(lambda: None); app.command('act')(act); return app\n"
        "main.build_app = build_app\nsys.exit(main.run(['act']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as act:
        assert act.stdout is not None
        assert act.stderr is not None
        act.stdout.readline()
        act.stdout.close()
        assert "Traceback" not in act.stderr.read()
