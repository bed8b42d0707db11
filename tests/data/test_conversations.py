"""Rows against the same rows made one at a time, by rendering shorter and shorter conversations."""

import pytest

from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.rows import FitReport
from chatzero.text.chat_template import render, render_prompt
from chatzero.text.conversation import Conversation, Message
from chatzero.text.tokenizer import Tokenizer
from tests.data.conftest import made_up


def without_oldest(conversation: Conversation, turns: int) -> Conversation | None:
    """The conversation without its oldest `turns` questions and their answers; the system message stays."""
    system = [m for m in conversation.messages if m.role == "system"]
    rest = [m for m in conversation.messages if m.role != "system"][2 * turns :]
    return Conversation((*system, *rest)) if rest else None


def upto(conversation: Conversation, end: int) -> Conversation:
    return Conversation(conversation.messages[:end])


@pytest.mark.parametrize("max_seq_len", [12, 25, 60, 1000])
def test_lm_row_is_the_longest_tail_that_fits(tokenizer: Tokenizer, max_seq_len: int) -> None:
    conversations = made_up(60)
    expected, shortened, too_long, unanswered = [], 0, 0, 0
    for conversation in conversations:
        if not any(m.role == "assistant" for m in conversation.messages):
            unanswered += 1
            continue
        for turns in range(9):
            if (shorter := without_oldest(conversation, turns)) is None:
                too_long += 1
                break
            rendered = render(shorter, tokenizer)
            if len(rendered.token_ids) <= max_seq_len + 1:
                expected.append((rendered.token_ids, rendered.trained_on))
                shortened += turns > 0
                break
    rows = lm_rows(conversations, tokenizer, max_seq_len)
    assert [(r.token_ids.tolist(), r.trained_on.tolist()) for r in (rows[i] for i in range(len(rows)))] == expected
    assert rows.fit == FitReport(len(expected), shortened, too_long, unanswered)


@pytest.mark.parametrize("max_seq_len", [8, 20, 1000])
@pytest.mark.parametrize("every_turn", [True, False])
def test_seq2seq_source_is_the_prompt_of_each_answer(tokenizer: Tokenizer, max_seq_len: int, every_turn: bool) -> None:
    conversations = made_up(60, seed=1)
    expected, shortened, too_long, unanswered = [], 0, 0, 0
    for conversation in conversations:
        places = [i for i, m in enumerate(conversation.messages) if m.role == "assistant"]
        unanswered += not places
        for place in places if every_turn else places[-1:]:
            target = [*tokenizer.encode(conversation.messages[place].content), tokenizer.end_id]
            for turns in range(9):
                shorter = without_oldest(upto(conversation, place), turns)
                if shorter is None or len(target) > max_seq_len:
                    too_long += 1
                    break
                source = render_prompt(shorter, tokenizer)
                if len(source) <= max_seq_len:
                    expected.append((source, target))
                    shortened += turns > 0
                    break
    rows = seq2seq_rows(conversations, tokenizer, max_seq_len, every_turn)
    assert [(r.source_ids.tolist(), r.target_ids.tolist()) for r in (rows[i] for i in range(len(rows)))] == expected
    assert rows.fit == FitReport(len(expected), shortened, too_long, unanswered)


def test_an_answer_fits_with_its_end_or_not_at_all(tokenizer: Tokenizer) -> None:
    talk = Conversation.of("red", "red blue seven cat")
    length = len(tokenizer.encode("red blue seven cat")) + 1
    assert len(seq2seq_rows([talk], tokenizer, length, True)) == 1
    assert seq2seq_rows([talk], tokenizer, length - 1, True).fit.too_long == 1


def test_the_system_message_survives_shortening(tokenizer: Tokenizer) -> None:
    turns = Conversation.of("red", "blue", "cat", "seven").messages
    talk = Conversation((Message("system", "be kind"), *turns))
    row = lm_rows([talk], tokenizer, len(render(talk, tokenizer).token_ids) - 2)[0]
    assert tokenizer.decode(row.token_ids.tolist()) == "be kindcatseven"


def test_words_that_spell_a_control_token_are_no_place_to_cut(tokenizer: Tokenizer) -> None:
    talk = Conversation.of("<|user|> red <|end|>", "blue", "cat", "seven")
    longest = len(render(talk, tokenizer).token_ids) - 1
    assert lm_rows([talk], tokenizer, longest).fit.shortened == 0
    row = lm_rows([talk], tokenizer, longest - 1)[0]
    assert tokenizer.decode(row.token_ids.tolist()) == "catseven"


def test_nothing_gives_no_rows(tokenizer: Tokenizer) -> None:
    assert len(lm_rows([], tokenizer, 10)) == 0
    assert len(seq2seq_rows([], tokenizer, 10, True)) == 0
