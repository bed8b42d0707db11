"""Tables: with and without a line of names, quoted, broken."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatzero.data.records import BadRow, RawRow
from chatzero.data.table_reader import Kind, table_rows
from chatzero.errors import DataError


def read(tmp_path: Path, text: str, kind: Kind = "csv") -> list[tuple[int, object]]:
    path = tmp_path / f"a.{kind}"
    path.write_text(text, encoding="utf-8", newline="")
    rows = table_rows(path, "utf-8", kind)
    return [(row.origin.line, dict(row.fields) if isinstance(row, RawRow) else row.reason) for row in rows]


def test_names_in_the_first_line(tmp_path: Path) -> None:
    assert read(tmp_path, "id, Question ,ANSWER\n1,hi,hello\n") == [
        (2, {"id": "1", "question": "hi", "answer": "hello"})
    ]


@pytest.mark.parametrize(("kind", "tab"), [("csv", ","), ("tsv", "\t")])
def test_two_columns_without_names(tmp_path: Path, kind: Kind, tab: str) -> None:
    rows = read(tmp_path, f"hi{tab}hello\n\na{tab}the first letter\n", kind)
    assert rows == [(1, {"question": "hi", "answer": "hello"}), (3, {"question": "a", "answer": "the first letter"})]


def test_a_first_question_that_is_a_field_name_is_a_question(tmp_path: Path) -> None:
    assert read(tmp_path, "a,the first letter\nb,the second\n")[0] == (
        1,
        {"question": "a", "answer": "the first letter"},
    )


def test_quoted_cells_span_lines(tmp_path: Path) -> None:
    rows = read(tmp_path, 'q,a\n"one\ntwo","say ""hi"", please"\nx,y\n')
    assert rows == [(2, {"q": "one\ntwo", "a": 'say "hi", please'}), (4, {"q": "x", "a": "y"})]


def test_a_row_with_a_cell_too_many(tmp_path: Path) -> None:
    assert read(tmp_path, "q,a\nx,y,z\nx,y\n") == [(2, "3 cells, expected 2"), (3, {"q": "x", "a": "y"})]


def test_a_quote_left_open_is_shown_with_its_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('q,a\nx,y\n"open,z\nmore,lines\n', encoding="utf-8")
    rows = list(table_rows(path, "utf-8", "csv"))
    assert isinstance(rows[0], RawRow)
    assert isinstance(rows[1], BadRow)
    assert rows[1].origin.line == 3
    assert rows[1].reason.startswith("a cell is not well quoted (2 lines from here)")
    assert rows[1].row == '"open,z\nmore,lines'


def test_tsv_quotes_are_words_unless_a_spreadsheet_put_them(tmp_path: Path) -> None:
    rows = read(tmp_path, 'q\ta\n"Hi" she said\t"say ""hi"""\r\n', "tsv")
    assert rows == [(2, {"q": '"Hi" she said', "a": 'say "hi"'})]


def test_a_long_cell_is_no_error(tmp_path: Path) -> None:
    rows = read(tmp_path, f"q,a\nx,{'y' * 200_000}\n")
    assert rows == [(2, {"q": "x", "a": "y" * 200_000})]


def test_unknown_columns(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"the columns of .*a\.csv are not known: id, name, value"):
        read(tmp_path, "id,name,value\n1,2,3\n")


# No surrogates (not UTF-8), no NUL (some versions of csv refuse it), no lone CR (a line end to csv).
CELLS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\r"), max_size=12)


@settings(max_examples=40)
@given(pairs=st.lists(st.tuples(CELLS, CELLS).filter(lambda pair: any(map(str.strip, pair))), min_size=1, max_size=5))
def test_what_the_csv_module_writes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("question", "answer"), *pairs])
    rows = [row.fields for row in table_rows(path, "utf-8", "csv") if isinstance(row, RawRow)]
    assert [(row["question"], row["answer"]) for row in rows] == pairs
