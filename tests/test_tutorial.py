"""The book: every chapter runs to its end, in both languages the same code, with exercises that are solved in it."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import pytest
import torch

from chatzero.checkpoint.bundle import save_bundle
from chatzero.lab.registry import PITFALLS
from chatzero.models.build import build
from tests.small import model, tokenizer
from tutorial.book import Cell, chapters, read_cells, run, with_code_of
from tutorial.render import notebook, page

ENGLISH, CHINESE = chapters("en"), chapters("zh")
# Headings that every chapter has, in this order, in each language.
ENDS_WITH = {"en": ("## Exercises", "## Check yourself"), "zh": ("## 练习", "## 检查自己")}


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder in which the quickstart has left a model, here a very small one; torch is left as it was."""
    monkeypatch.chdir(tmp_path)
    tokens = tokenizer()
    config = model("transformer", tokens).config.model_copy(update={"max_seq_len": 256})
    small = build(config, torch.Generator().manual_seed(0)).eval()
    save_bundle(Path("runs/quickstart-transformer/model"), small, tokens, "a card")
    mpl.use("Agg")
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: None)  # would open windows, or warn that there are none
    seed = torch.get_rng_state()
    yield
    torch.set_rng_state(seed)


@pytest.mark.parametrize("chapter", ENGLISH, ids=lambda path: path.stem)
@pytest.mark.usefixtures("at_home")
def test_a_chapter_runs(chapter: Path) -> None:
    """All comparisons with the library, all solutions of exercises: each is an assert in the chapter."""
    printed = [ran.printed for ran in run(chapter, quick=True, pictures=False)]
    assert "✓" in printed[-1]


@pytest.mark.parametrize(("english", "chinese"), list(zip(ENGLISH, CHINESE, strict=True)), ids=lambda path: path.stem)
def test_both_languages_have_the_same_code(english: Path, chinese: Path) -> None:
    assert english.name == chinese.name
    assert [cell.is_code for cell in read_cells(english)] == [cell.is_code for cell in read_cells(chinese)]
    assert code_of(read_cells(english)) == code_of(read_cells(chinese))


@pytest.mark.parametrize("chapter", [*ENGLISH, *CHINESE], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_chapter_ends_with_exercises_solutions_and_a_check(chapter: Path) -> None:
    cells = read_cells(chapter)
    exercises, check = (
        next(i for i, cell in enumerate(cells) if heading in cell.source.split("\n") and not cell.is_code)
        for heading in ENDS_WITH[chapter.parent.name]
    )
    questions = re.findall(r"^\d\. ", cells[exercises].source, flags=re.MULTILINE)
    assert 2 <= len(questions) <= 4
    assert "assert" in code_of(cells[exercises:check])[0]
    assert "assert" in code_of(cells[check:])[-1]


@pytest.mark.parametrize("chapter", ENGLISH, ids=lambda path: path.stem)
def test_a_chapter_compares_with_the_library(chapter: Path) -> None:
    code = "\n".join(code_of(read_cells(chapter)))
    assert re.search(r"^ *from chatzero\.\w+", code, flags=re.MULTILINE)
    assert re.search(r"assert_close|^ *assert .*(==|is)|torch\.equal", code, flags=re.MULTILINE)


def test_the_chapters_follow_each_other() -> None:
    numbers = [int(chapter.name[:2]) for chapter in ENGLISH]
    assert numbers == list(range(1, 20))
    for chapter, number in zip(ENGLISH, numbers, strict=True):
        assert read_cells(chapter)[0].source.startswith(f"# {number}. ")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_index_names_every_chapter(language: str) -> None:
    index = ENGLISH[0].parent.parent / ("README.md" if language == "en" else "README.zh-CN.md")
    links = re.findall(r"\]\(([\w/.-]+\.py)\)", index.read_text(encoding="utf-8"))
    assert links == [f"{language}/{chapter.name}" for chapter in chapters(language)]


@pytest.mark.parametrize("chapter", [*ENGLISH, *CHINESE], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_pitfalls_it_points_to_are_in_the_lab(chapter: Path) -> None:
    named = re.findall(r"chatzero lab ([a-z-]+)`", chapter.read_text(encoding="utf-8"))
    assert [name for name in named if name not in {pitfall.name for pitfall in PITFALLS}] == []


def test_a_page_holds_text_code_output_and_pictures(tmp_path: Path) -> None:
    chapter = tmp_path / "01_x.py"
    chapter.write_text(
        "# %% [markdown]\n# 一行\n# 又一行\n\n# %%\nimport matplotlib.pyplot as plt\n\nplt.figure()\nprint(6 * 7)\n",
        encoding="utf-8",
    )
    mpl.use("Agg")
    markdown, pictures = page(run(chapter), "01_x")
    assert markdown.startswith("一行又一行\n\n```python\nimport")
    assert "```text\n42\n```\n\n![01_x.1.png](01_x.1.png)" in markdown
    assert pictures["01_x.1.png"].startswith(b"\x89PNG")


@pytest.mark.parametrize("chapter", [ENGLISH[3], CHINESE[3]], ids=["en", "zh"])
def test_a_notebook_has_the_cells_of_the_chapter(chapter: Path) -> None:
    cells = json.loads(notebook(chapter))["cells"]
    assert [cell["cell_type"] == "code" for cell in cells] == [cell.is_code for cell in read_cells(chapter)]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert code == code_of(read_cells(chapter))


def test_quick_takes_the_smaller_number(tmp_path: Path) -> None:
    chapter = tmp_path / "01_x.py"
    chapter.write_text("# %%\nsteps = 400  # quick: 3\nprint(steps)\n", encoding="utf-8")
    assert [ran.printed for ran in run(chapter)] == ["400\n"]
    assert [ran.printed for ran in run(chapter, quick=True)] == ["3\n"]


def test_a_mark_that_is_not_understood_is_refused(tmp_path: Path) -> None:
    chapter = tmp_path / "01_x.py"
    chapter.write_text("# %%\nprint(400) # quick: 3\n", encoding="utf-8")
    with pytest.raises(ValueError, match="quick runs"):
        list(run(chapter, quick=True))


def test_code_is_carried_over_and_text_is_kept(tmp_path: Path) -> None:
    english, chinese = tmp_path / "en.py", tmp_path / "zh.py"
    english.write_text("# %% [markdown]\n# One\n\n# %%\nx = 2\n", encoding="utf-8")
    chinese.write_text("# %% [markdown]\n# 一\n\n# %%\nx = 1\n", encoding="utf-8")
    assert with_code_of(chinese, english) == "# %% [markdown]\n# 一\n\n# %%\nx = 2\n"
    chinese.write_text("# %%\nx = 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="same order"):
        with_code_of(chinese, english)


def test_a_text_that_is_not_a_comment_is_refused(tmp_path: Path) -> None:
    chapter = tmp_path / "01_x.py"
    chapter.write_text("# %% [markdown]\n# One\nnot a comment\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"01_x\.py:3"):
        read_cells(chapter)


def test_an_error_names_the_line_of_the_file(tmp_path: Path) -> None:
    chapter = tmp_path / "01_x.py"
    chapter.write_text("# %% [markdown]\n# One\n\n# %%\nx = 1\nx / 0\n", encoding="utf-8")
    with pytest.raises(ZeroDivisionError) as caught:
        list(run(chapter))
    assert caught.traceback[-1].lineno + 1 == 6
    assert os.fspath(chapter) in str(caught.traceback[-1].path)


def code_of(cells: list[Cell]) -> list[str]:
    return [cell.source for cell in cells if cell.is_code]
