"""Conversations -> rows. The chat format itself is `text.chat_template`; here rows are cut out of what it renders.

A conversation longer than the model can see loses its oldest turns, a question and its answer at a time, as in the
chat; the system message stays. When not even the last question fits, the row is left out and counted.

    decoder-only      one row a conversation; every assistant turn is trained on
    encoder-decoder   one row an answer: source = everything before its words (it ends with `<|assistant|>`),
                      target = its words and `<|end|>`
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chatzero.data.ragged import Indices, Ragged, flat, joined
from chatzero.data.rows import FitReport, LMRows, PairRows
from chatzero.text.chat_template import render_many
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer

_CHUNK = 20_000
"""Conversations rendered at once: enough for the tokenizer's threads, few enough to keep Python lists small."""


def lm_rows(conversations: Sequence[Conversation], tokenizer: Tokenizer, max_seq_len: int) -> LMRows:
    """One row a conversation, of at most `max_seq_len` inputs."""
    sheet = _Sheet.of(conversations, tokenizer)
    every = np.arange(len(conversations))
    answered = np.isin(every, sheet.row_of(sheet.answers()[0]))
    # +1: the row also holds the target of its last position
    starts = sheet.first_turn_that_fits(every, sheet.ids.offsets[1:], max_seq_len + 1)
    fits = starts < sheet.ids.offsets[1:]
    kept = every[answered & fits]
    fit = FitReport(
        kept=len(kept),
        shortened=int((starts > sheet.first_turn)[kept].sum()),
        too_long=int((answered & ~fits).sum()),
        unanswered=int((~answered).sum()),
    )
    return LMRows(
        sheet.cut(sheet.ids, kept, starts[kept], sheet.ids.offsets[kept + 1]),
        sheet.cut(sheet.trained_on, kept, starts[kept], sheet.ids.offsets[kept + 1]),
        fit,
    )


def seq2seq_rows(
    conversations: Sequence[Conversation], tokenizer: Tokenizer, max_seq_len: int, every_turn: bool
) -> PairRows:
    """One row an answer (`every_turn`), or one a conversation: its last. Source and target each fit alone."""
    sheet = _Sheet.of(conversations, tokenizer)
    begins, ends = sheet.answers()
    owner = sheet.row_of(begins)
    if not every_turn:
        last = np.append(owner[1:] != owner[:-1], True)[: len(owner)]
        begins, ends, owner = begins[last], ends[last], owner[last]
    starts = sheet.first_turn_that_fits(owner, begins, max_seq_len)
    fits = (starts < begins) & (ends - begins <= max_seq_len)
    fit = FitReport(
        kept=int(fits.sum()),
        shortened=int((starts > sheet.first_turn[owner])[fits].sum()),
        too_long=int((~fits).sum()),
        unanswered=len(conversations) - len(np.unique(owner)),
    )
    sources = sheet.cut(sheet.ids, owner[fits], starts[fits], begins[fits])
    return PairRows(sources, sheet.ids.segments(begins[fits], ends[fits]), fit)


@dataclass(frozen=True, eq=False)
class _Sheet:
    """All rendered conversations on one long sheet. Places are counted from its beginning.

    `<|user|>` opens every question and words can never spell it: its places are where a row may be cut.
    """

    ids: Ragged
    trained_on: Ragged
    turns: Indices
    """Places of all `<|user|>`, and one beyond the end."""
    first_turn: Indices
    """Place of the first `<|user|>` of each conversation; before it stands the system message."""

    @staticmethod
    def of(conversations: Sequence[Conversation], tokenizer: Tokenizer) -> "_Sheet":
        ids, trained_on = [flat([], np.int32)], [flat([], np.bool_)]
        for start in range(0, len(conversations), _CHUNK):
            rendered = render_many(conversations[start : start + _CHUNK], tokenizer)
            ids.append(flat((row.token_ids for row in rendered), np.int32))
            trained_on.append(flat((row.trained_on for row in rendered), np.bool_))
        sheet = joined(ids)
        turns = np.append(np.flatnonzero(sheet.values == tokenizer.user_id), len(sheet.values))
        first_turn = turns[np.searchsorted(turns, sheet.offsets[:-1])]
        return _Sheet(sheet, joined(trained_on), turns, first_turn)

    def answers(self) -> tuple[Indices, Indices]:
        """Where each answer's words begin, and the place after its `<|end|>`."""
        edges = np.diff(self.trained_on.values.astype(np.int8), prepend=0, append=0)
        return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)

    def row_of(self, places: Indices) -> Indices:
        """Which conversation owns each place."""
        return np.searchsorted(self.ids.offsets, places, side="right") - 1

    def first_turn_that_fits(self, rows: Indices, ends: Indices, limit: int) -> Indices:
        """The oldest turn to keep so that system message and turns up to `ends` are at most `limit` tokens.

        Not before the end when nothing fits.
        """
        system_tokens = self.first_turn[rows] - self.ids.offsets[rows]
        earliest = np.maximum(ends - (limit - system_tokens), self.first_turn[rows])
        oldest: Indices = self.turns[np.minimum(np.searchsorted(self.turns, earliest), len(self.turns) - 1)]
        return oldest

    def cut(self, source: Ragged, rows: Indices, starts: Indices, ends: Indices) -> Ragged:
        """For each row: its system message, then the places from its start to its end."""
        begin = np.stack([self.ids.offsets[rows], starts], axis=1).ravel()
        end = np.stack([self.first_turn[rows], ends], axis=1).ravel()
        return source.segments(begin, end, per_row=2)
