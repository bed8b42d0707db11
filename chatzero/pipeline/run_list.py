"""Which run folders there are on this machine: a note for each, in the place where the system keeps such things.

One small file a run, named after the folder, so that two runs that begin at once cannot lose each other's note. A note
only helps `chatzero runs` to find the folder; whatever goes wrong here, the run goes on.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from chatzero.checkpoint.atomic import write_whole


def state_folder(environ: Mapping[str, str], system: str, home: Path) -> Path:
    """Where notes are kept; `system` as `sys.platform` names it. `XDG_STATE_HOME` decides wherever it is set."""
    if environ.get("XDG_STATE_HOME"):
        return Path(environ["XDG_STATE_HOME"]) / "chatzero"
    if system == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "ChatZero"
    if system == "darwin":
        return home / "Library" / "Application Support" / "ChatZero"
    return home / ".local" / "state" / "chatzero"


def remember(run_folder: Path, state: Path) -> None:
    """Note that there is a run in that folder. Does nothing where a note cannot be written."""
    try:
        path = str(run_folder.resolve())
        note = _notes(state) / hashlib.sha256(path.encode()).hexdigest()[:16]
        if not note.exists():
            write_whole(note, path)
    except (OSError, ValueError):  # a read-only home, a full disk, a path that is not Unicode
        return


def remembered(state: Path) -> list[Path]:
    """The folders noted and still there, in order of name. A note is dropped when its folder was removed.

    Where the folder around it is gone too, it may lie on a disk that is not connected now: that note is kept.
    """
    found = []
    for note in _files(_notes(state)):
        try:
            folder = Path(note.read_text(encoding="utf-8"))
            if not folder.is_absolute():
                continue
            if folder.is_dir():
                found.append(folder)
            elif folder.parent.is_dir():
                note.unlink(missing_ok=True)
        except (OSError, ValueError):  # not a note of ours
            continue
    return sorted(found)


def _notes(state: Path) -> Path:
    return state / "runs"


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    except OSError:
        return []
