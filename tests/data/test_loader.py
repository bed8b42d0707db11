"""The loader is a pure function of rows, seed and step."""

import dataclasses

import numpy as np
import pytest
import torch

from chatzero.data.batch import IGNORE, Batch
from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.loader import Loader
from chatzero.data.rows import LMRows, PairRows
from chatzero.errors import ConfigError, DataError
from chatzero.text.tokenizer import Tokenizer
from tests.data.conftest import made_up

KINDS = ("lm", "seq2seq")


def rows_of(kind: str, tokenizer: Tokenizer) -> LMRows | PairRows:
    talks = made_up(300)
    return lm_rows(talks, tokenizer, 128) if kind == "lm" else seq2seq_rows(talks, tokenizer, 128, every_turn=True)


def loader_of(kind: str, tokenizer: Tokenizer, seed: int = 5) -> Loader:
    return Loader(rows_of(kind, tokenizer), batch_tokens=1000, seed=seed, pad_id=tokenizer.pad_id)


def same(left: Batch, right: Batch) -> bool:
    pairs = [(getattr(left, field.name), getattr(right, field.name)) for field in dataclasses.fields(left)]
    return all(a is b or torch.equal(a, b) for a, b in pairs)


def spoken(batch: Batch) -> list[tuple[int, ...]]:
    """The trained-on tokens of each row."""
    return [tuple(row[row != IGNORE].tolist()) for row in batch.targets]


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_is_the_same_in_any_order_and_in_a_fresh_loader(tokenizer: Tokenizer, kind: str) -> None:
    steps = [0, 97, 3, 40, 3, 0, 250, 97]
    one, another = loader_of(kind, tokenizer), loader_of(kind, tokenizer)
    forward = {step: one.batch_at(step) for step in sorted(set(steps))}
    assert all(same(another.batch_at(step), forward[step]) for step in steps)
    assert one.padding_share(97) == another.padding_share(97)


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_is_seen_once_an_epoch(tokenizer: Tokenizer, kind: str) -> None:
    rows = rows_of(kind, tokenizer)
    loader = Loader(rows, batch_tokens=1000, seed=5, pad_id=tokenizer.pad_id)
    if isinstance(rows, LMRows):
        wanted = [tuple(row.token_ids[row.trained_on].tolist()) for row in (rows[i] for i in range(len(rows)))]
    else:
        wanted = [tuple(rows[i].target_ids.tolist()) for i in range(len(rows))]
    for epoch in (0, 1, 4):
        seen = [row for step in loader.epoch_steps(epoch) for row in spoken(loader.batch_at(step))]
        assert sorted(seen) == sorted(wanted)
    assert sorted(row for batch in loader.in_order() for row in spoken(batch)) == sorted(wanted)


def test_epochs_follow_each_other_and_differ(tokenizer: Tokenizer) -> None:
    loader = loader_of("lm", tokenizer)
    first, second = loader.epoch_steps(0), loader.epoch_steps(1)
    assert first.start == 0
    assert first.stop == second.start == loader.steps_per_epoch
    assert [spoken(loader.batch_at(s)) for s in first] != [spoken(loader.batch_at(s)) for s in second]


def test_another_seed_gives_another_order(tokenizer: Tokenizer) -> None:
    assert not same(loader_of("lm", tokenizer, 5).batch_at(0), loader_of("lm", tokenizer, 6).batch_at(0))


def test_batches_are_not_in_order_of_length(tokenizer: Tokenizer) -> None:
    loader = loader_of("lm", tokenizer)
    orders = [[loader.batch_at(step).targets.shape[1] for step in loader.epoch_steps(epoch)] for epoch in range(8)]
    # near 1 if batches came as they are cut; by chance the mean of 8 epochs of some 15 batches is 0 with deviation 0.1
    assert abs(np.mean([np.corrcoef(widths, range(len(widths)))[0, 1] for widths in orders])) < 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_padding_share_is_what_the_batch_shows(tokenizer: Tokenizer, kind: str) -> None:
    rows = rows_of(kind, tokenizer)
    loader = Loader(rows, batch_tokens=1000, seed=5, pad_id=tokenizer.pad_id)
    shares = [loader.padding_share(step) for step in loader.epoch_steps(0)]
    # weighing every batch by its places gives back the tokens of all rows
    places = []
    for step in loader.epoch_steps(0):
        batch = loader.batch_at(step)
        tensors = [getattr(batch, name) for name in ("token_ids", "source_ids", "decoder_ids") if name in vars(batch)]
        places.append(sum(tensor.numel() for tensor in tensors))
    assert max(places) <= 1000
    assert sum(n * (1 - share) for n, share in zip(places, shares, strict=True)) == pytest.approx(rows.widths.sum())


def test_no_rows(tokenizer: Tokenizer) -> None:
    with pytest.raises(DataError, match="nothing to train on"):
        Loader(lm_rows([], tokenizer, 8), batch_tokens=100, seed=0, pad_id=tokenizer.pad_id)


def test_a_row_that_no_batch_can_hold(tokenizer: Tokenizer) -> None:
    rows = rows_of("lm", tokenizer)
    longest = int(rows.widths.max())
    Loader(rows, batch_tokens=longest, seed=0, pad_id=tokenizer.pad_id)
    with pytest.raises(
        ConfigError, match=rf"batch_tokens={longest - 1} is less than the longest row \({longest} tokens"
    ):
        Loader(rows, batch_tokens=longest - 1, seed=0, pad_id=tokenizer.pad_id)


def test_a_negative_step(tokenizer: Tokenizer) -> None:
    with pytest.raises(IndexError, match="step -1"):
        loader_of("lm", tokenizer).batch_at(-1)


@pytest.mark.parametrize("kind", KINDS)
def test_repeated_shapes_are_few_and_change_nothing_else(tokenizer: Tokenizer, kind: str) -> None:
    talks = made_up(3000)
    rows = lm_rows(talks, tokenizer, 128) if kind == "lm" else seq2seq_rows(talks, tokenizer, 128, every_turn=True)
    longest = rows.widths.max(axis=0).tolist()

    def made(repeat_shapes: bool) -> list[Batch]:
        loader = Loader(rows, batch_tokens=1000, seed=5, pad_id=tokenizer.pad_id, repeat_shapes=repeat_shapes)
        return [loader.batch_at(step) for step in loader.epoch_steps(0)]

    def shapes(batches: list[Batch]) -> set[tuple[tuple[int, ...], ...]]:
        names = ("token_ids",) if kind == "lm" else ("source_ids", "decoder_ids")
        return {tuple(tuple(getattr(batch, name).shape) for name in names) for batch in batches}

    free, repeated = made(False), made(True)
    assert sorted(row for b in free for row in spoken(b)) == sorted(row for b in repeated for row in spoken(b))
    assert len(shapes(repeated)) < 0.7 * len(shapes(free))
    for batch_shapes in shapes(repeated):
        for (_, width), most in zip(batch_shapes, longest, strict=True):
            assert width % 8 == 0 or width == most
        assert sum(width for _, width in batch_shapes) * batch_shapes[0][0] <= 1000
