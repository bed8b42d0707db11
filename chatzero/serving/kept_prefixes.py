"""What finished answers leave behind, so that the next turn of a conversation is not read from its beginning.

The prompt of a next turn begins, token for token, with the last prompt and its answer; and so do the prompts of all
conversations that share a system message. Which tokens stand there is all that counts: nothing is known here of
conversations, or of who asked. How a model goes on from what is kept is `ResumesPrompts`.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from typing import NamedTuple, final

from chatzero.shapes import Float, Tensor

WORTH_TOKENS = 16
"""A shorter common beginning is read again: to fetch it takes longer."""


class Held(NamedTuple):
    """A row that begins as a prompt does, and how many tokens they share."""

    tokens: int
    row: Float[Tensor, "layers 2 G S K"]


@final
class KeptPrefixes:
    """Keys and values by the tokens they belong to, within `limit_bytes`; the least recently used go first."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._rows: OrderedDict[tuple[int, ...], Tensor] = OrderedDict()
        # Hundreds of rows may be kept; only those with the same first `WORTH_TOKENS` can have anything in common.
        self._by_beginning: defaultdict[tuple[int, ...], list[tuple[int, ...]]] = defaultdict(list)
        self.num_bytes = 0

    def __len__(self) -> int:
        return len(self._rows)

    def longest(self, prompt_ids: Sequence[int]) -> Held | None:
        """The row that shares the longest beginning with this prompt; None where none shares `WORTH_TOKENS`.

        At least one token of the prompt is left to read: the scores of the next come from it.
        """
        prompt = tuple(prompt_ids[:-1])
        best, best_ids = WORTH_TOKENS - 1, None
        for token_ids in self._alike(prompt):
            if (common := common_beginning(token_ids, prompt)) > best:
                best, best_ids = common, token_ids
        if best_ids is None:
            return None
        self._rows.move_to_end(best_ids)
        return Held(best, self._rows[best_ids])

    def keep(self, token_ids: Sequence[int], row: Float[Tensor, "layers 2 G S K"]) -> None:
        """Keep the keys and values of these tokens, instead of those of a part of them."""
        new = tuple(token_ids)
        if row.nbytes > self._limit_bytes or len(new) < WORTH_TOKENS:
            return
        if longer := next((ids for ids in self._alike(new) if ids[: len(new)] == new), None):
            self._rows.move_to_end(longer)
            return
        for old in [ids for ids in self._alike(new) if ids == new[: len(ids)]]:
            self._forget(old)
        self._rows[new] = row
        self._by_beginning[new[:WORTH_TOKENS]].append(new)
        self.num_bytes += row.nbytes
        while self.num_bytes > self._limit_bytes:
            self._forget(next(iter(self._rows)))

    def clear(self) -> None:
        self._rows.clear()
        self._by_beginning.clear()
        self.num_bytes = 0

    def _alike(self, token_ids: tuple[int, ...]) -> Sequence[tuple[int, ...]]:
        """What is kept that begins as these do, for `WORTH_TOKENS` at least."""
        return self._by_beginning.get(token_ids[:WORTH_TOKENS], ())

    def _forget(self, token_ids: tuple[int, ...]) -> None:
        self.num_bytes -= self._rows.pop(token_ids).nbytes
        alike = self._by_beginning[token_ids[:WORTH_TOKENS]]
        alike.remove(token_ids)
        if not alike:
            del self._by_beginning[token_ids[:WORTH_TOKENS]]


def common_beginning(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """How many tokens both begin with. Halving compares whole slices at once, much faster than token by token."""
    same, end = 0, min(len(one), len(other))
    while same < end:
        middle = (same + end + 1) // 2
        if one[same:middle] == other[same:middle]:
            same = middle
        else:
            end = middle - 1
    return same
