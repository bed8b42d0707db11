"""Sampling draws from the distribution that it should: chi-squared tests, with `transformers` as the other opinion.

Seeds are fixed, so that a test passes always or never; the bound is met by 999 of 1,000 fair samplers.
"""

from statistics import NormalDist
from typing import Any

import pytest
import torch
from torch.nn import functional as F
from transformers import MinPLogitsWarper, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from chatzero.generation.decode import decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.generation.sampling import choose
from chatzero.models.decoder_only import GPT
from tests.models.random_models import PAD, VOCAB, gpt, transformer, words

DRAWS = 20_000
CASES: list[dict[str, Any]] = [
    {"temperature": 1.0},
    {"temperature": 0.6},
    {"temperature": 2.0},
    {"temperature": 1.0, "top_k": 7},
    {"temperature": 0.8, "top_p": 0.85},
    {"temperature": 1.5, "min_p": 0.1},
    {"temperature": 1.3, "top_k": 20, "top_p": 0.9, "min_p": 0.02},
]


def assert_drawn_from(expected: torch.Tensor, drawn: torch.Tensor) -> None:
    """Pearson's chi-squared test. Cells of fewer than 5 expected draws are taken together, as the test asks for."""
    counts, wanted = drawn.bincount(minlength=len(expected)).double(), expected.double() * len(drawn)
    assert int(counts[expected == 0].sum()) == 0, "drawn although ruled out"
    rare = wanted < 5
    counts = torch.cat([counts[~rare], counts[rare].sum()[None]])
    wanted = torch.cat([wanted[~rare], wanted[rare].sum()[None]])
    if wanted[-1] < 5:  # so few altogether that they belong to a neighbour
        counts[-2] += counts[-1]
        wanted[-2] += wanted[-1]
        counts, wanted = counts[:-1], wanted[:-1]
    freedom = len(wanted) - 1
    # Wilson and Hilferty 1931: the cube root of chi-squared / freedom is nearly normal
    spread = 2 / (9 * freedom)
    bound = freedom * (1 - spread + NormalDist().inv_cdf(0.999) * spread**0.5) ** 3
    assert freedom >= 3
    assert float(((counts - wanted) ** 2 / wanted).sum()) < bound


@pytest.mark.parametrize("case", CASES, ids=str)
def test_tokens_are_drawn_as_transformers_would(case: dict[str, Any]) -> None:
    logits = torch.randn(1, 50, generator=torch.Generator().manual_seed(1)) * 2
    theirs: Any = logits
    unread: Any = None  # what was said so far: these warpers do not look at it
    for name, warper in (
        ("temperature", TemperatureLogitsWarper),
        ("top_k", TopKLogitsWarper),
        ("top_p", TopPLogitsWarper),
        ("min_p", MinPLogitsWarper),
    ):
        if name in case:
            theirs = warper(case[name])(unread, theirs)
    drawn = choose(
        logits.expand(DRAWS, -1),
        [[]] * DRAWS,
        GenerationOptions(**case, no_repeat_ngram_size=0),
        [torch.Generator().manual_seed(2)] * DRAWS,
    )
    assert_drawn_from(theirs.softmax(dim=-1)[0], drawn)


@pytest.mark.parametrize("arch", ["gpt", "transformer"])
def test_two_tokens_in_a_row_are_drawn_as_the_model_scores_them(arch: str) -> None:
    """P(a, b) = P(a) P(b | a), by the model's own forward pass without a cache."""
    model = (gpt if arch == "gpt" else transformer)().eval()
    prompt = words(1, 5)
    firsts = torch.arange(PAD)[:, None]
    with torch.no_grad():
        if isinstance(model, GPT):
            logits = model(torch.cat([prompt.expand(PAD, -1), firsts], dim=1))[:, -2:]
        else:
            start = torch.full_like(firsts, PAD)
            logits = model(prompt.expand(PAD, -1), torch.cat([start, firsts], dim=1))
    after = F.softmax(logits / 3.0, dim=-1)[..., :PAD]  # row a: P(.), P(. | a)
    expected = after[0, 0, :, None] * after[:, 1]
    options = GenerationOptions(temperature=3.0, max_tokens=2, seed=0, no_repeat_ngram_size=0)
    said = torch.tensor(decode_batch(model, prompt.tolist() * DRAWS, options, ()))
    assert said.shape == (DRAWS, 2)
    assert int(said.max()) < VOCAB - 1
    assert_drawn_from(expected.flatten(), said[:, 0] * PAD + said[:, 1])
