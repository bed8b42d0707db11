import builtins
import json
import os
import select
import sys
import time
from pathlib import Path

import pytest
import torch
import typer
from typer.testing import CliRunner

import chatzero.checkpoint.bundle as bundles
from chatzero.apps.cli.chat import chat, visible
from chatzero.checkpoint.bundle import Bundle, save_bundle
from chatzero.errors import ConfigError, DataError, ModelFolderError
from chatzero.models.decoder_only import GPT
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer
from tests.generation.real_models import random_model
from tests.generation.scripted import ScriptedModel, likes

BYTES = Tokenizer.train([], MIN_VOCAB_SIZE)
ANSWERS = {"hi": "Hello, 你好!", "你好": "你好，我是 ChatZero。", "steer": "\x1b[2Jboo"}


def scripted() -> ScriptedModel:
    """Knows a few answers; says "?" to anything else, and "!" to a second turn."""

    def script(prompt: tuple[int, ...], said: tuple[int, ...]) -> list[float]:
        asked = BYTES.decode(prompt[len(prompt) - 1 - list(prompt[::-1]).index(BYTES.user_id) :])
        answer = "!" if prompt.count(BYTES.user_id) > 1 else ANSWERS.get(asked, "?")
        return likes([*BYTES.encode(answer), BYTES.end_id][len(said)], BYTES.vocab_size)

    return ScriptedModel(script, BYTES.vocab_size, max_seq_len=128)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which the scripted model is loaded."""

    def load(path: Path, device: object = "cpu") -> Bundle:
        if path != tmp_path:
            raise ModelFolderError(what=f"there is no folder {path}", why="", do="")
        model = scripted()
        bundle = object.__new__(Bundle)
        for name, value in (("model", model), ("tokenizer", BYTES), ("folder", path)):
            object.__setattr__(bundle, name, value)
        return bundle

    monkeypatch.setattr(bundles, "load_bundle", load)
    return tmp_path


def run(*words: str | Path, stdin: str = "") -> "typer.testing.Result":
    app = typer.Typer()
    app.command()(chat)
    return CliRunner().invoke(app, [str(word) for word in words], input=stdin)


# -- one question -----------------------------------------------------------------------------------------------------


def test_p_prints_the_answer_alone(folder: Path) -> None:
    result = run(folder, "-p", "hi")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Hello, 你好!\n", "")


def test_json_prints_one_document(folder: Path) -> None:
    result = run(folder, "-p", "你好", "--json", "--max-tokens", "4")
    assert "你" in result.stdout, "readable as it is"
    document = json.loads(result.stdout)
    assert document.pop("seconds") >= 0
    assert document == {"answer": "你\ufffd", "finish_reason": "length", "tokens": 4}
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (("--json",), ConfigError, "--json without -p"),
        (("-p", "hi", "--temperature", "-1"), ConfigError, "temperature must be >= 0, got -1"),
        (("-p", "hi", "--beam", "2", "--temperature", "1"), ConfigError, "exclude each other"),
        (("-p", " "), DataError, "has no words"),
        (("-p", "x" * 200), DataError, "203 tokens long"),
        (("-p", "hi", "--device", "abacus"), ConfigError, "unknown device 'abacus'"),
    ],
)
def test_bad_input_is_an_error_with_words(words: tuple[str, ...], error: type, message: str, folder: Path) -> None:
    result = run(folder, *words)
    assert isinstance(result.exception, error)
    assert message in str(result.exception)
    assert result.stdout == ""


def test_the_newest_run_is_taken_when_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("-p", "hi")
    assert isinstance(result.exception, ModelFolderError)
    assert "no trained model under runs" in str(result.exception)
    model = random_model("gpt", vocab_size=BYTES.vocab_size)
    assert isinstance(model, GPT)
    save_bundle(tmp_path / "runs" / "mine" / "model", model, BYTES, "card")
    assert run("-p", "hi", "--max-tokens", "3").exit_code == 0


# -- a pipe -----------------------------------------------------------------------------------------------------------


def test_piped_lines_get_a_line_each_and_nothing_else(folder: Path) -> None:
    result = run(folder, stdin="hi\n\nmore\n")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Hello, 你好!\n!\n", "")


def test_commands_work_in_a_pipe_and_speak_on_stderr(folder: Path) -> None:
    result = run(folder, stdin="hi\n/reset\nhi\n/exit\nhi\n")
    assert result.stdout == "Hello, 你好!\nHello, 你好!\n"
    assert "Forgotten" in result.stderr


def test_a_line_that_cannot_be_answered_does_not_end_the_others(folder: Path) -> None:
    result = run(folder, stdin=f"{'x' * 200}\nhi\n/wrong\n")
    assert (result.exit_code, result.stdout) == (1, "Hello, 你好!\n")
    assert "203 tokens long" in result.stderr
    assert "'/wrong' is not a command" in result.stderr


# -- a terminal, played -----------------------------------------------------------------------------------------------


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str | type[BaseException]]:
    """The person: lines to type, or keys that raise. When there is nothing left, end of file."""
    lines: list[str | type[BaseException]] = []

    def read(prompt: str = "") -> str:
        line = lines.pop(0) if lines else EOFError
        if isinstance(line, str):
            return line
        raise line

    monkeypatch.setattr(builtins, "input", read)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    return lines


def test_a_conversation(
    folder: Path, typed: list[str | type[BaseException]], capsys: pytest.CaptureFixture[str]
) -> None:
    typed += ["hi", "and?", "/reset", "你好"]
    chat(folder)
    shown = capsys.readouterr().out
    for words in (
        "GPT, 0.0 M parameters, window 128 tokens",
        "/help",
        "Hello, 你好!",
        "Forgotten",
        "你好，我是 ChatZero。",
    ):
        assert words in shown
    assert shown.index("Hello") < shown.index("ChatZero: !") < shown.index("Forgotten") < shown.index("我是")


def test_it_speaks_chinese_too(
    folder: Path, typed: list[str | type[BaseException]], capsys: pytest.CaptureFixture[str]
) -> None:
    from chatzero.language import set_language

    set_language("zh")
    typed += ["/help", "/reset"]
    chat(folder)
    shown = capsys.readouterr().out
    assert "忘记说过的话" in shown
    assert "窗口 128 个词元" in shown


def test_exit_leaves(folder: Path, typed: list[str | type[BaseException]], capsys: pytest.CaptureFixture[str]) -> None:
    typed += ["/exit", "hi"]
    chat(folder)
    assert typed == ["hi"]


def test_ctrl_c_while_typing_does_not_leave(
    folder: Path, typed: list[str | type[BaseException]], capsys: pytest.CaptureFixture[str]
) -> None:
    typed += [KeyboardInterrupt, "hi"]
    chat(folder)
    shown = capsys.readouterr().out
    assert "Ctrl-D leaves" in shown
    assert "Hello, 你好!" in shown


def test_an_error_is_shown_and_the_conversation_goes_on(
    folder: Path, typed: list[str | type[BaseException]], capsys: pytest.CaptureFixture[str]
) -> None:
    typed += ["x" * 200, "/nonsense", "hi"]
    chat(folder)
    shown = capsys.readouterr().out
    for words in ("203 tokens long", "'/nonsense' is not a command", "Hello, 你好!"):
        assert words in shown


def test_save_and_system(
    folder: Path, typed: list[str | type[BaseException]], capsys: pytest.CaptureFixture[str]
) -> None:
    target = folder / "chat.jsonl"
    typed += ["/system be kind", "hi", f"/save {target}", f"/save {target}", "/system", "/save"]
    chat(folder)
    shown = capsys.readouterr().out
    assert f"Saved to {target}" in shown
    assert f"cannot write {target}" in shown, "nothing is overwritten"
    assert "No scene." in shown
    assert "'/save' is not a command" in shown
    assert [m["content"] for m in json.loads(target.read_text(encoding="utf-8"))["messages"]] == [
        "be kind",
        "hi",
        "Hello, 你好!",
    ]


def test_an_answer_cannot_steer_the_terminal(
    folder: Path, typed: list[str | type[BaseException]], capsys: pytest.CaptureFixture[str]
) -> None:
    typed += ["steer"]
    chat(folder)
    shown = capsys.readouterr().out
    assert "␛[2Jboo" in shown
    assert "\x1b[2J" not in shown


def test_visible_leaves_text_alone() -> None:
    assert visible("汉字\n\tok 🙂") == "汉字\n\tok 🙂"
    assert visible("\x00\x1b\x7f\x9b\r") == "␀␛␡␡␍"


# -- a real terminal --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_in_a_real_terminal_ctrl_c_stops_the_answer_and_not_the_program(tmp_path: Path) -> None:
    """A model with random weights and a long window talks for a long time: the key comes while it does."""
    import pty

    model = random_model("gpt", vocab_size=BYTES.vocab_size, max_seq_len=100_000)
    assert isinstance(model, GPT)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.startswith("output"):
                parameter[:5] = 0  # no control token is ever likeliest
    save_bundle(tmp_path / "model", model, BYTES, "card")
    # The key must work also where the tests were started in the background, which ignores it and passes that on.
    program = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    program += "from pathlib import Path; from chatzero.apps.cli.chat import chat; "
    program += "chat(Path(sys.argv[1]), max_tokens=50_000, device='cpu')"
    child, terminal = pty.fork()
    if child == 0:
        os.execve(
            sys.executable, [sys.executable, "-c", program, str(tmp_path)], {**os.environ, "OMP_NUM_THREADS": "1"}
        )
    try:
        shown = read_until(terminal, "You: ")
        assert "Ctrl-C stops an answer" in shown
        os.write(terminal, "你好\n".encode())
        read_until(terminal, "ChatZero: ")
        os.write(terminal, b"\x03")
        assert "(stopped)" in read_until(terminal, "You: ")
        os.write(terminal, b"\x04")
        read_until(terminal, None)
        assert os.waitpid(child, 0)[1] == 0
        child = 0
    finally:
        if child:
            os.kill(child, 9)
            os.waitpid(child, 0)
        os.close(terminal)


def read_until(terminal: int, words: str | None, more: int = 0, patience_s: float = 200) -> str:
    """What the terminal shows, up to `words` and `more` bytes (None: to the end)."""
    shown = b""
    deadline = time.monotonic() + patience_s
    while words is None or words.encode() not in shown[: len(shown) - more]:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"waited in vain for {words!r} after {shown.decode(errors='replace')!r}"
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # Linux says so when the other side has closed
            piece = b""
        if not piece:
            assert words is None, f"ended before {words!r}: {shown.decode(errors='replace')!r}"
            break
        shown += piece
    return shown.decode(errors="replace")
