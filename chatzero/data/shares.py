"""A batch shared out among processes that train together: equal parts, which joined are the batch. Pure functions.

Every part has the same number of rows, so that all processes compute the same shapes at the same time. Where the rows
do not go round, a part is filled up with a row that has no target: it is computed, and carries no loss.
"""

from dataclasses import replace

from chatzero.data.batch import IGNORE, Batch


def rows_of_part(num_rows: int, part: int, parts: int) -> tuple[list[int], int]:
    """The rows of one of `parts` parts, and how many of them, counted from the first, are its own and not filling."""
    size = -(-num_rows // parts)
    own = list(range(part * size, min((part + 1) * size, num_rows)))
    return own + [0] * (size - len(own)), len(own)


def part_of(batch: Batch, part: int, parts: int) -> Batch:
    """One of `parts` equal parts of a batch."""
    rows, own = rows_of_part(batch.num_rows, part, parts)
    return without_targets_after(batch.rows(rows), own)


def without_targets_after(batch: Batch, own: int) -> Batch:
    """The same batch, but only its first `own` rows carry loss."""
    targets = batch.targets.clone()
    targets[own:] = IGNORE
    return replace(batch, targets=targets)
