"""The moving average of the weights: by hand, on its own, and in a run that is killed, looked at and finished."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from chatzero.checkpoint.bundle import load_bundle
from chatzero.training.config import TrainConfig
from chatzero.training.evaluate import held_out_loss
from chatzero.training.moving_average import MovingAverage, averaged, take_moving_average
from chatzero.training.optimizer import build_optimizers
from chatzero.training.report import EvalReport, StepReport
from tests import small
from tests.training.test_run import CONFIG, materials, start, weights

WITH_AVERAGE = CONFIG.model_copy(update={"ema_decay": 0.5})


def test_by_hand() -> None:
    """Weights 1, 2, 3 after the updates; decays 2/11, 3/12, 4/13, the last of them cut to 0.28."""
    weight = torch.nn.Parameter(torch.zeros(2))
    average = MovingAverage([weight], decay=0.28)
    expected = 1.0
    for number, decay in ((1.0, 2 / 11), (2.0, 3 / 12), (3.0, 0.28)):
        with torch.no_grad():
            weight.fill_(number)
        average.step()
        expected = decay * expected + (1 - decay) * number
    assert (weight == 3.0).all()
    with averaged([average]):
        torch.testing.assert_close(weight.detach(), torch.full((2,), expected))
    assert (weight == 3.0).all()
    take_moving_average([average])
    torch.testing.assert_close(weight.detach(), torch.full((2,), 0.28 * (0.25 * 1 + 0.75 * 2) + 0.72 * 3))


def test_the_weights_come_back_after_an_error() -> None:
    """1 / 0: inside, the weight is its average of 0."""
    weight = torch.nn.Parameter(torch.zeros(()))
    average = MovingAverage([weight], decay=0.9)
    average.step()
    with torch.no_grad():
        weight.fill_(7.0)
    seen: list[float] = []
    with pytest.raises(ZeroDivisionError), averaged([average]):
        seen.append(1 / float(weight.detach()))
    assert seen == []
    assert weight == 7.0


def test_it_is_off_unless_asked_for_and_comes_last() -> None:
    model = small.model("gpt", small.tokenizer())
    for kind in ("adamw", "muon"):
        off = build_optimizers(model, TrainConfig(steps=1, optimizer=kind))
        on = build_optimizers(model, TrainConfig(steps=1, optimizer=kind, ema_decay=0.9))
        assert not any(isinstance(optimizer, MovingAverage) for optimizer in off)
        assert [type(optimizer) for optimizer in on] == [*map(type, off), MovingAverage]
    with pytest.raises(ValueError, match="one of ema_decay and average_last"):
        TrainConfig(steps=1, ema_decay=0.9, average_last=2)


def test_in_a_run_it_is_what_is_looked_at_and_what_is_left(tmp_path: Path) -> None:
    """The weights go the way they would go without it; the last look is at the model in the folder."""
    list(start(tmp_path / "without"))
    looks = [e for e in start(tmp_path / "with", config=WITH_AVERAGE) if isinstance(e, EvalReport)]
    last = {name: sorted((tmp_path / name / "checkpoints").iterdir())[-1] for name in ("without", "with")}
    trained, plain = (load_file(last[name] / "model.safetensors") for name in ("with", "without"))
    assert all(torch.equal(trained[name], plain[name]) for name in plain)
    left = load_bundle(tmp_path / "with").model
    assert any(not torch.equal(parameter, trained[name]) for name, parameter in left.named_parameters())
    assert held_out_loss(left, materials("gpt").held_out) == pytest.approx(looks[-1].loss, rel=1e-6)


def test_killed_and_resumed_equals_never_killed_bit_for_bit(tmp_path: Path) -> None:
    list(start(tmp_path / "whole", config=WITH_AVERAGE))
    events = start(tmp_path / "killed", config=WITH_AVERAGE)
    for event in events:
        if isinstance(event, StepReport) and event.step == 6:
            break
    del events
    list(start(tmp_path / "killed", config=WITH_AVERAGE))
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")
    assert weights(tmp_path / "whole") == weights_after_again(tmp_path / "whole"), "a finished run stays as it is"


def weights_after_again(folder: Path) -> bytes:
    list(start(folder, config=WITH_AVERAGE))
    return weights(folder)
