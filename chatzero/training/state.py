"""Everything that one update changes: weights, optimizers, random generator, step, time, best score."""

from dataclasses import asdict, dataclass, field

import torch
from pydantic import BaseModel

from chatzero.checkpoint.resume import SavedState
from chatzero.errors import ModelFolderError
from chatzero.language import tr
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Tensor
from chatzero.training.distributed import Together
from chatzero.training.guards.remark import Remark
from chatzero.training.sharding import divided_like


@dataclass
class TrainState:
    """The moving parts. `elapsed_s` counts training time only, over all the processes that carried this run."""

    model: LanguageModel
    optimizers: list[torch.optim.Optimizer]
    together: Together = field(default_factory=Together)
    """How the processes that train this model share an update."""
    step: int = 0
    elapsed_s: float = 0.0
    best_loss: float = float("inf")
    best_step: int | None = None
    """After which update the held-out loss was `best_loss`."""
    looked_at: int | None = None
    """After which update the held-out loss was measured last."""
    learning_rate_factor: float = 1.0
    """On every learning rate; lowered when a loss or gradient was not finite."""
    splits: int = 1
    """Micro-batches that memory was found to need."""
    left_out: dict[int, list[int]] = field(default_factory=dict)
    """Rows that no loss could be computed of, by step: they take no part."""
    remarks: list[Remark] = field(default_factory=list)
    """What was healed and what was noticed, in order."""

    def saved(self) -> SavedState:
        """The state as plain tensors and numbers."""
        optimizer_tensors: dict[str, Tensor] = {}
        for i, optimizer in enumerate(self.optimizers):
            for index, values in optimizer.state_dict()["state"].items():
                optimizer_tensors |= {f"{i}.{index}.{key}": value for key, value in values.items()}
        random = {"cpu": torch.get_rng_state()}
        if torch.cuda.is_available():
            random |= {f"cuda.{i}": s for i, s in enumerate(torch.cuda.get_rng_state_all())}
        # Not state_dict(): tied weights would be written more than once.
        weights = dict(self.model.named_parameters())
        numbers: dict[str, object] = {
            "step": self.step,
            "elapsed_s": self.elapsed_s,
            "best_loss": self.best_loss if self.best_loss < float("inf") else None,
            "best_step": self.best_step,
            "looked_at": self.looked_at,
            "learning_rate_factor": self.learning_rate_factor,
            "splits": self.splits,
            "left_out": {str(step): rows for step, rows in self.left_out.items()},
            "remarks": [asdict(remark) for remark in self.remarks],
        }
        return SavedState({"model": dict(weights), "optimizer": optimizer_tensors, "random": random}, numbers)

    def restore(self, saved: SavedState) -> None:
        """Become the saved state exactly. Raises `ModelFolderError` when it was made by another model."""
        parameters = dict(self.model.named_parameters())
        _require_same_shapes(parameters, saved.tensors["model"])
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(divided_like(saved.tensors["model"][name], parameter))
        for i, optimizer in enumerate(self.optimizers):
            moved = moved_by(optimizer)
            state: dict[int, dict[str, Tensor]] = {}
            for name, tensor in saved.tensors["optimizer"].items():
                which, index, key = name.split(".", 2)
                if int(which) == i:
                    state.setdefault(int(index), {})[key] = divided_like(tensor, moved[int(index)])
            optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
        torch.set_rng_state(saved.tensors["random"]["cpu"])
        if torch.cuda.is_available():
            for i in range(torch.cuda.device_count()):
                if (cuda := saved.tensors["random"].get(f"cuda.{i}")) is not None:
                    torch.cuda.set_rng_state(cuda, i)
        numbers = _Numbers.model_validate({k: v for k, v in saved.numbers.items() if k in _Numbers.model_fields})
        self.best_loss = float("inf") if numbers.best_loss is None else numbers.best_loss
        self.step, self.elapsed_s = numbers.step, numbers.elapsed_s
        self.best_step, self.looked_at = numbers.best_step, numbers.looked_at
        self.learning_rate_factor, self.splits = numbers.learning_rate_factor, numbers.splits
        self.left_out, self.remarks = numbers.left_out, numbers.remarks


def moved_by(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    """Its parameters, in the order in which its state is numbered."""
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


class _Numbers(BaseModel):
    """The plain numbers of a saved state, read back. What an earlier release did not write has its starting value."""

    step: int
    elapsed_s: float
    best_loss: float | None
    best_step: int | None = None
    looked_at: int | None = None
    learning_rate_factor: float = 1.0
    splits: int = 1
    left_out: dict[int, list[int]] = {}
    remarks: list[Remark] = []


def _require_same_shapes(mine: dict[str, torch.nn.Parameter], theirs: dict[str, Tensor]) -> None:
    differing = sorted(mine.keys() ^ theirs.keys()) or [n for n in mine if mine[n].shape != theirs[n].shape]
    if differing:
        raise ModelFolderError(
            what=tr(
                f"the checkpoint is of another model: {differing[0]} differs",
                f"检查点属于另一个模型：{differing[0]} 不同",
            ),
            why=tr("its settings are not those of this run", "它的配置与本次运行不同"),
            do=tr(
                "use another --out folder, or --resume never to start anew",
                "换一个 --out 文件夹，或用 --resume never 重新开始",
            ),
        )
