"""The stamp, and when a set-up counts as complete."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chatzero.setup import place as place_module
from chatzero.setup.place import Inside, Place, Stamp, fingerprint, is_complete, look_inside, read_stamp, write_stamp

INSIDE = Inside(python="3.12", pip="25.0", torch="2.13.0+cpu", chatzero=True)


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A clone whose set-up is complete, with a pretended interpreter in `.venv`."""
    place = Place(tmp_path)
    place.venv.mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    write_stamp(place.stamp, stamp_of(place))
    monkeypatch.setattr(place_module, "look_inside", lambda _: INSIDE)
    return place


def stamp_of(place: Place) -> Stamp:
    return Stamp(str(place.root), fingerprint(place), "3.12", wish="auto", build="cpu", extras=("test",))


def test_a_stamp_comes_back_as_it_was_written(done: Place) -> None:
    assert read_stamp(done.stamp) == stamp_of(done)
    assert [path.name for path in done.venv.iterdir()] == [done.stamp.name]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"extras": []}', '{"extras": 1, "build": "cpu"}', "null"])
def test_a_damaged_stamp_is_no_stamp(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stamp.json"
    path.write_text(text)
    assert read_stamp(path) is None


def test_complete(done: Place) -> None:
    assert is_complete(done, (), None)
    assert is_complete(done, ("test",), "auto")


def test_not_complete_for_more_than_was_installed(done: Place) -> None:
    assert not is_complete(done, ("test", "serve"), None)


def test_not_complete_for_another_build(done: Place) -> None:
    assert not is_complete(done, (), "cu126")


def test_not_complete_once_the_requirements_changed(done: Place) -> None:
    (done.root / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert not is_complete(done, (), None)


@pytest.mark.parametrize(
    "inside",
    [
        None,
        replace(INSIDE, python="3.13"),
        replace(INSIDE, torch=""),
        replace(INSIDE, chatzero=False),
    ],
    ids=["interpreter gone", "another Python", "PyTorch gone", "ChatZero gone"],
)
def test_not_complete_when_the_environment_no_longer_is(
    done: Place, monkeypatch: pytest.MonkeyPatch, inside: Inside | None
) -> None:
    monkeypatch.setattr(place_module, "look_inside", lambda _: inside)
    assert not is_complete(done, (), None)


def test_not_complete_after_the_clone_was_moved(done: Place) -> None:
    write_stamp(done.stamp, replace(stamp_of(done), root="/elsewhere"))
    assert not is_complete(done, (), None)


def test_looking_inside_a_missing_or_broken_environment(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert look_inside(place) is None
    place.python.parent.mkdir(parents=True)
    place.python.write_text("not a program")
    assert look_inside(place) is None


@pytest.mark.skipif(sys.platform == "win32", reason="links the interpreter")
def test_looking_inside_a_real_one(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.python.parent.mkdir(parents=True)
    place.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    place.python.chmod(0o755)
    inside = look_inside(place)
    assert inside is not None
    assert inside.python == "{}.{}".format(*sys.version_info[:2])
    assert inside.torch
