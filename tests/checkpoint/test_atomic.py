"""A folder is whole or absent, damage is found, the disk's refusals are words."""

import errno
import os
from pathlib import Path

import pytest

from chatzero.checkpoint import atomic
from chatzero.checkpoint.atomic import MANIFEST, discard, problems, require_sound, sweep, whole_folder, write_whole
from chatzero.errors import ModelFolderError, StorageError


def make(final: Path, text: str = "hello") -> None:
    with whole_folder(final) as draft:
        (draft / "a.txt").write_text(text)


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    make(tmp_path / "one")
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == ["a.txt", MANIFEST]
    assert problems(tmp_path / "one") == []
    assert [p.name for p in tmp_path.iterdir()] == ["one"], "nothing else is left behind"


def test_a_failure_leaves_the_old_folder(tmp_path: Path) -> None:
    make(tmp_path / "one", "old")

    def half_way() -> None:
        with whole_folder(tmp_path / "one") as draft:
            (draft / "a.txt").write_text("new")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        half_way()
    assert (tmp_path / "one" / "a.txt").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["one"]


def test_an_existing_folder_is_replaced(tmp_path: Path) -> None:
    make(tmp_path / "one", "old")
    make(tmp_path / "one", "new")
    assert (tmp_path / "one" / "a.txt").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["one"]


@pytest.mark.parametrize("damage", ["changed", "missing", "no manifest", "torn manifest"])
def test_damage_is_found_and_named(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "one"
    make(folder)
    match damage:
        case "changed":
            (folder / "a.txt").write_text("hellp")
        case "missing":
            (folder / "a.txt").unlink()
        case "no manifest":
            (folder / MANIFEST).unlink()
        case _:
            (folder / MANIFEST).write_text((folder / MANIFEST).read_text()[:20])
    named = MANIFEST if "manifest" in damage else "a.txt"
    with pytest.raises(ModelFolderError, match=named):
        require_sound(folder)


def test_files_are_synced_before_the_rename_and_the_parent_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order that a power loss needs."""
    order: list[str] = []
    real_replace = os.replace
    monkeypatch.setattr(atomic, "_sync", lambda path: order.append(f"sync {path.name.split('.tmp-')[0]}"))

    def replace(source: Path, target: Path) -> None:
        order.append(f"rename to {Path(target).name}")
        real_replace(source, target)

    monkeypatch.setattr(os, "replace", replace)
    make(tmp_path / "one")
    assert sorted(order[:2]) == ["sync a.txt", f"sync {MANIFEST}"]
    assert order[2:] == ["sync .one", "rename to one", f"sync {tmp_path.name}"]


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "no room"), (errno.EACCES, "not allowed")])
def test_the_disk_refuses_in_words(tmp_path: Path, number: int, words: str) -> None:
    with pytest.raises(StorageError, match=words), whole_folder(tmp_path / "one"):
        raise OSError(number, "refused")
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_a_killed_process_are_swept(tmp_path: Path) -> None:
    make(tmp_path / "one")
    (tmp_path / ".two.tmp-abc").mkdir()
    (tmp_path / ".del-three").mkdir()
    sweep(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["one"]


def test_discard_removes(tmp_path: Path) -> None:
    make(tmp_path / "one")
    discard(tmp_path / "one")
    assert list(tmp_path.iterdir()) == []


def test_write_whole_keeps_the_old_text_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.json"
    write_whole(path, "old")

    def refuse(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(StorageError, match="no room"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]
