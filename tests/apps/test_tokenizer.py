import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from chatzero.apps.cli.tokenizer import app, read_lines
from chatzero.errors import ChatZeroError, ConfigError, DataError, ModelFolderError
from chatzero.text.tokenizer import Tokenizer

ROWS = [
    {"messages": [{"role": "user", "content": "How are you?"}, {"role": "assistant", "content": "I am fine."}]},
    {"instruction": "你好吗？", "output": "我很好，谢谢。"},
    {"text": "The sky is blue.\nSnow is white."},
    {"prompt": "Which?", "chosen": "this one", "rejected": "that one"},
]


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    path = tmp_path / "chats.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS * 3), encoding="utf-8")
    return path


@pytest.fixture
def trained(tmp_path: Path, chats: Path) -> Path:
    Tokenizer.train(read_lines([str(chats)]), 320).save(tmp_path / "trained")
    return tmp_path / "trained"


def run(*words: str | Path) -> str:
    """What the command prints on stdout. A ChatZeroError comes through, as `main` expects."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(result.exception, ChatZeroError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_train_makes_a_tokenizer_from_files_of_any_known_shape(chats: Path, tmp_path: Path) -> None:
    (tmp_path / "poem.txt").write_text("春眠不觉晓 春眠不觉晓", encoding="utf-8")
    said = run("train", chats, tmp_path / "poem.txt", "--vocab-size", "300", "--out", tmp_path / "new")
    assert "300 tokens" in said
    tokenizer = Tokenizer.load(tmp_path / "new")
    assert tokenizer.vocab_size == 300
    assert len(tokenizer.encode("How are you?")) < len("How are you?")


def test_every_word_of_every_shape_is_learnt_from(chats: Path) -> None:
    lines = read_lines([str(chats)])
    assert len(lines) == 3 * (2 + 2 + 2 + 3)
    assert {"How are you?", "我很好，谢谢。", "Snow is white.", "Which?", "that one"} <= set(lines)


def test_train_says_when_the_text_cannot_fill_the_vocabulary(chats: Path, tmp_path: Path) -> None:
    assert "9,000 were asked for" in run("train", chats, "--vocab-size", "9000", "--out", tmp_path / "new")


def test_a_large_text_is_learnt_from_in_part_and_it_says_so(chats: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["train", str(chats), "--max-characters", "100", "--out", str(tmp_path / "new")])
    assert result.exit_code == 0
    assert "of 27 lines, taken evenly" in result.stderr


def test_rows_left_out_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    path.write_text('{"text": "words"}\n{"other": 1}\nnot json\n', encoding="utf-8")
    result = CliRunner().invoke(app, ["train", str(path), "--out", str(tmp_path / "new")])
    assert result.exit_code == 0
    assert "2 rows are neither text nor a conversation" in result.stderr


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (("train", "no-such-file.txt", "--out", "out"), DataError, "no-such-file.txt"),
        (("train", "{folder}/other.jsonl", "--out", "out"), DataError, "no words in"),
        (("train", "{folder}/chats.jsonl", "--out", "{folder}/out", "--vocab-size", "5"), ConfigError, "vocab_size=5"),
        (("show", "hi", "--tokenizer", "{folder}"), ModelFolderError, "tokenizer.json"),
    ],
)
def test_bad_input_is_an_error_with_words(
    words: tuple[str, ...], error: type[ChatZeroError], message: str, chats: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.jsonl").write_text('{"other": 1}\n', encoding="utf-8")
    with pytest.raises(error) as caught:
        run(*(word.format(folder=tmp_path) for word in words))
    assert message in str(caught.value)
    assert not (tmp_path / "out").exists(), "nothing half-written"


def test_show_prints_pieces_and_ids(trained: Path) -> None:
    ids = Tokenizer.load(trained).encode("How are you?")
    said = run("show", "How are you?", "--tokenizer", trained)
    assert f"12 characters, 12 bytes, {len(ids)} tokens" in said
    assert " ".join(map(str, ids)) in said
    assert "·you" in said


def test_show_reads_a_file_when_there_is_one(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("你好吗？", encoding="utf-8")
    assert "4 characters, 12 bytes" in run("show", tmp_path / "note.txt", "--tokenizer", trained)


def test_a_long_line_is_not_broken_in_a_pipe(trained: Path) -> None:
    assert len(run("show", "汉字" * 300, "--tokenizer", trained).splitlines()) == 4  # counts, pieces, ids, a blank


def test_show_as_json(trained: Path) -> None:
    tokenizer = Tokenizer.load(trained)
    [shown] = json.loads(run("show", "汉 a", "--tokenizer", trained, "--json"))
    assert shown["ids"] == tokenizer.encode("汉 a")
    assert shown["pieces"] == ["<e6>", "<b1>", "<89>", "·a"] or "".join(shown["pieces"]).endswith("·a")


def test_report_counts_by_language(trained: Path, chats: Path) -> None:
    found = json.loads(run("report", chats, "--tokenizer", trained, "--json"))
    tokenizer = Tokenizer.load(trained)
    assert set(found["by"]) == {"zh", "en", "all"}
    chinese = ["你好吗？", "我很好，谢谢。"] * 3
    assert found["by"]["zh"]["characters"] == sum(map(len, chinese))
    assert found["by"]["zh"]["tokens"] == sum(len(tokenizer.encode(text)) for text in chinese)
    assert found["by"]["all"]["tokens"] == found["by"]["zh"]["tokens"] + found["by"]["en"]["tokens"]
    assert found["by"]["zh"]["bytes_per_token"] > 1
    table = run("report", chats, "--tokenizer", trained)
    assert "bytes/token" in table
    assert "zh" in table


def test_a_run_folder_and_the_newest_run_are_found(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "runs" / "first" / "model"
    Tokenizer.load(trained).save(inside)
    assert "2 characters" in run("show", "hi", "--tokenizer", tmp_path / "runs" / "first")
    (inside / "config.json").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert "2 characters" in run("show", "hi")


@pytest.mark.parametrize("command", ["train", "show", "report"])
def test_help_has_an_example(command: str) -> None:
    assert "Example: chatzero tokenizer" in run(command, "--help")


def test_the_app_can_be_mounted() -> None:
    whole: Callable[..., object] = typer.Typer()
    assert isinstance(whole, typer.Typer)
    whole.add_typer(app, name="tokenizer")
    assert "train" in CliRunner().invoke(whole, ["tokenizer", "--help"]).stdout
