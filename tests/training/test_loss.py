"""Cross-entropy against PyTorch's on the real columns, in float64; padding and `<pad>` count for nothing."""

import math

import pytest
import torch
import torch.nn.functional as F

from chatzero.data.batch import IGNORE
from chatzero.training.loss import cross_entropy


def logits_and_targets() -> tuple[torch.Tensor, torch.Tensor]:
    logits = torch.randn(6, 11, generator=torch.Generator().manual_seed(0))
    logits[:, -1] = -math.inf
    return logits.requires_grad_(), torch.tensor([0, 3, IGNORE, 9, 1, IGNORE])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_equals_pytorch_on_the_columns_that_can_occur(smoothing: float) -> None:
    logits, targets = logits_and_targets()
    loss = cross_entropy(logits, targets, smoothing)
    wanted = F.cross_entropy(logits[:, :-1], targets, reduction="sum", label_smoothing=smoothing)
    assert torch.allclose(loss.sum_nats, wanted)
    assert torch.allclose(loss.plain_nats, F.cross_entropy(logits[:, :-1], targets, reduction="sum"))
    assert loss.num_targets == 4


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_no_gradient_for_padding_or_the_pad_column(smoothing: float) -> None:
    logits, targets = logits_and_targets()
    (gradient,) = torch.autograd.grad(cross_entropy(logits, targets, smoothing).sum_nats, logits)
    assert gradient.isfinite().all()
    assert (gradient[targets == IGNORE] == 0).all()
    assert (gradient[:, -1] == 0).all()
    assert (gradient[targets != IGNORE, :-1] != 0).all()
