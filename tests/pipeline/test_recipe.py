"""Recipes are read strictly: each fault is named, with the nearest key there is."""

import subprocess
import sys
from pathlib import Path

import pytest

from chatzero.errors import ConfigError
from chatzero.pipeline.recipe import read_recipe

GOOD = """
stage = "sft"
[model]
arch = "gpt"
size = "nano"
[builtin]
examples = 100
[train]
steps = 10
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_recipe_and_what_is_laid_over_it(tmp_path: Path) -> None:
    recipe = read_recipe(
        write(tmp_path, GOOD), ["train.learning_rate=3e-4", "model.size=tiny", "tokenizer.vocab_size=500"]
    )
    assert recipe.train.learning_rate == 3e-4
    assert recipe.model.size == "tiny"
    assert recipe.tokenizer.vocab_size == 500
    assert recipe.model.arch == "gpt"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "learning_rat = 1\n", "unknown key train.learning_rat"),
        (GOOD + "learning_rat = 1\n", "did you mean learning_rate?"),
        (GOOD.replace("[model]", "[modle]"), "did you mean model?"),
        (GOOD.replace("steps = 10", "steps = 'ten'"), "train.steps"),
        (GOOD.replace("steps = 10", "steps = 10\nminutes = 2"), "exactly one of steps and minutes"),
        (GOOD.replace("steps = 10", ""), "exactly one of steps and minutes"),
        (GOOD.replace("[builtin]\nexamples = 100", ""), "give a [data] table"),
        (GOOD.replace('"sft"', '"stf"'), "stage"),
        ("[model", "recipe.toml cannot be used"),
    ],
)
def test_faults_are_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_recipe(write(tmp_path, text))
    assert words in str(caught.value)
    assert "recipe.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("override", "words"),
    [("train.steps", "has no value"), ("stage.x=1", "stage is not a table"), ("train.stepz=1", "did you mean steps?")],
)
def test_faulty_overrides_are_named(tmp_path: Path, override: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_recipe(write(tmp_path, GOOD), [override])
    assert words in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml cannot be used"):
        read_recipe(tmp_path / "none.toml")


def test_recipe_errors_answer_without_torch() -> None:
    code = "import chatzero.pipeline.recipe, sys; print('torch' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
