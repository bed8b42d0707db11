import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chatzero.blocks.positions import (
    LearnedPositions,
    RotaryPositions,
    SinusoidalPositions,
    count_positions,
    rotate,
    sinusoidal_table,
)
from chatzero.errors import ConfigError
from tests.blocks.random_weights import normal


def test_the_table_is_the_formula_of_the_paper_with_sines_first() -> None:
    table = sinusoidal_table(max_seq_len=600, d_model=8)
    for position in (0, 1, 7, 599):
        for i in range(4):
            angle = position / 10000 ** (2 * i / 8)
            # float32 keeps 24 bits; angles computed in float32 would be off by 1e-5 at position 599
            assert table[position, i].item() == pytest.approx(math.sin(angle), abs=1e-7)
            assert table[position, 4 + i].item() == pytest.approx(math.cos(angle), abs=1e-7)


@pytest.mark.parametrize("positions", [SinusoidalPositions(10, 4), LearnedPositions(10, 4)])
def test_rows_are_read_by_position(positions: SinusoidalPositions | LearnedPositions) -> None:
    numbers = torch.tensor([[0, 0, 1], [3, 9, 2]])
    rows = positions(numbers)
    assert rows.shape == (2, 3, 4)
    assert torch.equal(rows[1, 1], positions.table[9])
    assert torch.equal(positions(torch.tensor([9, 2]))[1], positions.table[2])


def test_only_learned_positions_are_weights() -> None:
    assert [*SinusoidalPositions(10, 4).state_dict()] == []
    assert [*RotaryPositions(4, 10).state_dict()] == []
    assert [*LearnedPositions(10, 4).state_dict()] == ["table"]


def test_rotation_turns_the_pair_of_each_half_by_its_angle() -> None:
    x = normal(1, 1, 1, 6)
    rotated = rotate(x, RotaryPositions(6, 20, theta=100.0).double()(torch.tensor([13])))
    for i in range(3):
        pair = complex(x[0, 0, 0, i], x[0, 0, 0, i + 3])
        angle = 13 * 100.0 ** (-2 * i / 6)
        turned = pair * complex(math.cos(angle), math.sin(angle))
        # 1e-6: the table is kept in float32
        assert complex(rotated[0, 0, 0, i], rotated[0, 0, 0, i + 3]) == pytest.approx(turned, abs=1e-6)


@given(p=st.integers(0, 900), q=st.integers(0, 900), shift=st.integers(0, 100))
def test_scores_depend_on_the_distance_alone(p: int, q: int, shift: int) -> None:
    rotary = RotaryPositions(8, 1001).double()
    query, key = normal(1, 1, 1, 8), normal(1, 1, 1, 8, seed=2)

    def score(p: int, q: int) -> torch.Tensor:
        return (rotate(query, rotary(torch.tensor([p]))) * rotate(key, rotary(torch.tensor([q])))).sum()

    # 1e-5: the table is kept in float32
    torch.testing.assert_close(score(p, q), score(p + shift, q + shift), atol=1e-5, rtol=0.0)


def test_rows_may_stand_at_different_positions() -> None:
    rotary = RotaryPositions(8, 20).double()
    x = normal(2, 3, 4, 8)
    together = rotate(x, rotary(torch.tensor([[0, 1, 2, 3], [5, 6, 7, 8]])))
    assert torch.equal(together[0], rotate(x[:1], rotary(torch.arange(4)))[0])
    assert torch.equal(together[1], rotate(x[1:], rotary(torch.arange(5, 9)))[0])


def test_a_rotation_keeps_lengths_and_the_type() -> None:
    rotary = RotaryPositions(8, 20)
    x = torch.randn(1, 2, 4, 8, generator=torch.Generator().manual_seed(0))
    turned = rotate(x, rotary(torch.arange(4)))
    torch.testing.assert_close(turned.norm(dim=-1), x.norm(dim=-1))
    assert rotate(x.bfloat16(), rotary(torch.arange(4))).dtype == torch.bfloat16


def test_positions_count_real_tokens_only() -> None:
    real = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 1], [1, 1, 0, 0]], dtype=torch.bool)
    assert count_positions(real).tolist() == [[0, 0, 0, 1], [0, 1, 2, 3], [0, 1, 1, 1]]


@pytest.mark.parametrize("make", [SinusoidalPositions, RotaryPositions])
def test_an_odd_width_is_refused_with_advice(make: type[SinusoidalPositions] | type[RotaryPositions]) -> None:
    with pytest.raises(ConfigError, match=r"width 7 is odd(.|\n)*use 6 or 8"):
        make(7, 7)
