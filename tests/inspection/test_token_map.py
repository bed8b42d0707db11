import numpy as np
import pytest
import torch

from chatzero.inspection.packed import pack, unpack
from chatzero.inspection.token_map import token_map, tokens_to_show


def test_the_widest_directions_are_found() -> None:
    """Points on a plane in ten dimensions: two components hold everything, and distances stay."""
    generator = torch.Generator().manual_seed(0)
    plane = torch.linalg.qr(torch.randn(10, 2, generator=generator, dtype=torch.float64)).Q
    points = torch.randn(50, 2, generator=generator, dtype=torch.float64) * torch.tensor([5.0, 1.0])
    table = torch.cat([points @ plane.T, torch.zeros(1, 10)])
    found = token_map(table, range(50))
    assert sum(found.explained) == pytest.approx(1.0)
    assert found.explained[0] > found.explained[1]
    torch.testing.assert_close(torch.cdist(found.places, found.places), torch.cdist(points, points))


def test_neighbours_are_the_nearest_by_angle_and_never_pad() -> None:
    table = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [-1.0, 0.0], [1.0, 0.0]])
    found = token_map(table, [0], nearest=3)
    assert [token_id for token_id, _ in found.neighbours[0]] == [1, 2, 3]
    assert found.neighbours[0][1][1] == pytest.approx(0.0)


def test_the_tokens_of_the_text_come_first() -> None:
    pieces = ["<|user|>", "a", "<e6>", "cat", "猫", "7", "·dog", "<pad>"]
    assert tokens_to_show(pieces, [6, 0, 6]) == [6, 0, 3, 4, 5]
    assert tokens_to_show(pieces, [6], most=2) == [6, 3]


@pytest.mark.parametrize("shape", [(2, 3, 4), (1, 1), (0, 3)])
def test_packed_numbers_come_back(shape: tuple[int, ...]) -> None:
    numbers = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    packed = pack(numbers)
    back = unpack(packed)
    assert back.shape == shape
    span = float(numbers.max() - numbers.min()) if numbers.numel() else 1.0
    np.testing.assert_allclose(back, numbers.numpy(), atol=span / 65535)
