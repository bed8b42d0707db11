"""The prepared folder: complete, the same on every machine, whole or not there."""

import json
import os
from pathlib import Path

import pytest

from chatzero.data.front_door import Corpus, read_conversations
from chatzero.data.prepare import REPORT, prepare, survey, write_prepared
from chatzero.errors import ConfigError, StorageError

FILES = ["heldout.jsonl", "quarantine.jsonl", "report.json", "train.jsonl"]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    rows: list[object] = [{"q": f"问题 {n}", "a": f"回答 {n}"} for n in range(40)]
    rows += [{"q": "问题 1", "a": "回答 1"}, {"q": "问题 2", "a": "bad \x07"}, {"q": "问题 3", "a": "<b>另一个</b>"}]
    path = tmp_path / "a.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_bytes("\n".join([*lines, "broken"]).encode() + b"\n" + b'{"q": "\xff", "a": "x"}\n')
    return read_conversations([str(path)])


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def test_every_row_lands_in_one_file(corpus: Corpus, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    write_prepared(prepare(corpus, 0.25), out)
    assert sorted(os.listdir(out)) == FILES
    train, held_out, quarantine = (lines(out / name) for name in ("train.jsonl", "heldout.jsonl", "quarantine.jsonl"))
    assert len(train) + len(held_out) + len(quarantine) == 45
    assert held_out
    assert [(row["line"], row["reason"]) for row in quarantine] == [
        (44, "broken JSON at column 1: Expecting value"),
        (45, "q holds the byte 0xff, not in the file's encoding"),
        (41, f"duplicate: same as {corpus.origins[0].file}:2"),
        (42, "control characters: U+0007"),
    ]
    assert quarantine[0]["row"] == "broken"
    assert "\\udcff" in str(quarantine[1]["row"])
    report = json.loads((out / REPORT).read_text(encoding="utf-8"))
    assert (report["training"], report["held_out"], report["quarantined"]) == (len(train), len(held_out), 4)
    assert report["problems"] == {
        "conflicting answers": 2,
        "set aside": 2,
        "duplicate": 1,
        "control characters": 1,
        "html": 1,
    }


def test_what_was_written_reads_back(corpus: Corpus, tmp_path: Path) -> None:
    prepared = prepare(corpus, 0.25)
    write_prepared(prepared, tmp_path / "out")
    assert read_conversations([str(tmp_path / "out" / "train.jsonl")]).conversations == prepared.training
    assert read_conversations([str(tmp_path / "out" / "heldout.jsonl")]).conversations == prepared.held_out


def test_twice_gives_the_same_bytes(corpus: Corpus, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_prepared(prepare(corpus, 0.25), tmp_path / name)
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_an_earlier_result_is_replaced_whole(corpus: Corpus, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_prepared(prepare(corpus, 0.25), out)
    (out / "stale.txt").write_text("x")
    write_prepared(prepare(corpus, 0.0), out)
    assert sorted(os.listdir(out)) == FILES
    assert (out / "heldout.jsonl").read_text() == ""
    assert sorted(os.listdir(tmp_path)) == ["a.jsonl", "out"]


def test_somebody_elses_folder_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("x")
    with pytest.raises(ConfigError, match=r"out exists and is not empty"):
        write_prepared(prepare(corpus, 0.25), out)
    assert os.listdir(out) == ["thesis.txt"]


def test_out_is_a_file(corpus: Corpus, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("x")
    with pytest.raises(ConfigError, match="out is a file"):
        write_prepared(prepare(corpus, 0.25), out)


def test_a_full_disk_leaves_the_old_folder(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    write_prepared(prepare(corpus, 0.25), out)
    before = (out / "train.jsonl").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="cannot write") as caught:
        write_prepared(prepare(corpus, 0.0), out)
    assert caught.value.why == "No space left on device"
    assert (out / "train.jsonl").read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["a.jsonl", "out"]


def test_survey_counts(corpus: Corpus) -> None:
    seen = survey(corpus)
    assert (seen.conversations, seen.turns) == (43, 86)
    assert seen.languages == {"zh": 42, "mixed": 1}
    lengths = sorted(len(c.messages[0].content) + len(c.messages[1].content) for c in corpus.conversations)
    assert seen.characters[0] == lengths[21]
    assert seen.characters[2] == lengths[-1]


def test_survey_of_one_conversation(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"q": "hi", "a": "hello"}\n')
    seen = survey(read_conversations([str(path)]))
    assert seen.characters == (7, 7, 7)
    assert seen.problems == {}
