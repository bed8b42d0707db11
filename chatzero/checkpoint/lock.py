"""One process at a time in a run folder: two that train there would overwrite each other's checkpoints.

Who it is stands in the folder meanwhile (`process_note`).
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatzero.checkpoint.process_note import forget_process, note_process
from chatzero.errors import ConfigError
from chatzero.language import tr


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder for the length of the block. Raises `ConfigError` when another process holds it.

    The system lets go of it when the process ends, however it ends. Not on Windows, which cannot lock a folder, and
    not on file systems without locks: there nothing is held.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError(
                what=tr(f"another process is training in {folder}", f"另一个进程正在 {folder} 中训练"),
                why=tr("two would overwrite each other's checkpoints", "两个进程会互相覆盖检查点"),
                do=tr("wait for it, stop it, or use another --out folder", "等待或停止它，或换一个 --out 文件夹"),
            ) from error
        except OSError:
            pass
        note_process(folder, os.getpid())
        try:
            yield
        finally:
            forget_process(folder)
    finally:
        os.close(handle)
