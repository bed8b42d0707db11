"""Questions from a file and from the skills, right answers counted, and the baseline."""

import json
from pathlib import Path

import pytest

from chatzero.errors import DataError
from chatzero.evaluation.baseline import nearest_answers
from chatzero.evaluation.questions import file_questions
from chatzero.evaluation.scoreboard import score
from chatzero.text.conversation import Conversation


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows) + "\n")
    return path


def row(question: str, *accept: str, **more: str) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": question}], "accept": list(accept), **more}


def test_counts_by_language_and_skill(tmp_path: Path) -> None:
    questions = file_questions(
        write(
            tmp_path / "q.jsonl",
            row("你是谁", "AI 助手", lang="zh", skill="identity"),
            row("3+4", "7", lang="en", skill="sum"),
            row("3+5", "8", "eight", lang="en", skill="sum"),
            row("bare", "x"),
        )
    )
    board = score(questions, ["我是ai助手！", "It is 7.", "Seven", "X!"])
    assert board.as_json()["by"] == {"zh/identity": [1, 1], "en/sum": [1, 2], "-/-": [1, 1]}
    assert (board.right, board.total) == (3, 4)
    assert board.share(lang="en") == 0.5
    assert board.share(lang="zh", skill="identity") == 1.0
    document = json.loads(json.dumps(board.as_json()))
    assert document["total"] == 4
    assert document["answers"][2]["right"] is False
    assert document["answers"][2]["answer"] == "Seven"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (['{"messages": ['], "q.jsonl:1 cannot be used"),
        ([row("a", "b"), {"messages": []}], "q.jsonl:2"),
        ([{"accept": ["x"], "messages": [{"role": "robot", "content": "x"}]}], "'robot'"),
        ([row("a")], "accept must be a list"),
        ([{"messages": [{"role": "user", "content": "x"}]}], "missing key 'accept'"),
        ([{**row("x", "y"), "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]}],
         "must be the user's"),
        ([""], "is empty"),
        (["[1, 2]"], "q.jsonl:1"),
    ],
)  # fmt: skip
def test_a_bad_file_names_the_line(tmp_path: Path, lines: list[object], words: str) -> None:
    with pytest.raises(DataError) as caught:
        file_questions(write(tmp_path / "q.jsonl", *lines))
    assert words in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file"):
        file_questions(tmp_path / "none.jsonl")


def test_the_baseline_takes_the_answer_of_the_most_similar_question() -> None:
    known = [
        Conversation.of("What is your name?", "Zero."),
        Conversation.of("今天星期几？", "星期一。"),
        Conversation.of("How old are you?", "One."),
    ]
    asked = [Conversation.of("what's your name"), Conversation.of("今天是星期几"), Conversation.of("how old are you?")]
    assert nearest_answers(asked, known) == ["Zero.", "星期一。", "One."]
