"""A part of a text that is like the whole: lines (or conversations, ...) taken evenly from beginning to end."""

from collections.abc import Sequence


def spread(lines: Sequence[str], max_characters: int) -> list[str]:
    """All `lines` when they fit into `max_characters`; else every n-th, with the smallest n whose lines do.

    At least one line, however long.
    """
    return list(lines[:: stride([len(line) for line in lines], max_characters)])


def stride(sizes: Sequence[int], most: int) -> int:
    """The smallest n for which every n-th of these sizes, from the first on, add up to at most `most`.

    At most as many as there are sizes: then the first alone is left, however large.
    """
    n = 1
    while n < len(sizes) and sum(sizes[::n]) > most:
        n += 1
    return n
