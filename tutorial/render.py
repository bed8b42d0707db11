"""Chapters as pages with what they printed and drew, or as notebooks.

    python tutorial/render.py pages en --chapters 04 05        Markdown and PNG files, under build/pages/tutorial/en
    python tutorial/render.py notebooks zh                     .ipynb files, not yet run, under build/notebooks/zh

Pages are made by running the chapter: minutes for all; `--quick` in seconds, with the numbers of the quick mode. Not
here: how a chapter is read and run (`book.py`).
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from chatzero.language import set_language

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a script, only this folder is on the path

from tutorial.book import FOLDER, LANGUAGES, Ran, chapters, read_cells, run

_WIDE = "\u2e80-\u9fff\uff00-\uffef“”"
# A line break in a paragraph or a list is shown as a space, which Chinese does not want; four spaces begin code.
_BREAK_IN_CHINESE = re.compile(rf"(?<=[{_WIDE}])\n {{0,3}}(?=[{_WIDE}])")


def text_of(source: str) -> str:
    """A text cell for a page or notebook: Chinese lines joined without a space."""
    return _BREAK_IN_CHINESE.sub("", source)


def page(cells: Iterable[Ran], name: str) -> tuple[str, dict[str, bytes]]:
    """A chapter as Markdown, and its pictures by file name."""
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for ran in cells:
        if not ran.cell.is_code:
            parts.append(text_of(ran.cell.source))
            continue
        parts.append(f"```python\n{ran.cell.source}\n```")
        if ran.printed:
            parts.append(f"```text\n{ran.printed.rstrip()}\n```")
        for picture in ran.pictures:
            file = f"{name}.{len(pictures) + 1}.png"
            pictures[file] = picture
            parts.append(f"![{file}]({file})")
    return "\n\n".join(parts) + "\n", pictures


def notebook(chapter: Path) -> str:
    """A chapter as a Jupyter notebook (nbformat 4.5), its cells not yet run."""
    cells: list[dict[str, object]] = []
    for number, cell in enumerate(read_cells(chapter)):
        source = (cell.source if cell.is_code else text_of(cell.source)).splitlines(keepends=True)
        common = {"id": f"cell-{number}", "metadata": {}, "source": source}
        if cell.is_code:
            cells.append({"cell_type": "code", "execution_count": None, "outputs": [], **common})
        else:
            cells.append({"cell_type": "markdown", **common})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def write_pages(wanted: Iterable[Path], out: Path, quick: bool) -> Iterator[Path]:
    """Run each chapter and write its page and pictures into `out`; gives each page when it is there."""
    out.mkdir(parents=True, exist_ok=True)
    for chapter in wanted:
        set_language("zh" if chapter.parent.name == "zh" else "en")  # of what the library says in it
        markdown, pictures = page(run(chapter, quick), chapter.stem)
        for file, picture in pictures.items():
            (out / file).write_bytes(picture)
        written = out / f"{chapter.stem}.md"
        written.write_text(markdown, encoding="utf-8")
        yield written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("form", choices=("pages", "notebooks"))
    parser.add_argument("language", choices=LANGUAGES)
    parser.add_argument("--chapters", nargs="*", default=[], help="their numbers; default: all")
    parser.add_argument("--out", type=Path, help="the folder to write into")
    parser.add_argument("--quick", action="store_true", help="the small numbers that the tests use")
    chosen = parser.parse_args()
    wanted = [path for path in chapters(chosen.language) if not chosen.chapters or path.name[:2] in chosen.chapters]
    if chosen.form == "notebooks":
        out = chosen.out or FOLDER.parent / "build" / "notebooks" / chosen.language
        out.mkdir(parents=True, exist_ok=True)
        for chapter in wanted:
            path = out / f"{chapter.stem}.ipynb"
            path.write_text(notebook(chapter), encoding="utf-8")
            print(path)
        return
    os.environ.setdefault("MPLBACKEND", "Agg")
    for path in write_pages(
        wanted, chosen.out or FOLDER.parent / "build" / "pages" / "tutorial" / chosen.language, chosen.quick
    ):
        print(path)


if __name__ == "__main__":
    main()
