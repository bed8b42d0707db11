import math
from dataclasses import replace
from itertools import product
from random import Random

import pytest
import torch

from chatzero.generation.beam import beam_search
from chatzero.generation.decode import decode
from chatzero.generation.options import GenerationOptions
from chatzero.models.decoder_only import GPT
from chatzero.models.interface import LanguageModel
from tests.generation.real_models import ARCHS, prompts_of, random_model
from tests.generation.scripted import ScriptedModel

END = 3
PLAIN = GenerationOptions(no_repeat_ngram_size=0, max_tokens=8)
NEVER = -1e9


def model_of(table: dict[tuple[int, ...], dict[int, float]], arch: str = "gpt") -> ScriptedModel:
    """A model by its probabilities: answer so far -> token -> probability. Elsewhere it ends."""

    def script(prompt: tuple[int, ...], said: tuple[int, ...]) -> list[float]:
        odds = table.get(said, {END: 1.0})
        return [math.log(odds[token]) if token in odds else NEVER for token in range(4)]

    return ScriptedModel(script, vocab_size=4, arch=arch)


# The first step favours 0, but what follows 0 is unsure; all that follows 1 is sure.
GARDEN_PATH = {
    (): {0: 0.6, 1: 0.4},
    (0,): {END: 0.4, 0: 0.3, 1: 0.3},
    (0, 0): {END: 1.0},
    (0, 1): {END: 1.0},
    (1,): {END: 1.0},
}


@pytest.mark.parametrize("arch", ARCHS)
def test_it_finds_the_likelier_answer_that_greedy_misses(arch: str) -> None:
    model = model_of(GARDEN_PATH, arch)
    assert list(decode(model, [0], PLAIN, {END})) == [0, END]
    best, second = beam_search(model, [[0]], replace(PLAIN, beam_size=2, length_penalty=0), {END})[0]
    assert (best.token_ids, second.token_ids) == ([1, END], [0, END])
    assert best.logprob_nats == pytest.approx(math.log(0.4))
    assert second.logprob_nats == pytest.approx(math.log(0.6 * 0.4))


def test_length_penalty_weighs_long_against_short_answers() -> None:
    short_or_long = {(): {END: 0.55, 0: 0.45}, (0,): {0: 1.0}, (0, 0): {END: 1.0}}
    best = {
        penalty: beam_search(
            model_of(short_or_long), [[0]], replace(PLAIN, beam_size=2, length_penalty=penalty), {END}
        )[0][0]
        for penalty in (0.0, 1.0)
    }
    assert best[0.0].token_ids == [END]
    assert best[0.0].score == pytest.approx(math.log(0.55))
    assert best[1.0].token_ids == [0, 0, END]
    assert best[1.0].score == pytest.approx(math.log(0.45) / 3)  # the end token is counted


def test_an_ending_takes_no_place_from_what_goes_on() -> None:
    """The first step ends or goes on with 0 or 1; a beam of two must still follow both 0 and 1."""
    table = {(): {END: 0.5, 0: 0.3, 1: 0.2}, (0,): {0: 0.4, 1: 0.3, END: 0.3}, (1,): {END: 1.0}}
    hypotheses = beam_search(model_of(table), [[0]], replace(PLAIN, beam_size=2, length_penalty=0), {END})[0]
    assert [h.token_ids for h in hypotheses] == [[END], [1, END]]


def brute_force(table: dict[tuple[int, ...], dict[int, float]], longest: int, penalty: float) -> list[int]:
    """The best of all possible answers."""
    ranked: list[tuple[float, list[int]]] = []
    for length in range(1, longest + 1):
        for answer in product(range(4), repeat=length):
            if END in answer[:-1] or (answer[-1] != END and length < longest):
                continue
            logprob = sum(math.log(table[answer[:i]][answer[i]]) for i in range(length))
            ranked.append((logprob / length**penalty, list(answer)))
    return max(ranked)[1]


