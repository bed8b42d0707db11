"""Parallel text: two files side by side, or two fields of a row."""

import gzip
from pathlib import Path

import pytest

from chatzero.data.pairs import pair_rows, read_fields, read_parallel
from chatzero.errors import DataError
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer


def test_side_by_side(tmp_path: Path) -> None:
    left, right = tmp_path / "a.en", tmp_path / "a.zh.gz"
    left.write_bytes(b"one\ntwo \r\n\n" + b"four\xff\n" + "five\nsix\u00e9\nseven\u2028eight\n".encode())
    right.write_bytes(gzip.compress("一\n二\n三\n四\n五\n六\n七\u2028八\n".encode()))
    parallel = read_parallel(left, right)
    assert parallel.pairs == [
        ("one", "一"),
        ("two", "二"),
        ("five", "五"),
        ("sixé", "六"),
        ("seven\u2028eight", "七\u2028八"),
    ]
    assert [(row.origin.line, row.reason.split()[-1]) for row in parallel.quarantine] == [(3, "words"), (4, "encoding")]


def test_not_aligned(tmp_path: Path) -> None:
    left, right = tmp_path / "a", tmp_path / "b"
    left.write_text("one\ntwo\nthree\n")
    right.write_text("1\n2\n")
    with pytest.raises(DataError, match="are not aligned") as caught:
        read_parallel(left, right)
    assert "ends after line 2" in caught.value.why


def test_fields(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"en": "one", "zh": "一"}\n{"en": "two"}\nbroken\n', encoding="utf-8")
    parallel = read_fields([str(path)], "en", "zh")
    assert parallel.pairs == [("one", "一")]
    assert [row.origin.line for row in parallel.quarantine] == [2, 3]
    with pytest.raises(DataError, match="no row") as caught:
        read_fields([str(path)], "en", "fr")
    assert "'fr'" in caught.value.why


def test_a_pair_is_a_question_and_its_answer(tokenizer: Tokenizer) -> None:
    row = pair_rows([("red cat", "blue")], tokenizer, 64)[0]
    assert row.source_ids.tolist() == render_prompt(Conversation.of("red cat"), tokenizer)
    assert row.target_ids.tolist() == [*tokenizer.encode("blue"), tokenizer.end_id]
