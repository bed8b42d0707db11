"""Parallel text: two files side by side, or two fields of a row."""

import gzip
from pathlib import Path

import pytest

from chatzero.data.config import DataConfig
from chatzero.data.pairs import pair_rows
from chatzero.data.parallel_text import read_fields, read_parallel
from chatzero.data.split import read_split
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


def test_a_table_whose_columns_are_languages(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("id\ten\tzh\n1\tone\t一\n2\ttwo\t二\n", encoding="utf-8")
    assert read_fields([str(path)], "en", "zh").pairs == [("one", "一"), ("two", "二")]
    two = tmp_path / "b.tsv"
    two.write_text("zh\ten\n一\tone\n", encoding="utf-8")
    assert read_fields([str(two)], "en", "zh").pairs == [("one", "一")]


def test_the_data_table_of_a_recipe(tmp_path: Path) -> None:
    for name, lines in (("train.en", "a b\nc d\n\ne f\n"), ("train.de", "A B\nC D\nx\nE F\n")):
        (tmp_path / name).write_text(lines, encoding="utf-8")
    for name, line in (("val.en", "c d\n"), ("val.de", "C D!\n")):
        (tmp_path / name).write_text(line, encoding="utf-8")
    names = {name: str(tmp_path / name) for name in ("train.en", "train.de", "val.en", "val.de")}
    config = DataConfig(
        kind="pairs", source=names["train.en"], target=names["train.de"], heldout=(names["val.en"], names["val.de"])
    )
    split = read_split(config)
    assert [c.messages[1].content for c in split.training] == ["A B", "C D", "E F"], "nothing is taken out of it"
    assert [c.messages[1].content for c in split.held_out] == ["C D!"]
    assert [row.origin.line for row in split.report.quarantine] == [3]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "pairs", "source": "a"}, "needs source and target"),
        ({"kind": "pairs", "source": "a", "target": "b", "heldout": ("c",)}, "two files"),
        ({}, "files: name at least one"),
    ],
)
def test_a_table_that_does_not_say_enough(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        DataConfig.model_validate(fields)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file"):
        read_parallel(tmp_path / "a", tmp_path / "b")
