"""Recipe to talking model through the front door: train, eval, runs; and what bad input is told."""

import json
from pathlib import Path

import pytest

from chatzero.apps.cli.main import run

RECIPE = """
stage = "sft"
[model]
arch = "{arch}"
size = "nano"
max_seq_len = 64
[tokenizer]
vocab_size = 320
[data]
files = ["{files}"]
heldout = 0.2
[train]
steps = 6
batch_tokens = 400
eval_every = 3
save_every = 3
precision = "float32"
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    rows = [
        {"messages": [{"role": "user", "content": f"What is {n}?"}, {"role": "assistant", "content": f"It is {n}."}]}
        for n in range(60)
    ]
    (tmp_path / "chats.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(RECIPE.format(arch="gpt", files=(tmp_path / "chats.jsonl").as_posix()), encoding="utf-8")
    return path


def one_document(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("arch", ["transformer", "gpt"])
def test_train_then_eval_then_runs(tmp_path: Path, recipe: Path, arch: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "runs" / "mine"
    assert run(["train", str(recipe), "--out", str(out), "--set", f"model.arch={arch}"]) == 0
    for name in ("run.json", "metrics.jsonl", "tensorboard", "loss.png", "report.md", "checkpoints", "model"):
        assert (out / name).exists(), name
    assert "held-out loss" in (out / "report.md").read_text(encoding="utf-8")
    capsys.readouterr()

    questions = tmp_path / "questions.jsonl"
    row = {"messages": [{"role": "user", "content": "What is 3?"}], "accept": ["3"], "lang": "en", "skill": "echo"}
    beyond = {**row, "messages": [{"role": "user", "content": "What is 3? " * 200}]}
    questions.write_text(f"{json.dumps(row)}\n{json.dumps(beyond)}\n", encoding="utf-8")
    assert run(["eval", str(out), "--suite", str(questions), "--max-tokens", "8", "--json"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert document.keys() == {"total", "right", "by", "answers"}
    assert document["total"] == 2
    assert (document["answers"][1]["answer"], document["answers"][1]["right"]) == ("", False)
    assert "1 of them do not fit the model's window of 64 tokens" in printed.err
    assert list(document["by"]) == ["en/echo"]

    assert run(["runs", "--json"]) == 0
    (listed,) = (row for row in json.loads(capsys.readouterr().out) if row["where"] == str(out))
    assert (listed["arch"], listed["step"], listed["state"], listed["stage"]) == (arch, 6, "finished", "sft")

    assert run(["chat", str(out), "-p", "What is 3?", "--max-tokens", "4"]) == 0


def test_pretraining_on_plain_text(tmp_path: Path, recipe: Path) -> None:
    for i in range(6):
        (tmp_path / f"text{i}.txt").write_text(f"Chapter {i}. " + "The cat sat on the mat. 猫坐在垫子上。" * 20)
    text = recipe.read_text(encoding="utf-8").replace('"sft"', '"pretrain"')
    recipe.write_text(text.replace("chats.jsonl", "text*.txt").replace('text*.txt"]', 'texts"]'), encoding="utf-8")
    (tmp_path / "texts").mkdir()
    for path in tmp_path.glob("text*.txt"):
        path.rename(tmp_path / "texts" / path.name)
    assert run(["train", str(recipe), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "model" / "model.safetensors").exists()


def test_a_run_folder_is_its_own_recipe(tmp_path: Path, recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run(["train", str(recipe), "--out", str(out)]) == 0
    metrics = (out / "metrics.jsonl").read_text()
    recipe.unlink()
    assert run(["train", str(out)]) == 0
    assert (out / "metrics.jsonl").read_text() == metrics
    assert run(["train", str(out), "--set", "train.steps=9"]) == 2
    assert "train" in capsys.readouterr().err
    assert run(["train", str(tmp_path), "--lang", "en"]) == 2
    assert "there is no run in" in capsys.readouterr().err


def test_the_same_command_again_finds_the_work_done(tmp_path: Path, recipe: Path) -> None:
    out = str(tmp_path / "out")
    assert run(["train", str(recipe), "--out", out]) == 0
    before = (tmp_path / "out" / "model" / "model.safetensors").read_bytes()
    assert run(["train", str(recipe), "--out", out]) == 0
    assert (tmp_path / "out" / "model" / "model.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "absent.toml"], "absent.toml cannot be used"),
        (["train", "{recipe}", "--set", "train.stepz=3"], "did you mean steps?"),
        (["train", "{recipe}", "--set", "data.files=['absent.jsonl']"], "there is no file absent.jsonl"),
        (["train", "{recipe}", "--set", "model.size=huge"], "unknown size 'huge'"),
        (["train", "{recipe}", "--set", "stage=pretrain", "--set", "model.arch=transformer"], "absent"),
        (["train", "{recipe}", "--set", "model.start_from=absent"], "there is no folder absent"),
        (["eval", "absent"], "there is no folder absent"),
        (["chat", "absent", "-p", "hi"], "there is no folder absent"),
    ],
)
def test_bad_input_is_told_what_why_do_and_exits_with_2(
    tmp_path: Path, recipe: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [word.format(recipe=recipe) for word in words]
    if words[0] == "train":
        command += ["--out", str(tmp_path / "out")]
    assert run(command) == 2
    told = capsys.readouterr().err
    if said != "absent":
        assert said in told
    assert "why:" in told
    assert "do:" in told
    assert not (tmp_path / "out" / "model").exists()


def test_other_settings_do_not_overwrite_a_run(
    tmp_path: Path, recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert run(["train", str(recipe), "--out", out]) == 0
    assert run(["train", str(recipe), "--out", out, "--set", "train.seed=9"]) == 2
    assert "holds a run with other settings: train" in capsys.readouterr().err
    assert run(["train", str(recipe), "--out", out, "--set", "train.seed=9", "--resume", "never"]) == 0
