"""Released models have other control tokens: their vocabulary is taken over, and every row follows its token."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Qwen3Config, Qwen3ForCausalLM

from chatzero.checkpoint.bundle import load_bundle
from chatzero.errors import ConfigError, ModelFolderError
from chatzero.interop.adopted_tokenizer import adopt_tokenizer
from chatzero.interop.hf_import import import_hf
from chatzero.text.special_tokens import LEADING, PAD
from tests.interop.trained import tokenizer


def released(folder: Path) -> dict[str, int]:
    """A tokenizer laid out as those of Qwen: words first, then `<|endoftext|>`, `<|im_start|>`, `<|im_end|>`."""
    tokenizer().save(folder)
    path = folder / "tokenizer.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    words = [token for token in tokenizer().tokens if token not in (*LEADING, PAD)]
    raw["model"]["vocab"] = {token: number for number, token in enumerate(words)}
    added = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    raw["added_tokens"] = [
        {"id": len(words) + i, "content": token, "special": True, **flags} for i, token in enumerate(added)
    ]
    path.write_text(json.dumps(raw), encoding="utf-8")
    return {token: number for number, token in enumerate([*words, *added])}


def test_words_keep_their_rows_and_control_tokens_become_ours(tmp_path: Path) -> None:
    theirs = released(tmp_path)
    ours, rows = adopt_tokenizer(tmp_path, eos_id=theirs["<|im_end|>"])
    assert ours.tokens == [*LEADING, *[t for t in theirs if not t.startswith("<|")], PAD]
    for token, row in zip(ours.tokens, rows, strict=True):
        assert row == (-1 if token == PAD else theirs.get(token, theirs["<|im_end|>"]))
    for text in ("What is 1 + 2?", "3加4等于几？ 🙂", "<|im_start|>"):
        assert ours.decode(ours.encode(text)) == text


def test_a_released_model_computes_the_same_here(tmp_path: Path) -> None:
    theirs_of = released(tmp_path)
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(theirs_of) + 9,  # padded to a round number, as released models are
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=64,
        eos_token_id=theirs_of["<|im_end|>"],
        tie_word_embeddings=True,
    )
    model: Any = Qwen3ForCausalLM(config)
    model.eval()
    model.save_pretrained(tmp_path)
    import_hf(tmp_path, tmp_path / "ours")
    bundle = load_bundle(tmp_path / "ours")
    ids = bundle.tokenizer.encode("What is 1 + 2? 3加4等于几？")
    their_ids = [theirs_of[bundle.tokenizer.tokens[token]] for token in ids]
    with torch.no_grad():
        ours = bundle.model(torch.tensor([ids]))[0]
        theirs = model(torch.tensor([their_ids])).logits[0]
    words = [t for t in bundle.tokenizer.tokens if t in theirs_of and not t.startswith("<|")]
    mine = [bundle.tokenizer.tokens.index(t) for t in words]
    torch.testing.assert_close(ours[:, mine], theirs[:, [theirs_of[t] for t in words]], rtol=0, atol=1e-5)


def test_a_tokenizer_that_is_not_byte_level_is_refused(tmp_path: Path) -> None:
    released(tmp_path)
    path = tmp_path / "tokenizer.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["decoder"] = {"type": "Metaspace", "replacement": "_", "prepend_scheme": "always", "split": True}
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(ModelFolderError, match="cannot take over"):
        adopt_tokenizer(tmp_path, 0)


def test_a_model_that_none_of_ours_equals_is_refused_by_its_setting(tmp_path: Path) -> None:
    released(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "mamba"}), encoding="utf-8")
    with pytest.raises(ConfigError, match="mamba"):
        import_hf(tmp_path, tmp_path / "ours")
    assert not (tmp_path / "ours").exists()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match=r"nowhere.config.json"):
        import_hf(tmp_path / "nowhere", tmp_path / "ours")
