"""A folder appears whole or not at all; what is damaged is found out; the last k are kept.

The order of writes is what a power loss needs: every file synced, the manifest with checksums last, the folder synced,
the rename, the parent synced. What the files mean is not known here (`bundle`, `resume`).

Names that no reader takes for the thing itself: `.X.tmp-...` is being written, `.del-X` is being removed, `.old-X` is
what a new X replaces where two names cannot be swapped in one step. `sweep` tidies up after a killed process.
"""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatzero.checkpoint.exchange import exchange
from chatzero.errors import ModelFolderError, StorageError
from chatzero.language import tr

MANIFEST = "manifest.json"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # full; over the quota; a larger file than is allowed


@contextmanager
def whole_folder(final: Path) -> Iterator[Path]:
    """Hand out a temporary folder to fill; when the block ends well it becomes `final`, otherwise it is gone.

    An existing `final` is replaced, and stays in place until the new one is complete.
    Raises `StorageError` when the disk is full or refuses.
    """
    with storage_errors(final):
        _make_folder(final.parent)
        draft = Path(tempfile.mkdtemp(prefix=f".{final.name}.tmp-", dir=final.parent))
    try:
        with storage_errors(final):
            yield draft
            for path in draft.iterdir():
                _sync(path)
            _write_manifest(draft)
            _sync(draft / MANIFEST)
            _sync(draft)
            _put_in_place(draft, final)
            _sync(final.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that a reader finds the old text or the new, never a part."""
    with storage_errors(path):
        _make_folder(path.parent)
        draft = path.with_name(f".{path.name}.tmp-{os.getpid()}")
        try:
            draft.write_text(text, encoding="utf-8")
            _sync(draft)
            os.replace(draft, path)
            _sync(path.parent)
        finally:
            draft.unlink(missing_ok=True)


def problems(folder: Path) -> list[str]:
    """What is wrong with a folder that `whole_folder` made: missing or changed files. Empty when it is sound."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = dict(manifest["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return [tr(f"{MANIFEST} is missing or unreadable", f"{MANIFEST} 缺失或无法读取")]
    found = []
    for name, digest in sorted(files.items()):
        path = folder / name
        if not path.is_file():
            found.append(tr(f"{name} is missing", f"缺少 {name}"))
        elif _sha256(path) != digest:
            found.append(tr(f"{name} was changed or torn", f"{name} 被改动或不完整"))
    return found


def require_sound(folder: Path) -> None:
    """Raise `ModelFolderError` unless the folder is exactly as it was written."""
    if found := problems(folder):
        raise ModelFolderError(
            what=tr(f"{folder} is damaged: {'; '.join(found)}", f"{folder} 已损坏：{'；'.join(found)}"),
            why=tr("its files do not match the checksums written with them", "文件与写入时的校验和不一致"),
            do=tr("use an earlier checkpoint, or make this folder again", "请使用更早的检查点，或重新生成该文件夹"),
        )


def discard(folder: Path) -> None:
    """Remove a folder; a crash half-way leaves a name that no reader takes for a checkpoint."""
    doomed = folder.with_name(f".del-{folder.name}")
    shutil.rmtree(doomed, ignore_errors=True)
    os.replace(folder, doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove what killed processes left behind, and put back what one was about to replace."""
    for path in parent.glob(".*"):
        replaced = parent / path.name.removeprefix(".old-")
        if path.name.startswith(".old-") and not replaced.exists():
            os.replace(path, replaced)
        elif ".tmp-" in path.name or path.name.startswith((".del-", ".old-")):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _write_manifest(folder: Path) -> None:
    digests = {p.name: _sha256(p) for p in sorted(folder.iterdir()) if p.suffix != ".md"}  # words may be edited
    (folder / MANIFEST).write_text(json.dumps({"sha256": digests}, indent=1) + "\n", encoding="utf-8")


def _put_in_place(draft: Path, final: Path) -> None:
    if not final.exists():
        os.replace(draft, final)
        return
    if exchange(draft, final):
        shutil.rmtree(draft, ignore_errors=True)
        return
    old = final.with_name(f".old-{final.name}")
    shutil.rmtree(old, ignore_errors=True)
    os.replace(final, old)
    os.replace(draft, final)
    shutil.rmtree(old, ignore_errors=True)


def _make_folder(folder: Path) -> None:
    """With its parents, each synced into the folder it stands in: a new folder is lost with its name."""
    missing = [folder, *folder.parents]
    missing = missing[: next((i for i, path in enumerate(missing) if path.is_dir()), len(missing))]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        _sync(path.parent)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":  # Windows cannot open a folder to sync it
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def storage_errors(target: Path) -> Iterator[None]:
    """Turn the disk's refusals into words: within the block they are `StorageError`, about `target`."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageError(
                what=tr(f"no room on the disk to write {target}", f"磁盘空间不足，无法写入 {target}"),
                why=tr(
                    "nothing was half-written: what stood there before is untouched",
                    "没有留下写了一半的文件，原有内容完好",
                ),
                do=tr(
                    "free some space, then run the same command again: it resumes",
                    "请清理空间后重新运行同一命令，会自动续训",
                ),
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StorageError(
                what=tr(f"not allowed to write {target}", f"没有权限写入 {target}"),
                why=str(error),
                do=tr("choose another folder with --out", "请用 --out 指定其他文件夹"),
            ) from error
        raise
