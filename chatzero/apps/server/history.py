"""Conversations of the studio, kept in one SQLite file on this machine.

A conversation has a version, which every save raises: who saves what they read before somebody else saved is told so,
and nothing is overwritten. The file is opened anew for each act: several windows, threads and servers may use it.
"""

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

_WAIT_S = 10.0
_OPENING_CHARACTERS = 80
MOST_LISTED = 1000
_TABLE = """CREATE TABLE IF NOT EXISTS chats (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, opening TEXT NOT NULL,
    changed REAL NOT NULL, version INTEGER NOT NULL, turns TEXT NOT NULL)"""

Turn = dict[str, object]


class ConflictError(Exception):
    """Somebody else has saved or removed this conversation meanwhile."""


@dataclass(frozen=True)
class Entry:
    """A conversation in the list. `opening`: how its first question begins; `changed` in seconds since 1970."""

    id: str
    title: str
    opening: str
    changed: float
    version: int


class History:
    """The conversations in one file. Every method may raise `sqlite3.Error` and `OSError`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(self) -> list[Entry]:
        """The last changed first, at most `MOST_LISTED`."""
        with self._opened() as file:
            asked = "SELECT id, title, opening, changed, version FROM chats ORDER BY changed DESC LIMIT ?"
            return [Entry(*row) for row in file.execute(asked, (MOST_LISTED,))]

    def turns(self, id: str) -> tuple[Entry, list[Turn]] | None:
        """A whole conversation; None where there is none."""
        with self._opened() as file:
            asked = "SELECT id, title, opening, changed, version, turns FROM chats WHERE id = ?"
            row = file.execute(asked, (id,)).fetchone()
        return None if row is None else (Entry(*row[:5]), json.loads(row[5]))

    def save(self, id: str, title: str, turns: Sequence[Turn], version: int) -> int:
        """Save over `version` (0: a new one); the version it has now. Raises `ConflictError` where that is not it."""
        opening = next((str(turn["content"]) for turn in turns if turn["role"] == "user"), "")[:_OPENING_CHARACTERS]
        row = (title, opening, time.time(), version + 1, json.dumps(turns, ensure_ascii=False))
        with self._opened() as file:
            if version == 0:
                insert = "INSERT INTO chats (title, opening, changed, version, turns, id) VALUES (?, ?, ?, ?, ?, ?)"
                saved = file.execute(f"{insert} ON CONFLICT (id) DO NOTHING", (*row, id))
            else:
                update = "UPDATE chats SET title = ?, opening = ?, changed = ?, version = ?, turns = ?"
                saved = file.execute(f"{update} WHERE id = ? AND version = ?", (*row, id, version))
            if saved.rowcount != 1:
                raise ConflictError
        return version + 1

    def remove(self, id: str) -> bool:
        """False where there was none."""
        with self._opened() as file:
            return file.execute("DELETE FROM chats WHERE id = ?", (id,)).rowcount == 1

    def lines(self) -> Iterator[str]:
        """Every conversation as a line of training data, the oldest first."""
        with self._opened() as file:
            for (turns,) in file.execute("SELECT turns FROM chats ORDER BY changed"):
                messages = [{"role": turn["role"], "content": turn["content"]} for turn in json.loads(turns)]
                yield json.dumps({"messages": messages}, ensure_ascii=False) + "\n"

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The file, made where it is missing; what was done in the block counts whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))  # nobody else on this machine reads it
        with closing(sqlite3.connect(self._path, timeout=_WAIT_S)) as file, file:
            file.execute(_TABLE)
            yield file
