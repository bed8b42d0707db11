"""One GGUF file for llama.cpp and everything built on it, and an Ollama Modelfile beside it.

The file holds the model, the tokenizer and the chat template. Written directly, because the usual converter knows
only the vocabularies of released models and turns away every tokenizer that somebody trained themselves.

https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import json
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
import torch

from chatzero.checkpoint.bundle import Bundle
from chatzero.errors import ConfigError
from chatzero.interop.card import exported_card
from chatzero.interop.family import GPTFamily
from chatzero.interop.precision import Precision
from chatzero.language import tr
from chatzero.models.config import GPTConfig
from chatzero.models.decoder_only import GPT
from chatzero.shapes import Tensor
from chatzero.text.chat_template import JINJA
from chatzero.text.special_tokens import DOCUMENT, END, LEADING
from chatzero.text.tokenizer import Tokenizer

FILE = "model.gguf"

_LAYER = {
    "self_attention.q_proj": "attn_q",
    "self_attention.k_proj": "attn_k",
    "self_attention.v_proj": "attn_v",
    "self_attention.qkv": "attn_qkv",
    "self_attention.out_proj": "attn_output",
    "self_attention.q_norm": "attn_q_norm",
    "self_attention.k_norm": "attn_k_norm",
    "self_attention_residual.norm": "attn_norm",
    "feed_forward.gate": "ffn_gate",
    "feed_forward.up": "ffn_up",
    "feed_forward.down": "ffn_down",
    "feed_forward_residual.norm": "ffn_norm",
}
_OUTSIDE = {"embedding": "token_embd", "positions": "position_embd", "norm": "output_norm", "output": "output"}
_POSITIONS = "position_embd.weight"
"""Small, and added as it is: always f32."""
_TYPES = {
    "f32": (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
    "f16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
}

_QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

_MODELFILE = '''FROM ./{file}
TEMPLATE """{{{{- range .Messages }}}}<|{{{{ .Role }}}}|>{{{{ .Content }}}}<|end|>{{{{- end }}}}<|assistant|>"""
PARAMETER stop "<|end|>"
PARAMETER stop "<|endoftext|>"
PARAMETER stop "<|user|>"
PARAMETER temperature 0
PARAMETER num_ctx {window}
'''


def way_of_cutting(tokenizer: Tokenizer) -> str:
    """What llama.cpp calls the way this tokenizer cuts text before it merges.

    Raises `ConfigError` for one that it has not: with another, the same words would become other tokens.
    """
    way = tokenizer.description()["pre_tokenizer"]
    if isinstance(way, dict) and (way.get("type"), way.get("use_regex")) == ("ByteLevel", True):
        return "gpt-2"
    cut = json.dumps(way)
    if '"Digits"' in cut and '"individual_digits": true' in cut and '"use_regex": true' in cut:
        return "smollm"
    if json.dumps(_QWEN2) in cut and '"use_regex": false' in cut:
        return "qwen2"
    raise ConfigError(
        what=tr("this tokenizer cannot be exported to gguf", "这个分词器无法导出到 gguf"),
        why=tr(f"llama.cpp cuts text in no such way: {cut[:80]}", f"llama.cpp 没有这种切分方式：{cut[:80]}"),
        do=tr("use --to hf or --to ct2", "改用 --to hf 或 --to ct2"),
    )


def require_gguf(config: GPTConfig, family: GPTFamily) -> None:
    """Raises `ConfigError` for the one setting of GPT-2 that llama.cpp has compiled in otherwise."""
    if family == "gpt2" and config.activation != "gelu_tanh":
        raise ConfigError(
            what=tr(
                f"activation = {config.activation!r} cannot be exported to gguf",
                f"activation = {config.activation!r} 无法导出到 gguf",
            ),
            why=tr("llama.cpp computes GPT-2 with its tanh GELU only", "llama.cpp 的 GPT-2 只有 tanh 形式的 GELU"),
            do=tr(
                "train with activation = 'gelu_tanh', or use --to hf, ct2 or onnx",
                "用 activation = 'gelu_tanh' 训练，或改用 --to hf、ct2 或 onnx",
            ),
        )


def write_gguf(folder: Path, bundle: Bundle, family: GPTFamily, precision: Precision) -> None:
    """Fill `folder` with `model.gguf`, `Modelfile` and a card."""
    model = bundle.model
    assert isinstance(model, GPT)
    writer = gguf.GGUFWriter(folder / FILE, family)
    _describe(writer, model.config, family, precision)
    _add_tokenizer(writer, bundle)
    for name, tensor in gguf_tensors(model, family):
        values = tensor.float().cpu().numpy()
        kind = storage(values.shape, precision) if name != _POSITIONS else gguf.GGMLQuantizationType.F32
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (folder / "Modelfile").write_text(_MODELFILE.format(file=FILE, window=model.config.max_seq_len), encoding="utf-8")
    run = f"```\nllama-cli -m {FILE} --jinja --temp 0\nollama create my-model -f Modelfile && ollama run my-model\n```"
    (folder / "README.md").write_text(exported_card(bundle.folder, {"library_name": "gguf"}, run), encoding="utf-8")


def storage(shape: tuple[int, ...], precision: Precision) -> gguf.GGMLQuantizationType:
    """How a tensor is stored: vectors always as f32; matrices as asked, or f16 where blocks do not divide a row."""
    wanted = _TYPES[precision.name][0]
    if len(shape) == 1:
        return gguf.GGMLQuantizationType.F32
    block = gguf.GGML_QUANT_SIZES[wanted][0]
    return wanted if shape[-1] % block == 0 else gguf.GGMLQuantizationType.F16


@torch.no_grad()
def gguf_tensors(model: GPT, family: GPTFamily) -> Iterator[tuple[str, Tensor]]:
    """Every weight under its name in GGUF, without the row of `<pad>` (as in `hf_weights`)."""
    for name, tensor in _one_matrix(model) if family == "gpt2" else model.named_parameters():
        module, _, kind = name.replace("positions.table", "positions.weight").rpartition(".")
        tensor = tensor.detach()
        if module in ("embedding", "output"):
            tensor = tensor[:-1]
        if family == "llama" and module.endswith(("q_proj", "k_proj")):
            tensor = _pairs_together(tensor, model.config.head_dim)
        if module.startswith("layers."):
            _, number, inside = module.split(".", 2)
            yield f"blk.{number}.{_LAYER[inside]}.{kind}", tensor
        else:
            yield f"{_OUTSIDE[module]}.{kind}", tensor


def _one_matrix(model: GPT) -> Iterator[tuple[str, Tensor]]:
    """Our weights by name, with queries, keys and values as one matrix, as GPT-2 has it there."""
    ours = dict(model.named_parameters())
    for name, parameter in ours.items():
        if ".q_proj." in name:
            parts = [ours[name.replace("q_proj", part)] for part in ("q_proj", "k_proj", "v_proj")]
            yield name.replace("q_proj", "qkv"), torch.cat([part.detach() for part in parts])
        elif ".k_proj." not in name and ".v_proj." not in name:
            yield name, parameter


def _pairs_together(weight: Tensor, head_dim: int) -> Tensor:
    """The rows of each head in the order that llama.cpp turns them in for Llama: pair i is rows 2i and 2i + 1.

    Ours, and Qwen3's there, pair i with i + head_dim / 2.
    """
    halves = weight.view(-1, 2, head_dim // 2, weight.shape[1])
    return halves.transpose(1, 2).reshape(weight.shape)


def _describe(writer: gguf.GGUFWriter, config: GPTConfig, family: GPTFamily, precision: Precision) -> None:
    writer.add_name("ChatZero")
    writer.add_file_type(_TYPES[precision.name][1])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(config.max_seq_len)
    writer.add_embedding_length(config.d_model)
    writer.add_block_count(config.num_layers)
    writer.add_feed_forward_length(config.dim_feedforward)
    writer.add_head_count(config.num_heads)
    writer.add_vocab_size(config.vocab_size - 1)
    if family == "gpt2":
        writer.add_layer_norm_eps(config.norm_eps)
        return
    writer.add_head_count_kv(config.num_kv_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope_theta)
    writer.add_layer_norm_rms_eps(config.norm_eps)


def _add_tokenizer(writer: gguf.GGUFWriter, bundle: Bundle) -> None:
    """Byte-level BPE, cut by one of the ways that llama.cpp has compiled in."""
    tokens = bundle.tokenizer.tokens[:-1]
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(way_of_cutting(bundle.tokenizer))
    writer.add_token_list(tokens)
    writer.add_token_types([control if token in LEADING else normal for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in bundle.tokenizer.merges])
    writer.add_eos_token_id(LEADING.index(END))
    writer.add_eot_token_id(LEADING.index(END))
    writer.add_bos_token_id(LEADING.index(DOCUMENT))
    writer.add_pad_token_id(LEADING.index(DOCUMENT))
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_chat_template(JINJA)


def read_back(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a file, in float32: what a test compares."""
    reader = gguf.GGUFReader(path)
    return {t.name: gguf.quants.dequantize(t.data, t.tensor_type) for t in reader.tensors}
