"""Saving beside training: the state is copied at once, and a thread of its own writes the copy while steps go on."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from chatzero.checkpoint.resume import SavedState, save_state

Write = Callable[[Path, int, SavedState, int, int | None], object]
"""`save_state`, or what a process that holds a part of the tensors does in its place."""


class Saver:
    """Writes checkpoints one at a time. Costs the training thread a copy in memory; the disk is waited for elsewhere.

    What the disk refuses (`StorageError`) is raised by the next call, whichever that is. `silent`: writes nothing, as
    another process does.
    """

    def __init__(self, checkpoints: Path, keep: int, write: Write | None = None, silent: bool = False) -> None:
        self._checkpoints = checkpoints
        self._keep = keep
        self._write: Write = write or save_state
        self._silent = silent
        self._thread = ThreadPoolExecutor(1, "checkpoint")
        self._writing: Future[object] | None = None

    def save(self, step: int, state: SavedState, best_step: int | None) -> None:
        """Begin to write this state; first wait for the one before."""
        self.wait()
        if not self._silent:
            self._writing = self._thread.submit(
                self._write, self._checkpoints, step, state.copy(), self._keep, best_step
            )

    def check(self) -> None:
        """Raise what went wrong, if anything has by now. Waits for nothing."""
        if self._writing is not None and self._writing.done():
            self.wait()

    def wait(self) -> None:
        """Until the last state handed in is on the disk."""
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()

    def close(self) -> None:
        """Let a write that has begun end; raises nothing."""
        self._thread.shutdown(wait=True)
