"""Classic mistakes in attention, made on purpose: the first attention of a model is changed, and put back afterwards.

Some change a shape, and a trace shows where. Others keep every shape and change only the numbers: those no shape
check will ever find, and the trace finds them by comparing with the right model.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import torch

from chatzero.blocks.attention import FORBIDDEN, MultiHeadAttention
from chatzero.blocks.norm import RMSNorm
from chatzero.blocks.positions import Rotation, rotate
from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Tensor

Method = Callable[..., Tensor]


class Mistake(NamedTuple):
    """Which method of the attention it replaces, the wrong version, and words: the wrong line, the right one, why."""

    method: str
    wrong: Method
    wrong_line: str
    right_line: str
    en: str
    zh: str

    @property
    def why(self) -> str:
        return tr(self.en, self.zh)


def _transposed(
    block: MultiHeadAttention, x: Tensor, norm: RMSNorm | None = None, rotation: Rotation | None = None
) -> Tensor:
    return _split_by(lambda x: x.transpose(0, 1), block, x, norm, rotation)


def _untransposed(
    block: MultiHeadAttention, x: Tensor, norm: RMSNorm | None = None, rotation: Rotation | None = None
) -> Tensor:
    return _split_by(lambda x: x, block, x, norm, rotation)


def _viewed(
    block: MultiHeadAttention, x: Tensor, norm: RMSNorm | None = None, rotation: Rotation | None = None
) -> Tensor:
    return _split_by(lambda x: x.reshape(x.shape[0], x.shape[2], x.shape[1], x.shape[3]), block, x, norm, rotation)


def _split_by(
    move: Callable[[Tensor], Tensor],
    block: MultiHeadAttention,
    x: Tensor,
    norm: RMSNorm | None,
    rotation: Rotation | None,
) -> Tensor:
    x = x.view(*x.shape[:2], -1, block.head_dim)
    x = move(x if norm is None else norm(x))
    return x if rotation is None else rotate(x, rotation)


class _Recipe(NamedTuple):
    """How the weights are made from the raw products q @ k.T."""

    scaled: bool = True
    masked: bool = True
    softmax_dim: int = -1


def _attend_by(
    recipe: _Recipe,
    block: MultiHeadAttention,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    attn_mask: Tensor | None,
    is_causal: bool,
) -> Tensor:
    """Attention written plainly, by that recipe."""
    share = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(share, dim=1), v.repeat_interleave(share, dim=1)
    scores = q @ k.transpose(-2, -1) / (math.sqrt(q.shape[-1]) if recipe.scaled else 1.0)
    if attn_mask is not None and recipe.masked:
        scores = scores + torch.where(attn_mask, 0.0, FORBIDDEN)
    weights = block.tap_scores(scores).softmax(dim=recipe.softmax_dim)
    return block.tap_weights(weights) @ v


MISTAKES: dict[str, Mistake] = {
    "transpose": Mistake(
        "_split",
        _transposed,
        "x.view(B, T, H, K).transpose(0, 1)",
        "x.view(B, T, H, K).transpose(1, 2)",
        "the batch and the positions changed places, so rows of the batch attend to one another",
        "批次与位置互换了，于是批次中的各行互相注意",
    ),
    "no-transpose": Mistake(
        "_split",
        _untransposed,
        "x.view(B, T, H, K)",
        "x.view(B, T, H, K).transpose(1, 2)",
        "the heads stand where the positions should be, so heads attend to heads within one position",
        "头站在了位置的地方，于是在同一个位置内，头与头互相注意",
    ),
    "view": Mistake(
        "_split",
        _viewed,
        "x.view(B, H, T, K)",
        "x.view(B, T, H, K).transpose(1, 2)",
        "the shape is right, but each head holds a stretch of positions instead of its slice of the width",
        "形状是对的，但每个头得到的是一段位置，而不是宽度中属于自己的那一份",
    ),
    "softmax": Mistake(
        "_attend",
        partial(_attend_by, _Recipe(softmax_dim=-2)),
        "scores.softmax(dim=-2)",
        "scores.softmax(dim=-1)",
        "the weights of each key sum to one over the queries, and not those of each query over the keys: the future "
        "leaks back through the sum",
        "每个键的权重对各查询求和为 1，而不是每个查询的权重对各键求和为 1：未来通过这个和泄漏回来",
    ),
    "scale": Mistake(
        "_attend",
        partial(_attend_by, _Recipe(scaled=False)),
        "scores = q @ k.T",
        "scores = q @ k.T / sqrt(head_dim)",
        "the scores are sqrt(head_dim) times too large, so softmax picks one key and passes little gradient",
        "分数大了 sqrt(head_dim) 倍，softmax 只挑一个键，梯度很难传回去",
    ),
    "mask": Mistake(
        "_attend",
        partial(_attend_by, _Recipe(masked=False)),
        "weights = scores.softmax(dim=-1)",
        "weights = (scores + mask).softmax(dim=-1)",
        "each position sees the very tokens it is asked to predict",
        "每个位置都看到了要它预测的词元",
    ),
}


def mistake_named(name: str) -> Mistake:
    """Raises `ConfigError` for a name that is none of `MISTAKES`."""
    if name not in MISTAKES:
        raise ConfigError(
            what=tr(f"unknown mistake {name!r}", f"没有名为 {name!r} 的错误"),
            why=tr("only some mistakes are known here", "这里只有几种错误可选"),
            do=tr(f"use one of {', '.join(MISTAKES)}", f"请用 {'、'.join(MISTAKES)} 之一"),
        )
    return MISTAKES[name]


@contextmanager
def with_mistake(mistake: Mistake, model: LanguageModel) -> Iterator[None]:
    """Inside the `with`, the first self-attention that the mistake concerns has it.

    That is the model's first; for the mask, the first that has one (the decoder's).
    """
    blocks = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, MultiHeadAttention) and not name.startswith(_maskless(mistake))
    }
    block = next(iter(blocks.values()))
    vars(block)[mistake.method] = partial(mistake.wrong, block)
    try:
        yield
    finally:
        del vars(block)[mistake.method]


def _maskless(mistake: Mistake) -> str:
    return "encoder." if mistake is MISTAKES["mask"] else "\0"
