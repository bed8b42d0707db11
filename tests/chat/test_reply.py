import pytest

from chatzero.chat.reply import answer, answer_batch, prompt_for, reply
from chatzero.errors import DataError
from chatzero.generation.options import GenerationOptions
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer
from tests.generation.real_models import ARCHS, random_model
from tests.generation.scripted import ScriptedModel, says

BYTES = Tokenizer.train([], MIN_VOCAB_SIZE)
OPTIONS = GenerationOptions(max_tokens=8)


def asks(*contents: str) -> Conversation:
    return Conversation.of(*contents)


def test_the_model_reads_the_rendered_conversation() -> None:
    talk = asks("hi", "yo", "你好")
    script = says({tuple(render_prompt(talk, BYTES)): BYTES.encode("好")}, BYTES.vocab_size, BYTES.end_id)
    model = ScriptedModel(script, BYTES.vocab_size)
    assert [piece.text for piece in reply(talk, model, BYTES, OPTIONS)] == ["好", ""]
    assert answer(talk, model, BYTES, OPTIONS).text == "好"


@pytest.mark.parametrize(("arch", "turns"), [("gpt", 1), ("transformer", 3)])
def test_a_shared_window_keeps_room_for_the_answer(arch: str, turns: int) -> None:
    """The prompt of three turns has 15 tokens: alone in its window it fits, in a shared one it would leave only 4."""
    model = random_model(arch, vocab_size=BYTES.vocab_size, max_seq_len=18)
    talk = asks("abc", "de", "fgh")
    assert len(prompt_for(talk, model, BYTES, OPTIONS)) == len(
        render_prompt(Conversation(talk.messages[-turns:]), BYTES)
    )


@pytest.mark.parametrize("arch", ARCHS)
def test_too_long_a_message_is_refused(arch: str) -> None:
    model = random_model(arch, vocab_size=BYTES.vocab_size, max_seq_len=20)
    with pytest.raises(DataError, match="the message is 43 tokens long"):
        next(reply(asks("x" * 40), model, BYTES, OPTIONS))


@pytest.mark.parametrize("arch", ARCHS)
def test_many_conversations_at_once_get_the_answers_they_get_alone(arch: str) -> None:
    model = random_model(arch, vocab_size=BYTES.vocab_size, max_seq_len=40)
    talks = [asks("hi"), asks("a much longer one", "yes", "so?"), asks("你好"), asks("hi", "yo", "x")]
    assert answer_batch(talks, model, BYTES, OPTIONS) == [answer(talk, model, BYTES, OPTIONS) for talk in talks]
