"""A model folder answers as the model did; whatever is wrong with one is said."""

import json
from pathlib import Path

import pytest
import torch

from chatzero.checkpoint.bundle import latest_model, load_bundle, save_bundle
from chatzero.errors import ModelFolderError
from chatzero.models.sizes import ARCHS, Arch
from tests import small


@pytest.mark.parametrize("arch", ARCHS)
def test_round_trip_gives_the_same_scores(tmp_path: Path, arch: Arch) -> None:
    tokens = small.tokenizer()
    model = small.model(arch, tokens).eval()
    save_bundle(tmp_path / "run" / "model", model, tokens, "card")
    for place in (tmp_path / "run", tmp_path / "run" / "model"):
        bundle = load_bundle(place)
        prompt = torch.tensor([[2, 9, 10, 4, 3]])
        assert torch.equal(bundle.model.prefill(prompt)[0], model.prefill(prompt)[0])
        assert bundle.tokenizer.encode("你是谁 3+4") == tokens.encode("你是谁 3+4")
    assert {p.name for p in (tmp_path / "run" / "model").iterdir()} == {
        "config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja", "README.md", "manifest.json",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_an_incomplete_folder_is_named(tmp_path: Path, name: str) -> None:
    tokens = small.tokenizer()
    save_bundle(tmp_path / "m", small.model("gpt", tokens), tokens, "")
    (tmp_path / "m" / name).unlink()
    with pytest.raises(ModelFolderError, match=name):
        load_bundle(tmp_path / "m")


def test_a_torn_weight_file_is_found(tmp_path: Path) -> None:
    tokens = small.tokenizer()
    save_bundle(tmp_path / "m", small.model("gpt", tokens), tokens, "")
    weights = tmp_path / "m" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    with pytest.raises(ModelFolderError, match=r"model\.safetensors was changed or torn"):
        load_bundle(tmp_path / "m")
    (tmp_path / "m" / "manifest.json").unlink()  # as when a folder was made by another program
    with pytest.raises(ModelFolderError, match=r"cannot read .*model\.safetensors"):
        load_bundle(tmp_path / "m")


def test_files_of_different_models_do_not_fit(tmp_path: Path) -> None:
    tokens = small.tokenizer()
    save_bundle(tmp_path / "m", small.model("gpt", tokens), tokens, "")
    (tmp_path / "m" / "manifest.json").unlink()
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    config["dim_feedforward"] = 96
    (tmp_path / "m" / "config.json").write_text(json.dumps(config))
    with pytest.raises(
        ModelFolderError, match=r"does not fit config\.json: layers\.0\.feed_forward.*\[64, 32\] != \[96, 32\]"
    ):
        load_bundle(tmp_path / "m")


def test_the_card_may_be_edited(tmp_path: Path) -> None:
    tokens = small.tokenizer()
    save_bundle(tmp_path / "m", small.model("gpt", tokens), tokens, "card")
    (tmp_path / "m" / "README.md").write_text("my own words")
    load_bundle(tmp_path / "m")


def test_the_latest_model_under_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="no trained model"):
        latest_model(tmp_path)
    tokens = small.tokenizer()
    save_bundle(tmp_path / "one" / "model", small.model("gpt", tokens), tokens, "")
    assert latest_model(tmp_path) == tmp_path / "one"
