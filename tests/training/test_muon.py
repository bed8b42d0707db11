"""Orthogonalised updates: singular values near one, singular vectors kept; one matrix alone equals one among many."""

import pytest
import torch
from torch import nn

from chatzero.training.muon import Muon, orthogonalise


@pytest.mark.parametrize("shape", [(24, 24), (16, 48), (48, 16)])
def test_singular_values_come_near_one(shape: tuple[int, int]) -> None:
    matrices = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalise(matrices))
    # Jordan et al. 2024: five steps land in about [0.7, 1.2]; small singular values may stay lower
    assert values.max() < 1.3
    assert values.median() > 0.65


def test_directions_are_kept() -> None:
    """U V^T of the singular value decomposition, up to the iteration's and bfloat16's looseness."""
    matrix = torch.randn(1, 20, 20, generator=torch.Generator().manual_seed(1))
    u, _, vh = torch.linalg.svd(matrix)
    ideal = (u @ vh)[0].flatten()
    assert torch.cosine_similarity(orthogonalise(matrix)[0].flatten(), ideal, dim=0) > 0.97


def test_a_matrix_alone_equals_the_matrix_among_others() -> None:
    def moved(count: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(2)
        first, *others = [nn.Parameter(torch.randn(8, 12, generator=generator)) for _ in range(3)][:count]
        optimizer = Muon([first, *others], lr=0.1, weight_decay=0.1)
        for step in range(3):
            gradients = torch.Generator().manual_seed(10 + step)
            for matrix in (first, *others):
                matrix.grad = torch.randn(8, 12, generator=gradients)
            optimizer.step()
        return first.detach()

    # bfloat16 matrix products may be summed in another order in a batch
    assert torch.allclose(moved(1), moved(3), atol=0.02)
    assert not torch.allclose(moved(1), nn.Parameter(torch.randn(8, 12, generator=torch.Generator().manual_seed(2))))


def test_decay_alone_shrinks() -> None:
    matrix = nn.Parameter(torch.ones(4, 4))
    matrix.grad = torch.zeros(4, 4)
    Muon([matrix], lr=0.5, weight_decay=0.1).step()
    assert torch.allclose(matrix.detach(), torch.full((4, 4), 0.95))
