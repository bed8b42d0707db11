"""How the model knows where a token stands: its table of positions as a picture, and how alike two positions are."""

from dataclasses import dataclass
from typing import Literal

import torch

from chatzero.blocks.positions import LearnedPositions, RotaryPositions, SinusoidalPositions, sinusoidal_table
from chatzero.models.config import GPTConfig
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Float, Tensor

Kind = Literal["sinusoidal", "learned", "rotary"]
_MOST = 64


@dataclass(frozen=True, eq=False)
class PositionPicture:
    """A row a position. For "rotary" the row holds the cosines by which its queries and keys are turned."""

    name: str
    kind: Kind
    table: Float[Tensor, "T D"]
    similarity: Float[Tensor, "T T"]
    """Cosine of two rows; of "rotary", the mean cosine of the angle between two positions."""


def position_pictures(model: LanguageModel, most: int = _MOST) -> list[PositionPicture]:
    """Each table the model has, and last, to compare with, the sinusoidal table of 2017 at the same width."""
    length = min(most, model.config.max_seq_len)
    pictures: list[PositionPicture] = []
    for name, module in model.named_modules():
        if isinstance(module, RotaryPositions) and not any(p.kind == "rotary" for p in pictures):
            half = module.cos.shape[1] // 2
            cos, sin = module.cos[:length, :half].detach().cpu(), module.sin[:length, half:].detach().cpu()
            pictures.append(PositionPicture(name, "rotary", cos, (cos @ cos.T + sin @ sin.T) / half))
        elif isinstance(module, LearnedPositions | SinusoidalPositions):
            table = module.table[:length].detach().cpu()
            kind: Kind = "learned" if isinstance(module, LearnedPositions) else "sinusoidal"
            if kind == "learned" or not pictures:
                pictures.append(PositionPicture(name.removesuffix(".positions"), kind, table, _alike(table)))
    if all(picture.kind != "sinusoidal" for picture in pictures):
        width = model.config.head_dim if isinstance(model.config, GPTConfig) else model.config.d_model
        table = sinusoidal_table(length, width)
        pictures.append(PositionPicture("2017", "sinusoidal", table, _alike(table)))
    return pictures


def _alike(table: Float[Tensor, "T D"]) -> Float[Tensor, "T T"]:
    normed = torch.nn.functional.normalize(table, dim=-1)
    return normed @ normed.T
