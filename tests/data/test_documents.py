"""Documents come back from their rows; almost nothing is padding."""

import random

import pytest

from chatzero.data.batch import LMBatch
from chatzero.data.documents import document_rows
from chatzero.data.loader import Loader
from chatzero.data.records import Document
from chatzero.text.tokenizer import Tokenizer
from tests.data.conftest import WORDS


def documents(count: int) -> list[Document]:
    rng = random.Random(0)
    return [Document(" ".join(rng.choices(WORDS, k=rng.randint(1, 60)))) for _ in range(count)]


def test_a_short_document_stands_between_its_marks(tokenizer: Tokenizer) -> None:
    row = document_rows([Document("red cat")], tokenizer, 64).token_ids[0].tolist()
    assert row == [tokenizer.document_id, *tokenizer.encode("red cat"), tokenizer.document_id]


@pytest.mark.parametrize(("extra", "lengths"), [(0, [32, 32]), (1, [32, 32]), (2, [32, 32, 2])])
def test_a_long_document_is_cut(tokenizer: Tokenizer, extra: int, lengths: list[int]) -> None:
    """A rest of one token has no target; any other rest is kept."""
    text = "\x00" * (2 * 32 - 2 + extra)  # one token a byte, and a mark at each end
    whole = [tokenizer.document_id, *tokenizer.encode(text), tokenizer.document_id]
    assert len(whole) == 64 + extra
    rows = document_rows([Document(text)], tokenizer, 31)
    pieces = [rows.token_ids[i].tolist() for i in range(len(rows))]
    assert [len(piece) for piece in pieces] == lengths
    assert [token for piece in pieces for token in piece] == whole[: sum(lengths)]


def test_rows_are_full_and_loadable(tokenizer: Tokenizer) -> None:
    rows = document_rows(documents(300), tokenizer, 128)
    loader = Loader(rows, batch_tokens=1024, seed=0, pad_id=tokenizer.pad_id)
    shares = [loader.padding_share(step) for step in loader.epoch_steps(0)]
    assert sum(shares) / len(shares) < 0.03
    batch = loader.batch_at(0)
    assert isinstance(batch, LMBatch)
    assert batch.attn_mask is not None


def test_no_documents(tokenizer: Tokenizer) -> None:
    assert len(document_rows([], tokenizer, 8)) == 0
