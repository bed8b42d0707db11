from collections.abc import Callable, Iterator

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from chatzero.blocks.embedding import TokenEmbedding

PAD = 9


def test_vectors_are_scaled_rows() -> None:
    ids = torch.tensor([[1, 3]])
    plain, scaled = TokenEmbedding(10, 16), TokenEmbedding(10, 16, scaled=True)
    torch.testing.assert_close(plain(ids), plain.weight[ids])
    torch.testing.assert_close(scaled(ids), 4.0 * scaled.weight[ids])


def test_pad_is_zero_going_in_and_never_comes_out() -> None:
    table = TokenEmbedding(10, 16)
    assert not table(torch.tensor([PAD])).any()
    logits = table.logits(torch.randn(3, 16, generator=torch.Generator().manual_seed(0)))
    assert (logits[:, PAD] == -torch.inf).all()
    assert logits[:, :PAD].isfinite().all()


OPTIMIZERS: dict[str, Callable[[Iterator[nn.Parameter]], torch.optim.Optimizer]] = {
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.5),
    "SGD": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    "Adagrad": lambda p: torch.optim.Adagrad(p, lr=0.1),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.1, momentum=0.5),
    "Adafactor": lambda p: torch.optim.Adafactor(p, lr=0.1),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_pad_row_stays_zero_whatever_the_optimizer(name: str) -> None:
    table = TokenEmbedding(10, 16, scaled=True)
    optimizer = OPTIMIZERS[name](table.parameters())
    ids = torch.tensor([[1, 2, PAD, PAD], [3, 4, 5, PAD]])
    targets = torch.tensor([[2, 1, -100, -100], [4, 5, 6, -100]])
    before = table.weight.detach().clone()
    for _ in range(5):
        logits = table.logits(table(ids) + 1.0)
        torch.autograd.backward(F.cross_entropy(logits.flatten(0, 1), targets.flatten()))
        assert table.weight.grad is not None
        assert not table.weight.grad[PAD].any()
        optimizer.step()
        optimizer.zero_grad()
    assert not table.weight[PAD].any()
    assert (table.weight[:PAD] != before[:PAD]).any(dim=1).all()
