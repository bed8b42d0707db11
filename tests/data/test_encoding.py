"""The encoding is found, or the error says which byte is at fault."""

import gzip
from pathlib import Path

import pytest

from chatzero.data.encoding import find_encoding, is_unicode, open_text
from chatzero.errors import DataError

CHINESE = "问题：今天天气怎么样？\n回答：天气晴朗，适合去公园散步。\n"
ENGLISH = "What is the weather?\nIt is fine.\n"


def text_of(path: Path) -> str:
    with open_text(path, find_encoding(path)) as stream:
        return stream.read()


@pytest.mark.parametrize(
    ("text", "codec", "found"),
    [
        (ENGLISH, "ascii", "utf-8"),
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "utf-16", "utf-16"),
        (ENGLISH, "utf-16-le", "utf-16-le"),
        (ENGLISH, "utf-16-be", "utf-16-be"),
        (f'{{"q": "{CHINESE[:8]}", "a": "好"}}', "utf-16-le", "utf-16-le"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE + ENGLISH * 50, "gbk", "gb18030"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_found_and_read_back(tmp_path: Path, text: str, codec: str, found: str, packed: bool) -> None:
    path = tmp_path / ("a.txt.gz" if packed else "a.txt")
    path.write_bytes(gzip.compress(text.encode(codec)) if packed else text.encode(codec))
    assert find_encoding(path) == found
    assert text_of(path) == text


def test_a_few_bad_lines_leave_the_file_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("好\n好\n".encode() + b"caf\xe9\n")
    assert find_encoding(path) == "utf-8"
    with open_text(path, "utf-8") as lines:
        assert [is_unicode(line) for line in lines] == [True, True, False]


def test_one_stray_byte_in_much_ascii(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"plain\n" * 99 + b"caf\xe9\n")
    assert find_encoding(path) == "utf-8"
    path.write_bytes(b"plain\n" * 98 + b"caf\xe9\n")
    with pytest.raises(DataError, match="line 99"):
        find_encoding(path)


def test_latin1_is_no_guess(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("plain\nrésumé naïve café, très élégant\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"cannot tell the encoding of .*a\.txt\n.*byte 0xe9 in line 2 is not UTF-8"):
        find_encoding(path)


def test_latin1_that_happens_to_decode_as_gb18030_is_no_chinese(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    french = "résumés énormes".encode("latin-1")
    french.decode("gb18030")
    path.write_bytes(french)
    with pytest.raises(DataError, match="cannot tell the encoding"):
        find_encoding(path)


def test_a_bad_byte_in_the_only_line(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes('[{"q": "好", "a": "'.encode() + b"\xff" + b'"}]')
    with pytest.raises(DataError, match="byte 0xff in line 1"):
        find_encoding(path)


@pytest.mark.parametrize("content", [b"", b" \n\n ", b"\n" * 10_000, b"\xef\xbb\xbf", b"\xff\xfe"])
def test_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError, match="is empty"):
        find_encoding(path)


def test_text_after_many_blanks_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\n" * 100_000 + b"late")
    assert find_encoding(path) == "utf-8"


@pytest.mark.parametrize("content", [bytes(range(256)) * 20, b"\x07\0\0\0\x08\0\0\0" * 500])
def test_binary(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match="is not text"):
        find_encoding(path)


def test_half_a_utf16_character(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("hello".encode("utf-16") + b"\x00")
    with pytest.raises(DataError, match="as utf-16: truncated data"):
        text_of(path)


def test_gzip_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(ENGLISH.encode() * 100)[:-20])
    with pytest.raises(DataError, match=r"cannot unpack .*a\.txt\.gz"):
        find_encoding(path)


def test_not_gzip_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(ENGLISH.encode())
    with pytest.raises(DataError, match="cannot unpack"):
        find_encoding(path)


def test_unreadable(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot read"):
        find_encoding(tmp_path)


def test_lines_end_at_newline_only(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("a\u2028b\x0cc\r\nd\u0085e\n".encode())
    with open_text(path, "utf-8") as lines:
        assert list(lines) == ["a\u2028b\x0cc\r\n", "d\u0085e\n"]
