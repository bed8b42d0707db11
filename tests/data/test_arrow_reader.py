"""Parquet files, and the Hub with a local folder standing in for it."""

import json
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from chatzero.data.arrow_reader import hub_rows, parquet_rows
from chatzero.errors import DataError

ROWS = [
    {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": f"hello {i}"}]} for i in range(5)
]


def test_parquet_rows_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS), path, row_group_size=2)
    rows = list(parquet_rows(path))
    assert [row.fields for row in rows] == ROWS
    assert [row.origin.line for row in rows] == [1, 2, 3, 4, 5]


def test_not_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_text("hello")
    with pytest.raises(DataError, match=r"cannot read .*a\.parquet as parquet"):
        list(parquet_rows(path))


@pytest.fixture
def local_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that `datasets` loads like a data set of the Hub; its cache is kept out of the home folder."""
    import datasets.config

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    folder = tmp_path / "owner" / "name"
    folder.mkdir(parents=True)
    for split, rows in (("train", ROWS[:3]), ("test", ROWS[3:])):
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of `datasets`: cache files it leaves to the collector
def test_hub_splits(local_hub: Path) -> None:
    assert [row.fields for row in hub_rows(f"hf:{local_hub}")] == ROWS[:3]
    assert [row.fields for row in hub_rows(f"hf:{local_hub}", streamed=True)] == ROWS[:3]
    rows = list(hub_rows(f"hf:{local_hub}:test"))
    assert [(row.origin.file, row.origin.line) for row in rows] == [
        (f"hf:{local_hub}:test", 1),
        (f"hf:{local_hub}:test", 2),
    ]


def test_hub_split_that_is_not_there(local_hub: Path) -> None:
    with pytest.raises(DataError, match=r"cannot load .*name \(split dev\) from the Hub"):
        list(hub_rows(f"hf:{local_hub}:dev"))


def test_hub_address_without_a_name() -> None:
    with pytest.raises(DataError, match="'hf:' names no data set"):
        list(hub_rows("hf:"))
