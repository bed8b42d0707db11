"""Where the chat opens after training: in the browser of a person at this machine, else in the terminal."""

import io
import signal
import subprocess
import sys
import urllib.request
import webbrowser
from pathlib import Path

import pytest

from chatzero.apps.cli import chat as chat_module
from chatzero.apps.cli import studio as studio_module
from chatzero.apps.cli.main import run
from chatzero.apps.cli.studio import graphical_browser
from chatzero.checkpoint.bundle import save_bundle
from tests.apps.server.running import small_bundle
from tests.apps.test_quickstart import finished


@pytest.mark.parametrize(
    ("environ", "system", "name", "found"),
    [
        ({"DISPLAY": ":0"}, "linux", "firefox", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", "firefox", True),
        ({}, "linux", "firefox", False),
        ({}, "darwin", "default", True),
        ({}, "win32", "default", True),
        ({"SSH_CONNECTION": "a b"}, "darwin", "default", False),
        ({"SSH_CONNECTION": "a b", "DISPLAY": ":10"}, "linux", "firefox", False),
        ({"SSH_CONNECTION": "a b", "BROWSER": "/opt/editor/open-there.sh"}, "linux", "open-there.sh", True),
        ({"DISPLAY": ":0"}, "linux", "/usr/bin/w3m", False),
        ({"DISPLAY": ":0", "BROWSER": "lynx"}, "linux", "lynx", False),
    ],
)
def test_which_browser(
    environ: dict[str, str], system: str, name: str, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser(name))
    assert (graphical_browser(environ, system) is not None) == found


def test_no_browser_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_there() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none_there)
    assert graphical_browser({"DISPLAY": ":0"}, "linux") is None


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "browser", "opened"),
    [(True, True, "studio"), (True, False, "chat"), (False, True, "chat"), (False, False, "chat")],
)
def test_the_end_of_quickstart(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    terminal: bool,
    browser: bool,
    opened: str,
) -> None:
    finished(tmp_path / "run")
    calls: list[tuple[str, Path]] = []
    monkeypatch.setattr(sys, "stdin", Terminal() if terminal else io.StringIO())
    monkeypatch.setattr(
        studio_module, "graphical_browser", lambda *_: webbrowser.GenericBrowser("firefox") if browser else None
    )
    monkeypatch.setattr(studio_module, "open_studio", lambda folder, _: calls.append(("studio", folder)))
    monkeypatch.setattr(chat_module, "chat", lambda folder: calls.append(("chat", folder)))
    command = ["quickstart", "--arch", "gpt", "--minutes", "1", "--out", str(tmp_path / "run"), "--lang", "en"]
    assert run(command) == 0
    assert calls == [(opened, tmp_path / "run")]
    said = "No browser here: the chat is in the terminal." in capsys.readouterr().err
    assert said == (terminal and not browser)
    assert run([*command, "--no-chat"]) == 0
    assert len(calls) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_the_studio_opens_a_browser_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    bundle = small_bundle("gpt")
    save_bundle(tmp_path / "my-run" / "model", bundle.model, bundle.tokenizer, "card")
    browser = tmp_path / "browser.sh"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened.part\nmv {tmp_path}/opened.part {tmp_path}/opened\n')
    browser.chmod(0o755)
    environ = {"PATH": "/usr/bin:/bin", "BROWSER": str(browser), "OMP_NUM_THREADS": "1", "HOME": str(tmp_path)}
    words = [sys.executable, "-m", "chatzero", "--lang", "en", "studio", str(tmp_path / "my-run")]
    root = Path(__file__).parents[2]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environ, cwd=root) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("The studio opens in your browser: http://127.0.0.1:")
            url = line.split()[6]
            with urllib.request.urlopen(url, timeout=60) as answer:
                assert b"/studio/chat.js" in answer.read()
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
            assert (tmp_path / "opened").read_text().strip() == url
            assert "chatzero chat" in process.stdout.read()
        finally:
            process.kill()
