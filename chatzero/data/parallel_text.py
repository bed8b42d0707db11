"""Parallel text: pairs of a sentence and its translation, and what was set aside. No torch.

Lines that stand side by side in two files (`read_parallel`), or two named fields of each row (`read_fields`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

from chatzero.data.config import DataConfig
from chatzero.data.encoding import find_encoding, is_unicode, open_text
from chatzero.data.records import BadRow, Origin, RawRow
from chatzero.data.source import find_sources
from chatzero.errors import DataError
from chatzero.language import tr


@dataclass(frozen=True)
class ParallelText:
    """(source, target) pairs, and what was set aside."""

    pairs: list[tuple[str, str]]
    quarantine: list[BadRow]


def read_parallel(source: Path, target: Path) -> ParallelText:
    """Line n of one file means line n of the other. Raises `DataError` when one has more lines, or is not there."""
    return _gathered(_side_by_side(source, target))


def read_fields(files: Sequence[str], source: str, target: str) -> ParallelText:
    """Rows of any format the front door reads, each with the fields named `source` and `target`."""
    text = _gathered(_fields(files, source, target))
    if not text.pairs:
        raise DataError(
            what=tr(f"no row of {', '.join(files)} can be used", f"{'、'.join(files)} 中没有一行可用"),
            why=tr(f"no row has words in both {source!r} and {target!r}", f"没有一行同时有 {source!r} 和 {target!r}"),
            do=tr("check the names of the fields", "请检查字段名"),
        )
    return text


def read_pairs(config: DataConfig) -> ParallelText:
    """The pairs that the `[data]` table names: of two files, or of two fields of `files`."""
    source, target = _names(config)
    text = read_fields(config.files, source, target) if config.files else read_parallel(Path(source), Path(target))
    return ParallelText(text.pairs[: config.max_rows], text.quarantine)


def each_pair(config: DataConfig) -> Iterator[tuple[str, str] | BadRow]:
    """What `read_pairs` gives, one at a time: for data that is larger than the memory."""
    source, target = _names(config)
    rows = _fields(config.files, source, target) if config.files else _side_by_side(Path(source), Path(target))
    return islice(rows, config.max_rows)


def read_held_out_pairs(config: DataConfig) -> ParallelText:
    """The pairs of the files that `heldout` names, read in the same way."""
    assert not isinstance(config.heldout, float)
    if config.files:
        return read_fields(config.heldout, *_names(config))
    source, target = config.heldout
    return read_parallel(Path(source), Path(target))


def _names(config: DataConfig) -> tuple[str, str]:
    """Of the two files, or of the two fields; a table of pairs has both."""
    assert config.source is not None
    assert config.target is not None
    return config.source, config.target


def _side_by_side(source: Path, target: Path) -> Iterator[tuple[str, str] | BadRow]:
    for path in (source, target):
        if not path.is_file():
            raise _no_file(path)
    with open_text(source, find_encoding(source)) as left, open_text(target, find_encoding(target)) as right:
        for number, (a, b) in enumerate(zip_longest(left, right), start=1):
            if a is None or b is None:
                raise _not_aligned(source, target, number - 1)
            yield _pair(a, b, Origin(str(source), number))


def _fields(files: Sequence[str], source: str, target: str) -> Iterator[tuple[str, str] | BadRow]:
    for found in find_sources(files).read:
        for row in found.rows(columns=(source, target)):
            if isinstance(row, RawRow):
                yield _pair(row.fields.get(source), row.fields.get(target), row.origin)
            else:
                yield row


def _gathered(rows: Iterable[tuple[str, str] | BadRow]) -> ParallelText:
    text = ParallelText([], [])
    for row in rows:
        if isinstance(row, BadRow):
            text.quarantine.append(row)
        else:
            text.pairs.append(row)
    return text


def _pair(source: object, target: object, origin: Origin) -> tuple[str, str] | BadRow:
    if not (isinstance(source, str) and isinstance(target, str) and source.strip() and target.strip()):
        reason = tr("source or target has no words", "原文或译文没有文字")
    elif not is_unicode(source + target):
        reason = tr("source or target is not in the file's encoding", "原文或译文不属于文件编码")
    else:
        return source.strip(), target.strip()
    return BadRow(origin, reason, f"{source}\t{target}")


def _no_file(path: Path) -> DataError:
    return DataError(
        what=tr(f"there is no file {path}", f"找不到文件 {path}"),
        why=tr(f"looked in {path.absolute().parent}", f"查找的位置：{path.absolute().parent}"),
        do=tr("check the spelling, or name the whole path", "请检查拼写，或写出完整路径"),
    )


def _not_aligned(source: Path, target: Path, lines: int) -> DataError:
    return DataError(
        what=tr(f"{source} and {target} are not aligned", f"{source} 与 {target} 没有对齐"),
        why=tr(f"one ends after line {lines}, the other goes on", f"其中一个在第 {lines} 行结束，另一个还有"),
        do=tr("line n of one must be the translation of line n of the other", "两个文件的同一行应互为译文"),
    )