@pytest.mark.parametrize("penalty", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_beam_as_wide_as_the_tree_finds_the_best_of_all_answers(penalty: float, seed: int) -> None:
    rng = Random(seed)
    table: dict[tuple[int, ...], dict[int, float]] = {}
    for length in range(4):
        for said in product(range(3), repeat=length):
            weights = [rng.random() ** 3 for _ in range(4)]
            table[said] = {token: weight / sum(weights) for token, weight in enumerate(weights)}
    options = replace(PLAIN, max_tokens=4, beam_size=4**4, length_penalty=penalty)
    found = beam_search(model_of(table), [[0]], options, {END})[0][0]
    assert found.token_ids == brute_force(table, 4, penalty)


@pytest.mark.parametrize("arch", ARCHS)
def test_a_beam_of_one_is_greedy(arch: str) -> None:
    model = random_model(arch)
    prompts = prompts_of([1, 4, 4, 18])
    for options in (PLAIN, replace(PLAIN, no_repeat_ngram_size=2, repetition_penalty=1.3)):
        greedy = [list(decode(model, prompt, options, range(0, 40, 8))) for prompt in prompts]
        beams = beam_search(model, prompts, options, range(0, 40, 8))
        assert [hypotheses[0].token_ids for hypotheses in beams] == greedy


@pytest.mark.parametrize("arch", ARCHS)
def test_a_prompt_in_a_batch_equals_the_prompt_alone(arch: str) -> None:
    """Also beside a prompt that fills a shared window."""
    model = random_model(arch)
    options = replace(PLAIN, beam_size=3)
    prompts = prompts_of([3, 1, 20, 3, 8])
    together = beam_search(model, prompts, options, {END, 8})
    for prompt, hypotheses in zip(prompts, together, strict=True):
        alone = beam_search(model, [prompt], options, {END, 8})[0]
        assert [h.token_ids for h in hypotheses] == [h.token_ids for h in alone]
        assert [h.score for h in hypotheses] == pytest.approx([h.score for h in alone], abs=1e-4)  # float32 sums


def logprob_in_one_pass(model: LanguageModel, prompt: list[int], answer: list[int]) -> float:
    """What training would say of this answer: no cache, no beams."""
    with torch.no_grad():
        if isinstance(model, GPT):
            logits = model(torch.tensor([[*prompt, *answer[:-1]]]))[0, len(prompt) - 1 :]
        else:
            logits = model(torch.tensor([prompt]), torch.tensor([[model.config.vocab_size - 1, *answer[:-1]]]))[0]
    return float(logits.double().log_softmax(dim=-1)[range(len(answer)), answer].sum())


@pytest.mark.parametrize("arch", ARCHS)
def test_the_score_of_each_hypothesis_is_its_probability(arch: str) -> None:
    """A row taken from the wrong parent would still look like an answer; its probability tells."""
    model = random_model(arch)
    for prompt, hypotheses in zip(
        prompts := prompts_of([2, 6]),
        beam_search(model, prompts, replace(PLAIN, beam_size=4), {END, 8}),
        strict=True,
    ):
        assert len(hypotheses) == 4
        assert len({tuple(h.token_ids) for h in hypotheses}) == 4
        assert [h.score for h in hypotheses] == sorted((h.score for h in hypotheses), reverse=True)
        for h in hypotheses:
            # 1e-3: float32 logits of two different orders of summation, times up to 8 tokens
            assert h.logprob_nats == pytest.approx(logprob_in_one_pass(model, prompt, h.token_ids), abs=1e-3)


def test_the_room_ends_every_hypothesis() -> None:
    table = {said: {0: 0.5, 1: 0.5} for length in range(8) for said in product(range(2), repeat=length)}
    hypotheses = beam_search(model_of(table), [[0]], replace(PLAIN, max_tokens=3, beam_size=2), {END})[0]
    assert [len(h.token_ids) for h in hypotheses] == [3, 3]


def test_no_prompts_no_hypotheses() -> None:
    assert beam_search(model_of(GARDEN_PATH), [], replace(PLAIN, beam_size=2), {END}) == []
