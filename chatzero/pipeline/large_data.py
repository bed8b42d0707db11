"""Data larger than the memory: read as a stream, its rows kept in the run folder and read from there.

    rows/token_ids.values ...  the rows to train on (`data.row_files`)
    rows/held_out.jsonl     what the held-out loss is measured on: a sample of what is kept back
    rows/set_aside.jsonl    rows that cannot be used, with the reason
    rows/about.json         what the rows were made from; when that is another, they are made anew

Made once, by the leader of a team, whole or not at all. Never in memory: the files, their texts, the rows. Not here:
which batch holds which rows (`data.loader`), and what is said of data that fits (`materials`).
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from random import Random
from typing import Protocol, TypeVar, runtime_checkable

from chatzero.checkpoint.atomic import whole_folder
from chatzero.data.config import DataConfig
from chatzero.data.records import BadRow, Document
from chatzero.data.row_files import AnyRows, RowsWriter, open_rows
from chatzero.data.sides import Sorted, each_side, files_of
from chatzero.data.split import one_side_empty
from chatzero.language import tr
from chatzero.text.chat_template import JINJA
from chatzero.text.conversation import Conversation, Message
from chatzero.text.tokenizer import Tokenizer

FOLDER = "rows"
ROWS_AT_ONCE = 2**18
"""Of the rows in files, those that may meet in a batch: some 20 MB of numbers beside the batch itself."""
_FORMAT = 1
_HELD_OUT_MOST = 4_000
_PART_ROWS = 20_000
_PART_CHARACTERS = 2_000_000

Source = Conversation | Document
Say = Callable[[str], None]
T = TypeVar("T")


@runtime_checkable
class Bar(Protocol):
    """Hands things on one by one, and may show how far they are. `total` None: nobody knows how many."""

    def __call__(self, things: Iterator[T], words: str, total: int | None) -> Iterable[T]: ...


def no_bar(things: Iterator[T], words: str, total: int | None) -> Iterable[T]:
    """In silence."""
    return things


@dataclass
class Stream:
    """The sources of a run, as often as they are asked for. `beside` comes before the files, in memory."""

    data: DataConfig
    documents: bool
    beside: Sequence[Sorted] = ()
    counted: int | None = None
    """Rows, once they were gone through."""

    def __iter__(self) -> Iterator[Sorted | BadRow]:
        return chain(self.beside, each_side(self.data, self.documents))

    def sampled(self, most_characters: int, bar: Bar) -> list[Source]:
        """Training sources by lot, from all of the stream: at most `most_characters`, and about half of that or more.

        Each is kept with a chance that is halved, for those already kept too, whenever they have become too many.
        Raises `DataError` where there is none.
        """
        lot, chance, characters = Random(0), 1.0, 0
        kept: list[Source] = []
        seen: Counter[str] = Counter()
        for row in bar(iter(self), tr("text for the tokenizer", "读取分词器语料"), None):
            seen["set_aside" if isinstance(row, BadRow) else row[0]] += 1
            if isinstance(row, BadRow) or row[0] != "training" or lot.random() >= chance:
                continue
            kept.append(row[1])
            characters += characters_of(row[1])
            while characters > most_characters and len(kept) > 1:
                chance /= 2
                kept = [one for one in kept if lot.random() < 0.5] or kept[:1]
                characters = sum(map(characters_of, kept))
        if not kept:
            raise one_side_empty(0, seen["held_out"])
        self.counted = sum(seen.values())
        return kept


def rows_on_disk(
    stream: Stream, folder: Path, tokenizer: Tokenizer, limits: object, cut: Callable[[Sequence[Source]], AnyRows],
    say: Say, bar: Bar,
) -> tuple[AnyRows, list[Source]]:  # fmt: skip
    """The rows to train on, as a map of files in the run folder, and the held-out sources.

    `cut` makes rows of some sources; `limits` is what it goes by beside the tokenizer (anything JSON can hold). Raises
    `DataError` when one side is empty, `StorageError` when the disk is full.
    """
    place = folder / FOLDER
    made_from = _identity(stream, tokenizer, limits)
    rows = _there(place, made_from)
    if rows is None:
        with whole_folder(place) as draft:
            _write(stream, draft, cut, bar)
            _put(draft / "about.json", made_from)
        rows = open_rows(place)
    counts = json.loads((place / "counts.json").read_text(encoding="utf-8"))
    held_out = list(_read_sources(place / "held_out.jsonl"))
    megabytes = sum(path.stat().st_size for path in place.iterdir()) / 1e6
    say(
        tr(
            f"Your data: {counts['training']:,} to train on, as {len(rows):,} rows in {place} ({megabytes:,.0f} MB); "
            f"{counts['held_out']:,} held out, {len(held_out):,} of them to measure on; "
            f"{counts['leaked']:,} left out that begin with a held-out question; "
            f"{counts['set_aside']:,} set aside (set_aside.jsonl says why)",
            f"你的数据：训练 {counts['training']:,} 条，共 {len(rows):,} 行，存于 {place}（{megabytes:,.0f} MB）；"
            f"留出 {counts['held_out']:,} 条，其中 {len(held_out):,} 条用于测量；"
            f"首个问题在留出集中的 {counts['leaked']:,} 条未参与训练；"
            f"搁置 {counts['set_aside']:,} 行（原因见 set_aside.jsonl）",
        )
    )
    return rows, held_out


def _there(place: Path, made_from: object) -> AnyRows | None:
    """The rows that an earlier start made from the same; None where there are none, or they are not whole."""
    try:
        same = json.loads((place / "about.json").read_text(encoding="utf-8")) == made_from
        if not same or not all((place / name).is_file() for name in ("counts.json", "held_out.jsonl")):
            return None
        return open_rows(place)
    except (OSError, ValueError, KeyError):
        return None


def _identity(stream: Stream, tokenizer: Tokenizer, limits: object) -> object:
    """What the rows depend on. A file is known by its name, size and time of change: its words are not read for it."""
    files = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in _all_files(stream.data)]
    beside = blake2b(digest_size=16)
    for side, source in stream.beside:
        beside.update(f"{side}{source}".encode())
    template = blake2b(JINJA.encode(), digest_size=16).hexdigest()
    found = {
        "format": _FORMAT,
        "files": files,
        "data": stream.data.model_dump(mode="json", exclude={"on_disk"}),
        "beside": beside.hexdigest(),
        "tokenizer": tokenizer.fingerprint,
        "template": template,
        "limits": limits,
    }
    return json.loads(json.dumps(found))


def _all_files(data: DataConfig) -> list[Path]:
    held_out = () if isinstance(data.heldout, float) else data.heldout
    return files_of(data) + [Path(name) for name in held_out if Path(name).is_file()]


def _write(stream: Stream, draft: Path, cut: Callable[[Sequence[Source]], AnyRows], bar: Bar) -> None:
    counts: Counter[str] = Counter(training=0, held_out=0, leaked=0, set_aside=0)
    held_out: list[Source] = []
    lot = Random(0)
    with RowsWriter(draft) as writer, (draft / "set_aside.jsonl").open("w", encoding="utf-8") as aside:
        part: list[Source] = []
        characters = 0
        for row in bar(iter(stream), tr("rows to files", "写入训练数据"), stream.counted):
            if isinstance(row, BadRow):
                counts["set_aside"] += 1
                aside.write(json.dumps([str(row.origin), row.reason, row.row]) + "\n")
                continue
            side, source = row
            counts[side] += 1
            if side == "training":
                part.append(source)
                characters += characters_of(source)
                if len(part) >= _PART_ROWS or characters >= _PART_CHARACTERS:
                    writer.append(cut(part))
                    part, characters = [], 0
            elif side == "held_out":
                _keep_by_lot(held_out, source, counts[side], lot)
        if part:
            writer.append(cut(part))
    if not writer.rows or not held_out:
        raise one_side_empty(counts["training"], counts["held_out"])
    (draft / "held_out.jsonl").write_text("".join(map(_line, held_out)), encoding="utf-8")
    _put(draft / "counts.json", counts)


def _keep_by_lot(kept: list[Source], source: Source, number: int, lot: Random) -> None:
    """Of all that come, each is kept with the same chance (Vitter 1985, algorithm R). `number` counts from 1."""
    if len(kept) < _HELD_OUT_MOST:
        kept.append(source)
    elif (place := lot.randrange(number)) < _HELD_OUT_MOST:
        kept[place] = source


def characters_of(source: Source) -> int:
    """Of all its texts."""
    return len(source.text) if isinstance(source, Document) else sum(len(m.content) for m in source.messages)


def _line(source: Source) -> str:
    return json.dumps(asdict(source)) + "\n"


def _read_sources(path: Path) -> Iterator[Source]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            fields = json.loads(line)
            if "text" in fields:
                yield Document(fields["text"])
            else:
                yield Conversation(tuple(Message(**message) for message in fields["messages"]))


def _put(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
