"""A run with a fault in it goes back, goes on and ends; one with a fault that stays stops with advice."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from chatzero.data.batch import LMBatch
from chatzero.errors import TrainingError
from chatzero.training.guards.healing import MOST_HEALS
from chatzero.training.guards.remark import Remark
from chatzero.training.report import StepReport, read_metrics
from chatzero.training.run import Event, Materials, Stopped, run
from tests import small
from tests.training.test_run import CONFIG, rows, weights

NAN = float("nan")


def materials(fault: nn.Module | None = None) -> Materials:
    tokens = small.tokenizer()
    loader = small.loader("gpt", tokens)
    model = small.model("gpt", tokens)
    if fault is not None:
        model.get_submodule("layers.1.feed_forward").register_forward_hook(lambda _m, _i, output: fault(output))
    return Materials(model, tokens, loader, list(loader.in_order())[:2], 3.0, "card")


class AtCalls(nn.Module):
    """Spoils the output of some calls of its place, counted from one, while training."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__()
        self.calls, self.first, self.last = 0, first, last

    def forward(self, output: torch.Tensor) -> torch.Tensor:
        if not torch.is_grad_enabled():  # looks and the search for the cause
            return output
        self.calls += 1
        return output * NAN if self.first <= self.calls <= self.last else output


def events_of(folder: Path, fault: nn.Module | None) -> Iterator[Event]:
    return run(folder, materials(fault), CONFIG, {"arch": "gpt"})


def test_a_fault_that_passes_is_healed_and_every_row_is_written_once(tmp_path: Path) -> None:
    events = list(events_of(tmp_path, AtCalls(7, 7)))
    remarks = [event for event in events if isinstance(event, Remark)]
    stopped = events[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.finished
    assert [remark.step for remark in remarks] == [7]
    assert stopped.remarks == tuple(remarks)
    assert "went back to step 4" in str(remarks[0])
    assert [row[1] for row in rows(tmp_path) if row[0] == "step"] == list(range(1, 13))
    after = [r["learning_rate"] for r in read_metrics(tmp_path / "metrics.jsonl") if r["kind"] == "step"]
    list(events_of(tmp_path / "calm", None))
    calm = [r["learning_rate"] for r in read_metrics(tmp_path / "calm" / "metrics.jsonl") if r["kind"] == "step"]
    assert after[:4] == calm[:4]
    assert [a / c for a, c in zip(after[4:], calm[4:], strict=True)] == pytest.approx([0.5] * 8)  # type: ignore[operator]
    written = json.loads((tmp_path / "faults" / "step-00000007.json").read_text(encoding="utf-8"))
    assert written["loss"] == "nan"
    assert any("AI" in row["text"] or "What" in row["text"] for row in written["rows"])


def test_a_run_killed_after_it_was_healed_ends_the_same(tmp_path: Path) -> None:
    list(events_of(tmp_path / "whole", AtCalls(7, 7)))
    for event in events_of(tmp_path / "killed", AtCalls(7, 7)):
        if isinstance(event, StepReport) and event.step == 9:
            break  # after the checkpoint of step 8, which remembers the heal
    list(events_of(tmp_path / "killed", None))
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")


def test_a_fault_that_stays_ends_with_advice_and_the_checkpoint_is_good(tmp_path: Path) -> None:
    seen: list[Event] = []

    def train() -> None:
        for event in events_of(tmp_path, AtCalls(7, 10**9)):
            seen.append(event)

    with pytest.raises(TrainingError, match=f"after {MOST_HEALS} ways back") as stopped:
        train()
    assert "quarter of the learning rate" in str(stopped.value)
    assert "step-0000000" in str(stopped.value)
    assert sum(isinstance(event, Remark) for event in seen) == MOST_HEALS
    events = list(events_of(tmp_path, None))  # the cause removed
    assert isinstance(events[-1], Stopped)
    assert events[-1].finished


def test_rows_that_give_no_number_are_left_out_and_the_rest_is_trained_on(tmp_path: Path) -> None:
    whole = materials()
    batches = [whole.loader.batch_at(step) for step in range(12)]
    read = [batch.token_ids for batch in batches if isinstance(batch, LMBatch)]

    def bad_rows(token: int) -> list[int]:
        return [int((ids == token).any(dim=1).sum()) for ids in read]

    # A token that few batches hold, and of those no row in three: the run would give up otherwise.
    poison = next(
        token
        for token in range(whole.tokenizer.vocab_size)
        if 0 < sum(count > 0 for count in bad_rows(token)) <= MOST_HEALS
        and all(3 * count < len(ids) for count, ids in zip(bad_rows(token), read, strict=True))
    )
    bad = bad_rows(poison)

    def spoil(_: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> torch.Tensor:
        hit = (inputs[0] == poison).any(dim=1)[:, None, None]
        return output.masked_fill(hit, NAN)

    whole.model.get_submodule("embedding").register_forward_hook(spoil)
    held_out = [batch for batch in whole.held_out if isinstance(batch, LMBatch) and poison not in batch.token_ids]
    spoilt = Materials(whole.model, whole.tokenizer, whole.loader, held_out, 3.0, "card")
    events = list(run(tmp_path, spoilt, CONFIG, {"arch": "gpt"}))
    assert isinstance(events[-1], Stopped)
    assert events[-1].finished
    reports = {event.step: event for event in events if isinstance(event, StepReport)}
    for step, batch in enumerate(batches):
        if bad[step]:
            assert reports[step + 1].tokens < batch.num_targets
        else:
            assert reports[step + 1].tokens == batch.num_targets
