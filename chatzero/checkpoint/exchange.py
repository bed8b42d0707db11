"""Two names swapped in one step, so that there is no moment in which either is missing."""

import ctypes
import os
import sys
from pathlib import Path

_HERE = -100  # AT_FDCWD: names are relative to the working folder
_SWAP = 2  # RENAME_EXCHANGE of renameat2(2)


def exchange(one: Path, other: Path) -> bool:
    """Swap what two names of one file system stand for. False, and nothing done, where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):  # an old C library
        return False
    return bool(renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _SWAP) == 0)
