"""The loss in pieces against PyTorch's in one, in float64: value and gradients; `<pad>` counts for nothing."""

import pytest
import torch
import torch.nn.functional as F

from chatzero.training import loss as loss_module
from chatzero.training.loss import linear_cross_entropy

N, D, V = 7, 5, 11


def example(dtype: torch.dtype = torch.float64) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(N, D, generator=generator, dtype=dtype).requires_grad_()
    weight = torch.randn(V, D, generator=generator, dtype=dtype).requires_grad_()
    return hidden, weight, torch.tensor([0, 3, 9, 9, 1, 4, 0])


@pytest.mark.parametrize("row_step", [1, 2, 5, 64])
@pytest.mark.parametrize("rows_at_once", [1, 3, 100])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_equals_pytorch_on_the_tokens_that_can_occur(
    smoothing: float, rows_at_once: int, row_step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss_module, "_SCORES_AT_ONCE_CPU", rows_at_once * V)
    monkeypatch.setattr(loss_module, "_ROW_STEP", row_step)
    hidden, weight, targets = example()
    loss = linear_cross_entropy(hidden, weight, targets, smoothing)
    logits = (hidden @ weight.T)[:, :-1]
    wanted = F.cross_entropy(logits, targets, reduction="sum", label_smoothing=smoothing)
    assert torch.allclose(loss.sum_nats, wanted, rtol=1e-12)
    assert torch.allclose(loss.plain_nats, F.cross_entropy(logits, targets, reduction="sum"), rtol=1e-12)
    assert loss.num_targets == N
    # A factor in front, as the divisor of a step is one.
    ours = torch.autograd.grad(0.3 * loss.sum_nats, (hidden, weight))
    theirs = torch.autograd.grad(0.3 * wanted, (hidden, weight))
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.allclose(mine, other, rtol=1e-12, atol=1e-14)


def test_few_shapes_whatever_the_number_of_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[int] = set()
    linear = F.linear

    def note(rows: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        seen.add(len(rows))
        return linear(rows, table)

    monkeypatch.setattr(loss_module, "_SCORES_AT_ONCE_CPU", 128 * V)
    monkeypatch.setattr(F, "linear", note)
    weight = torch.randn(V, D)
    for n in range(1, 400):
        linear_cross_entropy(torch.randn(n, D), weight, torch.zeros(n, dtype=torch.long))
    assert seen == {64, 128}


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_no_gradient_reaches_the_row_of_pad(smoothing: float) -> None:
    hidden, weight, targets = example()
    (gradient,) = torch.autograd.grad(linear_cross_entropy(hidden, weight, targets, smoothing).sum_nats, weight)
    assert (gradient[-1] == 0).all()
    assert (gradient[:-1] != 0).all()


def test_autocast_multiplies_short_and_sums_long() -> None:
    hidden, weight, targets = example(torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = linear_cross_entropy(hidden, weight, targets)
    exact = linear_cross_entropy(hidden, weight, targets)
    assert loss.sum_nats.dtype == torch.float32
    assert loss.sum_nats != exact.sum_nats
    assert torch.allclose(loss.sum_nats, exact.sum_nats, rtol=2e-2)
    for mine, other in zip(
        torch.autograd.grad(loss.sum_nats, (hidden, weight)),
        torch.autograd.grad(exact.sum_nats, (hidden, weight)),
        strict=True,
    ):
        assert mine.dtype == torch.float32
        assert torch.allclose(mine, other, atol=0.1)


def test_without_gradients_the_loss_is_the_same() -> None:
    hidden, weight, targets = example()
    with torch.no_grad():
        silent = linear_cross_entropy(hidden, weight, targets)
    assert not silent.sum_nats.requires_grad
    assert torch.equal(silent.sum_nats, linear_cross_entropy(hidden, weight, targets).sum_nats)
