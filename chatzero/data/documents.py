"""Documents -> packed rows, for pretraining. `<|endoftext|>` stands before and after each document."""

from collections.abc import Sequence

import numpy as np

from chatzero.data.packing import PackedRows, packed_rows
from chatzero.data.ragged import Ragged, flat, joined
from chatzero.data.records import Document
from chatzero.text.tokenizer import Tokenizer

_CHUNK = 1_000
"""Documents encoded at once: some are whole books."""


def document_rows(documents: Sequence[Document], tokenizer: Tokenizer, max_seq_len: int) -> PackedRows:
    """Rows of at most `max_seq_len` inputs. A longer document is cut into pieces that do not see each other."""
    capacity = max_seq_len + 1  # the row also holds the target of its last position
    parts = [flat([], np.int32)]
    for start in range(0, len(documents), _CHUNK):
        texts = [document.text for document in documents[start : start + _CHUNK]]
        edge = tokenizer.document_id
        parts.append(flat(([edge, *ids, edge] for ids in tokenizer.encode_batch(texts)), np.int32))
    return packed_rows(_cut(joined(parts), capacity), capacity)


def _cut(documents: Ragged, capacity: int) -> Ragged:
    """Pieces of `capacity` tokens and a rest. A rest of one token has nothing to predict, and is left out."""
    starts = [
        np.arange(begin, end - 1, capacity)
        for begin, end in zip(documents.offsets[:-1].tolist(), documents.offsets[1:].tolist(), strict=True)
    ]
    pieces = np.concatenate([np.zeros(0, dtype=np.int64), *starts])
    owner = np.repeat(np.arange(len(documents)), [len(s) for s in starts])
    return documents.segments(pieces, np.minimum(pieces + capacity, documents.offsets[owner + 1]))
