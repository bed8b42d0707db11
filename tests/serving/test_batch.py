"""What must hold under any batching: every answer is the one the prompt gets alone."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch

from chatzero.generation.generate import Generated, generate
from chatzero.generation.options import GenerationOptions
from chatzero.models.interface import LanguageModel
from chatzero.serving.engine import Engine
from chatzero.serving.job import Job
from chatzero.serving.limits import EngineLimits
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer
from tests.generation.real_models import ARCHS, prompts_of, random_model
from tests.serving.mailbox import Mailbox, hand_out

BYTES = Tokenizer.train([], MIN_VOCAB_SIZE)
PLAIN = GenerationOptions(no_repeat_ngram_size=0)


def speaking_model(arch: str, seed: int = 0) -> LanguageModel:
    """Random weights and a window of 48; control tokens come up now and then, so that answers end at many lengths."""
    return random_model(arch, vocab_size=BYTES.vocab_size, max_seq_len=48, seed=seed)


def run_together(model: LanguageModel, jobs: Sequence[Job], limits: EngineLimits, waves: int = 1) -> list[Generated]:
    engine = Engine(model, BYTES, limits, hand_out)
    engine.start()
    boxes = [Mailbox() for _ in jobs]
    for wave in range(waves):
        engine.submit([(job, box) for job, box in zip(jobs, boxes, strict=True)][wave::waves])
        if wave:
            boxes[wave - 1].over.wait(0.01)
    answers = [box.generated() for box in boxes]
    engine.stop(10.0)
    assert (engine.running, engine.waiting) == (0, 0)
    return answers


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("limits", [EngineLimits(max_running=3), EngineLimits(), EngineLimits(prefill_tokens=10)])
def test_greedy_answers_are_those_of_each_prompt_alone(arch: str, limits: EngineLimits) -> None:
    model = speaking_model(arch)
    prompts = prompts_of([1, 30, 7, 7, 47, 2, 19, 48, 5, 23, 11, 3, 40], vocab_size=BYTES.vocab_size)
    jobs = [
        Job(tuple(prompt), replace(PLAIN, max_tokens=1 + 7 * i % 40), streamed=i % 2 == 0)
        for i, prompt in enumerate(prompts)
    ]
    alone = [generate(model, BYTES, job.prompt_ids, job.options) for job in jobs]
    assert len({answer.num_tokens for answer in alone}) > 4
    assert run_together(model, jobs, limits, waves=3) == alone


@pytest.mark.parametrize("arch", ARCHS)
def test_a_seed_gives_the_same_text_whatever_else_runs(arch: str) -> None:
    model = speaking_model(arch)
    prompts = prompts_of([9, 4, 31, 12, 12, 6, 25, 2], vocab_size=BYTES.vocab_size)
    kinds = [
        PLAIN,
        replace(PLAIN, temperature=1.0),
        replace(PLAIN, temperature=0.7, top_p=0.9),
        replace(PLAIN, temperature=1.3, top_k=20, repetition_penalty=1.2),
        replace(PLAIN, temperature=1.0, presence_penalty=0.5, frequency_penalty=0.5, logit_bias=((65, 3.0),)),
    ]
    jobs = [
        Job(tuple(prompt), replace(kinds[i % len(kinds)], seed=i, max_tokens=24, stop=("\n",)))
        for i, prompt in enumerate(prompts)
    ]
    alone = [generate(model, BYTES, job.prompt_ids, job.options) for job in jobs]
    assert run_together(model, jobs, EngineLimits(max_running=5), waves=2) == alone
    assert run_together(model, list(reversed(jobs)), EngineLimits(), waves=4) == list(reversed(alone))


def test_threads_of_torch_are_left_as_they_were() -> None:
    before = torch.get_num_threads()
    run_together(speaking_model("gpt"), [Job((1, 2), replace(PLAIN, max_tokens=3))], EngineLimits())
    assert torch.get_num_threads() == before
