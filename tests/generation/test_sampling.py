import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chatzero.generation.options import LOOP_GUARD_TOKENS, GenerationOptions
from chatzero.generation.sampling import (
    FIRST_LOOK,
    choose,
    draw,
    likeliest,
    logit_bias,
    min_p,
    no_repeat_ngram,
    presence_frequency,
    repetition_penalty,
    temperature,
    top_k,
    top_p,
)
from chatzero.shapes import Tensor

# The one distribution of these tests: 1/2, 1/4, 1/8, 1/8, exact in floating point.
HALVES = torch.tensor([[0.5, 0.25, 0.125, 0.125]]).log()
logits_strategy = st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=12).map(lambda row: torch.tensor([row]))


def probs(logits: Tensor) -> list[float]:
    return [round(p, 6) for p in logits.softmax(dim=-1)[0].tolist()]


def kept(logits: Tensor) -> list[bool]:
    return logits.isfinite()[0].tolist()


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# -- each link of the chain, by hand ---------------------------------------------------------------------------------


def test_temperature_squares_the_odds_at_a_half_and_roots_them_at_two() -> None:
    assert probs(temperature(HALVES, 1.0)) == [0.5, 0.25, 0.125, 0.125]
    # 1/4, 1/16, 1/64, 1/64 of 22/64
    assert probs(temperature(HALVES, 0.5)) == [round(x / 22, 6) for x in (16, 4, 1, 1)]
    roots = [math.sqrt(p) for p in (0.5, 0.25, 0.125, 0.125)]
    assert probs(temperature(HALVES, 2.0)) == [round(r / sum(roots), 6) for r in roots]


def test_the_smallest_temperature_does_not_overflow() -> None:
    assert probs(temperature(torch.tensor([[1e35, 1e4, -1e35]]), 1e-6)) == [1.0, 0.0, 0.0]


def test_top_k_keeps_the_k_best_and_their_odds() -> None:
    assert probs(top_k(HALVES, 2)) == [round(2 / 3, 6), round(1 / 3, 6), 0.0, 0.0]
    assert probs(top_k(HALVES, 99)) == [0.5, 0.25, 0.125, 0.125]


def test_among_equals_the_first_are_kept_as_argmax_does() -> None:
    # many of them: the sort for short rows happens to be stable
    assert kept(top_k(torch.zeros(1, 5000), 2)) == [True, True] + [False] * 4998
    assert kept(top_p(torch.zeros(1, 5000), 0.0)) == [True] + [False] * 4999


@pytest.mark.parametrize(
    ("p", "size"), [(0.0, 1), (0.3, 1), (0.5, 1), (0.51, 2), (0.75, 2), (0.76, 3), (0.875, 3), (0.99, 4), (1.0, 4)]
)
def test_top_p_keeps_the_smallest_set_that_reaches_p(p: float, size: int) -> None:
    assert kept(top_p(HALVES, p)) == [i < size for i in range(4)]


def test_min_p_measures_by_the_best() -> None:
    assert kept(min_p(HALVES, 0.5)) == [True, True, False, False]
    assert kept(min_p(HALVES, 0.51)) == [True, False, False, False]
    assert kept(min_p(HALVES, 0.25)) == [True, True, True, True]


def test_repetition_penalty_lowers_positive_and_negative_scores_of_what_was_said() -> None:
    logits = torch.tensor([[2.0, -2.0, 3.0], [2.0, -2.0, 3.0]])
    penalised = repetition_penalty(logits, [[0, 1, 1], []], 2.0)
    assert penalised.tolist() == [[1.0, -4.0, 3.0], [2.0, -2.0, 3.0]]
    assert logits.tolist() == [[2.0, -2.0, 3.0]] * 2, "the argument is left as it was"


