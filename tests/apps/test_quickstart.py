"""Quickstart looks at the machine first, refuses to mix two runs in a folder, and does not train twice."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chatzero.apps.cli.main import run
from chatzero.doctor import checks
from chatzero.doctor.facts import Facts
from chatzero.pipeline.recipe import BuiltinTable, ModelTable, Recipe
from chatzero.training.config import TrainConfig
from tests.doctor.machines import GIB, GOOD


def finished(folder: Path) -> None:
    """A folder in which a quickstart of one minute has ended."""
    recipe = Recipe(model=ModelTable(arch="gpt"), builtin=BuiltinTable(), train=TrainConfig(minutes=1.0))
    folder.mkdir()
    document = {"state": "finished", "settings": recipe.model_dump(mode="json")}
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "report.md").write_text("# the report, written last\n", encoding="utf-8")


def test_a_finished_run_is_not_trained_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finished(tmp_path / "run")
    command = ["quickstart", "--arch", "gpt", "--minutes", "1", "--no-chat", "--out", str(tmp_path / "run")]
    assert run(command) == 0
    assert "is trained already" in capsys.readouterr().err
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["report.md", "run.json"]


@pytest.mark.parametrize("options", [["--arch", "transformer", "--minutes", "1"], ["--arch", "gpt", "--minutes", "2"]])
def test_another_run_in_the_same_folder_is_refused(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    finished(tmp_path / "run")
    assert run(["quickstart", *options, "--no-chat", "--out", str(tmp_path / "run")]) == 2
    told = capsys.readouterr().err
    assert "holds a run begun with --arch gpt --minutes 1, now " + " ".join(options) in told.replace("\n", " ")
    assert "--fresh" in told


def pretend(monkeypatch: pytest.MonkeyPatch, facts: Facts) -> None:
    monkeypatch.setattr(checks, "gather_facts", lambda folder, thorough: facts)


@pytest.mark.parametrize(
    ("lang", "machine", "memory", "advice"),
    [
        ("en", "This machine: Python 3.12.4 · PyTorch", "fail memory: 0.5 GiB free of 16.0 GiB", "To do: close"),
        ("zh", "这台机器：Python 3.12.4 · PyTorch", "失败 内存：空闲 0.5 GiB，共 16.0 GiB", "办法：关闭其他程序"),
    ],
)
def test_what_would_make_training_fail_stops_it_before_it_begins(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lang: str,
    machine: str,
    memory: str,
    advice: str,
) -> None:
    pretend(monkeypatch, replace(GOOD, free_memory_bytes=GIB // 2))
    assert run(["quickstart", "--no-chat", "--out", str(tmp_path / "run"), "--lang", lang]) == 1
    printed = capsys.readouterr()
    for words in (machine, memory, advice, "chatzero doctor"):
        assert words in printed.err
    assert printed.out == ""
    assert not (tmp_path / "run").exists()


def test_a_missing_pytorch_is_found_by_the_doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, replace(GOOD, torch=None, packages={**GOOD.packages, "torch": None}))
    assert run(["quickstart", "--no-chat", "--out", str(tmp_path / "run")]) == 1
    assert "fail PyTorch" in capsys.readouterr().err


def test_a_warning_does_not_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finished(tmp_path / "run")
    pretend(monkeypatch, replace(GOOD, compiler=None, disk_free_bytes=GIB))
    command = ["quickstart", "--arch", "gpt", "--minutes", "1", "--no-chat", "--out", str(tmp_path / "run")]
    assert run(command) == 0
    told = capsys.readouterr().err
    assert "warning disk: 1.0 GiB free (wanted: 2.0 GiB free)" in told
    assert "compiler" not in told, "training needs none"
    assert "is trained already" in told
