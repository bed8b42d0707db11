"""`chatzero runs`: every run on this machine, wherever it lies; damaged ones are listed, vanished ones are not."""

import json
from pathlib import Path

import pytest

from chatzero.apps.cli.main import run
from chatzero.apps.cli.runs import note_run


@pytest.fixture(autouse=True)
def own_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def make_run(folder: Path, state: str = "finished", stage: str = "sft") -> Path:
    folder.mkdir(parents=True)
    settings = {"stage": stage, "model": {"arch": "gpt"}}
    (folder / "run.json").write_text(json.dumps({"state": state, "settings": settings}), encoding="utf-8")
    rows = [
        {"kind": "step", "step": 1, "loss": 5.5},
        {"kind": "eval", "step": 1, "loss": 4.5},
        {"kind": "step", "step": 2, "loss": 3.25},
    ]
    (folder / "metrics.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return folder


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    assert run(["runs", *words, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert isinstance(rows, list)
    return rows


def test_runs_here_and_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = make_run(tmp_path / "elsewhere" / "chats", state="interrupted")
    make_run(tmp_path / "here" / "runs" / "mine")
    make_run(tmp_path / "never noted")
    note_run(elsewhere)
    first, second = listed(capsys)
    assert first == {
        "where": str(elsewhere),
        "stage": "sft",
        "arch": "gpt",
        "step": 2,
        "loss": 3.25,
        "held_out_loss": 4.5,
        "state": "interrupted",
    }
    assert second["where"] == str(tmp_path / "here" / "runs" / "mine")
    (only,) = listed(capsys, str(tmp_path / "elsewhere"))
    assert only["where"] == str(elsewhere)


def test_a_run_noted_and_below_runs_is_listed_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note_run(make_run(Path("runs") / "mine"))
    assert len(listed(capsys)) == 1


def test_a_run_without_a_step_and_a_damaged_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fresh = make_run(Path("runs") / "a-fresh", state="running")
    (fresh / "metrics.jsonl").unlink()
    (make_run(Path("runs") / "b-torn") / "run.json").write_text("{")
    first, second = listed(capsys)
    assert (first["step"], first["loss"], first["held_out_loss"]) == (0, None, None)
    assert (second["state"], second["stage"]) == ("damaged", None)


@pytest.mark.parametrize(("lang", "words"), [("en", ("where", "finished")), ("zh", ("位置", "已完成"))])
def test_the_table(tmp_path: Path, lang: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    make_run(Path("runs") / "[bold]mine")
    assert run(["runs", "--lang", lang]) == 0
    table = capsys.readouterr().out
    for word in (*words, "sft", "gpt", "3.250", "4.500", "runs/[bold]mine"):
        assert word in table


def test_no_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["runs"]) == 0
    assert "chatzero quickstart" in capsys.readouterr().out
    assert listed(capsys) == []
