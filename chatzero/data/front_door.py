"""The one door for data made by other people: names of files in, records and an honest report out.

    corpus = read_conversations(["chats.jsonl", "more/"])
    corpus.conversations     what can be used
    corpus.report            each file with its format, encoding and counts; every row set aside, with the reason

    each_row(files, kind)    the same rows one at a time, for data that is larger than the memory

Nothing is lost in silence: a row is either used or in the report. Not here: judging whether text is good (`lint`).
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from chatzero.data.formats import UnusableRowError, recognise
from chatzero.data.memory_file import MemoryFile
from chatzero.data.records import BadRow, Document, Origin, Preference, RawRow, Record
from chatzero.data.source import Source, find_sources
from chatzero.errors import DataError
from chatzero.language import tr
from chatzero.text.conversation import Conversation

T = TypeVar("T", Conversation, Document, Preference)

_REASONS_SHOWN = 3


@dataclass(frozen=True)
class FileReport:
    """How one file was read. `shapes` counts the kept rows by shape."""

    file: str
    format: str
    encoding: str | None
    kept: int
    set_aside: int
    shapes: Mapping[str, int]


@dataclass(frozen=True)
class ReadReport:
    """How all files were read."""

    files: tuple[FileReport, ...]
    ignored: tuple[str, ...]
    """Files of a named folder whose format is not known."""
    quarantine: tuple[BadRow, ...]


@dataclass(frozen=True)
class _Harvest(Generic[T]):
    records: list[T]
    origins: list[Origin]
    report: ReadReport


@dataclass(frozen=True)
class Corpus:
    """Conversations, where each of them stands, and the report."""

    conversations: list[Conversation]
    origins: list[Origin]
    report: ReadReport


@dataclass(frozen=True)
class Library:
    """Documents for pretraining, and the report."""

    documents: list[Document]
    report: ReadReport


@dataclass(frozen=True)
class Judgements:
    """Preferences, and the report."""

    preferences: list[Preference]
    report: ReadReport


def read_conversations(
    files: Sequence[str | MemoryFile], fill: Mapping[str, str] | None = None, max_rows: int | None = None
) -> Corpus:
    """Every conversation in `files` (files, folders, hf:OWNER/NAME), at most `max_rows` rows of each file.

    A file may also be handed over in memory. `fill` has the words for placeholders such as `{{name}}`. Raises
    `DataError` when a file cannot be read at all, or when not one row of all files is a conversation.
    """
    harvest = _read(files, Conversation, fill or {}, max_rows)
    return Corpus(harvest.records, harvest.origins, harvest.report)


def read_documents(files: Sequence[str], max_rows: int | None = None) -> Library:
    """Every document, as `read_conversations` does. Placeholders in plain text are text."""
    harvest = _read(files, Document, None, max_rows)
    return Library(harvest.records, harvest.report)


def read_preferences(
    files: Sequence[str], fill: Mapping[str, str] | None = None, max_rows: int | None = None
) -> Judgements:
    """Every preference pair, as `read_conversations` does."""
    harvest = _read(files, Preference, fill or {}, max_rows)
    return Judgements(harvest.records, harvest.report)


def each_row(
    files: Sequence[str], kind: type[T], fill: Mapping[str, str] | None = None, max_rows: int | None = None
) -> Iterator[T | BadRow]:
    """Every row of `files` in order, as a record of this kind or set aside. Only text files read so come in parts.

    `fill` None leaves placeholders as they are. Raises `DataError` when a file cannot be read at all.
    """
    for source in find_sources(files).read:
        for row in islice(source.rows(in_parts=True), max_rows):
            _, found = _record(row, kind, fill)
            yield found


def _read(
    files: Sequence[str | MemoryFile], kind: type[T], fill: Mapping[str, str] | None, max_rows: int | None
) -> _Harvest[T]:
    sources = find_sources(files)
    records: list[T] = []
    origins: list[Origin] = []
    quarantine: list[BadRow] = []
    reports: list[FileReport] = []
    for source in sources.read:
        shapes: Counter[str] = Counter()
        already = len(quarantine)
        for row in islice(source.rows(), max_rows):
            shape, found = _record(row, kind, fill)
            if isinstance(found, BadRow):
                quarantine.append(found)
            else:
                records.append(found)
                origins.append(row.origin)
                shapes[shape] += 1
        reports.append(_file_report(source, shapes, len(quarantine) - already))
    if not records:
        raise _nothing_usable(files, quarantine)
    return _Harvest(records, origins, ReadReport(tuple(reports), sources.ignored, tuple(quarantine)))


def _record(row: RawRow | BadRow, kind: type[T], fill: Mapping[str, str] | None) -> tuple[str, T | BadRow]:
    """The shape of a row and what it is; or the row set aside, which has none."""
    if isinstance(row, BadRow):
        return "", row
    try:
        shape, record = recognise(row.fields, fill)
        return shape, _wanted(record, kind)
    except UnusableRowError as error:
        return "", BadRow(row.origin, error.what, _as_text(row))


def _wanted(record: Record, kind: type[T]) -> T:
    if isinstance(record, kind):
        return record
    names = {
        Conversation: tr("a conversation", "对话"),
        Document: tr("plain text", "纯文本"),
        Preference: tr("a preference pair", "偏好对"),
    }
    raise UnusableRowError(
        tr(
            f"{names[type(record)]}, but {names[kind]} is wanted here",
            f"这是{names[type(record)]}，而这里需要{names[kind]}",
        )
    )


def _file_report(source: Source, shapes: Counter[str], set_aside: int) -> FileReport:
    kept = sum(shapes.values())
    return FileReport(source.name, source.format, source.encoding, kept, set_aside, dict(shapes.most_common()))


def _as_text(row: RawRow) -> str:
    return json.dumps(row.fields, ensure_ascii=False, default=str)


def _nothing_usable(files: Sequence[str | MemoryFile], quarantine: Sequence[BadRow]) -> DataError:
    reasons = Counter(row.reason for row in quarantine).most_common(_REASONS_SHOWN)
    listed = "; ".join(f"{reason} (x{count})" for reason, count in reasons)
    names = [str(file) for file in files]
    first = f", {quarantine[0].origin}: {quarantine[0].reason}" if quarantine else ""
    return DataError(
        what=tr(f"no row of {', '.join(names)} can be used", f"{'、'.join(names)} 中没有一行可用"),
        why=listed or tr("there are no rows", "没有任何行"),
        do=tr(
            "mend the file; known shapes: messages, sharegpt, alpaca, prompt/response, chosen/rejected, text",
            "请修正文件；支持的格式：messages、sharegpt、alpaca、prompt/response、chosen/rejected、text",
        )
        + tr(f" (first bad row{first})" if first else "", f"（第一处{first}）" if first else ""),
    )
