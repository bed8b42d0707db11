"""Tensors in parts, each process holding its own: put together, taken apart. A whole tensor passes through as it is.

Every process of the team calls these at the same place: putting together takes all of them.
"""

import torch

from chatzero.models.build import build
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Tensor
from chatzero.training.team import Team


def is_sharded(tensor: Tensor) -> bool:
    """Does this process hold only a part of it?"""
    return hasattr(tensor, "full_tensor")  # the class, DTensor, takes half a second to import


def whole(tensor: Tensor) -> Tensor:
    """All of it."""
    if not is_sharded(tensor):
        return tensor
    put_together: Tensor = tensor.full_tensor()  # type: ignore[attr-defined]
    return put_together


def divided_like(tensor: Tensor, model: Tensor) -> Tensor:
    """The part of a whole tensor, the same on every process, that belongs here where `model` is held in parts."""
    if not is_sharded(model) or is_sharded(tensor) or tensor.shape != model.shape:
        return tensor
    from torch.distributed.tensor import distribute_tensor

    mesh, placements = model.device_mesh, model.placements  # type: ignore[attr-defined]
    # No rank is asked for the values: everybody has them.
    return distribute_tensor(tensor.to(model.device), mesh, placements, src_data_rank=None)


@torch.no_grad()
def whole_model(model: LanguageModel, team: Team) -> LanguageModel:
    """The model itself, or where it is held in parts, for the leader a whole one of the same weights, on the CPU."""
    if not any(is_sharded(parameter) for parameter in model.parameters()):
        return model
    copy = build(model.config, torch.Generator().manual_seed(0)).train(model.training) if team.leads else model
    for parameter, part in zip(copy.parameters(), model.parameters(), strict=True):
        put_together = whole(part)
        if team.leads:
            parameter.copy_(put_together)
    return copy
