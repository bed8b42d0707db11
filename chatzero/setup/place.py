"""Where the set-up of one clone stands: its `.venv`, what is in it, and the stamp that says it is complete."""

import hashlib
import json
import os
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

# Asked of the interpreter in .venv. find_spec imports nothing, so this costs a start of Python and no more. RECORD is
# what pip writes last: a package without it was interrupted on its way in.
_QUESTION = """
import importlib.metadata as metadata, importlib.util as util, json, sys
def version(name):
    try:
        package = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return ""
    return package.version if package.read_text("RECORD") else ""
print(json.dumps({"python": "%d.%d" % sys.version_info[:2], "pip": version("pip"), "torch": version("torch"),
                  "chatzero": util.find_spec("chatzero") is not None}))
"""


@dataclass(frozen=True, slots=True)
class Place:
    """The paths of a clone at `root`."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def stamp(self) -> Path:
        return self.venv / "chatzero-setup.json"

    @property
    def log(self) -> Path:
        return self.venv / "chatzero-setup.log"


@dataclass(frozen=True, slots=True)
class Inside:
    """What the interpreter in `.venv` says of itself; an empty version means "not installed"."""

    python: str
    pip: str
    torch: str
    chatzero: bool


@dataclass(frozen=True, slots=True)
class Stamp:
    """For what the set-up is complete. `wish` is the build asked for (or "auto"), `build` the one that was found."""

    root: str
    pyproject: str
    python: str
    wish: str
    build: str
    extras: tuple[str, ...]


def look_inside(place: Place) -> Inside | None:
    """None when there is no `.venv`, or only half of one: its interpreter is missing or does not run."""
    try:
        # -I: a PYTHONPATH or a module in the current folder must not answer for the environment.
        answer = subprocess.run(
            [str(place.python), "-I", "-c", _QUESTION], capture_output=True, text=True, timeout=60, check=True
        )
        return Inside(**json.loads(answer.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return None


def is_complete(place: Place, extras: tuple[str, ...], wish: str | None) -> bool:
    """Is the set-up done, for these extras and this wish (None: whatever was chosen)? No pip, no import of PyTorch."""
    stamp = read_stamp(place.stamp)
    if stamp is None or not set(extras) <= set(stamp.extras) or wish not in (None, stamp.wish):
        return False
    inside = look_inside(place)
    if inside is None or not inside.torch or not inside.chatzero:
        return False
    return (stamp.root, stamp.pyproject, stamp.python) == (str(place.root), fingerprint(place), inside.python)


def fingerprint(place: Place) -> str:
    """Of what decides the packages to install."""
    return hashlib.sha256((place.root / "pyproject.toml").read_bytes()).hexdigest()


def read_stamp(path: Path) -> Stamp | None:
    """None when absent, half-written, or of another version: then the set-up simply runs again."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Stamp(**{**fields, "extras": tuple(fields["extras"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_stamp(path: Path, stamp: Stamp) -> None:
    """Whole or not at all."""
    half = path.with_suffix(".half")
    half.write_text(json.dumps(asdict(stamp), indent=1), encoding="utf-8")
    half.replace(path)
