"""What a run is made from: every source has its part in the vocabulary."""

import json
from pathlib import Path

import pytest

from chatzero.apps.cli.carry_out import sample_questions
from chatzero.errors import ConfigError
from chatzero.models.size import parameters
from chatzero.models.sizes import ARCHS, Arch
from chatzero.pipeline import materials as module
from chatzero.pipeline.materials import Corpus, gather, model_config
from chatzero.pipeline.recipe import ModelTable, Recipe, parse_recipe, read_recipe
from chatzero.text.conversation import Conversation


def write_chats(path: Path, words: str, count: int) -> str:
    with path.open("w", encoding="utf-8") as file:
        for n in range(count):
            messages = [{"role": "user", "content": f"{n}?"}, {"role": "assistant", "content": f"{words} {n}"}]
            file.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
    return path.as_posix()


def recipe_for(*files: str) -> Recipe:
    raw = {
        "model": {"arch": "gpt", "size": "nano", "max_seq_len": 32},
        "tokenizer": {"vocab_size": 400},
        "data": {"files": list(files), "heldout": 0.1},
        "train": {"steps": 1, "batch_tokens": 400},
    }
    return parse_recipe(raw, Path("test.toml"))


def test_the_last_file_is_in_the_vocabulary_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TOKENIZER_CHARACTERS", 4_000)  # the first file alone holds more
    recipe = recipe_for(
        write_chats(tmp_path / "first.jsonl", "a wonderful morning", 400),
        write_chats(tmp_path / "last.jsonl", "彩虹出现", 400),
    )
    said: list[str] = []
    tokenizer = gather(recipe, tmp_path / "run", said.append)[0].tokenizer
    assert len(tokenizer.encode("彩虹出现")) < 4, "three bytes a character, and merged further"
    assert len(tokenizer.encode(" wonderful")) < 4
    assert any("tokens" in line and "characters a token" in line for line in said)


def test_a_resumed_run_has_the_tokenizer_it_began_with(tmp_path: Path) -> None:
    files = write_chats(tmp_path / "chats.jsonl", "hello there", 60)
    first = gather(recipe_for(files), tmp_path / "run", lambda text: None)[0].tokenizer
    write_chats(tmp_path / "chats.jsonl", "quite other words", 60)
    again = gather(recipe_for(files), tmp_path / "run", lambda text: None)[0].tokenizer
    assert again.encode("hello there quite") == first.encode("hello there quite")


@pytest.mark.parametrize("arch", ARCHS)
def test_one_recipe_with_rotary_positions_serves_both_architectures(arch: Arch) -> None:
    config = model_config(ModelTable(arch=arch, size="nano", positions="rotary"), 400)
    assert config.arch == "gpt" or config.positions == "rotary"


@pytest.mark.parametrize("choice", [{"positions": "learned"}, {"norm_order": "post"}])
def test_a_gpt_with_other_positions_or_norms_is_refused(choice: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="with arch = 'gpt'"):
        model_config(ModelTable.model_validate({"arch": "gpt", "size": "nano", **choice}), 400)


def test_a_recipe_chooses_the_shape_of_a_gpt() -> None:
    classic = model_config(ModelTable(arch="gpt", size="nano", variant="gpt2", num_heads=2, positions="learned"), 400)
    assert classic.arch == "gpt"
    assert (classic.positions, classic.norm, classic.bias, classic.num_kv_heads) == ("learned", "layer", True, 2)
    llama = model_config(ModelTable(arch="gpt", size="nano", variant="llama"), 400)
    assert llama.arch == "gpt"
    assert (llama.positions, llama.qk_norm) == ("rotary", False)
    with pytest.raises(ConfigError, match="variant = 'gpt2' with arch = 'transformer'"):
        model_config(ModelTable(arch="transformer", variant="gpt2"), 400)
    with pytest.raises(ConfigError, match="positions = 'rotary' with arch = 'gpt'"):
        model_config(ModelTable(arch="gpt", variant="gpt2", positions="rotary"), 400)


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "recipes").glob("*.toml")), ids=lambda p: p.stem)
def test_every_recipe_that_comes_with_the_project_describes_a_model(path: Path) -> None:
    recipe = read_recipe(path)
    assert parameters(model_config(recipe.model, recipe.tokenizer.vocab_size)) > 5e5


def test_samples_are_asked_of_the_persons_own_held_out_data() -> None:
    own = [Conversation.of(f"my question {n}?", "yes") for n in range(40)]
    long = Conversation.of("a very long question, " * 20, "yes")
    asked = sample_questions(Corpus([], [long, *own]), recipe_for("chats.jsonl"))
    assert len(asked) == 6
    assert asked[0] == "my question 0?"
    assert int(asked[-1].split()[2].strip("?")) > 25, "spread over all of it"
    assert sample_questions(Corpus([], [long]), recipe_for("chats.jsonl")), "never none"


def test_a_recipe_may_name_every_number_of_a_model() -> None:
    """The paper counts 2.6 M parameters for the model of this recipe (Wu et al., ACL 2021)."""
    recipe = read_recipe(Path(__file__).parents[2] / "recipes" / "multi30k-en-de.toml")
    config = model_config(recipe.model, recipe.tokenizer.vocab_size)
    assert (config.d_model, config.num_heads, config.dim_feedforward, config.dropout) == (128, 4, 256, 0.3)
    assert 2.55e6 < parameters(config) < 2.65e6
    gpt = model_config(ModelTable(arch="gpt", num_layers=3, num_kv_heads=1, d_model=96, num_heads=3), 400)
    assert gpt.arch == "gpt"
    assert (gpt.num_layers, gpt.num_kv_heads, gpt.d_model) == (3, 1, 96)


def test_numbers_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(ConfigError, match="cannot be split over"):
        model_config(ModelTable(d_model=100, num_heads=8), 400)
