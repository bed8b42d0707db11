"""Rows of .jsonl and .json files, each with the line it begins on."""

import json
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder

from chatzero.data.encoding import open_text
from chatzero.data.memory_file import File
from chatzero.data.records import BadRow, Origin, RawRow
from chatzero.errors import DataError
from chatzero.language import tr

_ROWS_KEY = "data"


def jsonl_rows(path: File, encoding: str) -> Iterator[RawRow | BadRow]:
    """One JSON object a line; blank lines are passed over, a broken one is set aside."""
    with open_text(path, encoding) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _row(line.rstrip("\r\n"), Origin(str(path), number))


def json_rows(path: File, encoding: str) -> Iterator[RawRow | BadRow]:
    """A list of objects, alone or under the key "data"; one object; or, misnamed, one object a line.

    Raises `DataError` with line and column where the JSON breaks: what follows cannot be understood any more.
    """
    with open_text(path, encoding) as stream:
        text = stream.read()
    start = _skip(text, 0)
    if text[start : start + 1] == "{" and _is_lines(text):
        yield from jsonl_rows(path, encoding)
        return
    try:
        if text[start : start + 1] == "{":
            whole = json.loads(text)
            if not isinstance(whole.get(_ROWS_KEY), list):
                yield RawRow(Origin(str(path), 1), whole)
                return
            start = _place_of_rows(text)
        yield from _list_rows(path, text, start)
    except JSONDecodeError as error:
        raise DataError(
            what=tr(f"{path} is not valid JSON", f"{path} 不是合法的 JSON"),
            why=tr(
                f"line {error.lineno}, column {error.colno}: {error.msg}",
                f"第 {error.lineno} 行第 {error.colno} 列：{error.msg}",
            ),
            do=tr(
                "mend this place; with one object a line (.jsonl) a broken row would cost only itself",
                "请修正此处；若改为每行一个对象（.jsonl），坏行就不会影响其他行",
            ),
        ) from error


def _row(text: str, origin: Origin) -> RawRow | BadRow:
    try:
        value = json.loads(text)
    except JSONDecodeError as error:
        reason = tr(f"broken JSON at column {error.colno}: {error.msg}", f"第 {error.colno} 列 JSON 有误：{error.msg}")
        return BadRow(origin, reason, text)
    except (RecursionError, ValueError) as error:  # nested a thousand deep, a number of 5,000 digits
        return BadRow(origin, tr(f"unreasonable JSON: {error}", f"不合理的 JSON：{error}"), text)
    if not isinstance(value, dict):
        reason = tr(f"a {_kind(value)}, not an object", f"是 {_kind(value)}，不是对象")
        return BadRow(origin, reason, text)
    return RawRow(origin, value)


def _list_rows(path: File, text: str, start: int) -> Iterator[RawRow | BadRow]:
    """The elements of the list that opens at `start`, one at a time, so that each is given its line."""
    decoder = JSONDecoder()
    if text[start : start + 1] != "[":
        raise JSONDecodeError("expected a list of rows", text, start)
    line, counted = 1, 0
    place = _skip(text, start + 1)
    while text[place : place + 1] != "]":
        value, end = decoder.raw_decode(text, place)
        line += text.count("\n", counted, place)
        counted = place
        origin = Origin(str(path), line)
        if isinstance(value, dict):
            yield RawRow(origin, value)
        else:
            yield BadRow(
                origin, tr(f"a {_kind(value)}, not an object", f"是 {_kind(value)}，不是对象"), text[place:end]
            )
        place = _skip(text, end)
        if text[place : place + 1] == ",":
            place = _skip(text, place + 1)
        elif text[place : place + 1] != "]":
            raise JSONDecodeError("expected ',' or ']'", text, place)


def _is_lines(text: str) -> bool:
    """Is there a second object after the first line's?"""
    try:
        end = JSONDecoder().raw_decode(text, _skip(text, 0))[1]
    except JSONDecodeError:
        return False
    return text[_skip(text, end) :][:1] == "{"


def _place_of_rows(text: str) -> int:
    """Where the list under the key "data" of the outermost object opens; the text is valid JSON and has it."""
    decoder = JSONDecoder()
    place = _skip(text, _skip(text, 0) + 1)
    while True:
        key, place = decoder.raw_decode(text, place)
        place = _skip(text, _skip(text, place) + 1)  # past the colon
        if key == _ROWS_KEY:
            return place
        place = _skip(text, decoder.raw_decode(text, place)[1])
        place = _skip(text, place + 1)  # past the comma


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _kind(value: object) -> str:
    names = {list: "list", str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
    return names.get(type(value), type(value).__name__)
