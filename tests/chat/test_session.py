import json
from pathlib import Path

import pytest

from chatzero.chat.session import Session
from chatzero.data.front_door import read_conversations
from chatzero.errors import DataError, StorageError
from chatzero.generation.options import GenerationOptions
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation, Message
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer
from tests.generation.scripted import ScriptedModel, likes

BYTES = Tokenizer.train([], MIN_VOCAB_SIZE)


def echo_model(max_seq_len: int = 200) -> ScriptedModel:
    """Says the number of turns it sees, so that a test sees what the model was shown; to "hush" it says nothing."""
    hush = BYTES.encode("hush")

    def script(prompt: tuple[int, ...], said: tuple[int, ...]) -> list[float]:
        if list(prompt[-6:-2]) == hush:
            return likes(BYTES.end_id, BYTES.vocab_size)
        turns = sum(prompt.count(i) for i in (BYTES.user_id, BYTES.assistant_id, BYTES.system_id)) - 1
        answer = BYTES.encode(f"{turns}!")
        return likes([*answer, BYTES.end_id][len(said)], BYTES.vocab_size)

    return ScriptedModel(script, BYTES.vocab_size, max_seq_len)


def session(system: str = "", max_seq_len: int = 200) -> Session:
    return Session(echo_model(max_seq_len), BYTES, GenerationOptions(max_tokens=20), system)


def said(talk: Session, words: str) -> str:
    return "".join(piece.text for piece in talk.say(words))


def test_it_remembers_what_was_said() -> None:
    talk = session()
    assert [said(talk, "hi"), said(talk, "and?"), said(talk, "and?")] == ["1!", "3!", "5!"]
    assert talk.messages == Conversation.of("hi", "1!", "and?", "3!", "and?", "5!").messages


def test_reset_forgets_the_turns_and_keeps_the_scene() -> None:
    talk = session(system="be kind")
    assert said(talk, "hi") == "2!"
    talk.reset()
    assert talk.messages == (Message("system", "be kind"),)
    assert said(talk, "hi") == "2!"


def test_the_scene_can_be_set_and_cleared_in_between() -> None:
    talk = session()
    said(talk, "hi")
    talk.system = "be brief"
    assert said(talk, "and?") == "4!"
    talk.system = ""
    assert talk.messages[0] == Message("user", "hi")


def test_an_answer_that_was_stopped_is_remembered_as_far_as_it_got() -> None:
    talk = session()
    answer = talk.say("hi")
    assert next(answer).text == "1"
    answer.close()
    assert talk.messages == Conversation.of("hi", "1").messages
    assert said(talk, "and?") == "3!"


def test_an_interruption_leaves_a_sound_session() -> None:
    talk = session()
    answer = talk.say("hi")
    next(answer)
    with pytest.raises(KeyboardInterrupt):
        answer.throw(KeyboardInterrupt())
    assert talk.messages == Conversation.of("hi", "1").messages


def test_a_question_that_got_no_words_is_not_remembered() -> None:
    talk = session()
    assert said(talk, "hush") == ""
    assert talk.messages == ()


def test_words_too_long_for_the_model_are_refused_and_not_remembered() -> None:
    talk = session(max_seq_len=40)
    said(talk, "hi")
    with pytest.raises(DataError, match="the message is 103 tokens long"):
        said(talk, "x" * 100)
    assert len(talk.messages) == 2


def test_a_chat_longer_than_the_window_goes_on() -> None:
    """The model sees the newest turns that fit; the session remembers all."""
    talk = session(max_seq_len=40)
    answers = [said(talk, "hello") for _ in range(6)]
    assert answers == ["1!", "3!", "5!", "5!", "5!", "5!"]
    assert len(talk.messages) == 12
    newest = Conversation(talk.messages[-2:-1])
    assert len(render_prompt(newest, BYTES)) < 40


def test_a_saved_chat_is_training_data(tmp_path: Path) -> None:
    talk = session(system="好")
    said(talk, "你好")
    path = tmp_path / "chat.jsonl"
    talk.save(path)
    assert path.read_text(encoding="utf-8").count("\n") == 1
    saved = json.loads(path.read_text(encoding="utf-8"))
    assert saved["messages"][1] == {"role": "user", "content": "你好"}
    assert read_conversations([str(path)]).conversations == [Conversation(talk.messages)]


def test_saving_overwrites_nothing_and_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(StorageError, match=r"cannot write .*kept\.txt"):
        session().save(path)
    assert path.read_text(encoding="utf-8") == "mine"
    with pytest.raises(StorageError, match="cannot write"):
        session().save(tmp_path / "no" / "folder.json")
