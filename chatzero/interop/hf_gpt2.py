"""The two ways in which GPT-2 of `transformers` stores what others store plainly: matrices lie on their side (`Conv1D`,
input by output), and queries, keys and values are one of them, `c_attn`. Both are undone and done here, exactly.
"""

from collections.abc import Mapping

import torch

from chatzero.shapes import Tensor

_PARTS = ("q_proj", "k_proj", "v_proj")


def joined(plain: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights under the names of `hf_names`, each matrix output by input -> as the class stores them."""
    theirs: dict[str, Tensor] = {}
    for name, tensor in plain.items():
        if ".attn.q_proj." in name:
            parts = [plain[name.replace("q_proj", part)] for part in _PARTS]
            theirs[name.replace("q_proj", "c_attn")] = _turned(torch.cat(parts), name)
        elif not any(f".attn.{part}." in name for part in _PARTS):
            theirs[name] = _turned(tensor, name)
    return theirs


def cut(theirs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The other way; also from the files of the released models, whose names lack the first word."""
    plain: dict[str, Tensor] = {}
    for name, tensor in theirs.items():
        if not name.startswith(("transformer.", "lm_head.")):
            name = f"transformer.{name}"
        tensor = _turned(tensor, name)
        if ".attn.c_attn." in name:
            for part, piece in zip(_PARTS, tensor.chunk(3), strict=True):
                plain[name.replace("c_attn", part)] = piece
        else:
            plain[name] = tensor
    return plain


def _turned(tensor: Tensor, name: str) -> Tensor:
    """Matrices of the layers are on their side; tables, norms and biases are not."""
    return tensor.T if ".h." in name and tensor.dim() == 2 else tensor
