"""Rows kept in files and read from there, so that there may be more of them than the memory holds.

    token_ids.values   the numbers of all rows, one after the other, as they lie in memory
    token_ids.offsets  where each row begins; and so for every other array of the rows
    rows.json          which kind of rows, how many numbers, what became of the conversations

What is opened is a map of the files: the system brings in the pages that are asked for, takes them away again when room
is needed, and gives all processes of a machine the same ones. Whole or absent is the caller's part.
"""

import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, fields
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
from jaxtyping import Shaped

from chatzero.data.packing import PackedRows
from chatzero.data.ragged import Ragged
from chatzero.data.rows import FitReport, LMRows, PairRows

ROWS_FILE = "rows.json"
AnyRows = LMRows | PairRows | PackedRows
_KINDS: dict[str, type[LMRows] | type[PairRows] | type[PackedRows]] = {
    kind.__name__: kind for kind in (LMRows, PairRows, PackedRows)
}


class RowsWriter:
    """`append` rows of one kind, part by part, inside a `with` block; at its good end the folder can be opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = ExitStack()
        self._files: dict[str, tuple[IO[bytes], IO[bytes]]] = {}
        self._arrays: dict[str, dict[str, object]] = {}
        self._lengths: Counter[str] = Counter()
        self._fit: Counter[str] = Counter()
        self._kind = ""
        self.rows = 0

    def append(self, part: AnyRows) -> None:
        """These rows after those that are there. Raises `OSError` when the disk refuses."""
        self._kind = type(part).__name__
        self.rows += len(part)
        for field in fields(part):
            value = getattr(part, field.name)
            if isinstance(value, Ragged):
                self._append(field.name, value)
            elif isinstance(value, FitReport):
                self._fit.update(asdict(value))

    def _append(self, name: str, part: Ragged) -> None:
        if name not in self._files:
            files = [(self._folder / f"{name}.{end}").open("wb") for end in ("values", "offsets")]
            self._files[name] = (self._open.enter_context(files[0]), self._open.enter_context(files[1]))
            self._files[name][1].write(np.zeros(1, np.int64).tobytes())
        values, offsets = self._files[name]
        values.write(np.ascontiguousarray(part.values).tobytes())
        offsets.write((part.offsets[1:].astype(np.int64) + self._lengths[name]).tobytes())
        self._lengths[name] += len(part.values)
        self._arrays[name] = {"type": part.values.dtype.str, "values": self._lengths[name]}

    def __enter__(self) -> "RowsWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        if kind is None:
            about = {"kind": self._kind, "rows": self.rows, "arrays": self._arrays, "fit": dict(self._fit)}
            (self._folder / ROWS_FILE).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def open_rows(folder: Path) -> AnyRows:
    """The rows of a folder that a `RowsWriter` filled. Raises `ValueError` or `OSError` when it is not whole."""
    about = json.loads((folder / ROWS_FILE).read_text(encoding="utf-8"))
    parts: dict[str, object] = {
        name: Ragged(
            _mapped(folder / f"{name}.values", np.dtype(array["type"]), array["values"]),
            _mapped(folder / f"{name}.offsets", np.dtype(np.int64), about["rows"] + 1),
        )
        for name, array in about["arrays"].items()
    }
    if about["fit"]:
        parts["fit"] = FitReport(**about["fit"])
    return _KINDS[about["kind"]](**parts)  # type: ignore[arg-type]


def _mapped(path: Path, dtype: np.dtype[np.generic], count: int) -> Shaped[np.ndarray, "n"]:
    if path.stat().st_size != count * dtype.itemsize:
        raise ValueError(f"{path} has {path.stat().st_size} bytes, expected {count * dtype.itemsize}")
    if count == 0:  # there is no map of nothing
        return np.zeros(0, dtype)
    return np.asarray(np.memmap(path, dtype, mode="r"))
