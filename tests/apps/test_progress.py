"""What is shown while a run trains, from events made up here."""

from pathlib import Path

import pytest

from chatzero.apps.cli.progress import follow
from chatzero.training.config import TrainConfig
from chatzero.training.guards.remark import Remark
from chatzero.training.report import EvalReport, StepReport
from chatzero.training.run import Event, Stopped
from chatzero.training.told import read_told
from tests import small


def step(number: int, progress: float, elapsed_s: float) -> StepReport:
    return StepReport(
        step=number,
        progress=progress,
        loss=1.5,
        learning_rate=1e-3,
        grad_norm=0.5,
        tokens=100,
        padded_tokens=120,
        seconds=4.0,
        elapsed_s=elapsed_s,
    )


def test_a_first_step_of_many_seconds_is_shown_without_a_guess(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its progress is zero: the time left cannot be told from it. (It once ended the run with a division by zero.)"""
    tokens = small.tokenizer()
    events: list[Event] = [step(1, 0.0, 4.0), Stopped(1, 4.0, finished=False, signal_number=0)]
    stopped = follow(events, small.model("gpt", tokens), tokens, TrainConfig(minutes=1.0), tmp_path)
    assert stopped.step == 1
    assert "ETA -" in capsys.readouterr().err


def test_the_time_left_follows_from_the_progress(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tokens = small.tokenizer()
    events: list[Event] = [step(10, 0.25, 60.0), Stopped(10, 60.0, finished=False, signal_number=0)]
    follow(events, small.model("gpt", tokens), tokens, TrainConfig(minutes=4.0), tmp_path)
    shown = capsys.readouterr().err
    assert "ETA 3:00" in shown
    assert "10/40" in shown


def test_answers_and_remarks_are_kept_in_the_run_folder(tmp_path: Path) -> None:
    tokens = small.tokenizer()
    noticed = Remark(7, "spike", ("what", "什么"), ("why", "为何"), ("do", "怎么办"))
    events: list[Event] = [
        EvalReport(5, 2.0, 1.0, 10.0, best=True),
        noticed,
        Stopped(10, 60.0, finished=False, signal_number=0),
    ]
    follow(events, small.model("gpt", tokens), tokens, TrainConfig(minutes=4.0), tmp_path, ["Hi", "你好"])
    told = read_told(tmp_path)
    assert [(sample.step, [asked for asked, _ in sample.answers]) for sample in told.samples] == [(5, ["Hi", "你好"])]
    assert told.remarks == [noticed]
