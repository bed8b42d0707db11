"""When an answer ends, and why: the model said an end token, a stop string came up, or there is no room left."""

from collections.abc import Sequence
from typing import Literal

FinishReason = Literal["stop", "length"]
"""The words of the OpenAI API: "stop" = the answer is complete, "length" = it was cut off."""


class StopStrings:
    """Lets text through up to the first stop string, and never a part of one, however the text is cut into pieces.

    Text that may be the beginning of a stop string is held back until it is known. The first is the one that is
    complete first; of two that are complete at once, the longer.
    """

    def __init__(self, strings: Sequence[str]) -> None:
        self._strings = sorted(strings, key=len, reverse=True)
        self._held = ""
        self.met = False

    def push(self, text: str) -> str:
        """What may be shown now. Nothing more after a stop string was met."""
        if self.met or not self._strings:
            return "" if self.met else text
        shown = ""
        for character in text:
            self._held += character
            for string in self._strings:
                if self._held.endswith(string):
                    self.met = True
                    shown += self._held.removesuffix(string)
                    self._held = ""
                    return shown
            kept = self._longest_beginning()
            shown += self._held[: len(self._held) - kept]
            self._held = self._held[len(self._held) - kept :]
        return shown

    def flush(self) -> str:
        """What is still held back, at the end of the text."""
        held, self._held = self._held, ""
        return held

    def _longest_beginning(self) -> int:
        """The length of the longest end of the held text with which a stop string begins."""
        longest = range(len(self._held), 0, -1)
        return next((n for n in longest if any(s.startswith(self._held[-n:]) for s in self._strings)), 0)
