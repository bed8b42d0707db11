"""The dimensions of every step, by name: what shape a step's output should have, from the config and the batch alone.

The names are those of the config and of `chatzero.shapes`, shortened where there is no doubt: batch (B), heads (H),
kv_heads (G), seq (T), source (S), target (T), head_dim (K), d_model (D), dim_feedforward (F), vocab (V).
"""

from typing import NamedTuple

from chatzero.data.batch import LMBatch, Seq2SeqBatch
from chatzero.models.config import GPTConfig, TransformerConfig


class Dim(NamedTuple):
    """One dimension of a tensor."""

    name: str
    size: int


Dims = tuple[Dim, ...]

# The last words of a step's name -> its dimensions. "query" and "key" stand for whichever text attends and is attended
# to; "kv_width" is num_kv_heads * head_dim.
_DIMS: dict[str, str] = {
    "embedding": "batch query d_model",
    "embedded": "batch query d_model",
    "positions": "query d_model",
    "rotary": "1 query head_dim",
    "out": "batch query d_model",
    "norm": "batch query d_model",
    "q_proj": "batch query d_model",
    "k_proj": "batch key kv_width",
    "v_proj": "batch key kv_width",
    "q_norm": "batch query heads head_dim",
    "k_norm": "batch key kv_heads head_dim",
    "q": "batch heads query head_dim",
    "k": "batch kv_heads key head_dim",
    "v": "batch kv_heads key head_dim",
    "scores": "batch heads query key",
    "weights": "batch heads query key",
    "mixed": "batch heads query head_dim",
    "out_proj": "batch query d_model",
    "gate": "batch query dim_feedforward",
    "up": "batch query dim_feedforward",
    "activated": "batch query dim_feedforward",
    "down": "batch query d_model",
    "memory": "batch query d_model",
    "hidden": "batch query d_model",
    "logits": "batch query vocab",
    "loss": "",
}


class Sizes(NamedTuple):
    """Everything that an expected shape depends on."""

    config: TransformerConfig | GPTConfig
    batch: int
    seq: int
    """Positions that are given a next token: all of a GPT's, the target's of a Transformer."""
    source: int
    """Positions of the encoder; 0 for a GPT."""


def sizes_of(config: TransformerConfig | GPTConfig, batch: LMBatch | Seq2SeqBatch) -> Sizes:
    """The sizes of one step on that batch."""
    source = batch.source_ids.shape[1] if isinstance(batch, Seq2SeqBatch) else 0
    return Sizes(config, batch.num_rows, batch.targets.shape[1], source)


def expected_dims(step: str, sizes: Sizes) -> Dims:
    """The dimensions of that step's output, as in `expected_dims("layers.0.self_attention.q", sizes)`.

    Raises `KeyError` for a step that no model has.
    """
    return tuple(_dim(name, step, sizes) for name in _DIMS[_last_word(step)].split())


def _last_word(step: str) -> str:
    """`embedding.source` and `embedding.target` are two calls of one embedding."""
    return "embedding" if step.startswith("embedding.") else step.rpartition(".")[2]


def _dim(name: str, step: str, sizes: Sizes) -> Dim:
    config = sizes.config
    if name in ("query", "key"):
        return _text_dim(name, step, sizes)
    kv_heads = config.num_kv_heads if isinstance(config, GPTConfig) else config.num_heads
    known = {
        "1": 1,
        "batch": sizes.batch,
        "d_model": config.d_model,
        "heads": config.num_heads,
        "kv_heads": kv_heads,
        "head_dim": config.head_dim,
        "kv_width": kv_heads * config.head_dim,
        "dim_feedforward": config.dim_feedforward,
        "vocab": config.vocab_size,
    }
    return Dim(name, known[name])


def _text_dim(name: str, step: str, sizes: Sizes) -> Dim:
    if isinstance(sizes.config, GPTConfig):
        return Dim("seq", sizes.seq)
    reads_source = step.startswith("encoder.") or step in ("embedding.source", "memory")
    if reads_source or (name == "key" and "cross_attention." in step):
        return Dim("source", sizes.source)
    return Dim("target", sizes.seq)
