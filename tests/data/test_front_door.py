"""Every row is either used or in the report."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatzero.data.front_door import read_conversations, read_documents, read_preferences
from chatzero.data.records import Document, Preference
from chatzero.errors import DataError
from chatzero.text.conversation import Conversation


def write(path: Path, *rows: object) -> str:
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    return str(path)


GOOD = {"q": "hi", "a": "hello"}
PREFERENCE = {"prompt": "hi", "chosen": "hello", "rejected": "go"}


def test_files_counts_places_and_reasons(tmp_path: Path) -> None:
    one = write(tmp_path / "1.jsonl", GOOD, "", "{broken", {"prompt": "a", "response": "b"}, {"text": "words"})
    two = write(tmp_path / "2.jsonl", PREFERENCE, GOOD)
    corpus = read_conversations([one, two])
    assert corpus.conversations == [
        Conversation.of("hi", "hello"),
        Conversation.of("a", "b"),
        Conversation.of("hi", "hello"),
    ]
    assert [str(origin) for origin in corpus.origins] == [f"{one}:1", f"{one}:4", f"{two}:2"]
    assert [(file.kept, file.set_aside, dict(file.shapes)) for file in corpus.report.files] == [
        (2, 2, {"q and a": 1, "prompt and response": 1}),
        (1, 1, {"q and a": 1}),
    ]
    reasons = [(row.origin.line, row.reason, row.row) for row in corpus.report.quarantine]
    assert reasons == [
        (3, "broken JSON at column 2: Expecting property name enclosed in double quotes", "{broken"),
        (5, "plain text, but a conversation is wanted here", '{"text": "words"}'),
        (1, "a preference pair, but a conversation is wanted here", json.dumps(PREFERENCE)),
    ]


def test_documents_and_preferences_come_through_the_same_door(tmp_path: Path) -> None:
    mixed = write(tmp_path / "a.jsonl", GOOD, {"text": "a {{template}}"}, PREFERENCE)
    library, judged = read_documents([mixed]), read_preferences([mixed])
    assert library.documents == [Document("a {{template}}")]
    assert judged.preferences == [Preference(Conversation.of("hi"), "hello", "go")]
    assert len(library.report.quarantine) == len(judged.report.quarantine) == 2


def test_a_line_in_another_encoding_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = json.dumps({"q": "你好", "a": "你好"}, ensure_ascii=False).encode() + b"\n"
    path.write_bytes(good * 3 + b'{"q": "caf\xe9", "a": "yes"}\n')
    corpus = read_conversations([str(path)])
    assert len(corpus.conversations) == 3
    (bad,) = corpus.report.quarantine
    assert (bad.origin.line, bad.reason) == (4, "q holds the byte 0xe9, not in the file's encoding")


def test_fill(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"q": "Who are you?", "a": "{{name}}"})
    assert read_conversations([path], {"name": "Zero"}).conversations == [Conversation.of("Who are you?", "Zero")]
    with pytest.raises(DataError, match=r"no row of .* can be used"):
        read_conversations([path])


def test_max_rows_counts_bad_rows_too(tmp_path: Path) -> None:
    one = write(tmp_path / "1.jsonl", GOOD, "x", GOOD, GOOD)
    two = write(tmp_path / "2.jsonl", GOOD)
    corpus = read_conversations([one, two], max_rows=3)
    assert [(file.kept, file.set_aside) for file in corpus.report.files] == [(2, 1), (1, 0)]


def test_not_one_row_of_use(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "x", "y", {"foo": 1})
    with pytest.raises(DataError, match=r"no row of .*a\.jsonl can be used") as caught:
        read_conversations([path])
    assert "broken JSON at column 1: Expecting value (x2)" in caught.value.why
    assert f"{path}:1" in caught.value.do


ROW = st.sampled_from([GOOD, {"text": "t"}, PREFERENCE, {"messages": []}, {"foo": 1}, "[1]", "{broken", '"s"'])


@settings(max_examples=40)
@given(rows=st.lists(ROW, min_size=1, max_size=12))
def test_nothing_is_lost(tmp_path_factory: pytest.TempPathFactory, rows: list[object]) -> None:
    path = write(tmp_path_factory.getbasetemp() / "rows.jsonl", *rows)
    try:
        corpus = read_conversations([path])
    except DataError:
        assert GOOD not in rows
        return
    lines = [origin.line for origin in corpus.origins] + [row.origin.line for row in corpus.report.quarantine]
    assert sorted(lines) == list(range(1, len(rows) + 1))
    assert len(corpus.conversations) == rows.count(GOOD)
