"""Memory comes in large pages, and what a step frees is kept for the next one."""

import ctypes
import os
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # the names of mallopt(3)
_NEVER = 2**31 - 1


def ask_for_huge_pages() -> None:
    """Have PyTorch ask the system for pages of 2 MB in place of 4 KB under large tensors, unless the user chose.

    PyTorch reads the wish once, when it first makes a tensor: call this before it is imported. Only Linux heeds it.
    """
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")


def keep_freed_memory() -> bool:
    """Tell the allocator of the C library to hand nothing back to the system before the process ends.

    Otherwise each large tensor of each step is asked of the system anew, and the system fills it with zeros page by
    page: measured on a virtual machine with 2 cores, a fifth to a quarter of the step of a small model, in 20,000 to
    30,000 page faults. False where there is nothing to tell (not Linux with glibc): there the allocator decides.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library, such as musl
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _NEVER)) and bool(mallopt(_M_TRIM_THRESHOLD, _NEVER))