def test_no_repeat_ngram_rules_out_what_would_say_it_twice() -> None:
    said = [0, 1, 2, 0, 1]
    assert kept(no_repeat_ngram(torch.zeros(1, 4), [said], 3)) == [True, True, False, True]  # 0 1 2 was said
    assert kept(no_repeat_ngram(torch.zeros(1, 4), [said], 2)) == [True, True, False, True]  # 1 2 was said
    assert kept(no_repeat_ngram(torch.zeros(1, 4), [said], 1)) == [False, False, False, True]
    assert kept(no_repeat_ngram(torch.zeros(1, 4), [said], 4)) == [True] * 4
    assert kept(no_repeat_ngram(torch.zeros(1, 4), [[]], 3)) == [True] * 4


def test_no_repeat_ngram_treats_each_row_alone() -> None:
    blocked = no_repeat_ngram(torch.zeros(2, 3), [[0, 1, 0], [1, 1]], 2)
    assert blocked.isfinite().tolist() == [[True, False, True], [True, False, True]]
    blocked = no_repeat_ngram(torch.zeros(2, 3), [[0, 1, 0], [2]], 2)
    assert blocked.isfinite().tolist() == [[True, False, True], [True, True, True]]


@given(st.lists(st.integers(0, 2), max_size=30), st.integers(1, 4))
def test_no_repeat_ngram_by_its_definition(said: list[int], size: int) -> None:
    for token, allowed in enumerate(kept(no_repeat_ngram(torch.zeros(1, 3), [said], size))):
        longer = [*said, token]
        runs = [tuple(longer[i : i + size]) for i in range(len(longer) - size + 1)]
        assert allowed == (not runs or runs.count(runs[-1]) == 1)


# -- the draw ---------------------------------------------------------------------------------------------------------


def test_draw_hits_each_token_in_proportion() -> None:
    evenly = (torch.arange(800) + 0.5) / 800  # 800 numbers spread over [0, 1) in place of random ones
    drawn = draw(HALVES.expand(800, -1), evenly)
    assert drawn.bincount(minlength=4).tolist() == [400, 200, 100, 100]


def test_draw_never_meets_what_is_ruled_out_even_at_the_ends() -> None:
    logits = torch.tensor([[-math.inf, 0.0, -math.inf, 0.0, -math.inf]])
    ends = torch.tensor([0.0, 0.5, 1 - 2**-24])
    assert draw(logits.expand(3, -1), ends).tolist() == [1, 3, 3]


@given(st.lists(st.lists(st.sampled_from([-math.inf, -1.0, 0.0, 2.0]), min_size=3, max_size=3), min_size=1))
def test_the_likeliest_is_the_first_of_the_best(rows: list[list[float]]) -> None:
    for dtype in (torch.float32, torch.float64, torch.bfloat16):
        assert likeliest(torch.tensor(rows, dtype=dtype)).tolist() == [row.index(max(row)) for row in rows]


@given(logits_strategy, st.floats(0, 1 - 2**-24, width=32))
def test_draw_gives_a_token_of_the_vocabulary(logits: Tensor, uniform: float) -> None:
    assert 0 <= int(draw(logits, torch.tensor([uniform]))) < logits.shape[1]


# -- the chain --------------------------------------------------------------------------------------------------------


@given(logits_strategy, st.integers(0, 2**32))
def test_top_1_equals_greedy(logits: Tensor, seed: int) -> None:
    greedy = choose(logits, [[]], GenerationOptions(temperature=0), [generator(seed)])
    for one in ({"top_k": 1}, {"top_p": 0.0}):
        options = GenerationOptions(temperature=1.5, **one)
        assert choose(logits, [[]], options, [generator(seed)]).equal(greedy)


@given(st.integers(0, 2**32), st.floats(0, 1), st.sampled_from([0.0, 0.5, 4.0]), st.integers(1, 300))
def test_in_a_vocabulary_larger_than_the_first_look_the_sets_are_the_same(
    seed: int, p: float, spread: float, k: int
) -> None:
    logits = (spread * torch.randn(3, 4 * FIRST_LOOK, generator=generator(seed))).round(decimals=1)  # many are equal
    probabilities = logits.double().softmax(dim=-1)
    by_p, by_k = top_p(logits, p).isfinite(), top_k(logits, k).isfinite()
    for row, scores in enumerate(logits.tolist()):
        best = sorted(range(4 * FIRST_LOOK), key=lambda token: (-scores[token], token))
        reached = probabilities[row, best].cumsum(dim=-1) >= p
        size = int(reached.int().argmax()) + 1 if reached.any() else len(best)
        assert by_p[row].nonzero().flatten().tolist() == sorted(best[:size])
        assert by_k[row].nonzero().flatten().tolist() == sorted(best[:k])


