"""A folder is whole or absent, damage is found, the disk's refusals are words."""

import errno
import os
import re
import shutil
import subprocess
import sys
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
    assert order == ["sync a.txt", f"sync {MANIFEST}", "sync .one", "rename to one", f"sync {tmp_path.name}"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_system_is_asked_in_that_order(tmp_path: Path) -> None:
    """The calls themselves, of a real process that writes a checkpoint into folders that are not there yet."""
    program = (
        "import sys, torch; from pathlib import Path; from chatzero.checkpoint.resume import SavedState, save_state\n"
        "tensors = {name: {'x': torch.ones(2)} for name in ('model', 'optimizer', 'random')}\n"
        "save_state(Path(sys.argv[1]), 7, SavedState(tensors, {}), 2)"
    )
    log = tmp_path / "calls"
    calls = "trace=mkdir,fsync,rename,renameat,renameat2"
    command = [
        "strace",
        "-f",
        "-y",
        "-e",
        calls,
        "-o",
        str(log),
        sys.executable,
        "-c",
        program,
        str(tmp_path / "run" / "states"),
    ]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("strace may not trace here")
    lines = [line for line in log.read_text().splitlines() if str(tmp_path) in line]

    def place(pattern: str) -> int:
        found = [i for i, line in enumerate(lines) if re.search(pattern, line)]
        assert len(found) == 1, (pattern, lines)
        return found[0]

    draft = r"\.step-00000007\.tmp-[^/]*"
    files = [place(rf"fsync.*{draft}/{name}>") for name in (
        "model.safetensors", "optimizer.safetensors", "random.safetensors", "state.json"
    )]  # fmt: skip
    order = [
        place(r'mkdir\(".*/run"'),
        place(r'mkdir\(".*/run/states"'),
        place(rf'mkdir\(".*{draft}"'),
        min(files),
        max(files),
        place(rf"fsync.*{draft}/{MANIFEST}>"),
        place(rf"fsync.*{draft}>"),
        place(r"rename.*step-00000007\.tmp-.*/step-00000007\""),
    ]
    assert order == sorted(order)
    assert re.search(r"fsync.*/run/states>", "\n".join(lines[order[-1] :])), "the parent, after the rename"
    assert re.search(r"fsync.*/run>", "\n".join(lines[: order[2]])), "the new folder's name, in its parent"


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "no room"), (errno.EFBIG, "no room"), (errno.EACCES, "not allowed")]
)
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
