"""What rows promise the loader: their widths, and that a row in a batch equals the row alone."""

import numpy as np
import pytest
import torch

from chatzero.data.batch import IGNORE, LMBatch
from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.rows import LMRows, PairRows
from chatzero.text.tokenizer import Tokenizer
from tests.data.conftest import made_up


@pytest.mark.parametrize("kind", ["lm", "seq2seq"])
def test_a_batch_is_as_wide_as_its_widest_rows(tokenizer: Tokenizer, kind: str) -> None:
    rows: LMRows | PairRows = (
        lm_rows(made_up(30), tokenizer, 64) if kind == "lm" else seq2seq_rows(made_up(30), tokenizer, 64, True)
    )
    chosen = np.array([3, 11, 4])
    batch = rows.batch(chosen, tokenizer.pad_id)
    rectangles = [batch.token_ids] if isinstance(batch, LMBatch) else [batch.source_ids, batch.decoder_ids]
    assert [part.shape[1] for part in rectangles] == rows.widths[chosen].max(axis=0).tolist()


def test_lm_row_in_a_batch_equals_the_row_alone(tokenizer: Tokenizer) -> None:
    rows = lm_rows(made_up(30), tokenizer, 64)
    together = rows.batch(np.arange(10), tokenizer.pad_id)
    for i in range(10):
        alone = rows.batch(np.array([i]), tokenizer.pad_id)
        width = alone.token_ids.shape[1]
        assert torch.equal(together.token_ids[i, :width], alone.token_ids[0])
        assert torch.equal(together.targets[i, :width], alone.targets[0])
        # the row's last token may be read too; what would follow it is not asked
        assert together.token_ids[i, width : width + 1].tolist() in ([], [tokenizer.end_id])
        assert (together.token_ids[i, width + 1 :] == tokenizer.pad_id).all()
        assert (together.targets[i, width:] == IGNORE).all()


def test_seq2seq_row_in_a_batch_equals_the_row_alone(tokenizer: Tokenizer) -> None:
    rows = seq2seq_rows(made_up(30), tokenizer, 64, every_turn=True)
    together = rows.batch(np.arange(10), tokenizer.pad_id)
    for i in range(10):
        row = rows[i]
        source, answer = len(row.source_ids), len(row.target_ids)
        assert together.source_ids[i, together.source_mask[i]].tolist() == row.source_ids.tolist()
        assert together.source_mask[i].tolist() == [place < source for place in range(together.source_ids.shape[1])]
        assert together.targets[i, :answer].tolist() == row.target_ids.tolist()
        assert (together.targets[i, answer:] == IGNORE).all()
        assert together.decoder_ids[i, :answer].tolist() == [tokenizer.pad_id, *row.target_ids[:-1].tolist()]
