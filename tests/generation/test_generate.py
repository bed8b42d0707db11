from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chatzero.errors import DataError
from chatzero.generation.generate import Generated, generate, generate_batch, stream
from chatzero.generation.options import GenerationOptions
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer
from tests.generation.real_models import ARCHS, prompts_of, random_model
from tests.generation.scripted import ScriptedModel, says

BYTES = Tokenizer.train([], MIN_VOCAB_SIZE)  # one token a byte: every character beyond ASCII is split
PLAIN = GenerationOptions(no_repeat_ngram_size=0)


def speaker(*answers: str, end_id: int = BYTES.end_id) -> ScriptedModel:
    """A model that gives answer i to the prompt [i]."""
    script = says({(i,): BYTES.encode(answer) for i, answer in enumerate(answers)}, BYTES.vocab_size, end_id)
    return ScriptedModel(script, BYTES.vocab_size, max_seq_len=256)


def pieces(model: ScriptedModel, options: GenerationOptions = PLAIN) -> list[str]:
    return [piece.text for piece in stream(model, BYTES, [0], options)]


def test_only_whole_characters_are_shown() -> None:
    assert pieces(speaker("a汉🙂")) == ["a", "汉", "🙂", ""]


@settings(max_examples=30)
@given(st.text(max_size=10))
def test_the_pieces_make_up_the_answer(text: str) -> None:
    model = speaker(text)
    assert "".join(pieces(model)) == text
    assert generate(model, BYTES, [0], PLAIN) == Generated(text, "stop", len(text.encode()) + 1)


def test_only_the_last_piece_has_a_reason() -> None:
    assert [piece.finish_reason for piece in stream(speaker("hi"), BYTES, [0], PLAIN)] == [None, None, "stop"]


@pytest.mark.parametrize("token", ["document_id", "system_id", "user_id", "assistant_id", "end_id", "pad_id"])
def test_every_control_token_ends_an_answer_and_none_is_shown(token: str) -> None:
    end_id = {
        "document_id": BYTES.document_id,
        "system_id": BYTES.system_id,
        "user_id": BYTES.user_id,
        "assistant_id": BYTES.assistant_id,
        "end_id": BYTES.end_id,
        "pad_id": BYTES.pad_id,
    }[token]
    assert generate(speaker("hi", end_id=end_id), BYTES, [0], PLAIN) == Generated("hi", "stop", 3)


def test_a_cut_answer_says_so() -> None:
    assert generate(speaker("hello"), BYTES, [0], replace(PLAIN, max_tokens=2)) == Generated("he", "length", 2)


def test_half_a_character_at_the_cut_is_shown_as_such() -> None:
    assert generate(speaker("好的"), BYTES, [0], replace(PLAIN, max_tokens=4)).text == "好\ufffd"


@pytest.mark.parametrize(
    ("stop", "shown"), [("。", "你好"), ("STOP", "你好。ST then "), ("never", "你好。ST then STOP")]
)
def test_a_stop_string_ends_the_answer_and_does_not_leak(stop: str, shown: str) -> None:
    model = speaker("你好。ST then STOP")
    options = replace(PLAIN, stop=(stop,))
    assert "".join(pieces(model, options)) == shown
    assert generate(model, BYTES, [0], options).finish_reason == "stop"


def test_nothing_is_computed_beyond_a_stop_string() -> None:
    model = speaker("one. two three four")
    generate(model, BYTES, [0], replace(PLAIN, stop=(".",)))
    assert len(model.calls.decode_step) == 3  # "o" comes with the prompt


def test_what_is_held_back_for_a_stop_string_is_shown_when_it_does_not_come() -> None:
    assert "".join(pieces(speaker("the en"), replace(PLAIN, stop=("end",)))) == "the en"
    cut = generate(speaker("the end"), BYTES, [0], replace(PLAIN, stop=("end",), max_tokens=6))
    assert cut == Generated("the en", "length", 6)


def test_a_stream_closed_early_leaves_the_model_as_it_was() -> None:
    model = speaker("hello").train()
    answer = stream(model, BYTES, [0], PLAIN)
    next(answer)
    assert not model.training
    answer.close()
    assert model.training


def test_an_empty_prompt_is_refused() -> None:
    with pytest.raises(DataError, match="the prompt has 0 tokens"):
        generate(speaker("hi"), BYTES, [], PLAIN)


def test_many_at_once() -> None:
    model = speaker("hello", "你好。再见", "x" * 30)
    options = replace(PLAIN, stop=("。",), max_tokens=10)
    assert generate_batch(model, BYTES, [[2], [1], [0]], options) == [
        Generated("x" * 10, "length", 10),
        Generated("你好", "stop", 9),
        Generated("hello", "stop", 6),
    ]


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize(
    "options",
    [
        GenerationOptions(max_tokens=8),
        GenerationOptions(max_tokens=8, beam_size=3),
        GenerationOptions(max_tokens=8, temperature=1.2, seed=5),
    ],
)
def test_stream_whole_and_batch_say_the_same(arch: str, options: GenerationOptions) -> None:
    model = random_model(arch, vocab_size=BYTES.vocab_size)
    prompts: Sequence[list[int]] = prompts_of([3, 9, 1, 3], vocab_size=BYTES.vocab_size)
    together = generate_batch(model, BYTES, prompts, options, batch_tokens=12)
    for i, prompt in enumerate(prompts):
        own = options if options.seed is None else replace(options, seed=options.seed + i)
        assert generate(model, BYTES, prompt, own) == together[i]
        assert "".join(piece.text for piece in stream(model, BYTES, prompt, own)) == together[i].text


def test_beam_search_shows_its_best_answer() -> None:
    """Greedy begins with the likelier "a", the beam finds that "b" leads to the likelier answer."""
    a, b, x, y, end = *BYTES.encode("abxy"), BYTES.end_id
    odds = {(): {a: 0.6, b: 0.4}, (a,): {x: 0.5, y: 0.5}, (b,): {end: 1.0}}

    def script(prompt: tuple[int, ...], said: tuple[int, ...]) -> list[float]:
        next_token = odds.get(said, {end: 1.0})
        return torch.tensor([next_token.get(i, 1e-12) for i in range(BYTES.vocab_size)]).log().tolist()

    model = ScriptedModel(script, BYTES.vocab_size)
    assert generate(model, BYTES, [0], PLAIN).text == "ax"
    assert generate(model, BYTES, [0], replace(PLAIN, beam_size=2, length_penalty=0.0)).text == "b"
