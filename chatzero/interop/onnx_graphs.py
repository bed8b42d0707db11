"""Our models as ONNX graphs, traced from their own code: the cache is handed in and what is new is handed out.

    decoder-only      model.onnx     some tokens and the cache so far -> scores after the last, keys and values of these
                                     tokens. An empty cache makes it the prefill, one token a row the decoding step.
    encoder-decoder   encoder.onnx   the source -> its keys and values for each decoder layer
                      decoder.onnx   one token a row, the cache so far, the source -> scores, keys and values

Batch and lengths are free. Whoever runs a graph keeps the cache (`onnx_model`), so that rows may come and go.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import nn
from torch.export import Dim

from chatzero.blocks.attention import KeysValues, use_fused
from chatzero.blocks.masks import causal_mask, padding_mask
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Tensor

GPT_FILE, ENCODER_FILE, DECODER_FILE = "model.onnx", "encoder.onnx", "decoder.onnx"


@dataclass(frozen=True)
class Graph:
    """A module to trace, example inputs with the dimensions of each that are free, and names for what goes in and out.

    Lists in `example` and `free` are flattened in `inputs`.
    """

    file: str
    module: nn.Module
    example: tuple[object, ...]
    free: tuple[object, ...]
    inputs: list[str]
    outputs: list[str]


def graphs_of(model: LanguageModel) -> list[Graph]:
    """The graphs of a model; traced with PyTorch's attention kernel, which ONNX has an operator for."""
    copy = deepcopy(model).float().cpu().eval()
    use_fused(copy, True)
    match copy:
        case GPT():
            return [_gpt(copy)]
        case Transformer():
            return [_encoder(copy), _decoder(copy)]
    raise TypeError(type(model).__name__)


class GivenLayer:
    """A layer's cache for tracing: what came before is an input, what is appended becomes an output."""

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        self._before = (keys, values)
        self.new: list[Tensor] = []

    def append(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        self.new = [keys, values]
        return torch.cat([self._before[0], keys], dim=2), torch.cat([self._before[1], values], dim=2)


class GivenCache:
    """Keys and values of each layer in turn: keys, values, keys, values, ..."""

    def __init__(self, past: Sequence[Tensor]) -> None:
        self.layers = [GivenLayer(keys, values) for keys, values in zip(past[::2], past[1::2], strict=True)]

    @property
    def new(self) -> list[Tensor]:
        return [tensor for layer in self.layers for tensor in layer.new]


class GPTGraph(nn.Module):
    """`past_mask` and `new_mask` are True at real positions; `past` is the cache, each tensor B G S K."""

    def __init__(self, model: GPT) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, token_ids: Tensor, positions: Tensor, past_mask: Tensor, new_mask: Tensor, past: list[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        seq_len = token_ids.shape[1]
        # Padding sees itself: a row of attention that sees nothing is not a number, and spreads.
        itself = torch.eye(seq_len, dtype=torch.bool)
        among_new = causal_mask(seq_len) & (padding_mask(new_mask) | itself)  # B 1 T T
        before = padding_mask(past_mask).expand(-1, -1, seq_len, -1)  # B 1 T S
        cache = GivenCache(past)
        hidden = self.model.run(token_ids, positions, torch.cat([before, among_new], dim=-1), cache=cache)
        return self.model.logits(hidden[:, -1]), cache.new


class EncoderGraph(nn.Module):
    """`source_mask` is True at real tokens."""

    def __init__(self, model: Transformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, source_ids: Tensor, positions: Tensor, source_mask: Tensor) -> list[Tensor]:
        embedded = self.model.embedding(source_ids)
        memory = self.model.encoder(embedded, positions, padding_mask(source_mask))
        return [tensor for layer in self.model.decoder.project(memory) for tensor in layer]


class DecoderGraph(nn.Module):
    """One position a row: `positions` says which; `past` is the cache, `memory` what the encoder graph gave."""

    def __init__(self, model: Transformer) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        token_ids: Tensor,
        positions: Tensor,
        past_mask: Tensor,
        past: list[Tensor],
        source_mask: Tensor,
        memory: list[Tensor],
    ) -> tuple[Tensor, list[Tensor]]:
        sources = [KeysValues(keys, values) for keys, values in zip(memory[::2], memory[1::2], strict=True)]
        attn_mask = padding_mask(torch.cat([past_mask, torch.ones_like(token_ids, dtype=torch.bool)], dim=1))
        cache = GivenCache(past)
        hidden = self.model.decoder(
            self.model.embedding(token_ids), sources, positions, attn_mask, padding_mask(source_mask), cache
        )
        return self.model.logits(hidden[:, -1]), cache.new


# -- examples: every free dimension has a size of its own, so that none is taken for another or for a constant --------

_BATCH, _NEW, _PAST, _SOURCE = 2, 3, 5, 7
_FREE = Dim.DYNAMIC
_ROWS = {0: _FREE}
_TABLE = {0: _FREE, 1: _FREE}
_CACHE = {0: _FREE, 2: _FREE}


def _gpt(model: GPT) -> Graph:
    config = model.config
    shape = (_BATCH, config.num_kv_heads, _PAST, config.head_dim)
    names, past = _cache("past", config.num_layers, shape)
    return Graph(
        GPT_FILE,
        GPTGraph(model),
        (_ids(_NEW), _ids(_NEW), _real(_PAST), _real(_NEW), past),
        (_TABLE, _TABLE, _TABLE, _TABLE, [_CACHE] * len(past)),
        ["token_ids", "positions", "past_mask", "new_mask", *names],
        ["logits", *_cache("new", config.num_layers, shape)[0]],
    )


def _encoder(model: Transformer) -> Graph:
    names, _ = _cache("memory", model.config.num_decoder_layers, ())
    return Graph(
        ENCODER_FILE,
        EncoderGraph(model),
        (_ids(_SOURCE), _ids(_SOURCE), _real(_SOURCE)),
        (_TABLE, _TABLE, _TABLE),
        ["source_ids", "positions", "source_mask"],
        names,
    )


def _decoder(model: Transformer) -> Graph:
    config = model.config
    names, past = _cache("past", config.num_decoder_layers, (_BATCH, config.num_heads, _PAST, config.head_dim))
    sources, memory = _cache("memory", config.num_decoder_layers, (_BATCH, config.num_heads, _SOURCE, config.head_dim))
    return Graph(
        DECODER_FILE,
        DecoderGraph(model),
        (_ids(1), _ids(1), _real(_PAST), past, _real(_SOURCE), memory),
        (_ROWS, _ROWS, _TABLE, [_CACHE] * len(past), _TABLE, [_CACHE] * len(memory)),
        ["token_ids", "positions", "past_mask", *names, "source_mask", *sources],
        ["logits", *_cache("new", config.num_decoder_layers, ())[0]],
    )


def _cache(name: str, num_layers: int, shape: tuple[int, ...]) -> tuple[list[str], list[Tensor]]:
    """Names as they stand in the graph, `past.0.keys`, `past.0.values`, `past.1.keys` ..., and an example of each."""
    names = [f"{name}.{layer}.{part}" for layer in range(num_layers) for part in ("keys", "values")]
    return names, [torch.zeros(shape) for _ in names]


def _ids(length: int) -> Tensor:
    return torch.zeros(_BATCH, length, dtype=torch.long)


def _real(length: int) -> Tensor:
    return torch.ones(_BATCH, length, dtype=torch.bool)
