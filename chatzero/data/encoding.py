"""Which encoding a file is in: looked for, named in the report, never assumed.

    starts with a byte order mark        UTF-8, UTF-16
    a zero every second byte             UTF-16 without its mark
    decodes as UTF-8                     UTF-8
    most lines beyond ASCII do           UTF-8; the others are set aside, one by one
    as GB18030 the others are
    everyday Chinese                     GB18030 (and so GBK and GB2312)
    the others are one in a hundred      UTF-8; they are set aside

Anything else is an error that names the first byte at fault. Files are read as a stream, plain or gzip.
"""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import IO, cast

from chatzero.data.memory_file import File
from chatzero.errors import DataError
from chatzero.language import tr

_HEAD_BYTES = 4096
_SAMPLE_BYTES = 65_536
_CHINESE_SHARE = 0.9
_STRAY_SHARE = 0.01
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@contextmanager
def open_bytes(path: File) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked when its name ends in .gz. Raises `DataError` when it cannot be read."""
    try:
        # Only from the disk: a packed file in memory might grow beyond all measure
        with gzip.open(path) if isinstance(path, Path) and path.suffix.lower() == ".gz" else path.open("rb") as stream:
            yield cast(IO[bytes], stream)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(
            what=tr(f"cannot unpack {path}", f"无法解压 {path}"),
            why=tr(f"it is damaged or cut short: {error}", f"文件已损坏或不完整：{error}"),
            do=tr("download or pack it again", "请重新下载或重新压缩"),
        ) from error
    except OSError as error:
        raise DataError(
            what=tr(f"cannot read {path}", f"无法读取 {path}"),
            why=error.strerror or str(error),
            do=tr("check the path and your permissions", "请检查路径和权限"),
        ) from error


@contextmanager
def open_text(path: File, encoding: str) -> Iterator[IO[str]]:
    """The text of a file, cut into lines at "\\n" only.

    A byte that the encoding does not know becomes a lone surrogate, which marks the row it stands in as bad.
    """
    with open_bytes(path) as stream:
        errors = "strict" if encoding.startswith("utf-16") else "surrogateescape"
        wrapper = TextIOWrapper(cast(BufferedReader, stream), encoding=encoding, errors=errors, newline="\n")
        try:
            yield wrapper
        except UnicodeDecodeError as error:
            raise _unknown(path, tr(f"as {encoding}: {error.reason}", f"按 {encoding}：{error.reason}")) from error
        finally:
            wrapper.detach()


def find_encoding(path: File) -> str:
    """The codec name for this file. Raises `DataError` for an empty file, a binary one, or an unknown encoding."""
    with open_bytes(path) as stream:
        head = stream.read(_HEAD_BYTES)
    if head in _MARKS or _is_blank(path, head):
        raise _empty(path)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith(_MARKS):
        return "utf-16"
    if b"\0" in head:
        return _without_mark(path, head)
    return _by_lines(path)


def is_unicode(text: str) -> bool:
    """False when a lone surrogate marks a byte that could not be decoded."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_blank(path: File, head: bytes) -> bool:
    if head.strip():
        return False
    with open_bytes(path) as stream:
        return not any(block.strip() for block in iter(lambda: stream.read(_SAMPLE_BYTES), b""))


def _without_mark(path: File, head: bytes) -> str:
    """Zeros: in UTF-16 each ASCII character has one, always on the same side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    # JSON and tables are a third ASCII even in Chinese; on the other side stand the zeros of 一 (U+4E00) and its like
    if odd > len(head) // 10 and even * 5 < odd:
        return "utf-16-le"
    if even > len(head) // 10 and odd * 5 < even:
        return "utf-16-be"
    raise DataError(
        what=tr(f"{path} is not text", f"{path} 不是文本文件"),
        why=tr("it holds zero bytes, as programs and archives do", "文件中有零字节，像是程序或压缩包"),
        do=tr("name a text file, or unpack it first", "请指定文本文件，或先解压"),
    )


def _by_lines(path: File) -> str:
    number = good = bad = 0
    where = ""
    sample = b""
    with open_bytes(path) as stream:
        for number, line in enumerate(stream, start=1):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError as error:
                bad += 1
                byte = line[error.start]
                where = where or tr(f"byte {byte:#04x} in line {number}", f"第 {number} 行的字节 {byte:#04x}")
                if len(sample) < _SAMPLE_BYTES:
                    sample += line[:_SAMPLE_BYTES]
    if bad == 0 or good > bad:
        return "utf-8"
    if _everyday_chinese(sample):
        return "gb18030"
    if bad <= number * _STRAY_SHARE:
        return "utf-8"
    raise _unknown(path, tr(f"{where} is not UTF-8, and not GB18030 either", f"{where}不是 UTF-8，也不是 GB18030"))


def _everyday_chinese(sample: bytes) -> bool:
    """Is this GB18030? Almost any bytes decode as it; but only real Chinese decodes to characters of the 1980 set."""
    try:
        text = sample.decode("gb18030", errors="strict" if len(sample) < _SAMPLE_BYTES else "ignore")
    except UnicodeDecodeError:
        return False
    beyond_ascii = [c for c in text if not c.isascii()]
    common = sum(len(c.encode("gb2312", errors="ignore")) == 2 for c in beyond_ascii)
    return common >= _CHINESE_SHARE * len(beyond_ascii)


def _empty(path: File) -> DataError:
    return DataError(
        what=tr(f"{path} is empty", f"{path} 是空文件"),
        why=tr("it holds no text", "里面没有文字"),
        do=tr("was the download or the export cut off? make the file again", "是否下载或导出中断？请重新生成该文件"),
    )


def _unknown(path: File, why: str) -> DataError:
    name = path.name.removesuffix(".gz")
    return DataError(
        what=tr(f"cannot tell the encoding of {path}", f"无法确定 {path} 的编码"),
        why=why,
        do=tr(
            f"save it as UTF-8, for example: iconv -f LATIN1 -t UTF-8 {name} > utf8-{name}",
            f"请另存为 UTF-8，例如：iconv -f BIG5 -t UTF-8 {name} > utf8-{name}",
        ),
    )
