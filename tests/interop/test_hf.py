"""Exports to `transformers`: the same prompts, the same scores, the same answers; and back again."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from chatzero.checkpoint.bundle import Bundle, load_bundle
from chatzero.errors import ConfigError, StorageError
from chatzero.interop.compare import compare
from chatzero.interop.engine_hf import HFEngine
from chatzero.interop.export import ExportDiffersError, export
from chatzero.interop.hf_import import import_hf
from chatzero.interop.precision import PRECISIONS
from chatzero.models.build import build
from chatzero.text.chat_template import render, render_prompt
from chatzero.text.conversation import Conversation, Message
from tests.interop.trained import DECODER_ONLY, EACH, KNOWN, QUESTIONS, VARIANTS, tokenizer, trained
from tests.models.random_models import transformer_config


def bundle(variant: str, folder: Path) -> Bundle:
    return Bundle(trained(variant), tokenizer(), folder)


@pytest.mark.parametrize("variant", EACH)
def test_a_trained_model_says_the_same_in_transformers(variant: str, tmp_path: Path) -> None:
    ours = bundle(variant, tmp_path)
    assert export(ours, "hf", tmp_path / "out", num_questions=0) is None
    result = compare(ours, HFEngine(tmp_path / "out"), QUESTIONS, PRECISIONS["f32"])
    assert result.prompts_equal == result.answers_equal == result.prompts == 128
    assert result.places > 128 * 3
    # float32 sums in another order
    assert result.largest_nats < 1e-4


@pytest.mark.parametrize("variant", EACH)
def test_saved_again_by_transformers_it_is_still_the_same(variant: str, tmp_path: Path) -> None:
    ours = bundle(variant, tmp_path)
    export(ours, "hf", tmp_path / "out", num_questions=0)
    decoder_only = variant in DECODER_ONLY
    auto = transformers.AutoModelForCausalLM if decoder_only else transformers.AutoModelForSeq2SeqLM
    auto.from_pretrained(tmp_path / "out").save_pretrained(tmp_path / "again")
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(tmp_path / "out" / name, tmp_path / "again")
    result = compare(ours, HFEngine(tmp_path / "again"), QUESTIONS[::8], PRECISIONS["f32"])
    assert result.ok


@pytest.mark.parametrize("variant", VARIANTS)
def test_there_and_back_is_the_same_model(variant: str, tmp_path: Path) -> None:
    ours = Bundle(trained(variant, steps=1), tokenizer(), tmp_path)
    export(ours, "hf", tmp_path / "out", num_questions=0)
    import_hf(tmp_path / "out", tmp_path / "back")
    back = load_bundle(tmp_path / "back")
    assert [back.tokenizer.encode(c.messages[0].content) for c in KNOWN] == [
        tokenizer().encode(c.messages[0].content) for c in KNOWN
    ]
    if variant in DECODER_ONLY:  # a sinusoidal table comes back as a learned one of the same numbers
        assert back.model.config == ours.model.config
    theirs = dict(back.model.named_parameters())
    for name, parameter in ours.model.named_parameters():
        torch.testing.assert_close(theirs[name], parameter, rtol=0, atol=0)


@pytest.mark.parametrize("prefix", [True, False])
def test_a_gpt2_that_we_did_not_write_can_be_imported(prefix: bool, tmp_path: Path) -> None:
    """As `transformers` saves it; and with the names of the released files, which lack their first word."""
    config = transformers.GPT2Config(
        vocab_size=tokenizer().vocab_size - 1, n_positions=32, n_embd=24, n_layer=2, n_head=3, eos_token_id=1
    )
    theirs: Any = transformers.GPT2LMHeadModel(config)
    theirs.eval()
    theirs.save_pretrained(tmp_path / "in")
    if not prefix:
        path = tmp_path / "in" / "model.safetensors"
        save_file({name.removeprefix("transformer."): t for name, t in load_file(path).items()}, path)
    export(bundle("gpt2", tmp_path), "hf", tmp_path / "out", num_questions=0)
    shutil.copy(tmp_path / "out" / "tokenizer.json", tmp_path / "in")
    import_hf(tmp_path / "in", tmp_path / "back")
    ours = load_bundle(tmp_path / "back").model
    ids = torch.randint(0, config.vocab_size, (2, 9), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(ours(ids)[..., :-1], theirs(ids).logits, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"activation_function": "silu"}, "activation_function"),
        ({"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx"),
        ({"embd_pdrop": 0.3}, "embd_pdrop"),
    ],
)
def test_a_gpt2_with_another_setting_is_not_imported(setting: dict[str, object], words: str, tmp_path: Path) -> None:
    export(bundle("gpt2", tmp_path), "hf", tmp_path / "out", num_questions=0)
    path = tmp_path / "out" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | setting), encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        import_hf(tmp_path / "out", tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_the_export_asks_both_about_the_built_in_questions(tmp_path: Path) -> None:
    agreement = export(bundle("marian", tmp_path), "hf", tmp_path / "out", num_questions=3)
    assert agreement is not None
    assert agreement.ok
    assert agreement.prompts == 3


@pytest.mark.parametrize("variant", ["qwen3", "marian"])
def test_apply_chat_template_is_our_template_byte_for_byte(variant: str, tmp_path: Path) -> None:
    export(bundle(variant, tmp_path), "hf", tmp_path / "out", num_questions=0)
    theirs: Any = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    messages = (
        Message("system", "You are kind.\n  你很友善。"),
        Message("user", " What is 1 + 2?\t"),
        Message("assistant", "1 + 2 = 3 🙂"),
        Message("user", "你是谁？\r\n{{ x }} {% y %}"),
    )
    raw = [{"role": m.role, "content": m.content} for m in messages]
    text = theirs.apply_chat_template(raw, tokenize=False, add_generation_prompt=True)
    spelled = "".join(f"<|{m.role}|>{m.content}<|end|>" for m in messages) + "<|assistant|>"
    assert text == spelled
    conversation = Conversation(messages)
    ids = theirs.apply_chat_template(raw, add_generation_prompt=True, return_dict=True)["input_ids"]
    assert list(ids) == render_prompt(conversation, tokenizer())
    ids = theirs.apply_chat_template(raw, return_dict=True)["input_ids"]
    assert list(ids) == render(conversation, tokenizer()).token_ids


def test_plain_words_given_to_an_encoder_decoder_are_a_question(tmp_path: Path) -> None:
    export(bundle("marian", tmp_path), "hf", tmp_path / "out", num_questions=0)
    theirs: Any = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    assert theirs("你是谁？")["input_ids"] == render_prompt(Conversation.of("你是谁？"), tokenizer())


def test_many_questions_at_once_and_the_pipeline(tmp_path: Path) -> None:
    export(bundle("qwen3", tmp_path), "hf", tmp_path / "out", num_questions=0)
    chat: Any = transformers.pipeline("text-generation", model=str(tmp_path / "out"))
    asked = [[{"role": "user", "content": c.messages[0].content}] for c in KNOWN[::16]]
    answers = chat(asked, batch_size=4, return_full_text=False, max_new_tokens=20, max_length=None)
    alone = chat(asked[0], return_full_text=False, max_new_tokens=20, max_length=None)
    assert answers[0][0]["generated_text"] == alone[0]["generated_text"]
    right = [a[0]["generated_text"] == c.messages[1].content for a, c in zip(answers, KNOWN[::16], strict=True)]
    assert sum(right) >= 6, answers


def test_both_spellings_of_the_settings_are_there(tmp_path: Path) -> None:
    """4.57 reads `rope_theta` and `torch_dtype`, 5 reads the others; with one missing it computes something else."""
    export(bundle("llama", tmp_path), "hf", tmp_path / "out", num_questions=0)
    config = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    assert config["rope_theta"] == config["rope_parameters"]["rope_theta"] == 50000.0
    assert config["torch_dtype"] == config["dtype"] == "float32"


def test_a_variant_without_a_class_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    config = transformer_config(vocab_size=tokenizer().vocab_size, positions="rotary")
    model = build(config, torch.Generator().manual_seed(0))
    with pytest.raises(ConfigError, match="rotary"):
        export(Bundle(model, tokenizer(), tmp_path), "hf", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_differs_is_an_error_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoiled(folder: Path) -> HFEngine:
        weights = load_file(folder / "model.safetensors")
        weights["model.layers.0.self_attn.q_proj.weight"].mul_(-1)
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        return HFEngine(folder)

    monkeypatch.setattr("chatzero.interop.engine_hf.HFEngine", spoiled)
    with pytest.raises(ExportDiffersError, match="does not agree"):
        export(bundle("qwen3", tmp_path), "hf", tmp_path / "out", num_questions=5)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_empty_is_never_written_to(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(StorageError, match="not an empty folder"):
        export(bundle("qwen3", tmp_path), "hf", tmp_path / "out")
    assert (tmp_path / "out" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


@pytest.mark.parametrize(("target", "precision", "words"), [("onyx", None, "onyx"), ("hf", "q8_0", "q8_0")])
def test_an_unknown_format_or_precision_is_named(
    target: str, precision: str | None, words: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=words):
        export(bundle("qwen3", tmp_path), target, tmp_path / "out", precision)
