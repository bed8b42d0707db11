"""How the members of a team compute one update together, by PyTorch's own engines.

    alone        as if there were no team
    replicated   DDP: every process holds the whole model; gradients are summed while the backward pass runs
    sharded      FSDP2: every process holds a part of each weight, its gradient and its optimizer state; a layer is put
                 together just before it computes, and taken apart again (Rajbhandari et al. 2020, ZeRO stage 3)

The loss is a sum over the tokens of the whole batch, divided once. Both engines average gradients over processes, so
each process multiplies its part of the loss by their number. Not here: who the members are (`team`), which rows are
whose (`data.shares`), and tensors in parts (`sharding`).
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from chatzero.data.batch import Batch
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Float, Tensor
from chatzero.training.config import Parallel
from chatzero.training.loss import LossSum
from chatzero.training.objective import batch_loss
from chatzero.training.team import ALONE, Team


class Together:
    """How one process alone does it, and what the two engines do otherwise."""

    sharded = False

    def __init__(self, team: Team = ALONE) -> None:
        self.team = team

    def loss(self, model: LanguageModel, batch: Batch, label_smoothing: float = 0.0) -> LossSum:
        """The loss of this process's micro-batch."""
        return batch_loss(model, batch, label_smoothing)

    @contextmanager
    def summing(self, now: bool) -> Iterator[None]:
        """Within the block, a backward pass sums gradients over the team only if `now`: once an update is enough."""
        yield

    def clip(self, model: LanguageModel, longest: float) -> float:
        """Shorten the gradient, over all parameters of the whole model, to this norm; what it was."""
        return float(torch.nn.utils.clip_grad_norm_(model.parameters(), longest))

    def begin(self, seed: int, step: int) -> None:
        """Before a step: in a team, what dropout drops is a function of seed, step and rank, so it resumes exactly."""
        if self.team.size > 1:
            drawn = np.random.SeedSequence([seed, step, self.team.rank]).generate_state(1, np.uint64)
            torch.manual_seed(int(drawn[0] >> np.uint64(1)))


class Replicated(Together):
    """DistributedDataParallel around the loss."""

    def __init__(self, team: Team, model: LanguageModel) -> None:
        super().__init__(team)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*broadcast_buffers", FutureWarning)  # its new name came with torch 2.13
            # Buffers are the same everywhere: they are made, not learned.
            self.engine = nn.parallel.DistributedDataParallel(
                _Loss(model), broadcast_buffers=False, gradient_as_bucket_view=True
            )

    def loss(self, model: LanguageModel, batch: Batch, label_smoothing: float = 0.0) -> LossSum:
        if not torch.is_grad_enabled():
            return batch_loss(model, batch, label_smoothing)
        sum_nats, plain_nats = self.engine(batch, label_smoothing)
        return LossSum(sum_nats, plain_nats, batch.num_targets)

    @contextmanager
    def summing(self, now: bool) -> Iterator[None]:
        if now:
            yield
            return
        with self.engine.no_sync():
            yield


class Sharded(Together):
    """FSDP2 (`fully_shard`) around each layer, and around what is left: embedding and last norm."""

    sharded = True

    def __init__(self, team: Team, model: LanguageModel) -> None:
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import fully_shard

        super().__init__(team)
        self.beside = team.another()
        """The same team on connections of its own: for checkpoints, which are written beside training."""
        mesh = init_device_mesh(next(model.parameters()).device.type, (team.size,))
        for stack in [module for module in model.modules() if isinstance(module, nn.ModuleList)]:
            for layer in stack:
                fully_shard(layer, mesh=mesh)
        # Taken apart after each forward pass too: a look at the held-out loss has no backward pass that would do it.
        self._loss = _Loss(model)
        self.engine = fully_shard(self._loss, mesh=mesh, reshard_after_forward=True)

    def loss(self, model: LanguageModel, batch: Batch, label_smoothing: float = 0.0) -> LossSum:
        sum_nats, plain_nats = self._loss(batch, label_smoothing)
        return LossSum(sum_nats, plain_nats, batch.num_targets)

    @contextmanager
    def summing(self, now: bool) -> Iterator[None]:
        self.engine.set_requires_gradient_sync(now)
        yield

    def clip(self, model: LanguageModel, longest: float) -> float:
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), longest)
        return float(norm.full_tensor())  # type: ignore[attr-defined]


class _Loss(nn.Module):
    """The model with its loss as `forward`: what the engines can wrap. They look for tensors in what it returns."""

    def __init__(self, model: LanguageModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: Batch, label_smoothing: float) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        loss = batch_loss(self.model, batch, label_smoothing)
        return loss.sum_nats, loss.plain_nats


def together(team: Team, model: LanguageModel, parallel: Parallel) -> Together:
    """This team's way. Call it before there are optimizers: sharding puts other parameters in the place of these."""
    if team.size == 1:
        return Together(team)
    return Replicated(team, model) if parallel == "ddp" else Sharded(team, model)
