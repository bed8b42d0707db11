"""BLEU and chrF: numbers that can be counted by hand, with their signatures."""

import math

import pytest

from chatzero.errors import DataError
from chatzero.evaluation.translation import score_translations


def test_the_same_text_scores_a_hundred() -> None:
    lines = ["the cat sat on the mat .", "ein hund läuft durch das gras ."]
    score = score_translations(lines, lines, "none")
    assert score.bleu == pytest.approx(100.0)
    assert score.chrf == pytest.approx(100.0)
    assert "tok:none" in score.bleu_signature
    assert "version:" in score.chrf_signature


def test_bleu_by_hand() -> None:
    """6 of 7 words are right, 4 of 6 pairs, 3 of 5 triples, 2 of 4 fours; as long as the reference."""
    score = score_translations(["the dog sat on the mat ."], ["the cat sat on the mat ."], "none")
    by_hand = [6 / 7, 4 / 6, 3 / 5, 2 / 4]
    assert score.precisions == pytest.approx([100 * p for p in by_hand])
    assert score.bleu == pytest.approx(100 * math.prod(by_hand) ** 0.25)
    assert score.brevity == 1.0


def test_too_short_is_punished() -> None:
    score = score_translations(["the cat sat on the"], ["the cat sat on the mat ."], "none")
    assert score.brevity == pytest.approx(math.exp(1 - 7 / 5))


def test_lines_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(DataError, match="1 translations, 2 references"):
        score_translations(["a"], ["a", "b"])
