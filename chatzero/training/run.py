"""A run: train to the horizon in one folder that holds everything about it, and can be taken up again at any time.

    run.json         what was asked for, resolved       checkpoints/     the training state, the newest few
    metrics.jsonl    a row a step                       model/           the model folder
    tensorboard/     the same as curves                 loss.png         the same as a picture

`run` yields what happens; who listens (a progress bar, a sampler) is not its business.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from chatzero.checkpoint.atomic import write_whole
from chatzero.checkpoint.bundle import MODEL_FOLDER, save_bundle
from chatzero.checkpoint.resume import latest_state, save_state
from chatzero.data.batch import LMBatch, Seq2SeqBatch
from chatzero.data.loader import Loader
from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.models.interface import LanguageModel
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.average import FOLDER as SNAPSHOTS
from chatzero.training.average import keep_snapshot, take_average
from chatzero.training.config import TrainConfig
from chatzero.training.curves import CurveLog
from chatzero.training.evaluate import bits_per_byte, held_out_loss
from chatzero.training.guards.interruption import listen_for_interruption
from chatzero.training.loop import progress, steps
from chatzero.training.memory import keep_freed_memory
from chatzero.training.optimizer import build_optimizers
from chatzero.training.patience import held_out_losses, out_of_patience
from chatzero.training.precision import DTYPES
from chatzero.training.report import EvalReport, MetricsFile, StepReport
from chatzero.training.state import TrainState

RUN_FILE = "run.json"
Resume = Literal["auto", "never"]


@dataclass(frozen=True)
class Materials:
    """What a run trains and on what. `bytes_per_target`: bytes of held-out text that one target stands for."""

    model: LanguageModel
    tokenizer: Tokenizer
    loader: Loader
    held_out: Sequence[LMBatch | Seq2SeqBatch]
    bytes_per_target: float
    card: str


@dataclass(frozen=True)
class Resumed:
    """Training goes on from `step`; `skipped` names the damaged checkpoints that were passed over."""

    step: int
    elapsed_s: float
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class Stopped:
    """The end: at the horizon, or because a signal asked for it. The model folder is written either way."""

    step: int
    elapsed_s: float
    finished: bool
    signal_number: int


Event = StepReport | EvalReport | Resumed | Stopped


def run(
    folder: Path, materials: Materials, config: TrainConfig, settings: dict[str, object], resume: Resume = "auto"
) -> Iterator[Event]:
    """Train in `folder` until the horizon or a signal, from its newest sound checkpoint if there is one.

    `settings` is what the run was asked for; a folder made with other settings is refused with `ConfigError`.
    `config.precision` must be decided ("auto" is for the caller to measure).
    """
    keep_freed_memory()
    checkpoints = folder / "checkpoints"
    if resume == "never":
        clear(folder)
    claim(folder, settings)
    torch.manual_seed(config.seed)
    state = TrainState(materials.model, build_optimizers(materials.model, config))
    saved, skipped = latest_state(checkpoints)
    if saved is not None:
        state.restore(saved)
    if saved is not None or skipped:
        yield Resumed(state.step, state.elapsed_s, tuple(skipped))

    dtype = DTYPES[config.precision]
    metrics = MetricsFile(folder / "metrics.jsonl", state.step)
    curves = CurveLog(folder, state.step)
    look_every = materials.loader.steps_per_epoch if config.eval_every == "epoch" else config.eval_every
    losses = held_out_losses(folder / "metrics.jsonl", state.step)
    try:
        with listen_for_interruption() as interruption:
            more = () if out_of_patience(losses, config.patience) else steps(state, materials.loader, config, dtype)
            for report in more:
                metrics.write(report)
                curves.add(report)
                yield report
                if state.step % look_every == 0:
                    looked = _look(state, materials, dtype)
                    metrics.write(looked)
                    curves.add(looked)
                    losses.append(looked.loss)
                    if config.average_last > 1:
                        keep_snapshot(folder, state.step, state.model, config.average_last)
                    yield looked
                if interruption.requested or out_of_patience(losses, config.patience):
                    break
                if state.step % config.save_every == 0:
                    metrics.flush()
                    save_state(checkpoints, state.step, state.saved(), config.keep)
            finished = progress(state, config) >= 1.0 or out_of_patience(losses, config.patience)
            metrics.flush()
            save_state(checkpoints, state.step, state.saved(), config.keep)  # before the weights are averaged
            if finished:
                if config.average_last > 1:
                    take_average(folder, state.model, state.step)
                looked = _look(state, materials, dtype)
                metrics.write(looked)
                curves.add(looked)
                yield looked
            save_bundle(folder / MODEL_FOLDER, materials.model, materials.tokenizer, materials.card)
    finally:
        metrics.close()
        curves.close()
    write_run_file(folder, settings, "finished" if finished else "interrupted")
    yield Stopped(state.step, state.elapsed_s, finished, interruption.signal_number)


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
    for name in ("checkpoints", "tensorboard", SNAPSHOTS, MODEL_FOLDER):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in (RUN_FILE, "metrics.jsonl", "loss.png", "report.md"):
        (folder / name).unlink(missing_ok=True)


def claim(folder: Path, settings: dict[str, object]) -> None:
    """Make the folder this run's. Raises `ConfigError` when it already is another's."""
    there = read_run_file(folder)
    if there is not None:
        theirs = there.settings
        differing = sorted(key for key in theirs.keys() | settings.keys() if theirs.get(key) != settings.get(key))
        if differing:
            name = differing[0]
            was, now = theirs.get(name), settings.get(name)
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


def _look(state: TrainState, materials: Materials, dtype: torch.dtype) -> EvalReport:
    loss = held_out_loss(state.model, materials.held_out, dtype)
    best = loss < state.best_loss
    state.best_loss = min(loss, state.best_loss)
    return EvalReport(state.step, loss, bits_per_byte(loss, materials.bytes_per_target), state.elapsed_s, best)
