"""Rows of .parquet files and of data sets on the Hugging Face Hub. Their rows have numbers, not lines.

Both libraries are imported only by who asks for them: `datasets` alone takes seconds, and most files are plain text.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from chatzero.data.records import Origin, RawRow
from chatzero.errors import DataError
from chatzero.language import tr

HUB_PREFIX = "hf:"


def parquet_rows(path: Path) -> Iterator[RawRow]:
    """Every row, a batch of rows in memory at a time. Raises `DataError` for a file that is not parquet."""
    from pyarrow import ArrowException  # type: ignore[import-untyped]
    from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped]

    number = 0
    try:
        for batch in ParquetFile(path).iter_batches():
            for fields in batch.to_pylist():
                number += 1
                yield RawRow(Origin(str(path), number), fields)
    except (ArrowException, OSError) as error:
        raise DataError(
            what=tr(f"cannot read {path} as parquet", f"无法按 parquet 读取 {path}"),
            why=str(error),
            do=tr("download it again, or check that it is a parquet file", "请重新下载，或确认它是 parquet 文件"),
        ) from error


def hub_rows(address: str, streamed: bool = False) -> Iterator[RawRow]:
    """Rows of `hf:OWNER/NAME` or `hf:OWNER/NAME:SPLIT` (default: train). This, and only this, uses the network.

    `streamed`: fetched as they are read, and not kept; the data set may be larger than the disk.
    """
    from datasets import load_dataset

    name, split = _parse(address)
    try:
        rows = load_dataset(name, split=split, streaming=streamed)
        for number, fields in enumerate(rows, start=1):
            yield RawRow(Origin(address, number), fields)
    except (OSError, ValueError, RuntimeError) as error:
        raise DataError(
            what=tr(f"cannot load {name} (split {split}) from the Hub", f"无法从 Hub 加载 {name}（{split} 部分）"),
            why=str(error).strip() or type(error).__name__,
            do=tr(
                "check the name and the network; in China, set HF_ENDPOINT to a mirror; or download the files yourself",
                "请检查名称和网络；国内可设置 HF_ENDPOINT 为镜像站；也可以自行下载文件后再指定",
            ),
        ) from error


def _parse(address: str) -> tuple[str, str]:
    match = re.fullmatch(r"hf:(.+?)(?::([\w\[\]%:]+))?", address)
    if match is None:
        raise DataError(
            what=tr(f"{address!r} names no data set", f"{address!r} 没有指明数据集"),
            why=tr("a data set of the Hub is written hf:OWNER/NAME", "Hub 数据集的写法是 hf:所有者/名称"),
            do=tr("for example hf:OWNER/NAME or hf:OWNER/NAME:test", "例如 hf:所有者/名称 或 hf:所有者/名称:test"),
        )
    return match[1], match[2] or "train"
