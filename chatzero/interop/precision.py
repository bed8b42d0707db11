"""How exactly the numbers of an export are stored, and how close to ours its answers must then be."""

from dataclasses import dataclass, replace

from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.models.config import GPTConfig, TransformerConfig


@dataclass(frozen=True)
class Precision:
    """A promise: every log-probability within `tolerance_nats`, this share of greedy answers equal token for token."""

    name: str
    tolerance_nats: float
    least_equal: float


_GELU_TABLE_NATS = 0.01
PRECISIONS: dict[str, Precision] = {
    # Rounding of float32 sums in another order reaches 1e-5 to 1e-4 on trained models.
    "f32": Precision("f32", tolerance_nats=1e-3, least_equal=1.0),
    # A score moves by a share of a percent; an answer changes where two tokens were that close.
    "f16": Precision("f16", tolerance_nats=0.5, least_equal=0.95),
    # Eight bits a weight. Unlikely tokens move by whole nats, so the promise is about the answers.
    "q8_0": Precision("q8_0", tolerance_nats=float("inf"), least_equal=0.8),
    "int8": Precision("int8", tolerance_nats=float("inf"), least_equal=0.8),
}

FORMATS: dict[str, tuple[str, ...]] = {
    "hf": ("f32",),
    "gguf": ("f32", "f16", "q8_0"),
    "ct2": ("f32", "int8"),
    "onnx": ("f32", "int8"),
}
"""The formats of `--to`, and the precisions each can be written in; the first is the default."""


def precision_of(target: str, name: str | None) -> Precision:
    """Raises `ConfigError` for a format or a precision that there is not."""
    if target not in FORMATS:
        raise ConfigError(
            what=tr(f"--to {target!r} is not a format I know", f"--to {target!r} 不是可用的格式"),
            why=tr("each format is written by its own code", "每种格式由各自的代码写出"),
            do=tr(f"use one of {', '.join(FORMATS)}", f"请用 {'、'.join(FORMATS)} 之一"),
        )
    known = FORMATS[target]
    if name is not None and name not in known:
        raise ConfigError(
            what=tr(f"--precision {name!r} with --to {target}", f"--precision {name!r} 不能与 --to {target} 同用"),
            why=tr("that format is not written with such numbers here", "这里不以这种数值写出该格式"),
            do=tr(f"use one of {', '.join(known)}", f"请用 {'、'.join(known)} 之一"),
        )
    return PRECISIONS[name or known[0]]


def promise(precision: Precision, target: str, config: TransformerConfig | GPTConfig) -> Precision:
    """What is promised of this model there: less where an engine computes a step in fewer bits than asked for.

    llama.cpp looks GELU up in a table of 16-bit floats.
    """
    if target == "gguf" and config.activation == "gelu_tanh":
        return replace(precision, tolerance_nats=max(precision.tolerance_nats, _GELU_TABLE_NATS))
    return precision
