"""docs/interop.md is run: each `chatzero` command, each Python block, in the order of the page."""

import re
import shlex
from pathlib import Path

import pytest

from chatzero.apps.cli.main import run
from chatzero.checkpoint.bundle import load_bundle, save_bundle
from tests.interop.trained import tokenizer, trained

DOCS = Path(__file__).parent.parent / "docs"
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    return BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))


def test_both_languages_show_the_same_blocks() -> None:
    assert blocks("interop.md") == blocks("interop.zh.md")
    assert len(blocks("interop.md")) >= 7


@pytest.mark.usefixtures("tracing")
def test_the_page_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    save_bundle(Path("my-model"), trained("qwen3"), tokenizer(), "# card\n")
    save_bundle(Path("my-translator"), trained("marian"), tokenizer(), "# card\n")
    for kind, text in blocks("interop.md"):
        if kind == "python":
            exec(compile(text, "docs/interop.md", "exec"), {})
            assert "3" in capsys.readouterr().out, text
            continue
        for line in text.splitlines():
            program, *words = shlex.split(line)
            assert program == "chatzero"
            # the built-in questions are new to these models: a few are enough here
            few = ["--prompts", "4"] if words[0] == "export" else []
            assert run([*words, *few]) == 0, capsys.readouterr().err
    again = load_bundle(Path("my-model-again"))
    assert again.tokenizer.tokens == tokenizer().tokens
