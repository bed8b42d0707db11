"""Every row is given the line it begins on; what is broken costs as little as can be."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatzero.data.json_reader import json_rows, jsonl_rows
from chatzero.data.records import BadRow, RawRow
from chatzero.errors import DataError


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def lines_and_fields(rows: list[RawRow | BadRow]) -> list[tuple[int, object]]:
    return [(row.origin.line, row.fields if isinstance(row, RawRow) else row.reason) for row in rows]


def test_jsonl_broken_lines_cost_only_themselves(tmp_path: Path) -> None:
    digits = "9" * 5000
    path = write(tmp_path, f'{{"a": 1}}\n\n{{"a": 2\n[1]\n"x"\n{{"n": {digits}}}\n{{"a": "\u2028"}}\r\n')
    rows = list(jsonl_rows(path, "utf-8"))
    reasons = lines_and_fields(rows)
    assert reasons[0] == (1, {"a": 1})
    assert reasons[1] == (3, "broken JSON at column 8: Expecting ',' delimiter")
    assert reasons[2:4] == [(4, "a list, not an object"), (5, "a string, not an object")]
    assert reasons[4][0] == 6
    assert "unreasonable JSON" in str(reasons[4][1])
    assert reasons[5] == (7, {"a": "\u2028"})
    bad = rows[1]
    assert isinstance(bad, BadRow)
    assert bad.row == '{"a": 2'


def test_jsonl_nested_a_thousand_deep(tmp_path: Path) -> None:
    rows = list(jsonl_rows(write(tmp_path, "[" * 100_000 + "\n" + '{"a": 1}\n'), "utf-8"))
    assert [type(row) for row in rows] == [BadRow, RawRow]


@pytest.mark.parametrize("indent", [None, 2])
@settings(max_examples=40)
@given(
    values=st.lists(st.dictionaries(st.text(max_size=4), st.text(max_size=8) | st.integers(), max_size=3), min_size=1)
)
def test_json_list_comes_back(
    tmp_path_factory: pytest.TempPathFactory, indent: int | None, values: list[object]
) -> None:
    path = write(tmp_path_factory.getbasetemp(), json.dumps(values, indent=indent))
    assert [row.fields for row in json_rows(path, "utf-8") if isinstance(row, RawRow)] == values


def test_json_rows_know_their_lines(tmp_path: Path) -> None:
    path = write(tmp_path, '[\n  {"a":\n 1},\n\n {"a": 2}, 3\n]\n')
    assert lines_and_fields(list(json_rows(path, "utf-8"))) == [
        (2, {"a": 1}),
        (5, {"a": 2}),
        (5, "a number, not an object"),
    ]


def test_rows_under_data(tmp_path: Path) -> None:
    path = write(tmp_path, '{"version": [1, {"x": "]"}],\n "data": [\n{"a": 1},\n{"a": 2}], "end": 0}')
    assert lines_and_fields(list(json_rows(path, "utf-8"))) == [(3, {"a": 1}), (4, {"a": 2})]


def test_one_object_is_one_row(tmp_path: Path) -> None:
    assert lines_and_fields(list(json_rows(write(tmp_path, ' {"a": 1} '), "utf-8"))) == [(1, {"a": 1})]


def test_misnamed_jsonl(tmp_path: Path) -> None:
    path = write(tmp_path, '{"a": 1}\n{"a": 2\n{"a": 3}\n')
    assert [row.origin.line for row in json_rows(path, "utf-8") if isinstance(row, RawRow)] == [1, 3]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[{"a": 1},\n {"a" 2}]', "line 2, column 7"),
        ('[{"a": 1}\n{"a": 2}]', "line 2, column 1: expected ',' or ']'"),
        ('[{"a": 1}', "line 1, column 10"),
        ('{"a": 1', "line 1, column 8"),
        ("hello", "line 1, column 1: expected a list of rows"),
        ("  ", "line 1, column 3: expected a list of rows"),
    ],
)
def test_broken_json_names_the_place(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(DataError, match="is not valid JSON") as caught:
        list(json_rows(write(tmp_path, text), "utf-8"))
    assert place in caught.value.why


def test_an_empty_list_has_no_rows(tmp_path: Path) -> None:
    assert list(json_rows(write(tmp_path, "[ ]"), "utf-8")) == []
