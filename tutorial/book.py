"""A chapter as cells: read it, run it. What the pages and notebooks look like is `render.py`.

A chapter is a script in the percent format (Jupyter, VS Code and PyCharm open it as a notebook): `# %% [markdown]`
begins a text, `# %%` begins code. tutorial/en and tutorial/zh hold the same code; to carry a change of code from the
English chapter to the Chinese one:

    python tutorial/book.py same-code
"""

import io
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import torch

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "zh")
_BEGINS_CELL = re.compile(r"^# %%(?P<text> \[markdown\])?\n", flags=re.MULTILINE)
_SMALLER = re.compile(r"= (?P<full>\S.*?)  # quick: (?P<quick>.+)$", flags=re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A text (Markdown, without the comment signs) or a piece of code, and the line of the file it begins on."""

    is_code: bool
    source: str
    line: int


@dataclass(frozen=True)
class Ran:
    """A cell, what its code printed, and the pictures it made, as PNG files."""

    cell: Cell
    printed: str = ""
    pictures: tuple[bytes, ...] = ()


def chapters(language: str) -> list[Path]:
    """The files of the book in that language, in order."""
    return sorted((FOLDER / language).glob("[0-9][0-9]_*.py"))


def read_cells(chapter: Path) -> list[Cell]:
    """All cells of a chapter. Raises `ValueError` when a line of a text cell is not a comment."""
    source = chapter.read_text(encoding="utf-8")
    begins = list(_BEGINS_CELL.finditer(source))
    ends = [*(begin.start() for begin in begins[1:]), len(source)]
    cells = []
    for begin, end in zip(begins, ends, strict=True):
        body, line = source[begin.end() : end].strip("\n"), source.count("\n", 0, begin.end()) + 1
        is_code = begin["text"] is None
        cells.append(Cell(is_code, body if is_code else _uncommented(body, chapter, line), line))
    return cells


def run(chapter: Path, quick: bool = False, pictures: bool = True) -> Iterator[Ran]:
    """Run a chapter from its first cell, and give each cell back with what it printed and drew.

    `quick` takes the smaller number where a line says `= 400  # quick: 20`: the same code in seconds, for tests.
    Runs in this process and in the current folder. To see no windows, set the variable MPLBACKEND to Agg before.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    dtype = torch.get_default_dtype()
    try:
        for cell in read_cells(chapter):
            if not cell.is_code:
                yield Ran(cell)
                continue
            source = _smaller(cell, chapter) if quick else cell.source
            with redirect_stdout(io.StringIO()) as printed:
                # blank lines before the code, so that an error names the line of the file
                exec(compile("\n" * (cell.line - 1) + source, str(chapter), "exec"), names)
            yield Ran(cell, printed.getvalue(), _drawn() if pictures else ())
            plt.close("all")
    finally:
        plt.close("all")
        torch.set_default_dtype(dtype)  # many chapters compute in float64


def _smaller(cell: Cell, chapter: Path) -> str:
    source, made = _SMALLER.subn(r"= \g<quick>", cell.source)
    if made != cell.source.count("# quick:"):
        raise ValueError(
            f"{chapter}:{cell.line}: this cell marks a number for quick runs that is not `= 1  # quick: 1`"
        )
    return source


def _drawn() -> tuple[bytes, ...]:
    pictures = []
    for number in plt.get_fignums():
        file = io.BytesIO()
        plt.figure(number).savefig(file, format="png", dpi=110, bbox_inches="tight")
        pictures.append(file.getvalue())
    return tuple(pictures)


def with_code_of(texts: Path, code: Path) -> str:
    """The chapter `texts` with the code cells of the chapter `code`. Raises `ValueError` when cells do not pair up."""
    mine, theirs = read_cells(texts), read_cells(code)
    if [cell.is_code for cell in mine] != [cell.is_code for cell in theirs]:
        raise ValueError(f"{texts} and {code}: text and code cells do not follow each other in the same order")
    written = []
    for own, other in zip(mine, theirs, strict=True):
        if own.is_code:
            written.append(f"# %%\n{other.source}")
        else:
            lines = "\n".join(f"# {line}".rstrip() for line in own.source.split("\n"))
            written.append(f"# %% [markdown]\n{lines}")
    return "\n\n".join(written) + "\n"


def _uncommented(body: str, chapter: Path, line: int) -> str:
    lines = body.split("\n")
    for number, text in enumerate(lines, line):
        if text and not text.startswith("#"):
            raise ValueError(f"{chapter}:{number}: a text cell holds a line that is not a comment: {text!r}")
    return "\n".join(text.removeprefix("#").removeprefix(" ") for text in lines)


if __name__ == "__main__":
    if sys.argv[1:] != ["same-code"]:
        sys.exit(__doc__)
    for english, chinese in zip(chapters("en"), chapters("zh"), strict=True):
        chinese.write_text(with_code_of(chinese, english), encoding="utf-8")
