"""The law of direction: which room may import which. Parsed from the source, imports inside functions included."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import chatzero

ROOT = Path(chatzero.__file__).parent

# Each room and what it may import besides itself. Nothing imports apps; text has no torch; blocks know no words;
# training and generation never import each other.
ROOMS: dict[str, set[str]] = {
    "version": set(),
    "language": set(),
    "errors": {"language"},
    "shapes": set(),
    "setup": {"errors", "language"},
    "device": {"errors", "language"},
    "text": {"errors", "language"},
    "blocks": {"errors", "language", "shapes"},
    "models": {"errors", "language", "shapes", "blocks"},
    "data": {"errors", "language", "shapes", "text"},
    "curriculum": {"errors", "language", "text"},
    "checkpoint": {"errors", "language", "shapes", "models", "text"},
    "training": {"errors", "language", "shapes", "device", "models", "data", "text", "checkpoint"},
    "generation": {"errors", "language", "shapes", "device", "models", "text", "checkpoint"},
    "chat": {"errors", "language", "text", "checkpoint", "generation", "models"},
    "serving": {
        "errors", "language", "shapes", "device", "text", "models", "checkpoint", "generation", "chat",
    },
    "evaluation": {
        "errors", "language", "shapes", "text", "curriculum", "models", "checkpoint", "generation", "chat",
    },
    "inspection": {"errors", "language", "shapes", "device", "text", "blocks", "models", "data", "generation"},
    "lab": {
        "errors", "language", "shapes", "device", "text", "blocks", "models", "data", "curriculum", "training",
        "generation", "evaluation",
    },
    "interop": {
        "errors", "language", "shapes", "text", "curriculum", "blocks", "models", "checkpoint", "generation",
    },
    "doctor": {"errors", "language", "shapes", "device", "setup", "models", "data", "training"},
    "pipeline": {
        "errors", "language", "device", "text", "models", "data", "curriculum", "checkpoint", "training", "generation",
        "evaluation", "doctor",
    },
}  # fmt: skip
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager"}
WITHOUT_TORCH = ("text", "curriculum", "language", "errors")


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down(path: Path) -> None:
    here = room(path)
    if here in ("apps", "__init__", "__main__"):
        return
    assert here in ROOMS, f"{here} is a new room: give it its place in ROOMS"
    for name in imported(path):
        if name.startswith("chatzero."):
            there = name.split(".")[1]
            assert there == here or there in ROOMS[here], f"{path.relative_to(ROOT)} imports {name}"


def test_the_rooms_have_no_cycle() -> None:
    done: set[str] = set()
    while ready := [name for name, needs in ROOMS.items() if name not in done and needs <= done]:
        done.update(ready)
    assert done == set(ROOMS)


def test_no_two_files_import_each_other() -> None:
    arrows = {
        str(p.relative_to(ROOT.parent).with_suffix("")).replace("/", "."): set(imported(p))
        for p in modules()
        if p.name != "__init__.py"
    }
    done: set[str] = set()
    while ready := [name for name, needs in arrows.items() if name not in done and needs & arrows.keys() <= done]:
        done.update(ready)
    assert sorted(arrows.keys() - done) == []


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_names_say_something(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES


@pytest.mark.parametrize("name", WITHOUT_TORCH)
def test_rooms_without_torch(name: str) -> None:
    paths = [p for p in modules() if room(p) == name]
    assert paths
    for path in paths:
        assert not any(module.split(".")[0] == "torch" for module in imported(path)), path


def test_no_pickle_is_ever_loaded() -> None:
    for path in modules():
        text = path.read_text(encoding="utf-8")
        assert "torch.load" not in text, path
        assert "pickle" not in set(imported(path)), path
