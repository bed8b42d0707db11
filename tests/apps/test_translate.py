"""`chatzero translate`: as many lines out as in, each what the model says to that line alone."""

import io
import json
from pathlib import Path

import pytest

from chatzero.apps.cli.main import run
from chatzero.checkpoint.bundle import save_bundle
from chatzero.generation.generate import generate
from chatzero.generation.options import GenerationOptions
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation
from tests.interop.trained import KNOWN, tokenizer, trained


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_bundle(tmp_path / "model", trained("marian"), tokenizer(), "card")
    return tmp_path / "model"


def translate(
    folder: Path, text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str
) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    code = run(["translate", str(folder), *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("beam", [1, 3])
def test_a_line_in_a_line_out(
    folder: Path, beam: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [c.messages[0].content for c in KNOWN[::16]]
    text = "\n".join([lines[0], "", *lines[1:]]) + "\n"
    code, out, _ = translate(folder, text, capsys, monkeypatch, "--beam", str(beam))
    assert code == 0
    options = GenerationOptions(beam_size=beam)
    alone = [
        generate(trained("marian"), tokenizer(), render_prompt(Conversation.of(line), tokenizer()), options).text
        for line in lines
    ]
    assert out.splitlines() == [alone[0], "", *alone[1:]]
    right = sum(c.messages[1].content in out for c in KNOWN[::16])
    assert right >= 6, out


def test_the_score_goes_to_standard_error(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = KNOWN[::16]
    (tmp_path / "ref").write_text("".join(f"{c.messages[1].content}\n" for c in pairs), encoding="utf-8")
    text = "".join(f"{c.messages[0].content}\n" for c in pairs)
    words = ("--reference", str(tmp_path / "ref"), "--tokenize", "char", "--json")
    code, out, err = translate(folder, text, capsys, monkeypatch, *words)
    assert code == 0
    assert len(out.splitlines()) == len(pairs)
    score = json.loads(err)
    assert score["lines"] == len(pairs)
    assert score["bleu"] > 50
    assert "tok:char" in score["bleu_signature"]


def test_a_line_that_is_too_long_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = translate(folder, "What is 1 + 2?\n" + "x" * 300 + "\n", capsys, monkeypatch)
    assert code == 2
    assert "line 2 has" in err
