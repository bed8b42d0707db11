"""`[data]` table -> what to train on and what is kept back, one at a time: `split` for data larger than the memory.

Held-out files are taken to be small: of conversations, the keys of their first questions are remembered, so that no
question is on both sides.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from chatzero.data.config import DataConfig
from chatzero.data.front_door import each_row
from chatzero.data.parallel_text import each_pair, read_held_out_pairs
from chatzero.data.records import BadRow, Document
from chatzero.data.sameness import first_question, is_held_out, key_of
from chatzero.text.conversation import Conversation

LARGE_BYTES = 256 * 2**20
_UNPACKED = 4
"""So much larger is the text of a packed file, about."""

Side = Literal["training", "held_out", "leaked"]
"""Leaked: it would be trained on, but its first question is kept back. It is left out."""
Sorted = tuple[Side, Conversation | Document]


def files_of(config: DataConfig) -> list[Path]:
    """The files on the disk to train on, those inside folders too. Nothing is read; what is not there is left out."""
    named = [Path(name) for name in config.files or (config.source, config.target) if name is not None]
    inside = (sorted(path.rglob("*")) if path.is_dir() else [path] for path in named)
    return [path for paths in inside for path in paths if path.is_file()]


def is_kept_on_disk(config: DataConfig) -> bool:
    """As the table says; where it does not, when the files are large. Of the Hub nothing is asked."""
    if config.on_disk is not None:
        return config.on_disk
    sizes = (path.stat().st_size * (_UNPACKED if path.suffix == ".gz" else 1) for path in files_of(config))
    return sum(sizes) > LARGE_BYTES


def each_side(config: DataConfig, documents: bool) -> Iterator[Sorted | BadRow]:
    """Every row once, in the order of the files, those of held-out files first.

    Of conversations a share is held out by their first question, of documents and parts of long texts every so many.
    """
    if documents:
        yield from _documents(config)
    elif config.kind == "pairs":
        yield from _pairs(config)
    else:
        yield from _conversations(config)


def _documents(config: DataConfig) -> Iterator[Sorted | BadRow]:
    every = 0
    if isinstance(config.heldout, float):
        every = max(2, round(1 / config.heldout))
    else:
        for row in each_row(config.heldout, Document, None, config.max_rows):
            yield row if isinstance(row, BadRow) else ("held_out", row)
    number = 0
    for row in each_row(config.files, Document, None, config.max_rows):
        if isinstance(row, BadRow):
            yield row
            continue
        yield "held_out" if every and number % every == 0 else "training", row
        number += 1


def _pairs(config: DataConfig) -> Iterator[Sorted | BadRow]:
    share = 0.0
    if isinstance(config.heldout, float):
        share = config.heldout
    else:
        held_out = read_held_out_pairs(config)
        yield from held_out.quarantine
        for source, target in held_out.pairs:
            yield "held_out", Conversation.of(source, target)
    for row in each_pair(config):
        if isinstance(row, BadRow):
            yield row
            continue
        pair = Conversation.of(*row)
        yield "held_out" if is_held_out(pair, share) else "training", pair


def _conversations(config: DataConfig) -> Iterator[Sorted | BadRow]:
    share, kept_back = 0.0, set[str]()
    if isinstance(config.heldout, float):
        share = config.heldout
    else:
        for row in each_row(config.heldout, Conversation, config.fill, config.max_rows):
            if not isinstance(row, BadRow):
                kept_back.add(key_of(first_question(row)))
                yield "held_out", row
    for row in each_row(config.files, Conversation, config.fill, config.max_rows):
        if isinstance(row, BadRow):
            yield row
        elif key_of(first_question(row)) in kept_back:
            yield "leaked", row
        else:
            yield "held_out" if is_held_out(row, share) else "training", row
