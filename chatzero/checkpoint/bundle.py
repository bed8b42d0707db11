"""The model folder: complete by itself. Config, weights, tokenizer, chat template, card.

config.json          the ModelConfig            tokenizer.json         opens in other libraries too
model.safetensors    each weight once           chat_template.jinja    the chat format, for other libraries
README.md            what it is, its scores     manifest.json          checksums
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch

from chatzero.checkpoint.atomic import MANIFEST, require_sound, whole_folder
from chatzero.checkpoint.tensors import read_tensors, write_tensors
from chatzero.errors import ModelFolderError
from chatzero.language import tr
from chatzero.models.build import build
from chatzero.models.config import parse_model_config
from chatzero.models.interface import LanguageModel
from chatzero.text.chat_template import JINJA
from chatzero.text.tokenizer import Tokenizer

MODEL_FOLDER = "model"
_NEEDED = ("config.json", "model.safetensors", "tokenizer.json")


@dataclass(frozen=True)
class Bundle:
    """A model with its tokenizer, ready to answer, and the folder it came from."""

    model: LanguageModel
    tokenizer: Tokenizer
    folder: Path


def save_bundle(folder: Path, model: LanguageModel, tokenizer: Tokenizer, card: str) -> None:
    """Write a model folder, whole or not at all."""
    with whole_folder(folder) as draft:
        config = {"format": "chatzero", **model.config.model_dump()}
        (draft / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        write_tensors(draft / "model.safetensors", dict(model.named_parameters()))
        tokenizer.save(draft)
        (draft / "chat_template.jinja").write_text(JINJA, encoding="utf-8")
        (draft / "README.md").write_text(card, encoding="utf-8")


def load_bundle(folder: Path, device: str | torch.device = "cpu") -> Bundle:
    """Open a model folder, or the one inside a run folder. The model is in evaluation mode.

    Raises `ModelFolderError` for a folder that is missing, incomplete, damaged, or whose parts do not fit together.
    """
    folder = _model_folder(folder)
    if (folder / MANIFEST).exists():
        require_sound(folder)
    try:
        raw = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        raw.pop("format", None)
    except (ValueError, AttributeError) as error:
        raise ModelFolderError(
            what=tr(f"{folder / 'config.json'} is not a JSON object", f"{folder / 'config.json'} 不是 JSON 对象"),
            why=str(error),
            do=tr("copy the model folder again", "请重新复制模型文件夹"),
        ) from error
    config = parse_model_config(raw)
    tokenizer = Tokenizer.load(folder)
    if tokenizer.vocab_size != config.vocab_size:
        raise _misfit(folder, "tokenizer.json", f"{tokenizer.vocab_size} != vocab_size {config.vocab_size}")
    model = build(config, torch.Generator().manual_seed(0))
    parameters = dict(model.named_parameters())
    tensors = read_tensors(folder / "model.safetensors")
    if tensors.keys() != parameters.keys():
        raise _misfit(folder, "model.safetensors", ", ".join(sorted(tensors.keys() ^ parameters.keys())[:3]))
    with torch.no_grad():
        for name, parameter in parameters.items():
            if tensors[name].shape != parameter.shape:
                raise _misfit(
                    folder, "model.safetensors", f"{name}: {list(tensors[name].shape)} != {list(parameter.shape)}"
                )
            parameter.copy_(tensors[name])
    return Bundle(model.to(device).eval(), tokenizer, folder)


def latest_model(runs: Path) -> Path:
    """The run folder under `runs` whose model was written last. Raises `ModelFolderError` when there is none."""
    models = list(runs.glob(f"*/{MODEL_FOLDER}/config.json")) if runs.is_dir() else []
    if not models:
        raise ModelFolderError(
            what=tr(f"no trained model under {runs}", f"{runs} 下没有训练好的模型"),
            why=tr("no MODEL was named and none has been trained here yet", "没有指定 MODEL，这里也还没有训练过模型"),
            do=tr(
                "train one with `chatzero quickstart`, or name a model folder",
                "先运行 `chatzero quickstart` 训练，或指定模型文件夹",
            ),
        )
    return max(models, key=lambda p: p.stat().st_mtime).parent.parent


def _model_folder(folder: Path) -> Path:
    """`folder` itself or the model folder inside it, with every needed file."""
    if (folder / MODEL_FOLDER / "config.json").is_file():
        folder = folder / MODEL_FOLDER
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if missing:
        what = (
            tr(
                f"{folder} is not a complete model folder: {', '.join(missing)} missing",
                f"{folder} 不是完整的模型文件夹：缺少 {', '.join(missing)}",
            )
            if folder.is_dir()
            else tr(f"there is no folder {folder}", f"找不到文件夹 {folder}")
        )
        raise ModelFolderError(
            what=what,
            why=tr(f"a model folder holds {', '.join(_NEEDED)}", f"模型文件夹应包含 {', '.join(_NEEDED)}"),
            do=tr(
                "name a model or run folder; `chatzero runs` lists those here",
                "请指定模型或运行文件夹；`chatzero runs` 会列出本机的运行",
            ),
        )
    return folder


def _misfit(folder: Path, file: str, detail: str) -> ModelFolderError:
    return ModelFolderError(
        what=tr(
            f"{folder / file} does not fit config.json: {detail}", f"{folder / file} 与 config.json 不符：{detail}"
        ),
        why=tr("the files of this folder come from different models", "文件夹中的文件来自不同的模型"),
        do=tr("copy the whole model folder again from where it was made", "请从来源处重新复制整个模型文件夹"),
    )
