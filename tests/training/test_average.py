"""The mean of the last weights: of the right ones, exact, and the same after a run was killed."""

from pathlib import Path

import torch

from chatzero.training.average import keep_snapshot, take_average
from tests.small import model, tokenizer


def fill(net: torch.nn.Module, number: float) -> None:
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.fill_(number)


def test_the_mean_of_the_newest_few(tmp_path: Path) -> None:
    net = model("gpt", tokenizer())
    for step, number in ((10, 100.0), (20, 1.0), (30, 2.0), (40, 6.0)):
        fill(net, number)
        keep_snapshot(tmp_path, step, net, last=3)
    fill(net, -1.0)
    assert take_average(tmp_path, net, up_to_step=40) == [20, 30, 40]
    assert all((parameter == 3.0).all() for parameter in net.parameters())


def test_what_a_killed_run_kept_after_its_checkpoint_is_replaced(tmp_path: Path) -> None:
    """Killed at 35, taken up at 15: the looks at 20 and 30 come again and count once."""
    net = model("gpt", tokenizer())
    for step, number in ((10, 1.0), (20, 50.0), (30, 70.0), (20, 2.0), (30, 3.0)):
        fill(net, number)
        keep_snapshot(tmp_path, step, net, last=10)
    assert take_average(tmp_path, net, up_to_step=30) == [10, 20, 30]
    assert all((parameter == 2.0).all() for parameter in net.parameters())


def test_nothing_kept_changes_nothing(tmp_path: Path) -> None:
    net = model("gpt", tokenizer())
    before = [parameter.clone() for parameter in net.parameters()]
    assert take_average(tmp_path, net, up_to_step=5) == []
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))
