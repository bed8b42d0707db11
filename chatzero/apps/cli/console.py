"""Making the console fit for Chinese, whatever the system's own encoding is. Standard library only."""

import ctypes
import io
import sys

UTF8_CODE_PAGE = 65001


def speak_utf8() -> None:
    """Print UTF-8 from now on. What cannot be encoded even so (half a character) is shown as an escape, never a crash.

    A redirected output is UTF-8 too, so that `chatzero ... > file` gives the same file everywhere.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not so when a test or a notebook stands in for it
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if sys.platform == "win32":  # for the programs we start: Python itself needs no code page
        ctypes.windll.kernel32.SetConsoleOutputCP(UTF8_CODE_PAGE)
