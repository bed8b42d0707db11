"""Who is moved by which optimizer, and who decays: by rule, from the shape and the role of each parameter."""

import torch
from torch import nn

from chatzero.training.config import TrainConfig
from chatzero.training.moving_average import MovingAverage
from chatzero.training.muon import Muon


def build_optimizers(model: nn.Module, config: TrainConfig) -> list[torch.optim.Optimizer]:
    """The optimizers that together move every parameter exactly once; last, where asked for, their moving average.

    Matrices inside the layers decay (Loshchilov and Hutter 2019); embeddings, norms and biases do not: an embedding
    row that is rarely seen would shrink for want of gradient, and a norm or a bias has no scale to keep small.
    """
    in_layers = {id(module.weight) for module in model.modules() if isinstance(module, nn.Linear)}
    matrices = [p for p in model.parameters() if id(p) in in_layers]
    others = [p for p in model.parameters() if id(p) not in in_layers]
    decayed = {"params": matrices, "weight_decay": config.weight_decay}
    plain = {"params": others, "weight_decay": 0.0}
    groups = [plain] if config.optimizer == "muon" else [decayed, plain]
    adamw = torch.optim.AdamW(
        groups,
        lr=config.learning_rate,
        betas=(config.beta1, config.beta2),
        eps=1e-9,  # as in the 2017 paper; 1e-8 is already felt at the small gradients of rare tokens
        fused=next(model.parameters()).device.type in ("cpu", "cuda"),
    )
    chosen: list[torch.optim.Optimizer] = [adamw]
    if config.optimizer == "muon":
        chosen.append(Muon(matrices, lr=config.matrix_learning_rate, weight_decay=config.weight_decay))
    if config.ema_decay is not None:
        chosen.append(MovingAverage(model.parameters(), config.ema_decay))
    return chosen


def set_learning_rate(optimizers: list[torch.optim.Optimizer], config: TrainConfig, share: float) -> None:
    """Set every group to `share` of its peak."""
    for optimizer in optimizers:
        peak = config.matrix_learning_rate if isinstance(optimizer, Muon) else config.learning_rate
        for group in optimizer.param_groups:
            group["lr"] = peak * share
