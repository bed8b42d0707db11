"""A run in its folder: what it writes, that it resumes bit for bit, and that a signal loses nothing."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from chatzero.checkpoint import saver as saver_module
from chatzero.checkpoint.bundle import load_bundle
from chatzero.checkpoint.resume import SavedState, save_state, saved_steps
from chatzero.errors import ConfigError, ModelFolderError, StorageError
from chatzero.models.sizes import ARCHS, Arch
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.config import TrainConfig
from chatzero.training.report import EvalReport, StepReport, read_metrics
from chatzero.training.run import Event, Materials, Resumed, Stopped, read_run_file, run
from chatzero.training.schedule import learning_rate_share
from tests import small

CONFIG = TrainConfig(
    steps=12, optimizer="muon", batch_tokens=400, eval_every=4, save_every=4, precision="float32", seed=3
)


def materials(arch: Arch) -> Materials:
    tokens = small.tokenizer()
    loader = small.loader(arch, tokens)
    return Materials(small.model(arch, tokens), tokens, loader, list(loader.in_order())[:2], 3.0, "card")


def start(folder: Path, arch: Arch = "gpt", config: TrainConfig = CONFIG) -> Iterator[Event]:
    return run(folder, materials(arch), config, {"arch": arch})


def weights(folder: Path) -> bytes:
    return (folder / "model" / "model.safetensors").read_bytes()


def rows(folder: Path) -> list[tuple[object, object, object]]:
    return [(r["kind"], r["step"], r["loss"]) for r in read_metrics(folder / "metrics.jsonl")]


def test_everything_lands_in_the_folder(tmp_path: Path) -> None:
    events = list(start(tmp_path))
    assert [e.step for e in events if isinstance(e, StepReport)] == list(range(1, 13))
    assert [e.step for e in events if isinstance(e, EvalReport)] == [4, 8, 12]
    stopped = events[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.finished
    assert {"run.json", "metrics.jsonl", "tensorboard", "loss.png", "checkpoints", "model"} == {
        p.name for p in tmp_path.iterdir()
    }
    there = read_run_file(tmp_path)
    assert there is not None
    assert there.state == "finished"
    load_bundle(tmp_path)


@pytest.mark.parametrize("arch", ARCHS)
def test_killed_and_resumed_equals_never_killed_bit_for_bit(tmp_path: Path, arch: Arch) -> None:
    """Dropout is on: the random generator is part of what must come back."""
    list(start(tmp_path / "whole", arch))
    for stop_after in (6, 7):  # dies between two checkpoints, twice
        events = start(tmp_path / "killed", arch)
        for event in events:
            if isinstance(event, StepReport) and event.step == stop_after:
                break
        del events  # no save: as after kill -9, only what the last checkpoint holds is left
    list(start(tmp_path / "killed", arch))
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")
    newest = saved_steps(tmp_path / "killed" / "checkpoints")[0].name
    for name in ("optimizer.safetensors", "random.safetensors"):
        ours, theirs = (tmp_path / which / "checkpoints" / newest / name for which in ("killed", "whole"))
        assert ours.read_bytes() == theirs.read_bytes()
    assert rows(tmp_path / "killed") == rows(tmp_path / "whole")


def test_another_seed_gives_other_weights(tmp_path: Path) -> None:
    """So that the comparison above cannot pass by chance."""
    list(start(tmp_path / "a"))
    list(start(tmp_path / "b", config=CONFIG.model_copy(update={"seed": 4})))
    assert weights(tmp_path / "a") != weights(tmp_path / "b")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_step_saves_and_leaves(tmp_path: Path, number: signal.Signals) -> None:
    list(start(tmp_path / "whole"))
    seen: list[Event] = []
    for event in start(tmp_path / "cut"):
        seen.append(event)
        if isinstance(event, StepReport) and event.step == 6:
            os.kill(os.getpid(), number)
    stopped = seen[-1]
    assert isinstance(stopped, Stopped)
    assert (stopped.step, stopped.finished, stopped.signal_number) == (6, False, number)
    there = read_run_file(tmp_path / "cut")
    assert there is not None
    assert there.state == "interrupted"
    load_bundle(tmp_path / "cut")  # what is there can be talked to
    events = list(start(tmp_path / "cut"))
    assert isinstance(events[0], Resumed)
    assert events[0].step == 6
    assert weights(tmp_path / "cut") == weights(tmp_path / "whole")


def test_a_torn_checkpoint_is_named_and_the_one_before_it_used(tmp_path: Path) -> None:
    list(start(tmp_path / "whole"))
    list(start(tmp_path / "torn", config=CONFIG))
    newest, before, *_ = saved_steps(tmp_path / "torn" / "checkpoints")
    (newest / "optimizer.safetensors").write_bytes(b"torn")
    events = list(start(tmp_path / "torn"))
    assert isinstance(events[0], Resumed)
    assert events[0].step == int(before.name[-8:])
    assert newest.name in events[0].skipped[0]
    assert weights(tmp_path / "torn") == weights(tmp_path / "whole")


def test_other_settings_are_refused(tmp_path: Path) -> None:
    list(start(tmp_path))
    with pytest.raises(ConfigError, match="arch was gpt, now transformer"):
        list(run(tmp_path, materials("transformer"), CONFIG, {"arch": "transformer"}))


def test_a_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    list(start(tmp_path))
    with pytest.raises(ModelFolderError, match="checkpoint is of another model"):
        list(run(tmp_path, materials("transformer"), CONFIG, {"arch": "gpt"}))


def test_a_checkpoint_of_another_tokenizer_is_refused(tmp_path: Path) -> None:
    """As large as the old one, so that the weights would fit, and mean nothing."""
    list(start(tmp_path))
    saved = saved_steps(tmp_path / "checkpoints")
    right = materials("gpt")
    texts = [message.content[::-1] for chat in small.CONVERSATIONS for message in chat.messages]
    other = Tokenizer.train(texts, right.tokenizer.vocab_size)
    assert other.vocab_size == right.tokenizer.vocab_size
    with pytest.raises(ConfigError, match="another tokenizer"):
        list(run(tmp_path, replace(right, tokenizer=other), CONFIG, {"arch": "gpt"}))
    assert saved_steps(tmp_path / "checkpoints") == saved


def test_never_starts_anew(tmp_path: Path) -> None:
    list(start(tmp_path))
    (tmp_path / "my-notes.txt").write_text("mine")
    events = list(run(tmp_path, materials("transformer"), CONFIG, {"arch": "transformer"}, resume="never"))
    assert isinstance(events[0], StepReport)
    assert events[0].step == 1
    assert (tmp_path / "my-notes.txt").read_text() == "mine"


def test_a_full_disk_stops_with_the_reason_and_a_good_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_at_eight(checkpoints: Path, step: int, state: SavedState, keep: int, best_step: int | None) -> Path:
        if step == 8:
            raise StorageError(what="no room on the disk", why="full", do="free some")
        return save_state(checkpoints, step, state, keep, best_step)

    monkeypatch.setattr(saver_module, "save_state", full_at_eight)
    with pytest.raises(StorageError, match="no room"):
        list(start(tmp_path))
    monkeypatch.undo()
    events = list(start(tmp_path))
    assert isinstance(events[0], Resumed)
    assert events[0].step == 4


def test_by_the_clock_the_run_ends_in_time_and_the_rate_follows_the_time(tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"steps": None, "minutes": 0.02, "warmup": 0.1})
    events = list(start(tmp_path, config=config))
    stopped = events[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.finished
    assert stopped.elapsed_s >= 1.2
    reports = [event for event in events if isinstance(event, StepReport)]
    assert all(a.progress <= b.progress < 1.0 for a, b in pairwise(reports))
    for report in reports:
        share = learning_rate_share(report.progress, schedule="cosine", warmup=0.1, floor=config.floor)
        assert report.learning_rate == pytest.approx(share * config.learning_rate)


def test_no_pickle_anywhere(tmp_path: Path) -> None:
    list(start(tmp_path))
    checkpoint = saved_steps(tmp_path / "checkpoints")[0]
    assert {p.suffix for p in checkpoint.iterdir()} == {".safetensors", ".json"}
    json.loads((checkpoint / "state.json").read_text())


def test_patience_ends_the_run_and_it_stays_ended(tmp_path: Path) -> None:
    """With a learning rate of almost nothing no look is better by much; with one far too high none is better at all."""
    config = CONFIG.model_copy(update={"steps": 400, "eval_every": 2, "patience": 3, "learning_rate": 0.5})
    events = list(start(tmp_path, config=config))
    stopped = events[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.finished
    assert stopped.step < 400
    looks = {int(str(step)): loss for kind, step, loss in rows(tmp_path) if kind == "eval"}
    best = min(looks, key=lambda step: float(str(looks[step])))
    assert stopped.step == best + 2 * 3
    again = list(start(tmp_path, config=config))
    assert not any(isinstance(event, StepReport) for event in again)


def test_the_model_is_the_mean_of_the_last_looks_also_when_killed_between_them(tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"average_last": 2})
    seen: list[dict[str, torch.Tensor]] = []
    for event in start(tmp_path / "whole", config=config):
        if isinstance(event, EvalReport) and event.step in (8, 12) and len(seen) < 2:
            folder = tmp_path / "whole" / "snapshots" / f"step-{event.step:08d}"
            seen.append(load_file(folder / "model.safetensors"))
    last = load_file(sorted((tmp_path / "whole" / "checkpoints").iterdir())[-1] / "model.safetensors")
    mean = load_file(tmp_path / "whole" / "model" / "model.safetensors")
    for name, tensor in mean.items():
        torch.testing.assert_close(tensor, (seen[0][name] + seen[1][name]) / 2)
    assert any(not torch.equal(last[name], mean[name]) for name in mean), "training goes on from its own weights"
    events = start(tmp_path / "killed", config=config)
    for event in events:
        if isinstance(event, StepReport) and event.step == 10:
            break
    del events
    list(start(tmp_path / "killed", config=config))
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")


def test_an_option_of_a_later_release_that_is_not_set_is_no_other_setting(tmp_path: Path) -> None:
    there = materials("gpt")
    list(run(tmp_path, there, CONFIG, {"model": {"arch": "gpt"}, "train": {"steps": 12}}))
    list(run(tmp_path, there, CONFIG, {"model": {"arch": "gpt", "new": None}, "train": {"steps": 12, "ema": None}}))
    with pytest.raises(ConfigError, match="other settings: model"):
        list(run(tmp_path, there, CONFIG, {"model": {"arch": "gpt", "new": 1}, "train": {"steps": 12}}))


def test_a_look_every_epoch(tmp_path: Path) -> None:
    there = materials("gpt")
    events = list(start(tmp_path, config=CONFIG.model_copy(update={"eval_every": "epoch"})))
    every = there.loader.steps_per_epoch
    looks = [event.step for event in events if isinstance(event, EvalReport)]
    assert looks == sorted({*range(every, 13, every), 12})
