"""A note for every run folder: found again from anywhere, dropped with the folder, and never in the way of a run."""

import shutil
from pathlib import Path

import pytest

from chatzero.pipeline.run_list import remember, remembered, state_folder

HOME = Path("/home/ada")


@pytest.mark.parametrize(
    ("environ", "system", "folder"),
    [
        ({}, "linux", "/home/ada/.local/state/chatzero"),
        ({"XDG_STATE_HOME": "/state"}, "linux", "/state/chatzero"),
        ({"XDG_STATE_HOME": ""}, "linux", "/home/ada/.local/state/chatzero"),
        ({}, "darwin", "/home/ada/Library/Application Support/ChatZero"),
        ({"LOCALAPPDATA": "/local"}, "win32", "/local/ChatZero"),
        ({}, "win32", "/home/ada/AppData/Local/ChatZero"),
    ],
)
def test_where_notes_are_kept(environ: dict[str, str], system: str, folder: str) -> None:
    assert state_folder(environ, system, HOME) == Path(folder)


def test_folders_are_remembered_once_and_by_their_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b", "a", "甲"):
        Path(name).mkdir()
        remember(Path(name), tmp_path / "state")
        remember(Path(name), tmp_path / "state")
    assert remembered(tmp_path / "state") == [tmp_path / "a", tmp_path / "b", tmp_path / "甲"]


def test_a_removed_folder_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    remember(tmp_path / "run", tmp_path / "state")
    (tmp_path / "run").rmdir()
    assert remembered(tmp_path / "state") == []
    (tmp_path / "run").mkdir()
    assert remembered(tmp_path / "state") == [], "the note is gone, not only hidden"


def test_a_disk_that_is_not_connected_is_not_forgotten(tmp_path: Path) -> None:
    run = tmp_path / "disk" / "run"
    run.mkdir(parents=True)
    remember(run, tmp_path / "state")
    shutil.move(tmp_path / "disk", tmp_path / "unplugged")
    assert remembered(tmp_path / "state") == []
    shutil.move(tmp_path / "unplugged", tmp_path / "disk")
    assert remembered(tmp_path / "state") == [run]


def test_nothing_here_stops_a_run(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("not a folder")
    remember(tmp_path, tmp_path / "a-file")
    remember(tmp_path / "\udcff", tmp_path / "state")  # a name that is not Unicode
    assert remembered(tmp_path / "a-file") == []


def test_foreign_files_among_the_notes_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    remember(tmp_path / "run", tmp_path / "state")
    notes = tmp_path / "state" / "runs"
    (notes / "torn").write_bytes(b"\xff\xfe")
    (notes / "empty").write_bytes(b"")
    (notes / "folder").mkdir()
    (notes / ".draft").write_text(str(tmp_path))
    assert remembered(tmp_path / "state") == [tmp_path / "run"]
