from dataclasses import replace
from itertools import islice

import pytest
import torch

from chatzero.errors import DataError
from chatzero.generation.decode import batches_of_like_length, decode, decode_batch, left_padded
from chatzero.generation.options import GenerationOptions
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from tests.generation.real_models import ARCHS, prompts_of, random_model
from tests.generation.scripted import ScriptedModel, likes, says

END = 9
ENDS = range(0, 40, 8)  # several ends make answers of random models differ in length
GREEDY = GenerationOptions(no_repeat_ngram_size=0, max_tokens=9)
ANSWERS = {(1,): [5, 6, 7], (2, 2): [8], (3, 3, 3): [5] * 6, (4,): []}


def scripted(arch: str = "gpt", max_seq_len: int = 64) -> ScriptedModel:
    return ScriptedModel(says(ANSWERS, 10, END), vocab_size=10, max_seq_len=max_seq_len, arch=arch)


# -- one prompt -------------------------------------------------------------------------------------------------------


def test_the_answer_token_by_token_then_the_end() -> None:
    assert list(decode(scripted(), [1], GREEDY, {END})) == [5, 6, 7, END]
    assert list(decode(scripted(), [4], GREEDY, {END})) == [END]


def test_the_prompt_is_read_once_and_each_token_costs_one_step() -> None:
    model = scripted()
    list(decode(model, [1], GREEDY, {END}))
    assert model.calls.prefill == [1]
    assert model.calls.decode_step == [1, 1, 1]  # none after the end token


def test_tokens_come_as_they_are_made() -> None:
    model = scripted()
    first = next(decode(model, [1], GREEDY, {END}))
    assert (first, model.calls.decode_step) == (5, [])


def test_max_tokens_ends_the_answer() -> None:
    assert list(decode(scripted(), [3, 3, 3], GenerationOptions(max_tokens=2), {END})) == [5, 5]


@pytest.mark.parametrize(("arch", "room"), [("gpt", 6), ("transformer", 8)])
def test_the_window_ends_the_answer(arch: str, room: int) -> None:
    babbler = ScriptedModel(lambda prompt, said: likes(5, 10), vocab_size=10, max_seq_len=8, arch=arch)
    assert len(list(decode(babbler, [1, 2, 3], GREEDY, {END}))) == room


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("length", [0, 21])
def test_a_prompt_that_does_not_fit_is_refused(arch: str, length: int) -> None:
    model = random_model(arch)
    with pytest.raises(DataError, match=f"the prompt has {length} tokens"):
        next(decode(model, [1] * length, GREEDY, {END}))
    with pytest.raises(DataError, match=f"the prompt has {length} tokens"):
        decode_batch(model, [[1], [1] * length], GREEDY, {END})


def test_dropout_is_off_while_decoding_and_the_model_is_left_as_it_was() -> None:
    model = random_model("transformer").train()
    assert isinstance(model, Transformer)
    assert model.config.dropout > 0
    tokens = decode(model, [1, 2], GREEDY, {END})
    next(tokens)
    assert not model.training
    tokens.close()
    assert model.training
    answers = [decode_batch(model, [[1, 2]], GREEDY, {END}) for _ in range(3)]
    assert model.training
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("arch", ARCHS)
def test_a_model_that_has_answered_can_be_trained_on(arch: str) -> None:
    """Tensors made in inference mode may not reach autograd; a model must keep none of them."""
    model = random_model(arch).train()
    list(decode(model, [1, 2, 3], GREEDY, {END}))
    ids = torch.tensor([[1, 2, 3]])
    logits = model(ids) if isinstance(model, GPT) else model(ids, ids)
    logits[..., :-1].sum().backward()


# -- cached = uncached ------------------------------------------------------------------------------------------------


def uncached(model: LanguageModel, prompt: list[int], max_tokens: int) -> list[int]:
    """Greedy, reading everything anew for each token, by the path that training uses."""
    said: list[int] = []
    with torch.no_grad():
        for _ in range(max_tokens):
            if isinstance(model, GPT):
                logits = model(torch.tensor([[*prompt, *said]]))
            else:
                pad_id = model.config.vocab_size - 1
                logits = model(torch.tensor([prompt]), torch.tensor([[pad_id, *said]]))
            said.append(int(logits[0, -1].argmax()))
            if said[-1] == END:
                break
    return said


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("seed", range(2))
def test_decoding_with_the_cache_equals_reading_everything_anew(arch: str, seed: int) -> None:
    model = random_model(arch, seed=seed)
    for prompt in prompts_of([1, 2, 11], seed=seed):
        assert list(decode(model, prompt, GREEDY, {END})) == uncached(model, prompt, GREEDY.max_tokens)


