"""Making `.venv`: when it is left alone, completed, or made anew, and what is said when that fails."""

import shutil
import sys
from pathlib import Path

import pytest

from chatzero.language import set_language
from chatzero.setup import venv as venv_module
from chatzero.setup.pip import SetupError
from chatzero.setup.place import Inside, Place
from chatzero.setup.venv import make_venv, no_venv

GOOD = Inside(python="3.12", pip="25.0.1", torch="", chatzero=False)
NO_PIP = Inside(python="3.12", pip="", torch="", chatzero=False)


class Pretended:
    """Answers `look_inside` from a list, and writes down what was run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *looks: Inside | None, failure: str = "") -> None:
        self.looks = list(looks)
        self.ran: list[str] = []
        self.failure = failure
        monkeypatch.setattr(venv_module, "look_inside", lambda _: self.looks.pop(0))
        monkeypatch.setattr(venv_module, "_run", self.run)
        monkeypatch.setattr(venv_module, "pip_install", lambda place, words, again: self.ran.append(" ".join(words)))

    def run(self, place: Place, command: list[str]) -> str:
        self.ran.append(" ".join(command[1:]))
        return self.failure


def test_a_good_one_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretended = Pretended(monkeypatch, GOOD)
    assert make_venv(Place(tmp_path), "again") == GOOD
    assert pretended.ran == []


def test_a_missing_or_half_made_one_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretended = Pretended(monkeypatch, None, GOOD)
    place = Place(tmp_path)
    assert make_venv(place, "again") == GOOD
    assert pretended.ran == [f"-m venv --clear {place.venv}"]


def test_one_without_pip_gets_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretended = Pretended(monkeypatch, NO_PIP, GOOD)
    assert make_venv(Place(tmp_path), "again") == GOOD
    assert pretended.ran == ["-I -m ensurepip --upgrade"]


def test_one_that_cannot_get_pip_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretended = Pretended(monkeypatch, NO_PIP, NO_PIP, GOOD)
    place = Place(tmp_path)
    assert make_venv(place, "again") == GOOD
    assert pretended.ran[1:] == [f"-m venv --clear {place.venv}"]


def test_one_of_an_older_python_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = Inside(python="3.9", pip="25.0", torch="", chatzero=False)
    pretended = Pretended(monkeypatch, old, GOOD)
    assert make_venv(Place(tmp_path), "again") == GOOD
    assert len(pretended.ran) == 1


@pytest.mark.parametrize(
    ("pip", "upgraded"), [("21.2.3", True), ("22.0", False), ("9.0.1", True), ("25.0.dev1", False)]
)
def test_an_old_pip_is_upgraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pip: str, upgraded: bool) -> None:
    pretended = Pretended(monkeypatch, Inside("3.10", pip, "", False))
    make_venv(Place(tmp_path), "again")
    assert pretended.ran == (["--upgrade pip"] if upgraded else [])


def test_debian_without_the_venv_package_is_told_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Pretended(
        monkeypatch, None, None, failure="The virtual environment was not created because ensurepip is not available."
    )
    with pytest.raises(SetupError, match="could not make") as caught:
        make_venv(Place(tmp_path), "python3 start.py")
    version = "{}.{}".format(*sys.version_info[:2])
    assert caught.value.do == f"sudo apt install python{version}-venv; then: python3 start.py"


def test_any_other_failure_is_quoted() -> None:
    set_language("zh")
    error = no_venv(Place(Path("/clone")), "Error: [Errno 30] Read-only file system: '/clone/.venv'", "python start.py")
    assert "Read-only" in error.why
    assert error.do.endswith("然后运行：python start.py")


@pytest.mark.slow
def test_a_real_one_survives_losing_its_pip_and_its_interpreter(tmp_path: Path) -> None:
    place = Place(tmp_path)
    first = make_venv(place, "again")
    for package in place.venv.glob("lib/python*/site-packages/pip*"):
        shutil.rmtree(package)
    assert make_venv(place, "again").pip
    for interpreter in place.python.parent.glob("python*"):
        interpreter.unlink()
    assert make_venv(place, "again") == first
