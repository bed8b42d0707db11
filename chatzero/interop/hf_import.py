"""A folder of `transformers` -> a model folder of ours: our own exports, and released models of the same classes."""

import json
from pathlib import Path

import torch

from chatzero.checkpoint.bundle import save_bundle
from chatzero.checkpoint.tensors import read_tensors
from chatzero.errors import ModelFolderError
from chatzero.interop.adopted_tokenizer import adopt_tokenizer
from chatzero.interop.hf_config import our_config
from chatzero.interop.hf_weights import take_hf_weights
from chatzero.language import tr
from chatzero.models.build import build
from chatzero.shapes import Tensor

_ONE_FILE, _INDEX = "model.safetensors", "model.safetensors.index.json"


def import_hf(folder: Path, out: Path) -> None:
    """Write the model folder `out`, whole or not at all.

    Raises `ModelFolderError` for files that are missing, torn or do not fit together, `ConfigError` for a model that
    none of ours equals.
    """
    theirs = _json(folder / "config.json")
    tokenizer, rows = adopt_tokenizer(folder, _end_id(theirs))
    config = our_config(theirs, tokenizer.vocab_size)
    weights = _weights(folder)
    if config.tie_embeddings and "lm_head.weight" in weights:
        weights.pop("lm_head.weight")
    model = build(config, torch.Generator().manual_seed(0)).eval()
    family = theirs["model_type"]
    take_hf_weights(model, {name: tensor.float() for name, tensor in weights.items()}, family, rows)  # type: ignore[arg-type]
    card = f"# {folder.name}\n\n" + tr(
        f"Imported from a folder of transformers ({family}). Its licence is that of the original.",
        f"从 transformers 文件夹导入（{family}）。许可以原模型为准。",
    )
    save_bundle(out, model, tokenizer, card + "\n")


def _json(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _incomplete(path, str(error)) from error
    if not isinstance(content, dict):
        raise _incomplete(path, tr("it is not a JSON object", "它不是 JSON 对象"))
    return content


def _weights(folder: Path) -> dict[str, Tensor]:
    """All tensors of the folder, from one file or from the parts that an index names."""
    if (folder / _ONE_FILE).is_file():
        return read_tensors(folder / _ONE_FILE)
    if not (folder / _INDEX).is_file():
        raise _incomplete(folder / _ONE_FILE, tr("there is no such file", "没有这个文件"))
    parts = _json(folder / _INDEX).get("weight_map")
    names = sorted(set(parts.values())) if isinstance(parts, dict) else []
    return {name: tensor for part in names for name, tensor in read_tensors(folder / part).items()}


def _end_id(config: dict[str, object]) -> int:
    eos = config.get("eos_token_id")
    first = eos[0] if isinstance(eos, list) and eos else eos
    return first if isinstance(first, int) else 0


def _incomplete(path: Path, why: str) -> ModelFolderError:
    return ModelFolderError(
        what=tr(f"cannot import {path}", f"无法导入 {path}"),
        why=why,
        do=tr(
            "name a folder with config.json, model.safetensors and tokenizer.json",
            "请指定含有 config.json、model.safetensors 和 tokenizer.json 的文件夹",
        ),
    )
