"""Rows of .csv and .tsv files.

The first line names the columns. A table of two columns whose first line names nothing we know has no such line:
its columns are question and answer. Quotes follow the csv of spreadsheets; tsv has none (a tab never stands in a
cell), but a cell that a spreadsheet put in quotes is freed of them.
"""

import csv
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Literal

from chatzero.data.encoding import open_text
from chatzero.data.formats import KNOWN_FIELDS, names_a_shape
from chatzero.data.memory_file import File
from chatzero.data.records import BadRow, Origin, RawRow
from chatzero.errors import DataError
from chatzero.language import tr

Kind = Literal["csv", "tsv"]

_WITHOUT_HEADER = ("question", "answer")
_LONGEST_CELL = 1 << 27
csv.field_size_limit(_LONGEST_CELL)  # the library's own limit, 131,072 characters, is less than a book chapter


def table_rows(path: File, encoding: str, kind: Kind, columns: Collection[str] = ()) -> Iterator[RawRow | BadRow]:
    """Each line as names and cells; a line with the wrong number of cells, or a quote left open, is set aside.

    A first line that holds all of `columns` names the columns too.
    """
    names: Sequence[str] | None = None
    for origin, cells in _cells(path, encoding, kind):
        if isinstance(cells, BadRow):
            yield cells
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if names is None:
            header = tuple(cell.strip().lower() for cell in cells)
            if names_a_shape(header) or (columns and set(columns) <= set(header)):
                names = header
                continue
            if len(cells) != len(_WITHOUT_HEADER):
                raise _unknown_columns(path, cells)
            names = _WITHOUT_HEADER
        if len(cells) != len(names):
            reason = tr(f"{len(cells)} cells, expected {len(names)}", f"有 {len(cells)} 格，应为 {len(names)} 格")
            yield BadRow(origin, reason, json.dumps(cells, ensure_ascii=False))
        else:
            yield RawRow(origin, dict(zip(names, cells, strict=True)))


def _cells(path: File, encoding: str, kind: Kind) -> Iterator[tuple[Origin, list[str] | BadRow]]:
    """The cells of each line, and where it begins."""
    with open_text(path, encoding) as lines:
        if kind == "tsv":
            for number, line in enumerate(lines, start=1):
                yield Origin(str(path), number), [_unquoted(cell) for cell in line.rstrip("\r\n").split("\t")]
            return
        taken: list[str] = []
        reader = csv.reader(_remembered(lines, taken), strict=True)
        while True:
            taken.clear()
            origin = Origin(str(path), reader.line_num + 1)
            try:
                yield origin, next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                reason = tr(
                    f"a cell is not well quoted ({len(taken)} lines from here): {error}",
                    f"单元格的引号有误（自此起 {len(taken)} 行）：{error}",
                )
                yield origin, BadRow(origin, reason, "".join(taken).rstrip("\r\n"))


def _remembered(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    """The same lines, each also put into `taken`: a row whose quotes are wrong is shown as it stands."""
    for line in lines:
        taken.append(line)
        yield line


def _unquoted(cell: str) -> str:
    if len(cell) >= 2 and cell[0] == cell[-1] == '"' and cell.count('"') % 2 == 0:
        return cell[1:-1].replace('""', '"')
    return cell


def _unknown_columns(path: File, cells: Sequence[str]) -> DataError:
    found = ", ".join(cell.strip()[:20] for cell in cells[:8])
    return DataError(
        what=tr(f"the columns of {path} are not known: {found}", f"无法识别 {path} 的列：{found}"),
        why=tr(
            "the first line must name the columns, unless there are exactly two: question and answer",
            "第一行应是列名；若恰好两列（问题、回答）则可省略",
        ),
        do=tr(
            f"name them, for example question,answer; known names: {', '.join(KNOWN_FIELDS)}",
            f"请写上列名，例如 question,answer；可用的列名：{', '.join(KNOWN_FIELDS)}",
        ),
    )
