"""Everything that one update changes: weights, optimizers, random generator, step, time, best score."""

from dataclasses import dataclass, field

import torch

from chatzero.checkpoint.resume import SavedState
from chatzero.errors import ModelFolderError
from chatzero.language import tr
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Tensor


@dataclass
class TrainState:
    """The moving parts. `elapsed_s` counts training time only, over all the processes that carried this run."""

    model: LanguageModel
    optimizers: list[torch.optim.Optimizer]
    step: int = 0
    elapsed_s: float = 0.0
    best_loss: float = float("inf")
    notes: dict[str, object] = field(default_factory=dict)

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
            "notes": self.notes,
        }
        return SavedState({"model": dict(weights), "optimizer": optimizer_tensors, "random": random}, numbers)

    def restore(self, saved: SavedState) -> None:
        """Become the saved state exactly. Raises `ModelFolderError` when it was made by another model."""
        parameters = dict(self.model.named_parameters())
        _require_same_shapes(parameters, saved.tensors["model"])
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(saved.tensors["model"][name])
        for i, optimizer in enumerate(self.optimizers):
            state: dict[int, dict[str, Tensor]] = {}
            for name, tensor in saved.tensors["optimizer"].items():
                which, index, key = name.split(".", 2)
                if int(which) == i:
                    state.setdefault(int(index), {})[key] = tensor
            optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
        torch.set_rng_state(saved.tensors["random"]["cpu"])
        if torch.cuda.is_available():
            for i in range(torch.cuda.device_count()):
                if (cuda := saved.tensors["random"].get(f"cuda.{i}")) is not None:
                    torch.cuda.set_rng_state(cuda, i)
        numbers = saved.numbers
        self.step = int(str(numbers["step"]))
        self.elapsed_s = float(str(numbers["elapsed_s"]))
        best = numbers["best_loss"]
        self.best_loss = float("inf") if best is None else float(str(best))
        notes = numbers["notes"]
        self.notes = dict(notes) if isinstance(notes, dict) else {}


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
