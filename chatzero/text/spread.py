"""A part of a text that is like the whole: lines taken evenly from beginning to end."""

from collections.abc import Sequence


def spread(lines: Sequence[str], max_characters: int) -> list[str]:
    """All `lines` when they fit into `max_characters`; else every n-th, with the smallest n whose lines do.

    At least one line, however long.
    """
    step = 1
    while step < len(lines) and sum(map(len, lines[::step])) > max_characters:
        step += 1
    return list(lines[::step])
