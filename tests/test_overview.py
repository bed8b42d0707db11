"""The map in docs/overview.md names every file, and no file that is not there; the READMEs lead to what exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OVERVIEW = (ROOT / "docs" / "overview.md").read_text(encoding="utf-8")
# The tables of these folders are the folders themselves.
NAMED_AS_A_FOLDER = ("chatzero/curriculum/skills/", "chatzero/training/guards/", "chatzero/lab/pitfalls/")


def files_on_the_map() -> set[str]:
    """Full paths; in a row of the table, a bare name lies in the folder of the name before it."""
    found: set[str] = set()
    for line in filter(lambda line: line.startswith("|"), OVERVIEW.splitlines()):
        folder = ""
        for name in re.findall(r"`([\w/.]+\.py)`", line):
            folder = name.rpartition("/")[0] or folder
            found.add(f"{folder}/{name.rpartition('/')[2]}" if folder else name)
    return found


def test_every_file_is_on_the_map_and_the_map_names_no_other() -> None:
    there = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "chatzero").rglob("*.py") if path.name != "__init__.py"
    }
    there = {path for path in there if not path.startswith(NAMED_AS_A_FOLDER)} | {"start.py"}
    there |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "tutorial").glob("*.py")}
    assert sorted(there - files_on_the_map()) == [], "not on the map"
    assert sorted(files_on_the_map() - there) == [], "on the map, but not there"


@pytest.mark.parametrize(
    "page",
    [
        "README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/answers.md", "docs/answers.zh-CN.md",
        "tutorial/README.md", "tutorial/README.zh-CN.md",
    ],
)  # fmt: skip
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"(?<!!)\[[^]]*\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_both_readmes_have_the_same_commands_and_headings() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
    for pattern in (r"^#{1,3} ", r"^    \w+ .*?(?=  #|$)", r"^\| `chatzero [^|]*", r"`python start\.py[^`<]*`"):
        counts = [re.findall(pattern, page, flags=re.MULTILINE) for page in (english, chinese)]
        if "chatzero" in pattern:
            assert counts[0] == counts[1]
        assert len(counts[0]) == len(counts[1]), pattern


def test_the_commands_of_the_readme_exist() -> None:
    """Every `chatzero VERB` of the table is a verb of the command line."""
    main = (ROOT / "chatzero" / "apps" / "cli" / "main.py").read_text(encoding="utf-8")
    verbs = re.findall(r"^\| `chatzero (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(verbs) >= 8
    assert [verb for verb in verbs if f'"{verb}"' not in main] == []
