"""Every parameter is moved by exactly one optimizer, and only the layers' matrices decay."""

from typing import Literal

import pytest
from torch import nn

from chatzero.models.sizes import ARCHS, Arch
from chatzero.training.config import TrainConfig
from chatzero.training.muon import Muon
from chatzero.training.optimizer import build_optimizers, set_learning_rate
from tests import small


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("name", ["adamw", "muon"])
def test_each_parameter_once_and_decay_by_rule(arch: Arch, name: Literal["adamw", "muon"]) -> None:
    model = small.model(arch, small.tokenizer())
    config = TrainConfig(steps=1, optimizer=name, weight_decay=0.3)
    names = {id(p): n for n, p in model.named_parameters()}
    groups = [group for optimizer in build_optimizers(model, config) for group in optimizer.param_groups]
    moved = [names[id(p)] for group in groups for p in group["params"]]
    assert sorted(moved) == sorted(names.values())
    decayed = {names[id(p)] for group in groups if group["weight_decay"] == 0.3 for p in group["params"]}
    linear = {f"{n}.weight" for n, m in model.named_modules() if isinstance(m, nn.Linear)}
    assert decayed == linear
    assert not any("embedding" in n or "norm" in n for n in decayed)


def test_each_optimizer_gets_its_own_peak() -> None:
    config = TrainConfig(steps=1, optimizer="muon", learning_rate=1e-3, matrix_learning_rate=0.05)
    optimizers = build_optimizers(small.model("gpt", small.tokenizer()), config)
    set_learning_rate(optimizers, config, 0.5)
    for optimizer in optimizers:
        wanted = 0.025 if isinstance(optimizer, Muon) else 0.0005
        assert all(group["lr"] == wanted for group in optimizer.param_groups)
