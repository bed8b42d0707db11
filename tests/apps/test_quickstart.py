"""Quickstart refuses to mix two runs in one folder, and goes straight to the chat when the work is done."""

import json
from pathlib import Path

import pytest

from chatzero.apps.cli.main import run
from chatzero.pipeline.recipe import BuiltinTable, ModelTable, Recipe
from chatzero.training.config import TrainConfig


def finished(folder: Path) -> None:
    """A folder in which a quickstart of one minute has ended."""
    recipe = Recipe(model=ModelTable(arch="gpt"), builtin=BuiltinTable(), train=TrainConfig(minutes=1.0))
    folder.mkdir()
    document = {"state": "finished", "settings": recipe.model_dump(mode="json")}
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")


def test_a_finished_run_is_not_trained_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finished(tmp_path / "run")
    command = ["quickstart", "--arch", "gpt", "--minutes", "1", "--no-chat", "--out", str(tmp_path / "run")]
    assert run(command) == 0
    assert "is trained already" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["run.json"]


@pytest.mark.parametrize("options", [["--arch", "transformer", "--minutes", "1"], ["--arch", "gpt", "--minutes", "2"]])
def test_another_run_in_the_same_folder_is_refused(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    finished(tmp_path / "run")
    assert run(["quickstart", *options, "--no-chat", "--out", str(tmp_path / "run")]) == 2
    told = capsys.readouterr().err
    assert "holds a run begun with --arch gpt --minutes 1, now " + " ".join(options) in told.replace("\n", " ")
    assert "--fresh" in told
