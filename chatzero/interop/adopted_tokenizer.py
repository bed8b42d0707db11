"""A `tokenizer.json` of other people -> one of ours, and which row of their token table each of our tokens takes.

Byte-level BPE of any kind can be taken over: its vocabulary, merges and way of cutting stay, its control tokens give
way to ours. A token of theirs that ends a text becomes `<|end|>`; those that open a turn have no likeness there, begin
as copies of it, and are learnt when the model is trained on.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from tokenizers import Tokenizer as _Engine

from chatzero.errors import ModelFolderError
from chatzero.language import tr
from chatzero.text.special_tokens import DOCUMENT, LEADING, PAD
from chatzero.text.tokenizer import FILE_NAME, Tokenizer


def adopt_tokenizer(folder: Path, eos_id: int) -> tuple[Tokenizer, list[int]]:
    """Our tokenizer, and for each of its tokens the row of their table (-1: none, it stays zero).

    Raises `ModelFolderError` for a tokenizer that is missing, torn, or not byte-level BPE.
    """
    path = folder / FILE_NAME
    try:
        theirs = json.loads(path.read_text(encoding="utf-8"))
        vocabulary = {str(token): int(number) for token, number in theirs["model"]["vocab"].items()}
        added = {str(token["content"]): int(token["id"]) for token in theirs.get("added_tokens", ())}
        kind = theirs["model"]["type"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unusable(path, tr(f"it cannot be read: {error}", f"无法读取：{error}")) from error
    if kind != "BPE" or "ByteLevel" not in json.dumps(theirs.get("decoder")):
        raise _unusable(path, tr("it is not byte-level BPE", "它不是字节级 BPE"))
    words = sorted((token for token in vocabulary if token not in added), key=vocabulary.__getitem__)
    rows = [_row(name, added, eos_id) for name in LEADING] + [vocabulary[word] for word in words] + [-1]
    order = [*LEADING, *words]
    theirs["model"]["vocab"] = {token: number for number, token in enumerate(order)}
    theirs["added_tokens"] = [_control(name, order.index(name)) for name in LEADING] + [_control(PAD, len(order))]
    theirs["normalizer"] = theirs["post_processor"] = theirs["truncation"] = theirs["padding"] = None
    try:
        return Tokenizer(_Engine.from_str(json.dumps(theirs))), rows
    except KeyError as error:
        raise _unusable(path, tr(f"it is not byte-level: it holds {error}", f"它不是字节级：含有 {error}")) from error


def _row(name: str, added: Mapping[str, int], eos_id: int) -> int:
    if name in added:
        return added[name]
    if name == DOCUMENT:
        return next((added[token] for token in ("<|end_of_text|>", "<s>") if token in added), eos_id)
    return eos_id


def _control(name: str, number: int) -> dict[str, object]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": name, **flags, "special": True}


def _unusable(path: Path, why: str) -> ModelFolderError:
    return ModelFolderError(
        what=tr(f"cannot take over the tokenizer {path}", f"无法采用分词器 {path}"),
        why=why,
        do=tr(
            "import a model with a byte-level BPE tokenizer.json, as Qwen3, Llama 3 and our exports have",
            "请导入带有字节级 BPE tokenizer.json 的模型，例如 Qwen3、Llama 3 或我们导出的模型",
        ),
    )
