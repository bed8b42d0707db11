"""The shift by one, written out by hand."""

import numpy as np
import pytest
import torch

from chatzero.data.batch import IGNORE, LMBatch, Seq2SeqBatch, lm_batch, seq2seq_batch

PAD = 9


def lm() -> LMBatch:
    ids = np.array([[2, 5, 4, 3, 6, 4], [2, 4, 3, 7, PAD, PAD]], dtype=np.int32)
    trained_on = np.array([[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 0, 0]], dtype=np.bool_)
    return lm_batch(ids, trained_on)


def seq2seq() -> Seq2SeqBatch:
    sources = np.array([[2, 5, 4, 3], [2, 3, PAD, PAD]], dtype=np.int32)
    answers = np.array([[6, 7, 4], [8, 4, PAD]], dtype=np.int32)
    return seq2seq_batch(sources, sources != PAD, answers, answers != PAD, PAD)


def test_lm_target_is_the_next_token_where_trained_on() -> None:
    batch = lm()
    assert batch.token_ids.tolist() == [[2, 5, 4, 3, 6], [2, 4, 3, 7, PAD]]
    assert batch.targets.tolist() == [[IGNORE, IGNORE, IGNORE, 6, 4], [IGNORE, IGNORE, 7, IGNORE, IGNORE]]
    assert (batch.num_rows, batch.num_targets) == (2, 3)


def test_seq2seq_decoder_reads_pad_then_the_answer() -> None:
    batch = seq2seq()
    assert batch.source_mask.tolist() == [[True] * 4, [True, True, False, False]]
    assert batch.decoder_ids.tolist() == [[PAD, 6, 7], [PAD, 8, 4]]
    assert batch.targets.tolist() == [[6, 7, 4], [8, 4, IGNORE]]
    assert (batch.num_rows, batch.num_targets) == (2, 5)


def test_ignore_is_what_cross_entropy_ignores() -> None:
    logits = torch.tensor([[0.0, 1.0], [3.0, -5.0]])
    both = torch.nn.functional.cross_entropy(logits, torch.tensor([1, IGNORE]))
    assert both == torch.nn.functional.cross_entropy(logits[:1], torch.tensor([1]))


@pytest.mark.parametrize(("rows", "n", "sizes"), [(7, 3, [2, 2, 3]), (2, 5, [1, 1]), (4, 1, [4])])
def test_split_keeps_every_row_in_order(rows: int, n: int, sizes: list[int]) -> None:
    ids = torch.arange(rows * 3).reshape(rows, 3)
    mask = torch.ones(rows, 1, 3, 3, dtype=torch.bool).tril()
    parts = LMBatch(ids, ids + 1, mask, ids % 3).split(n)
    assert [part.num_rows for part in parts] == sizes
    assert torch.equal(torch.cat([part.token_ids for part in parts]), ids)
    assert torch.equal(torch.cat([part.targets for part in parts]), ids + 1)
    masks = [part.attn_mask for part in parts if part.attn_mask is not None]
    positions = [part.positions for part in parts if part.positions is not None]
    assert torch.equal(torch.cat(masks), mask)
    assert torch.equal(torch.cat(positions), ids % 3)


def test_split_seq2seq_counts_the_same_targets() -> None:
    batch = seq2seq()
    parts = batch.split(2)
    assert [part.num_targets for part in parts] == [3, 2]
    assert torch.equal(torch.cat([part.decoder_ids for part in parts]), batch.decoder_ids)
    assert torch.equal(torch.cat([part.source_mask for part in parts]), batch.source_mask)


def test_to_moves_every_tensor() -> None:
    moved, plain = seq2seq().to("meta"), lm().to("meta")
    assert {moved.source_ids.device, moved.source_mask.device, moved.decoder_ids.device, moved.targets.device} == {
        torch.device("meta")
    }
    assert plain.attn_mask is None
    assert plain.positions is None
    packed = LMBatch(
        torch.zeros(1, 2, dtype=torch.int64),
        torch.zeros(1, 2, dtype=torch.int64),
        torch.ones(1, 1, 2, 2, dtype=torch.bool),
        torch.zeros(1, 2, dtype=torch.int64),
    ).to("meta")
    assert packed.attn_mask is not None
    assert packed.positions is not None
    assert {packed.attn_mask.device, packed.positions.device} == {torch.device("meta")}
