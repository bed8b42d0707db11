"""A batch of one, for an engine that writes an answer by itself (`Writer`): a step is the next token that it says.

It has the face of `RunningBatch`. Whoever comes while an answer is being written waits in the queue.
"""

from collections.abc import Collection, Generator, Sequence

from chatzero.generation.writer import UnsupportedOptionError, Writer
from chatzero.language import tr
from chatzero.serving.batch import Row, row_for
from chatzero.serving.job import Job

MOST_ROWS = 1
"""Two answers of such an engine do not move on together: the second would begin when the first is over."""


class WriterBatch:
    """After `join` and `step`, the row has one token more in `said`."""

    def __init__(self, writer: Writer, end_ids: Collection[int]) -> None:
        self._writer = writer
        self._end_ids = end_ids
        self._written: dict[Row, Generator[int, None, None]] = {}

    @property
    def rows(self) -> list[Row]:
        return list(self._written)

    def row(self, job: Job) -> Row:
        """As `row_for`. Raises `UnsupportedOptionError` also for what this engine cannot be asked."""
        if job.alternatives is not None:
            why = tr("it tells its tokens, not how likely they are", "它只给出词元，不给出概率")
            raise UnsupportedOptionError("logprobs", self._writer.name, why)
        self._writer.require(job.options)
        return row_for(job, self._writer.config)

    @property
    def kept_bytes(self) -> int:
        """What such an engine keeps is its own affair."""
        return 0

    def join(self, rows: Sequence[Row]) -> int:
        """Begin to write; the first token is said. The whole prompt is read: 0."""
        for row in rows:
            self._written[row] = self._writer.write(row.job.prompt_ids, row.job.options, self._end_ids)
            row.said.append(next(self._written[row]))
        return 0

    def step(self) -> None:
        for row, written in self._written.items():
            row.said.append(next(written))

    def leave(self, gone: Collection[Row]) -> None:
        """These end here: their engine stops at the token it is at."""
        for row in gone:
            self._written.pop(row).close()

    def reset(self) -> None:
        """After a fault."""
        self.leave(self.rows)
