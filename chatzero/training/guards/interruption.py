"""A signal asks to stop: finish this step, save, leave. A second one leaves at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Interruption:
    """`requested` turns true, and `signal_number` says by which signal, when the person or the system asks to stop."""

    requested: bool = False
    signal_number: int = 0


@contextmanager
def listen_for_interruption() -> Iterator[Interruption]:
    """Within the block, Ctrl-C and SIGTERM only leave a mark; the second Ctrl-C is an ordinary KeyboardInterrupt."""
    mark = Interruption()

    def note(number: int, frame: FrameType | None) -> None:
        if mark.requested and number == signal.SIGINT:
            raise KeyboardInterrupt
        mark.requested, mark.signal_number = True, number

    if threading.current_thread() is not threading.main_thread():  # only the main thread hears signals
        yield mark
        return
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield mark
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