# -- many prompts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_tokens", [1, 4, 10_000])
def test_a_batch_keeps_the_order_of_its_prompts(batch_tokens: int) -> None:
    prompts = [[3, 3, 3], [1], [4], [2, 2], [1]]
    expected = [[5] * 6 + [END], [5, 6, 7, END], [END], [8, END], [5, 6, 7, END]]
    assert decode_batch(scripted(), prompts, GREEDY, {END}, batch_tokens) == expected


def test_no_prompts_no_answers() -> None:
    assert decode_batch(scripted(), [], GREEDY, {END}) == []


def test_finished_rows_leave_the_batch() -> None:
    model = scripted()
    decode_batch(model, [[3, 3, 3], *[[4]] * 7, *[[2, 2]] * 8], GREEDY, {END})
    assert model.calls.prefill == [16]
    # 7 answers are empty, 8 have one token, one has six
    assert model.calls.decode_step == [9, 1, 1, 1, 1, 1]


def test_few_finished_rows_stay_because_leaving_costs_a_copy() -> None:
    model = scripted()
    decode_batch(model, [[4], *[[1]] * 15], GREEDY, {END})
    assert model.calls.decode_step == [16, 16, 16]


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize(
    "options",
    [
        GREEDY,
        GenerationOptions(),
        GenerationOptions(no_repeat_ngram_size=2, repetition_penalty=1.5),
        GenerationOptions(temperature=1.0, seed=7),
        GenerationOptions(temperature=2.0, top_k=10, top_p=0.9, min_p=0.02, seed=8),
    ],
)
def test_a_row_in_a_batch_equals_the_row_alone(arch: str, options: GenerationOptions) -> None:
    """Also where the window is full: the longest prompt leaves the others no room, and they are read again."""
    model = random_model(arch)
    prompts = prompts_of([1, 18, 3, 3, 8, 20, 5])
    alone = []
    for i, prompt in enumerate(prompts):
        seed = None if options.seed is None else options.seed + i
        alone.append(list(decode(model, prompt, replace(options, seed=seed), ENDS)))
    assert len({len(answer) for answer in alone}) > 2, "answers of different length are what this is about"
    assert decode_batch(model, prompts, options, ENDS) == alone


def test_a_short_prompt_beside_a_long_one_keeps_all_its_room() -> None:
    babbler = ScriptedModel(lambda prompt, said: likes(5, 10), vocab_size=10, max_seq_len=8)
    answers = decode_batch(babbler, [[1], [1] * 7, [1] * 4], GREEDY, {END})
    assert [len(answer) for answer in answers] == [8, 2, 5]
    assert babbler.calls.prefill == [3, 2, 1]


def test_without_a_seed_answers_differ() -> None:
    any_token = ScriptedModel(lambda prompt, said: [0.0] * 100, vocab_size=100)
    options = GenerationOptions(temperature=1.0, max_tokens=20)
    once, again = (list(decode(any_token, [1], options, set())) for _ in range(2))
    assert once != again  # equal by chance: 100 ** -20


def test_equal_prompts_in_a_batch_are_drawn_apart() -> None:
    any_token = ScriptedModel(lambda prompt, said: [0.0] * 100, vocab_size=100)
    options = GenerationOptions(temperature=1.0, max_tokens=20, seed=1)
    answers = decode_batch(any_token, [[1]] * 3, options, set())
    assert len({tuple(answer) for answer in answers}) == 3


# -- its pieces -------------------------------------------------------------------------------------------------------


def test_padding_goes_to_the_left() -> None:
    ids, mask = left_padded([[7], [8, 9]], torch.device("cpu"))
    assert ids.tolist() == [[0, 7], [8, 9]]
    assert mask is not None
    assert mask.tolist() == [[False, True], [True, True]]
    assert left_padded([[7], [8]], torch.device("cpu"))[1] is None


def test_batches_hold_like_lengths_within_their_size() -> None:
    lengths = [9, 1, 5, 1, 2, 30]
    batches = list(batches_of_like_length(lengths, 10))
    assert batches == [[1, 3, 4], [2], [0], [5]]
    assert sorted(i for batch in batches for i in batch) == list(range(6))


def test_a_consumer_may_stop_at_any_token() -> None:
    assert list(islice(decode(scripted(), [3, 3, 3], GREEDY, {END}), 2)) == [5, 5]
