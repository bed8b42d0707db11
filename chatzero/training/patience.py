"""Early stopping: when the held-out loss has not become better for a while, more steps only memorise."""

from collections.abc import Sequence
from pathlib import Path

from chatzero.training.report import read_metrics


def out_of_patience(losses: Sequence[float], patience: int | None) -> bool:
    """Was none of the last `patience` held-out losses better than the best before them? Never without a `patience`."""
    if patience is None or len(losses) <= patience:
        return False
    return min(losses[-patience:]) >= min(losses[:-patience])


def held_out_losses(metrics: Path, up_to_step: int) -> list[float]:
    """The loss at each look so far, from `metrics.jsonl`: so a run taken up again has the memory of the whole run.

    One a step: the last look of a run that averages its weights is at a step that has been looked at already.
    """
    losses: dict[int, float] = {}
    for row in read_metrics(metrics):
        step = int(str(row["step"]))
        if row["kind"] == "eval" and step <= up_to_step:
            losses.setdefault(step, float(str(row["loss"])))
    return list(losses.values())
