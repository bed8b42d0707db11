import pytest

from chatzero.chat.context import fit_window
from chatzero.data.conversations import lm_rows
from chatzero.errors import DataError
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation, Message
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer

BYTES = Tokenizer.train([], MIN_VOCAB_SIZE)
SCENE = Message("system", "be")
# each turn of two letters is 4 tokens: an opening, two bytes, <|end|>; the prompt ends with one opening more
TALK = Conversation((SCENE, *Conversation.of("q1", "a1", "q2", "a2", "q3").messages))


def words(conversation: Conversation) -> list[str]:
    return [message.content for message in conversation.messages]


@pytest.mark.parametrize(
    ("room", "left"),
    [
        (100, ["be", "q1", "a1", "q2", "a2", "q3"]),
        (25, ["be", "q1", "a1", "q2", "a2", "q3"]),
        (24, ["be", "q2", "a2", "q3"]),
        (17, ["be", "q2", "a2", "q3"]),
        (16, ["be", "q3"]),
        (9, ["be", "q3"]),
    ],
)
def test_whole_oldest_exchanges_go_and_the_system_message_stays(room: int, left: list[str]) -> None:
    fitted = fit_window(TALK, BYTES, room)
    assert words(fitted) == left
    assert len(render_prompt(fitted, BYTES)) <= room


def test_without_a_system_message_too() -> None:
    assert words(fit_window(Conversation(TALK.messages[1:]), BYTES, 13)) == ["q2", "a2", "q3"]


def test_last_words_that_alone_are_too_long_are_refused() -> None:
    with pytest.raises(DataError, match=r"the message is 9 tokens long\n.*room for 8 "):
        fit_window(TALK, BYTES, 8)


def test_training_drops_the_same_turns() -> None:
    """A row of training with the same room for its prompt begins with the same turns."""
    answered = Conversation((*TALK.messages, Message("assistant", "a3")))
    for room in (25, 24, 17, 16, 9):
        row = lm_rows([answered], BYTES, max_seq_len=room + len("a3")).token_ids[0].tolist()
        prompt = render_prompt(fit_window(TALK, BYTES, room), BYTES)
        assert row[: len(prompt)] == prompt
