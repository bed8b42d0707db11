"""Heads made by hand, which do one thing, are named after it."""

import pytest
import torch

from chatzero.inspection.heads import measure_heads

IDS = [1, 2, 3, 4, 2, 5]
N = len(IDS)


def one_hot(places: list[int]) -> torch.Tensor:
    return torch.eye(N)[places][None]


@pytest.mark.parametrize(
    ("places", "tendency"),
    [
        ([0, 0, 1, 2, 3, 4], "previous"),
        ([0, 0, 0, 0, 0, 0], "first"),
        ([0, 1, 2, 3, 4, 5], "itself"),
    ],
)
def test_one_thing_alone(places: list[int], tendency: str) -> None:
    (head,) = measure_heads(one_hot(places), IDS, IDS, None, causal=True, cross=False)
    assert head.tendency == tendency
    assert head.measured[tendency] == 1.0
    assert head.entropy == pytest.approx(0.0)


def test_the_token_after_in_an_encoder() -> None:
    (head,) = measure_heads(one_hot([1, 2, 3, 4, 5, 5]), IDS, IDS, None, causal=False, cross=False)
    assert head.tendency == "next"
    assert head.measured["next"] == 1.0


def test_induction_and_same_token() -> None:
    """At the second 2 and after it: what came after the first 2 is 3, at place 2."""
    ids = [1, 2, 3, 1, 2, 3]
    (head,) = measure_heads(one_hot([0, 0, 0, 1, 2, 3]), ids, ids, None, causal=True, cross=False)
    assert head.tendency == "after same"
    assert head.measured["after same"] == 1.0
    (head,) = measure_heads(one_hot([0, 0, 0, 0, 1, 2]), ids, ids, None, causal=True, cross=False)
    assert head.measured["same"] == 1.0


def test_a_copying_cross_attention() -> None:
    source, target = [7, 8, 9], [9, 7, 8, 4]
    weights = torch.eye(3)[[2, 0, 1, 0]][None]
    (head,) = measure_heads(weights, [0, 9, 7, 8], source, target, causal=False, cross=True)
    assert head.tendency == "copied"
    assert head.measured["copied"] == 1.0
    assert "previous" not in head.measured


def test_even_attention_is_even_and_as_even_as_said() -> None:
    weights = torch.ones(N, N).tril()
    weights = (weights / weights.sum(dim=1, keepdim=True))[None]
    (head,) = measure_heads(weights, IDS, IDS, None, causal=True, cross=False)
    assert head.tendency == "even"
    assert head.entropy == pytest.approx(1.0)
    assert head.measured == pytest.approx(head.even, abs=1e-6)
