"""A run: train to the horizon in one folder that holds everything about it, and can be taken up again at any time.

    run.json         what was asked for, resolved       checkpoints/     the training state: the newest few, the best
    metrics.jsonl    a row a step                       model/           the model folder
    tensorboard/     the same as curves                 loss.png         the same as a picture
    faults/          batches that gave no number        told.jsonl       answers and remarks on the way

`run` yields what happens; who listens (a progress bar, a sampler) is not its business.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from chatzero.checkpoint.atomic import storage_errors, sweep, write_whole
from chatzero.checkpoint.bundle import MODEL_FOLDER, save_bundle
from chatzero.checkpoint.lock import alone_in
from chatzero.checkpoint.resume import SavedState
from chatzero.data.batch import LMBatch, Seq2SeqBatch
from chatzero.data.loader import Loader
from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.models.interface import LanguageModel
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.average import FOLDER as SNAPSHOTS
from chatzero.training.average import keep_snapshot, take_average
from chatzero.training.checkpoints import newest_state, saver
from chatzero.training.config import TrainConfig
from chatzero.training.distributed import together
from chatzero.training.environment import Environment, changes, environment
from chatzero.training.evaluate import bits_per_byte, held_out_loss
from chatzero.training.guards.finite import NotFiniteError
from chatzero.training.guards.healing import heal
from chatzero.training.guards.interruption import Interruption, listen_for_interruption
from chatzero.training.guards.memory import split_remark
from chatzero.training.guards.remark import Remark
from chatzero.training.guards.verdicts import Marks, marks, verdicts
from chatzero.training.journal import Journal, NoJournal
from chatzero.training.loop import left_over, progress, steps
from chatzero.training.memory import keep_freed_memory
from chatzero.training.moving_average import averaged, take_moving_average
from chatzero.training.optimizer import build_optimizers
from chatzero.training.patience import held_out_losses, out_of_patience
from chatzero.training.precision import DTYPES
from chatzero.training.report import EvalReport, StepReport
from chatzero.training.sharding import whole_model
from chatzero.training.state import TrainState
from chatzero.training.team import ALONE, Team
from chatzero.training.told import TOLD_FILE

RUN_FILE = "run.json"
_SAMPLED_BATCHES = 64
"""Enough to know how often each token is a target."""
_FREE = ("accumulate", "device", "save_every", "keep", "parallel")
Resume = Literal["auto", "never"]


@dataclass(frozen=True)
class Materials:
    """What a run trains and on what. `bytes_per_target`: bytes of held-out text that one target stands for.

    `fresh`: the weights are random, not those of an earlier training.
    """

    model: LanguageModel
    tokenizer: Tokenizer
    loader: Loader
    held_out: Sequence[LMBatch | Seq2SeqBatch]
    bytes_per_target: float
    card: str
    fresh: bool = True


@dataclass(frozen=True)
class Resumed:
    """Training goes on from `step`; `skipped` names the damaged checkpoints that were passed over.

    `changed`: what is otherwise than when the checkpoint was written, and may change the last bits of the result.
    """

    step: int
    elapsed_s: float
    skipped: tuple[str, ...]
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stopped:
    """The end: at the horizon, or because a signal asked for it. The model folder is written either way."""

    step: int
    elapsed_s: float
    finished: bool
    signal_number: int
    remarks: tuple[Remark, ...] = ()


Event = StepReport | EvalReport | Resumed | Remark | Stopped


def run(
    folder: Path,
    materials: Materials,
    config: TrainConfig,
    settings: dict[str, object],
    resume: Resume = "auto",
    team: Team = ALONE,
) -> Iterator[Event]:
    """Train in `folder` until the horizon or a signal, from its newest sound checkpoint if there is one.

    `settings` is what the run was asked for; a folder made with other settings is refused with `ConfigError`.
    `config.precision` must be decided ("auto" is for the caller to measure). Every process of a `team` runs this with
    the same arguments and hears the same events; only the leader writes.
    """
    keep_freed_memory()
    if team.leads:
        folder.mkdir(parents=True, exist_ok=True)
    with storage_errors(folder), alone_in(folder) if team.leads else nullcontext():
        if team.leads:
            _make_ready(folder, settings, resume)
        team.wait()
        torch.manual_seed(config.seed)
        way = together(team, materials.model, config.parallel)
        state = TrainState(materials.model, build_optimizers(materials.model, config), way)
        dtype = DTYPES[config.precision]
        here = environment(state.model, state.optimizers, dtype, team.size)
        saved, skipped = newest_state(folder / "checkpoints", state)
        if saved is not None:
            _require_the_same_tokenizer(saved.numbers.get("tokenizer"), materials.tokenizer, folder)
            state.restore(saved)
        if saved is not None or skipped:
            changed = changes(saved.numbers.get("environment"), here) if saved is not None else ()
            yield Resumed(state.step, state.elapsed_s, tuple(skipped), tuple(changed))
        with listen_for_interruption() as interruption:
            course = _Course(folder, materials, config, state, dtype, here, interruption)
            try:
                if saved is None:
                    course.save()  # there is always one to go back to; and a disk that refuses does so now
                yield from course.to_the_horizon()
                finished = course.finished()
                course.save()  # before the weights are averaged
                course.saver.wait()
                if finished:
                    yield from course.last_look()
                take_moving_average(state.optimizers)
                model = whole_model(materials.model, team)
                if team.leads:
                    save_bundle(folder / MODEL_FOLDER, model, materials.tokenizer, materials.card)
            finally:
                course.close()
        if team.leads:
            write_run_file(folder, settings, "finished" if finished else "interrupted")
        yield Stopped(state.step, state.elapsed_s, finished, interruption.signal_number, tuple(state.remarks))


def _make_ready(folder: Path, settings: dict[str, object], resume: Resume) -> None:
    if resume == "never":
        clear(folder)
    claim(folder, settings)
    sweep(folder)


class _Course:
    """The way from where `state` is to the horizon: trains, looks, saves, and goes back where it must."""

    def __init__(
        self,
        folder: Path,
        materials: Materials,
        config: TrainConfig,
        state: TrainState,
        dtype: torch.dtype,
        here: Environment,
        interruption: Interruption,
    ) -> None:
        self.saver = saver(folder / "checkpoints", config.keep, state)
        self._folder = folder
        self._materials = materials
        self._config = config
        self._state = state
        self._dtype = dtype
        self._here = here
        self._tokenizer = materials.tokenizer.fingerprint
        self._interruption = interruption
        self._team = state.together.team
        self._journal = Journal(folder, state.step) if self._team.leads else NoJournal()
        self._look_every = materials.loader.steps_per_epoch if config.eval_every == "epoch" else config.eval_every
        self._losses: list[float] = []
        self._marks: Marks | None = None

    def to_the_horizon(self) -> Iterator[Event]:
        """Until the horizon or a signal. A loss or gradient that is no number is healed, or ends the run."""
        while True:
            try:
                yield from self._straight_on()
                return
            except NotFiniteError as fault:
                self.saver.wait()
                batch = left_over(self._state, self._materials.loader)
                yield heal(self._folder, self._state, fault, batch, self._dtype, self._materials.tokenizer)
                self._journal.rewind(self._state.step)

    def _straight_on(self) -> Iterator[Event]:
        state, config = self._state, self._config
        splits = state.splits
        self._losses = held_out_losses(self._folder / "metrics.jsonl", state.step)
        if self.finished():
            return
        for report in steps(state, self._materials.loader, config, self._dtype):
            self._journal.write(report)
            yield report
            if state.splits != splits:
                splits = state.splits
                yield self._remark(split_remark(state.step, splits))
            if state.step % self._look_every == 0:
                looked = self.look()
                self._losses.append(looked.loss)
                if config.average_last > 1:
                    self._keep_snapshot()
                yield looked
                yield from map(self._remark, self._new_verdicts())
            if self._asked_to_stop() or self._out_of_patience():
                return
            if state.step % config.save_every == 0 or state.best_step == state.step:
                self.save()
            self.saver.check()

    def finished(self) -> bool:
        """At the horizon, or no better for too long."""
        return progress(self._state, self._config) >= 1.0 or self._out_of_patience()

    def last_look(self) -> Iterator[Event]:
        """At the model that the run leaves: the mean of the last looks' weights where that was asked for.

        Not where an earlier process has taken it already.
        """
        state = self._state
        mean = self._config.average_last > 1
        if mean:
            self._team.wait()  # the leader may still be writing
            take_average(self._folder, state.model, state.step)
        _, looks = self._journal.reports()
        wanted = 1 + (mean and state.step % self._look_every == 0)
        if self._team.led(sum(look.step == state.step for look in looks)) < wanted:
            yield self.look()

    def look(self) -> EvalReport:
        """The held-out loss now, written down."""
        state = self._state
        with averaged(state.optimizers):
            loss = held_out_loss(state.model, self._materials.held_out, self._dtype, state.together)
        best = loss < state.best_loss
        if best:
            state.best_loss, state.best_step = loss, state.step
        state.looked_at = state.step
        bits = bits_per_byte(loss, self._materials.bytes_per_target)
        report = EvalReport(state.step, loss, bits, state.elapsed_s, best)
        self._journal.write(report)
        return report

    def save(self) -> None:
        """Begin to write a checkpoint; the metrics it counts on are on the disk before it."""
        self._journal.flush()
        saved = self._state.saved()
        numbers = {**saved.numbers, "environment": self._here, "tokenizer": self._tokenizer}
        self.saver.save(self._state.step, SavedState(saved.tensors, numbers), self._state.best_step)

    def close(self) -> None:
        self.saver.close()
        self._journal.close()

    def _asked_to_stop(self) -> bool:
        """A signal that one process hears is for all: they leave after the same step."""
        number = self._team.largest(self._interruption.signal_number)
        if number == 0:  # one that comes only now is heard after the next step
            return False
        self._interruption.requested, self._interruption.signal_number = True, number
        return True

    def _out_of_patience(self) -> bool:
        """By the leader's memory: it is the one with the metrics of earlier processes."""
        return self._team.led(out_of_patience(self._losses, self._config.patience)) > 0

    def _keep_snapshot(self) -> None:
        model = whole_model(self._state.model, self._team)
        if self._team.leads:
            keep_snapshot(self._folder, self._state.step, model, self._config.average_last)

    def _new_verdicts(self) -> list[Remark]:
        """What the metrics say that has not been said yet. The leader has them; it says so for all."""
        if not self._team.leads:
            return []
        if self._marks is None:
            loader = self._materials.loader
            batches = (loader.batch_at(step) for step in range(_SAMPLED_BATCHES))
            self._marks = marks(batches, self._materials.model.config.vocab_size, self._materials.fresh)
        said = {remark.name for remark in self._state.remarks}
        told = verdicts(*self._journal.reports(), self._marks)
        return [remark for remark in told if remark.name not in said]

    def _remark(self, remark: Remark) -> Remark:
        self._state.remarks.append(remark)
        return remark


