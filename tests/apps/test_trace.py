"""`chatzero trace`: what it shows, what it gives a program, and its exit codes."""

import json
from pathlib import Path

import pytest

from chatzero.apps.cli.main import run
from chatzero.models.size import parameters
from chatzero.models.sizes import sized


@pytest.mark.parametrize("arch", ["gpt", "transformer"])
def test_json_holds_every_step(arch: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "--arch", arch, "--text", "Hello", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    config = sized("gpt" if arch == "gpt" else "transformer", "tiny", 4096, 256)
    assert (document["arch"], document["batch"], document["parameters"]) == (arch, 2, parameters(config))
    assert document["first_departure"] is None
    weights = next(step for step in document["steps"] if step["name"].endswith("self_attention.weights"))
    text = "seq" if arch == "gpt" else "source"
    length = document["seq"] if arch == "gpt" else document["source"]
    assert weights["dims"] == [["batch", 2], ["heads", 4], [text, length], [text, length]]
    assert weights["shape"] == weights["grad_shape"] == [2, 4, length, length]


def test_the_table_names_dimensions_in_both_languages(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert run(["trace", "--arch", "gpt"]) == 0
    english = capsys.readouterr().out
    assert "batch 2, heads 4, seq 49, head_dim 64" in english
    assert "softmax over the keys" in english
    assert english.count("the same again") == 6  # three layers like the first, forward and backward
    assert run(["trace", "--arch", "gpt", "--all-layers", "--lang", "zh"]) == 0
    chinese = capsys.readouterr().out
    assert "同上" not in chinese
    assert "对键做 softmax" in chinese


def test_a_mistake_is_pointed_at(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert run(["trace", "--mistake", "transpose"]) == 0
    shown = capsys.readouterr().out
    assert "encoder.layers.0.self_attention.q: expected batch 2, heads 4, source 26, head_dim 64, got (26, 2" in shown
    assert run(["trace", "--mistake", "scale", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["first_departure"] is None
    assert document["first_difference"] == "encoder.layers.0.self_attention.scores"


def test_a_recipe_and_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = tmp_path / "mine.toml"
    recipe.write_text(
        '[model]\narch = "transformer"\nsize = "nano"\nnorm_order = "pre"\n'
        "[builtin]\nexamples = 1\n[train]\nsteps = 1\n",
        encoding="utf-8",
    )
    assert run(["trace", str(recipe), "--text", "Hi", "--json"]) == 0
    names = [step["name"] for step in json.loads(capsys.readouterr().out)["steps"]]
    assert "encoder.norm" in names
    assert run(["trace", "--mistake", "nonsense"]) == 2
    assert run(["trace", str(tmp_path / "nothing")]) == 2
    assert run(["trace", "--text", "word " * 200]) == 2
    assert "max_seq_len" in capsys.readouterr().err
