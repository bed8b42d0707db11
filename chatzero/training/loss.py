"""Cross-entropy as (sum in nats, count of targets), so that neither padding nor accumulation can bias the mean.

The scores of a whole batch are the largest tensor of a step: (targets, vocabulary) in float32. Here they are made,
used for loss and gradient, and forgotten, a few rows at a time, so that they stay in the processor's cache.
"""

from dataclasses import dataclass

import torch
from torch.autograd.function import FunctionCtx, once_differentiable
from torch.nn import functional as F

from chatzero.shapes import Float, Int, Tensor

# Scores held at once. On a CPU what fits its cache, measured (128, 256, 512, all 1,750 rows of 4,096: 24, 19, 18 and
# 30 ms); on a GPU enough to keep it busy.
_SCORES_AT_ONCE_CPU = 2**21
_SCORES_AT_ONCE = 2**26
# The number of targets is another at each step; filled up to a multiple of this, the products have few shapes. On a CPU
# each new shape must first be prepared: measured, a sixth of a small model's step, and memory that grew with the steps.
_ROW_STEP = 64


@dataclass(frozen=True)
class LossSum:
    """Nats summed over `num_targets` targets. `sum_nats` is what is minimised; `plain_nats` is without smoothing."""

    sum_nats: Float[Tensor, ""]
    plain_nats: Float[Tensor, ""]
    num_targets: int


def linear_cross_entropy(
    hidden: Float[Tensor, "N D"],
    weight: Float[Tensor, "V D"],
    targets: Int[Tensor, " N"],
    label_smoothing: float = 0.0,
) -> LossSum:
    """Nats of the targets under the scores `hidden @ weight.T`; every row has a target.

    The last row of `weight` belongs to `<pad>`, which is never a target and can never be said: it takes no part, and
    no gradient reaches it. Label smoothing (Szegedy et al. 2016, section 7) spreads its share over the other tokens.
    Under autocast the products have its short type; the sum of exponentials is always float32 or longer.
    """
    device = hidden.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else hidden.dtype
    sum_nats, plain_nats = _LinearCrossEntropy.apply(  # type: ignore[no-untyped-call]
        hidden.to(dtype), weight, targets, label_smoothing, torch.is_grad_enabled()
    )
    return LossSum(sum_nats, plain_nats, len(targets))


class _LinearCrossEntropy(torch.autograd.Function):
    """The gradient of a score is its probability, less one at the target: known as soon as the loss is."""

    @staticmethod
    def forward(
        ctx: FunctionCtx,
        hidden: Float[Tensor, "N D"],
        weight: Float[Tensor, "V D"],
        targets: Int[Tensor, " N"],
        label_smoothing: float,
        to_learn: bool,
    ) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        """Without `to_learn`, as in a look at the held-out loss, no gradient is made."""
        table, vocab_size, num_targets = weight.to(hidden.dtype), len(weight), len(targets)
        filling = -num_targets % _ROW_STEP
        hidden, targets = F.pad(hidden, (0, 0, 0, filling)), F.pad(targets, (0, filling))
        if to_learn:
            grad_hidden, grad_weight = torch.empty_like(hidden), torch.zeros_like(weight)
        sum_nats = plain_nats = torch.zeros((), dtype=_exact(hidden.dtype), device=hidden.device)
        at_once = _SCORES_AT_ONCE_CPU if hidden.device.type == "cpu" else _SCORES_AT_ONCE
        rows = max(1, at_once // (vocab_size * _ROW_STEP)) * _ROW_STEP
        for start in range(0, len(targets), rows):
            part, real = slice(start, start + rows), slice(num_targets - start)
            target = targets[part, None]
            logits = F.linear(hidden[part], table)  # rows V
            logits[:, -1] = -torch.inf
            log_probabilities = F.log_softmax(logits, dim=-1, dtype=_exact(hidden.dtype))
            plain = -log_probabilities.gather(1, target)[real].sum()
            plain_nats = plain_nats + plain
            even = -log_probabilities[real, :-1].sum() / (vocab_size - 1) if label_smoothing else 0.0
            sum_nats = sum_nats + (1 - label_smoothing) * plain + label_smoothing * even
            if to_learn:
                grad = log_probabilities.exp_()
                grad.scatter_add_(1, target, torch.full_like(target, label_smoothing - 1, dtype=grad.dtype))
                if label_smoothing:
                    grad[:, :-1] -= label_smoothing / (vocab_size - 1)
                grad[num_targets - start :] = 0.0
                short = grad.to(hidden.dtype)
                grad_hidden[part] = short @ table
                grad_weight += short.mT @ hidden[part]
        if to_learn:
            ctx.save_for_backward(grad_hidden[:num_targets], grad_weight)
        ctx.mark_non_differentiable(plain_nats)
        return sum_nats, plain_nats

    @staticmethod
    @once_differentiable
    def backward(
        ctx: FunctionCtx, grad_sum: Float[Tensor, ""], grad_plain: Float[Tensor, ""]
    ) -> tuple[Float[Tensor, "N D"], Float[Tensor, "V D"], None, None, None]:
        grad_hidden, grad_weight = ctx.saved_tensors  # type: ignore[attr-defined]
        return grad_hidden * grad_sum.to(grad_hidden.dtype), grad_weight * grad_sum, None, None, None


def _exact(dtype: torch.dtype) -> torch.dtype:
    """In bfloat16 a sum of many exponentials loses its digits."""
    return torch.promote_types(dtype, torch.float32)
