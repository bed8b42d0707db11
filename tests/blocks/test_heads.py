import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatzero.blocks.heads import check_groups, split_width
from chatzero.errors import ConfigError
from chatzero.language import set_language


def test_the_message_says_what_why_and_do() -> None:
    with pytest.raises(ConfigError) as caught:
        split_width(100, 8)
    assert str(caught.value) == (
        "d_model=100 cannot be split over num_heads=8\n"
        "  why: each head takes an equal slice of the residual stream\n"
        "  do:  use d_model=96 or 104, or num_heads=5"
    )


def test_in_chinese() -> None:
    set_language("zh")
    with pytest.raises(
        ConfigError, match=r"d_model=100 不能平分给 num_heads=8(.|\n)*d_model=96 或 104，或 num_heads=5"
    ):
        split_width(100, 8)


@given(d_model=st.integers(1, 1000), num_heads=st.integers(1, 64))
def test_the_advice_always_works(d_model: int, num_heads: int) -> None:
    try:
        assert split_width(d_model, num_heads) * num_heads == d_model
    except ConfigError as error:
        widths, heads = error.do.split(", or num_heads=")
        for width in re.findall(r"\d+", widths):
            split_width(int(width), num_heads)
        split_width(d_model, int(heads))


@pytest.mark.parametrize(("d_model", "num_heads"), [(0, 4), (8, 0), (8, -2)])
def test_counts_are_positive(d_model: int, num_heads: int) -> None:
    with pytest.raises(ConfigError, match=f"d_model={d_model}, num_heads={num_heads}"):
        split_width(d_model, num_heads)


@given(num_heads=st.integers(1, 64), num_kv_heads=st.integers(-1, 80))
def test_groups_are_equal_or_the_advice_works(num_heads: int, num_kv_heads: int) -> None:
    try:
        check_groups(num_heads, num_kv_heads)
        assert num_heads % num_kv_heads == 0
    except ConfigError as error:
        check_groups(num_heads, int(error.do.removeprefix("use num_kv_heads=")))
