"""docs/interop.md is run: each `chatzero` command, each Python block, in the order of the page."""

import json
import os
import re
import shlex
import subprocess
import sys
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest

from chatzero.apps.cli.main import run
from chatzero.checkpoint.bundle import load_bundle, save_bundle
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer
from tests.interop.trained import QUESTIONS, tokenizer, trained

DOCS = Path(__file__).parent.parent / "docs"
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    return BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))


def test_both_languages_show_the_same_blocks() -> None:
    assert blocks("interop.md") == blocks("interop.zh.md")


@pytest.mark.parametrize(
    "route",
    [
        *(f"export my-model --to {target} " for target in ("hf", "gguf", "ct2", "onnx")),
        *(f"export my-translator --to {target} " for target in ("hf", "ct2", "onnx")),
        *(f"export my-classic --to {target} " for target in ("hf", "gguf", "ct2")),
        *(f"import my-{kind}-hf" for kind in ("model", "classic")),
        *(f"chat my-model --engine {engine} " for engine in ("ct2", "llama.cpp", "auto")),
        "serve my-model --engine ct2",
        "eval my-translator --engine ct2 --precision int8",
    ],
)
def test_every_route_is_on_the_page(route: str) -> None:
    assert any(f"chatzero {route}" in text for kind, text in blocks("interop.md") if kind == "console")


def some_known(tokenizer: Tokenizer, config: object, count: int, max_tokens: int) -> list[Conversation]:
    """Of what these models have learnt: between two answers to anything else eight bits may decide."""
    return QUESTIONS[:: len(QUESTIONS) // count][:count]


@pytest.mark.usefixtures("tracing")
def test_the_page_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for module in ("export", "speak"):
        monkeypatch.setattr(f"chatzero.interop.{module}.questions", some_known)
    for name, variant in (("my-model", "qwen3"), ("my-classic", "gpt2"), ("my-translator", "marian")):
        save_bundle(Path(name), trained(variant), tokenizer(), "# card\n")
    for kind, text in blocks("interop.md"):
        if re.search(r"llama[._]cpp", text) and find_spec("llama_cpp") is None:
            continue
        if kind == "python":
            exec(compile(text, "docs/interop.md", "exec"), {})
            assert "3" in capsys.readouterr().out, text
            continue
        for line in text.splitlines():
            program, *words = shlex.split(line)
            assert program == "chatzero"
            if words[0] == "serve":
                assert "3" in served(words)
                continue
            few = ["--prompts", "8"] if words[0] == "export" else []  # that is enough here
            assert run([*words, *few]) == 0, capsys.readouterr().err
    for again in ("my-model-again", "my-classic-again"):
        assert load_bundle(Path(again)).tokenizer.tokens == tokenizer().tokens


def served(words: list[str]) -> str:
    """What the server of that command says to one question."""
    command = [sys.executable, "-m", "chatzero", "--lang", "en", *words, "--port", "0", "--name", "mine"]
    environ = {**os.environ, "PYTHONPATH": str(DOCS.parent)}
    asked = {"model": "mine", "messages": [{"role": "user", "content": "What is 1 + 2?"}]}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split()[3]
            request = urllib.request.Request(
                f"{url}/chat/completions", json.dumps(asked).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                said = json.load(answer)["choices"][0]["message"]["content"]
                assert isinstance(said, str)
                return said
        finally:
            server.terminate()
            server.communicate(timeout=60)
