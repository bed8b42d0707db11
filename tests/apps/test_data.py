"""`chatzero data`: exit codes, one JSON document, readable text, no torch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chatzero.apps.cli.data import app
from chatzero.errors import ConfigError, DataError
from chatzero.language import set_language
from chatzero.text.tokenizer import Tokenizer

GOOD = [{"q": f"Question {n}", "a": f"Answer {n}"} for n in range(20)]


def write(path: Path, *rows: object) -> str:
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    return str(path)


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, words, catch_exceptions=False, env={"COLUMNS": "200"})
    return result.exit_code, result.stdout


def test_check_of_clean_data(tmp_path: Path) -> None:
    code, text = run("check", write(tmp_path / "a[red].jsonl", *GOOD))
    assert code == 0
    assert "No problems found." in text
    assert "a[red].jsonl" in text
    assert "20 conversations, 40 turns" in text


def test_check_of_bad_data_shows_place_and_reason(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *GOOD, "broken", GOOD[0])
    code, text = run("check", path)
    assert code == 1
    assert "a.jsonl:21: broken JSON at column 1: Expecting value" in text
    assert "a.jsonl:22: same as" in text


def test_check_as_json_is_one_document(tmp_path: Path) -> None:
    code, text = run("check", write(tmp_path / "a.jsonl", *GOOD, "broken"), "--json")
    assert code == 1
    document = json.loads(text)
    assert (document["conversations"], document["problems"]) == (20, {"set aside": 1})
    assert document["files"][0]["encoding"] == "utf-8"
    assert document["quarantine"] == [
        {"file": str(tmp_path / "a.jsonl"), "line": 21, "reason": "broken JSON at column 1: Expecting value"}
    ]


def test_check_in_chinese(tmp_path: Path) -> None:
    set_language("zh")
    code, text = run("check", write(tmp_path / "a.jsonl", *GOOD, GOOD[0]))
    assert code == 1
    assert "重复" in text
    assert "与" in text
    assert "duplicate" not in text


def test_check_of_a_missing_file() -> None:
    with pytest.raises(DataError, match=r"there is no file nowhere\.jsonl"):
        run("check", "nowhere.jsonl")


def test_prepare_writes_and_counts(tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, text = run(
        "prepare", write(tmp_path / "a.jsonl", *GOOD, "broken"), "--out", str(out), "--heldout", "0.3", "--json"
    )
    assert code == 0
    document = json.loads(text)
    written = [
        len((out / name).read_text().splitlines()) for name in ("train.jsonl", "heldout.jsonl", "quarantine.jsonl")
    ]
    assert written == [document["training"], document["held_out"], document["quarantined"]]
    assert sum(written) == 21
    assert document["quarantined"] == 1


def test_prepare_in_words(tmp_path: Path) -> None:
    code, text = run("prepare", write(tmp_path / "a.jsonl", *GOOD), "--out", str(tmp_path / "out"))
    assert code == 0
    assert "conversations to train on" in text


@pytest.mark.parametrize("share", ["1", "-0.1", "nan"])
def test_prepare_refuses_a_share_that_is_none(tmp_path: Path, share: str) -> None:
    with pytest.raises(ConfigError, match=f"--heldout {float(share)} is no share"):
        run("prepare", write(tmp_path / "a.jsonl", *GOOD), "--out", str(tmp_path / "out"), "--heldout", share)


def test_fill(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"q": "Who are you?", "a": "{{name}}"})
    assert "⟦Zero⟧" in run("preview", path, "--fill", "name=Zero")[1]
    with pytest.raises(ConfigError, match="--fill 'name' is not name=words"):
        run("preview", path, "--fill", "name")


def test_preview_marks_the_answers(tmp_path: Path) -> None:
    code, text = run("preview", write(tmp_path / "a.jsonl", *GOOD), "--count", "2")
    assert code == 0
    assert "assistant: ⟦Answer 1⟧" in text
    assert "Answer 2" not in text


def test_preview_with_a_tokenizer_shows_what_the_model_reads(tmp_path: Path) -> None:
    Tokenizer.train(["Question Answer"], 300).save(tmp_path)
    path = write(tmp_path / "a.jsonl", *GOOD)
    _, text = run("preview", path, "--tokenizer", str(tmp_path), "--count", "1")
    assert "<|user|>Question 0<|end|><|assistant|>⟦Answer 0<|end|>⟧" in text
    _, document = run("preview", path, "--tokenizer", str(tmp_path), "--count", "1", "--json")
    (shown,) = json.loads(document)["conversations"]
    assert f"{shown['tokens']} tokens, {shown['trained_on']} of them trained on" in text
    assert 0 < shown["trained_on"] < shown["tokens"]


def test_square_brackets_are_words(tmp_path: Path) -> None:
    _, text = run("preview", write(tmp_path / "a.jsonl", {"q": "[bold]hi[/bold]", "a": "[/]"}))
    assert "[bold]hi[/bold]" in text
    assert "⟦[/]⟧" in text


def test_data_is_looked_at_without_torch() -> None:
    code = "import sys, chatzero.apps.cli.data; print('torch' in sys.modules or 'datasets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
