"""GGUF: every number comes back, the tokenizer and the template are inside, and llama.cpp says the same."""

import json
from importlib.util import find_spec
from pathlib import Path

import gguf
import numpy as np
import pytest

from chatzero.checkpoint.bundle import Bundle
from chatzero.errors import ConfigError
from chatzero.interop.compare import compare
from chatzero.interop.export import export
from chatzero.interop.family import gpt_family
from chatzero.interop.gguf_file import FILE, gguf_tensors, read_back, storage, way_of_cutting
from chatzero.interop.precision import PRECISIONS, promise
from chatzero.models.decoder_only import GPT
from chatzero.text.chat_template import JINJA, render_prompt
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer
from tests.interop.trained import DECODER_ONLY, QUESTIONS, tokenizer, trained

needs_llama_cpp = pytest.mark.skipif(find_spec("llama_cpp") is None, reason="llama-cpp-python is not installed")


@pytest.mark.parametrize("variant", DECODER_ONLY)
@pytest.mark.parametrize(("precision", "loss"), [("f32", 0.0), ("f16", 2**-10), ("q8_0", 2**-7)])
def test_every_number_comes_back(variant: str, precision: str, loss: float, tmp_path: Path) -> None:
    """As exactly as its type can: f16 has 11 bits, q8_0 a step of 1/127 of the largest in a block of 32."""
    model = trained(variant, steps=1)
    assert isinstance(model, GPT)
    export(Bundle(model, tokenizer(), tmp_path), "gguf", tmp_path / "out", precision, num_questions=0)
    back = read_back(tmp_path / "out" / FILE)
    ours = dict(gguf_tensors(model, gpt_family(model.config)))
    assert back.keys() == ours.keys()
    for name, tensor in ours.items():
        wanted = tensor.detach().numpy()
        largest = np.abs(wanted).max()
        assert np.abs(back[name] - wanted).max() <= loss * largest, name


def test_the_file_describes_the_model_and_its_tokenizer(tmp_path: Path) -> None:
    export(Bundle(trained("qwen3", steps=1), tokenizer(), tmp_path), "gguf", tmp_path / "out", num_questions=0)
    reader = gguf.GGUFReader(tmp_path / "out" / FILE)
    said = {name: field.contents() for name, field in reader.fields.items()}
    assert said["general.architecture"] == "qwen3"
    assert said["qwen3.attention.head_count_kv"] == 2
    assert said["tokenizer.ggml.pre"] == "smollm"
    assert said["tokenizer.ggml.tokens"] == tokenizer().tokens[:-1]
    assert [tuple(pair.split(" ")) for pair in said["tokenizer.ggml.merges"]] == tokenizer().merges
    assert said["tokenizer.ggml.token_type"][:6] == [gguf.TokenType.CONTROL] * 5 + [gguf.TokenType.NORMAL]
    assert said["tokenizer.ggml.tokens"][said["tokenizer.ggml.eos_token_id"]] == "<|end|>"
    assert said["tokenizer.chat_template"] == JINJA
    assert "FROM ./model.gguf" in (tmp_path / "out" / "Modelfile").read_text(encoding="utf-8")


def test_gpt2_is_described_as_llama_cpp_reads_it(tmp_path: Path) -> None:
    """One matrix for queries, keys and values; positions as they are, whatever the precision."""
    export(Bundle(trained("gpt2", steps=1), tokenizer(), tmp_path), "gguf", tmp_path / "out", "q8_0", num_questions=0)
    reader = gguf.GGUFReader(tmp_path / "out" / FILE)
    assert reader.fields["general.architecture"].contents() == "gpt2"
    assert reader.fields["gpt2.attention.layer_norm_epsilon"].contents() == pytest.approx(1e-5)
    types = {tensor.name: tensor.tensor_type for tensor in reader.tensors}
    assert types["position_embd.weight"] == gguf.GGMLQuantizationType.F32
    assert types["blk.1.attn_qkv.weight"] == gguf.GGMLQuantizationType.Q8_0
    assert {"blk.0.attn_qkv.bias", "blk.0.ffn_up.bias", "output_norm.bias"} <= types.keys()


def test_a_row_that_blocks_do_not_divide_is_kept_in_f16() -> None:
    q8 = PRECISIONS["q8_0"]
    assert storage((10, 64), q8) == gguf.GGMLQuantizationType.Q8_0
    assert storage((10, 48), q8) == gguf.GGMLQuantizationType.F16
    assert storage((64,), q8) == gguf.GGMLQuantizationType.F32


def test_a_way_of_cutting_that_llama_cpp_has_not_is_refused(tmp_path: Path) -> None:
    tokenizer().save(tmp_path)
    path = tmp_path / "tokenizer.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["pre_tokenizer"]["pretokenizers"][0]["individual_digits"] = False
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be exported to gguf"):
        way_of_cutting(Tokenizer.load(tmp_path))


def test_a_tokenizer_that_cuts_as_gpt2_does_is_called_so(tmp_path: Path) -> None:
    """That of an imported GPT-2; llama.cpp then makes the same tokens of the same words."""
    ours = bundle_cutting_as_gpt2(tmp_path)
    assert way_of_cutting(ours.tokenizer) == "gpt-2"
    if find_spec("llama_cpp") is not None:
        from chatzero.interop.engine_llama_cpp import LlamaCppEngine

        export(ours, "gguf", tmp_path / "out", num_questions=0)
        theirs = LlamaCppEngine(tmp_path / "out")
        for words in ("It's 2026, isn't it?  Yes\n\n 12345", "你好，世界！ 3加4等于几？", "🙂 café\u3000naïve\t…"):
            question = Conversation.of(words)
            assert theirs.prompt_ids(question) == render_prompt(question, ours.tokenizer)


def bundle_cutting_as_gpt2(folder: Path) -> Bundle:
    tokenizer().save(folder)
    path = folder / "tokenizer.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["pre_tokenizer"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    path.write_text(json.dumps(raw), encoding="utf-8")
    return Bundle(trained("gpt2", steps=1), Tokenizer.load(folder), folder)


def test_an_encoder_decoder_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot go to gguf"):
        export(Bundle(trained("marian", steps=1), tokenizer(), tmp_path), "gguf", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@needs_llama_cpp
@pytest.mark.parametrize("variant", DECODER_ONLY)
@pytest.mark.parametrize("precision", ["f32", "f16", "q8_0"])
def test_llama_cpp_says_the_same(variant: str, precision: str, tmp_path: Path) -> None:
    from chatzero.interop.engine_llama_cpp import LlamaCppEngine

    ours = Bundle(trained(variant), tokenizer(), tmp_path)
    export(ours, "gguf", tmp_path / "out", precision, num_questions=0)
    promised = promise(PRECISIONS[precision], "gguf", ours.model.config)
    result = compare(ours, LlamaCppEngine(tmp_path / "out"), QUESTIONS, promised)
    assert result.prompts_equal == result.prompts == 128
    assert result.ok, result
