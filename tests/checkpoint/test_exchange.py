"""Two folders change names in one step, or nothing happens."""

import sys
from pathlib import Path

import pytest

from chatzero.checkpoint import atomic
from chatzero.checkpoint.atomic import MANIFEST, sweep, whole_folder
from chatzero.checkpoint.exchange import exchange


def folders(parent: Path) -> tuple[Path, Path]:
    for name in ("one", "other"):
        (parent / name).mkdir()
        (parent / name / name).touch()
    return parent / "one", parent / "other"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no renameat2 to call")
def test_two_folders_change_names(tmp_path: Path) -> None:
    one, other = folders(tmp_path)
    assert exchange(one, other)
    assert (one / "other").exists()
    assert (other / "one").exists()


def test_a_missing_one_changes_nothing(tmp_path: Path) -> None:
    one, _ = folders(tmp_path)
    assert not exchange(one, tmp_path / "absent")
    assert (one / "one").exists()


def test_where_names_cannot_be_swapped_a_kill_between_two_renames_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic, "exchange", lambda one, other: False)
    for text in ("old", "new"):
        with whole_folder(tmp_path / "x") as draft:
            (draft / "a.txt").write_text(text)
    assert (tmp_path / "x" / "a.txt").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
    (tmp_path / "x").rename(tmp_path / ".old-x")  # killed when the old one had made way, and the new one not come
    sweep(tmp_path)
    assert (tmp_path / "x" / "a.txt").read_text() == "new"
    assert (tmp_path / "x" / MANIFEST).exists()
