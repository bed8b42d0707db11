"""No first question is on both sides."""

import json
from pathlib import Path

import pytest

from chatzero.data.config import DataConfig
from chatzero.data.sameness import first_question, key_of
from chatzero.data.split import divide, read_split
from chatzero.errors import DataError
from chatzero.text.conversation import Conversation


def write(path: Path, questions: list[str]) -> str:
    path.write_text("".join(json.dumps({"q": q, "a": "yes"}) + "\n" for q in questions), encoding="utf-8")
    return str(path)


def test_by_share(tmp_path: Path) -> None:
    questions = [f"question {n % 100}{'?' * (n // 100)}" for n in range(300)]
    split = read_split(DataConfig(files=(write(tmp_path / "a.jsonl", questions),), heldout=0.2))
    left, right = ({key_of(first_question(c)) for c in side} for side in (split.training, split.held_out))
    assert len(split.training) + len(split.held_out) == 300
    assert left
    assert right
    assert not left & right
    assert split.leaked == 0


def test_by_file_leaves_repeated_questions_out(tmp_path: Path) -> None:
    training = write(tmp_path / "a.jsonl", ["one", "Two?", "three"])
    held_out = write(tmp_path / "b.jsonl", ["two", "four"])
    split = read_split(DataConfig(files=(training,), heldout=(held_out,)))
    assert [first_question(c) for c in split.training] == ["one", "three"]
    assert [first_question(c) for c in split.held_out] == ["two", "four"]
    assert split.leaked == 1


def test_the_config_reaches_the_reader(tmp_path: Path) -> None:
    files = (write(tmp_path / "a.jsonl", [f"{{{{name}}}} {n}" for n in range(100)]),)
    split = read_split(DataConfig(files=files, heldout=0.5, fill={"name": "Zero"}, max_rows=50))
    assert len(split.training) + len(split.held_out) == 50
    assert first_question(split.training[0]).startswith("Zero ")


def test_an_empty_side(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", ["one"])
    with pytest.raises(
        DataError, match=r"0 conversations to train on, 1 held out|1 conversations to train on, 0 held out"
    ):
        read_split(DataConfig(files=(path,), heldout=0.5))


def test_nothing_held_out_at_share_zero() -> None:
    talks = [Conversation.of(f"question {n}", "yes") for n in range(50)]
    assert divide(talks, 0.0) == (talks, [])