@given(logits_strategy, st.floats(0.01, 0.99))
def test_top_p_is_the_smallest_set_of_best_tokens(logits: Tensor, p: float) -> None:
    probabilities = logits.double().softmax(dim=-1)[0]
    mask = torch.tensor(kept(top_p(logits, p)))
    inside, outside = probabilities[mask], probabilities[~mask]
    assert inside.numel() >= 1
    assert inside.sum() >= p - 1e-9  # 1e-9: the sum is taken in another order here
    assert inside.sum() - inside.min() < p + 1e-9, "one token fewer would not do"
    assert outside.numel() == 0 or outside.max() <= inside.min() + 1e-12


def test_a_row_is_drawn_the_same_whatever_is_beside_it() -> None:
    options = GenerationOptions(temperature=1.3, top_p=0.95, repetition_penalty=1.2)
    rows = torch.randn(5, 50, generator=generator(1))
    said = [[1, 2], [], [3], [49], [7, 7]]
    together = choose(rows, said, options, [generator(i) for i in range(5)])
    for i in range(5):
        assert choose(rows[i : i + 1], said[i : i + 1], options, [generator(i)]).item() == together[i]


def test_the_seed_decides() -> None:
    options = GenerationOptions(temperature=1.0)
    rows = torch.zeros(1, 1000)
    once, again, other = (choose(rows, [[]], options, [generator(seed)]) for seed in (3, 3, 4))
    assert once.equal(again)
    assert not once.equal(other)


def test_penalties_are_at_work_in_greedy_choice_too() -> None:
    options = GenerationOptions(repetition_penalty=3.0)
    assert choose(torch.tensor([[2.0, 1.0]]), [[0]], options, [generator()]).item() == 1


# -- the guard against loops ------------------------------------------------------------------------------------------


def test_the_default_leaves_right_answers_alone() -> None:
    """What a person may rightly ask for: equal operands, laughter, a phrase said three times."""
    three, plus, equals, six, ha, phrase = 0, 1, 2, 3, 4, [5, 6, 7, 8, 9, 10, 11, 12]
    for answer in ([three, plus, three, equals, six], [ha] * 20, phrase * 3):
        for place, token in enumerate(answer):
            wanted = torch.zeros(1, 13)
            wanted[0, token] = 1.0
            assert choose(wanted, [answer[:place]], GenerationOptions(), [generator()]).item() == token


@pytest.mark.parametrize("period", [1, 2, 5, LOOP_GUARD_TOKENS])
def test_the_default_breaks_a_loop(period: int) -> None:
    said: list[int] = []
    for step in range(100):
        wanted = torch.zeros(1, 30)
        wanted[0, step % period] = 1.0  # the model wants to go round for ever
        token = int(choose(wanted, [said], GenerationOptions(), [generator()]))
        if token != step % period:
            break
        said.append(token)
    assert len(said) == LOOP_GUARD_TOKENS + period - 1


def test_presence_and_frequency_penalties_count_what_was_said() -> None:
    logits = torch.zeros(2, 4)
    lowered = presence_frequency(logits, [[1, 1, 3], []], 0.5, 0.25)
    assert lowered.tolist() == [[0.0, -1.0, 0.0, -0.75], [0.0, 0.0, 0.0, 0.0]]
    assert not logits.any(), "the scores given are left as they are"


def test_logit_bias_is_added() -> None:
    biased = logit_bias(torch.ones(2, 3), [(0, 2.0), (2, -100)])
    assert biased.tolist() == [[3.0, 1.0, -99.0]] * 2
