"""From what a person names (a file, a folder, hf:OWNER/NAME) or hands over to sources, with format and encoding."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from chatzero.data.arrow_reader import HUB_PREFIX, hub_rows, parquet_rows
from chatzero.data.encoding import find_encoding, open_text
from chatzero.data.json_reader import json_rows, jsonl_rows
from chatzero.data.memory_file import File, MemoryFile
from chatzero.data.records import BadRow, Origin, RawRow
from chatzero.data.table_reader import table_rows
from chatzero.errors import DataError
from chatzero.language import tr

Format = Literal["jsonl", "json", "csv", "tsv", "txt", "parquet", "hub"]

_SUFFIXES: dict[str, Format] = {f".{name}": name for name in get_args(Format) if name != "hub"} | {".ndjson": "jsonl"}
_PART_CHARACTERS = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from. `encoding` is None where the format settles it (parquet, the Hub)."""

    name: str
    format: Format
    encoding: str | None
    in_memory: MemoryFile | None = None

    def rows(self, columns: Collection[str] = (), in_parts: bool = False) -> Iterator[RawRow | BadRow]:
        """Every row of it, once. `columns` are names that make the first line of a table a header, beside the known.

        `in_parts`: a long text file is many rows, about a million characters each, and never in memory as a whole; what
        is on the Hub is fetched as it is read.
        """
        path = self.in_memory or Path(self.name)
        encoding = self.encoding or ""
        match self.format:
            case "jsonl":
                return jsonl_rows(path, encoding)
            case "json":
                return json_rows(path, encoding)
            case "csv" | "tsv":
                return table_rows(path, encoding, self.format, columns)
            case "txt":
                return _parts_of_text(path, encoding) if in_parts else _whole_text(path, encoding)
            case "parquet":
                return parquet_rows(Path(self.name))
            case "hub":
                return hub_rows(self.name, streamed=in_parts)


@dataclass(frozen=True, slots=True)
class Sources:
    """What will be read, and the files of named folders that will not."""

    read: tuple[Source, ...]
    ignored: tuple[str, ...]


def find_sources(names: Sequence[str | MemoryFile]) -> Sources:
    """Files as named; folders with every file in them that has a known ending, in order of name.

    Raises `DataError` for a missing or empty file, an unknown ending, an unknown encoding, a folder without data.
    """
    read: list[Source] = []
    ignored: list[str] = []
    for name in names:
        if isinstance(name, MemoryFile):
            read.append(_source_in_memory(name))
            continue
        path = Path(name)
        if name.startswith(HUB_PREFIX):
            read.append(Source(name, "hub", None))
        elif path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file() and not _hidden(file, path))
            known = [file for file in inside if _format(file) is not None]
            if not known:
                raise _nothing_inside(path)
            read += map(_source, known)
            ignored += [str(file) for file in inside if _format(file) is None]
        else:
            read.append(_source(path))
    return Sources(tuple(read), tuple(ignored))


def _source(path: Path) -> Source:
    if not path.exists():
        raise DataError(
            what=tr(f"there is no file {path}", f"找不到文件 {path}"),
            why=tr(f"looked in {path.absolute().parent}", f"查找的位置：{path.absolute().parent}"),
            do=tr("check the spelling, or name the whole path", "请检查拼写，或写出完整路径"),
        )
    form = _format(path)
    if form is None:
        raise DataError(
            what=tr(f"the format of {path} is not known", f"不支持 {path} 的格式"),
            why=tr(f"its name ends in {path.suffix!r}", f"文件名的结尾是 {path.suffix!r}"),
            do=tr(f"known: {', '.join(_SUFFIXES)}, each also with .gz", f"支持：{'、'.join(_SUFFIXES)}，均可再加 .gz"),
        )
    return Source(str(path), form, None if form == "parquet" else find_encoding(path))


def _source_in_memory(file: MemoryFile) -> Source:
    """Only what cannot be larger than it is: neither packed files nor parquet."""
    form = _format(file)
    if form in (None, "parquet") or file.suffix.lower() == ".gz":
        known = [suffix for suffix, name in _SUFFIXES.items() if name != "parquet"]
        raise DataError(
            what=tr(f"{file} cannot be looked at like this", f"无法这样查看 {file}"),
            why=tr(f"its name must end in one of {', '.join(known)}", f"文件名应以 {'、'.join(known)} 之一结尾"),
            do=tr("for all other formats: chatzero data check FILE", "其他格式请用：chatzero data check 文件"),
        )
    assert form is not None
    return Source(file.name, form, find_encoding(file), file)


def _format(path: File) -> Format | None:
    name = path.name.lower()
    return _SUFFIXES.get(Path(name.removesuffix(".gz")).suffix)


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _whole_text(path: File, encoding: str) -> Iterator[RawRow]:
    """A text file is one document: its lines belong together."""
    with open_text(path, encoding) as stream:
        yield RawRow(Origin(str(path), 1), {"text": stream.read()})


def _parts_of_text(path: File, encoding: str) -> Iterator[RawRow]:
    """Parts that end where a line does; a line longer than a part is cut."""
    line = 1
    with open_text(path, encoding) as stream:
        while text := stream.read(_PART_CHARACTERS) + stream.readline(_PART_CHARACTERS):
            yield RawRow(Origin(str(path), line), {"text": text})
            line += text.count("\n")


def _nothing_inside(folder: Path) -> DataError:
    return DataError(
        what=tr(f"the folder {folder} holds no data", f"文件夹 {folder} 中没有数据"),
        why=tr(f"no file in it ends in {', '.join(_SUFFIXES)}", f"其中没有以 {'、'.join(_SUFFIXES)} 结尾的文件"),
        do=tr("name another folder, or a file", "请指定其他文件夹或文件"),
    )