@dataclass(frozen=True)
class RunFile:
    """What `run.json` says: the settings the run began with, and "running", "interrupted" or "finished"."""

    settings: dict[str, object]
    state: str


def read_run_file(folder: Path) -> RunFile | None:
    """The run in this folder, or None where there is none. Raises `ConfigError` for a damaged file."""
    try:
        raw = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
        return RunFile(dict(raw["settings"]), str(raw["state"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise ConfigError(
            what=tr(f"{folder / RUN_FILE} cannot be read", f"无法读取 {folder / RUN_FILE}"),
            why=str(error),
            do=tr("choose another folder with --out", "请用 --out 换一个文件夹"),
        ) from error


def write_run_file(folder: Path, settings: dict[str, object], state: str) -> None:
    text = json.dumps({"state": state, "settings": settings}, indent=2, ensure_ascii=False)
    write_whole(folder / RUN_FILE, text + "\n")


def clear(folder: Path) -> None:
    """Forget the run in this folder: its state, metrics and model; nothing else that lies there."""
    for name in ("checkpoints", "tensorboard", "faults", SNAPSHOTS, MODEL_FOLDER):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in (RUN_FILE, "metrics.jsonl", TOLD_FILE, "loss.png", "report.md"):
        (folder / name).unlink(missing_ok=True)


def claim(folder: Path, settings: dict[str, object]) -> None:
    """Make the folder this run's. Raises `ConfigError` when it already is another's."""
    there = read_run_file(folder)
    if there is not None:
        theirs, ours = _binding(there.settings), _binding(settings)
        differing = sorted(key for key in theirs.keys() | ours.keys() if theirs.get(key) != ours.get(key))
        if differing:
            name = differing[0]
            was, now = theirs.get(name), ours.get(name)
            raise ConfigError(
                what=tr(
                    f"{folder} holds a run with other settings: {name} was {was}, now {now}",
                    f"{folder} 里是另一套设置的运行：{name} 原为 {was}，现为 {now}",
                ),
                why=tr("a run is resumed with the settings it began with", "续训必须使用开始时的设置"),
                do=tr(
                    "use another --out folder, the old settings, or --resume never to start anew there",
                    "换一个 --out 文件夹，或用原来的设置，或用 --resume never 在此重新开始",
                ),
            )
    write_run_file(folder, settings, "running")


def _require_the_same_tokenizer(before: object, now: Tokenizer, folder: Path) -> None:
    """Weights know tokens by their number: with others they know nothing. Old checkpoints have no fingerprint."""
    if before in (None, now.fingerprint):
        return
    raise ConfigError(
        what=tr(f"the run in {folder} was made with another tokenizer", f"{folder} 中的运行用的是另一个分词器"),
        why=tr(
            "its folder 'tokenizer' was removed or replaced, and the weights fit the old one only",
            "其中的 tokenizer 文件夹被删除或替换，而权重只适合原来的分词器",
        ),
        do=tr(
            "put the old one back, use another --out folder, or --resume never to start anew there",
            "放回原来的分词器，或换一个 --out 文件夹，或用 --resume never 在此重新开始",
        ),
    )


def _binding(settings: Mapping[str, object]) -> dict[str, object]:
    """The settings without those that change how a run is carried out, and not what it learns.

    Nor what is not set: an option that came with a later release is not another setting.
    """
    given = {
        name: {key: value for key, value in table.items() if value is not None} if isinstance(table, dict) else table
        for name, table in settings.items()
    }
    train = given.get("train")
    if isinstance(train, dict):
        given["train"] = {key: value for key, value in train.items() if key not in _FREE}
    return given
