"""Cross-entropy as (sum in nats, count of targets), so that neither padding nor accumulation can bias the mean."""

from dataclasses import dataclass

import torch.nn.functional as F

from chatzero.data.batch import IGNORE
from chatzero.shapes import Float, Int, Tensor


@dataclass(frozen=True)
class LossSum:
    """Nats summed over `num_targets` targets. `sum_nats` is what is minimised; `plain_nats` is without smoothing."""

    sum_nats: Float[Tensor, ""]
    plain_nats: Float[Tensor, ""]
    num_targets: int


def cross_entropy(logits: Float[Tensor, "N V"], targets: Int[Tensor, " N"], label_smoothing: float = 0.0) -> LossSum:
    """Nats of the targets under the logits; targets equal to IGNORE count for nothing.

    The last column of the logits belongs to `<pad>`, which is never a target and whose logit is minus infinity: it
    adds nothing to the sum of exponentials. Label smoothing (Szegedy et al. 2016) spreads its share over the tokens
    that can occur, so there the column is left out.
    """
    logits = logits.float()  # float32: the sum of many exponentials loses digits in bfloat16
    plain = F.cross_entropy(logits, targets, ignore_index=IGNORE, reduction="sum")
    count = int((targets != IGNORE).sum())
    if label_smoothing == 0.0:
        return LossSum(plain, plain.detach(), count)
    smooth = F.cross_entropy(
        logits[:, :-1], targets, ignore_index=IGNORE, reduction="sum", label_smoothing=label_smoothing
    )
    return LossSum(smooth, plain.detach(), count)
