import pytest
import torch

from chatzero.errors import ShapeError
from chatzero.models.context import check_left_padded, check_window


def test_the_window_says_by_how_much() -> None:
    check_window(16, 16)
    with pytest.raises(ShapeError, match=r"20 positions, but max_seq_len=16(.|\n)*by 4 tokens(.|\n)*max_seq_len=20"):
        check_window(20, 16)


def test_no_padding_is_no_mask() -> None:
    assert check_left_padded(None) is None
    assert check_left_padded(torch.ones(2, 3, dtype=torch.bool)) is None


def test_left_padding_is_kept() -> None:
    mask = torch.tensor([[False, True, True], [True, True, True]])
    assert check_left_padded(mask) is mask


@pytest.mark.parametrize("row", [[True, True, False], [False, True, False], [True, False, True], [False, False, False]])
def test_padding_elsewhere_is_refused(row: list[bool]) -> None:
    with pytest.raises(ShapeError, match="row 1 of prompt_mask is not padded on the left"):
        check_left_padded(torch.tensor([[True, True, True], row]))
