"""Many questions at once: every answer is the one that the question gets alone, and what does not fit is not asked."""

import pytest

from chatzero.evaluation import answer as module
from chatzero.evaluation.answer import each_greedy_answer, greedy_answers
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation, Message
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer
from tests.generation.real_models import ARCHS, random_model
from tests.generation.scripted import ScriptedModel, likes

BYTES = Tokenizer.train([], MIN_VOCAB_SIZE)  # a byte, a token
WINDOW = 32


def echo(prompt: tuple[int, ...], said: tuple[int, ...]) -> list[float]:
    """Says how many user turns it sees."""
    turns = str(prompt.count(BYTES.user_id))
    return likes([*BYTES.encode(turns), BYTES.end_id][len(said)], BYTES.vocab_size)


@pytest.mark.parametrize("arch", ARCHS)
def test_a_question_longer_than_the_window_has_no_answer_and_the_others_have_theirs(arch: str) -> None:
    model = ScriptedModel(echo, BYTES.vocab_size, max_seq_len=WINDOW, arch=arch)
    asked = [Conversation.of("short"), Conversation.of("x" * 100), Conversation.of("also short")]
    assert list(each_greedy_answer(model, BYTES, asked, 8)) == ["1", None, "1"]
    assert greedy_answers(model, BYTES, asked, 8) == ["1", "", "1"]
    assert greedy_answers(model, BYTES, asked[1:2], 8) == [""]


def test_oldest_turns_are_dropped_as_in_the_chat() -> None:
    model = ScriptedModel(echo, BYTES.vocab_size, max_seq_len=WINDOW)
    talk = Conversation.of("first", "one", "second", "two", "third")
    assert len(render_prompt(talk, BYTES)) > WINDOW
    assert greedy_answers(model, BYTES, [talk], 8) == ["2"]


def test_a_question_that_just_fits_is_asked() -> None:
    """The chat would keep a quarter of the window free; an exam asks what can be asked."""
    model = ScriptedModel(echo, BYTES.vocab_size, max_seq_len=WINDOW)
    fitting = Conversation.of("x" * (WINDOW - 3))  # <|user|> ... <|end|> <|assistant|>
    assert len(render_prompt(fitting, BYTES)) == WINDOW
    assert greedy_answers(model, BYTES, [fitting], 8) == ["1"]
    assert greedy_answers(model, BYTES, [Conversation.of("x" * (WINDOW - 2))], 8) == [""]


@pytest.mark.parametrize("arch", ARCHS)
def test_parts_change_nothing(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = random_model(arch, BYTES.vocab_size, max_seq_len=24).eval()
    asked = [Conversation((Message("user", "x" * (1 + n % 30)),)) for n in range(40)]
    whole = greedy_answers(model, BYTES, asked, 6)
    alone = [greedy_answers(model, BYTES, [question], 6)[0] for question in asked]
    monkeypatch.setattr(module, "_AT_ONCE", 7)
    assert greedy_answers(model, BYTES, asked, 6) == whole == alone
    assert len(set(whole)) > 3
