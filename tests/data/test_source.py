"""Names -> sources."""

import gzip
from pathlib import Path

import pytest

from chatzero.data.records import RawRow
from chatzero.data.source import find_sources
from chatzero.errors import DataError

LINE = '{"q": "hi", "a": "hello"}\n'


def test_a_folder_in_order_of_name_with_what_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("b.jsonl", "a.JSONL", "sub/c.ndjson", ".hidden/d.jsonl", "README.md"):
        (tmp_path / name).write_text(LINE)
    (tmp_path / "e.csv.gz").write_bytes(gzip.compress(b"q,a\nhi,hello\n"))
    sources = find_sources([str(tmp_path)])
    names = [(Path(source.name).name, source.format, source.encoding) for source in sources.read]
    assert names == [
        ("a.JSONL", "jsonl", "utf-8"),
        ("b.jsonl", "jsonl", "utf-8"),
        ("e.csv.gz", "csv", "utf-8"),
        ("c.ndjson", "jsonl", "utf-8"),
    ]
    assert [Path(name).name for name in sources.ignored] == ["README.md"]
    for source in sources.read:
        rows = [row.fields for row in source.rows() if isinstance(row, RawRow)]
        assert rows == [{"q": "hi", "a": "hello"}]


def test_a_text_file_is_one_document(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one\n\ntwo\n", newline="\n")
    (source,) = find_sources([str(path)]).read
    assert [row.fields for row in source.rows() if isinstance(row, RawRow)] == [{"text": "one\n\ntwo\n"}]


def test_hub_names_are_kept_for_later() -> None:
    (source,) = find_sources(["hf:owner/name"]).read
    assert (source.format, source.encoding) == ("hub", None)


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no file .*nowhere\.jsonl"):
        find_sources([str(tmp_path / "nowhere.jsonl")])


def test_unknown_ending(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_text("x")
    with pytest.raises(DataError, match=r"the format of .*a\.docx is not known") as caught:
        find_sources([str(path)])
    assert ".jsonl" in caught.value.do


def test_a_folder_without_data(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    with pytest.raises(DataError, match="holds no data"):
        find_sources([str(tmp_path)])


def test_an_empty_file_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("")
    with pytest.raises(DataError, match=r"a\.jsonl is empty"):
        find_sources([str(tmp_path)])
