"""The disk: free room, and how fast a checkpoint can be made safe on it."""

import os
import shutil
import tempfile
import time
from pathlib import Path

_SAMPLE_BYTES = 64 * 1024**2


def disk_free_bytes(folder: Path) -> int | None:
    """Room in the file system of `folder`; None where it cannot be found out."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def write_bytes_per_s(folder: Path, sample_bytes: int = _SAMPLE_BYTES) -> float | None:
    """Written and flushed to the device, as a checkpoint is. None when nothing can be written there."""
    block = os.urandom(1024**2)  # not zeros: some file systems do not store those
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            started_s = time.perf_counter()
            for _ in range(sample_bytes // len(block)):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
            return sample_bytes / (time.perf_counter() - started_s)
    except OSError:
        return None
