"""The graphs in onnxruntime, as a `LanguageModel`: whatever generates, chats, serves or evaluates can run on it.

The cache is ours (`decode_state`), so that rows join and leave a running batch here as they do with our own model.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import final

import numpy as np
import onnxruntime
import torch

from chatzero.blocks.attention import KeysValues
from chatzero.blocks.cache import KVCache, RemembersKeysValues
from chatzero.blocks.masks import padding_mask
from chatzero.blocks.positions import count_positions
from chatzero.blocks.ragged_cache import RaggedCache
from chatzero.interop.onnx_graphs import DECODER_FILE, ENCODER_FILE, GPT_FILE
from chatzero.models.config import GPTConfig, parse_model_config
from chatzero.models.context import check_left_padded, check_window
from chatzero.models.decode_state import GPTState, RunningGPT, RunningTransformer, TransformerState
from chatzero.models.interface import DecodeState, LanguageModel
from chatzero.shapes import Bool, Float, Int, Tensor


@final
class OnnxModel(LanguageModel):
    """A folder that `write_onnx` filled. It has no weights for PyTorch to see, and cannot be trained."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.config = parse_model_config({key: value for key, value in settings.items() if key != "format"})
        if isinstance(self.config, GPTConfig):
            self._num_layers, self._num_kv_heads = self.config.num_layers, self.config.num_kv_heads
            self._step = _session(folder / GPT_FILE)
        else:
            self._num_layers, self._num_kv_heads = self.config.num_decoder_layers, self.config.num_heads
            self._step = _session(folder / DECODER_FILE)
            self._encoder = _session(folder / ENCODER_FILE)
        self.eval()

    def prefill(
        self, prompt_ids: Int[Tensor, "B S"], prompt_mask: Bool[Tensor, "B S"] | None = None
    ) -> tuple[Float[Tensor, "B V"], DecodeState]:
        """See `LanguageModel.prefill`."""
        check_window(prompt_ids.shape[1], self.config.max_seq_len)
        padded = check_left_padded(prompt_mask)
        real = torch.ones_like(prompt_ids, dtype=torch.bool) if padded is None else padded
        positions = count_positions(real)
        cache = KVCache(self._num_layers)
        if isinstance(self.config, GPTConfig):
            nothing = real[:, :0]
            logits = self._run(cache, self._empty(len(real)), prompt_ids, positions, nothing, {"new_mask": real})
            return logits, GPTState(cache, padded, positions[:, -1:] + 1)
        source = {"source_ids": prompt_ids, "positions": positions, "source_mask": real}
        state = TransformerState(
            cache, _pairs(_feed(self._encoder, source)), None if padded is None else padding_mask(padded)
        )
        start = prompt_ids.new_full((prompt_ids.shape[0],), self.config.vocab_size - 1)  # `<pad>`
        return self.decode_step(start, state), state

    def decode_step(self, token_ids: Int[Tensor, "B"], state: DecodeState) -> Float[Tensor, "B V"]:
        """See `LanguageModel.decode_step`."""
        assert isinstance(state, GPTState | RunningGPT | TransformerState | RunningTransformer)
        check_window(state.length + 1, self.config.max_seq_len)
        num_rows, held = len(token_ids), state.length
        if isinstance(state.cache, RaggedCache):
            past, real = (
                [KeysValues(*layer.views()) for layer in state.cache.layers],
                state.cache.real(token_ids.device),
            )
        else:
            past = [KeysValues(*layer.held()) for layer in state.cache.layers] if held else self._empty(num_rows)
            real = None if not isinstance(state, GPTState) or state.real is None else padding_mask(state.real)
        positions, _ = state.step(token_ids.device)
        others: dict[str, Tensor] = {}
        if isinstance(state, GPTState | RunningGPT):
            others["new_mask"] = _all(num_rows, 1)
        else:
            sources = state.memory
            others |= _named("memory", sources)
            others["source_mask"] = _flat(state.memory_mask, num_rows, sources[0].keys.shape[2])
        positions = positions.reshape(-1, 1).expand(num_rows, 1)
        return self._run(state.cache, past, token_ids[:, None], positions, _flat(real, num_rows, held), others)

    def open_batch(self) -> RunningGPT | RunningTransformer:
        """See `LanguageModel.open_batch`."""
        kind = RunningGPT if isinstance(self.config, GPTConfig) else RunningTransformer
        return kind(self._num_layers)

    def _run(
        self,
        cache: KVCache | RaggedCache,
        past: Sequence[KeysValues],
        token_ids: Int[Tensor, "B T"],
        positions: Int[Tensor, "B T"],
        past_mask: Bool[Tensor, "B S"],
        others: dict[str, Tensor],
    ) -> Float[Tensor, "B V"]:
        """One pass of the graph that has the cache; what is new is written down in it."""
        inputs = {"token_ids": token_ids, "positions": positions, "past_mask": past_mask}
        logits, *new = _feed(self._step, {**inputs, **_named("past", past), **others})
        layers: Sequence[RemembersKeysValues] = cache.layers
        for layer, (keys, values) in zip(layers, _pairs(new), strict=True):
            layer.append(keys, values)
        return logits

    def _empty(self, num_rows: int) -> list[KeysValues]:
        nothing = torch.zeros(num_rows, self._num_kv_heads, 0, self.config.head_dim)
        return [KeysValues(nothing, nothing)] * self._num_layers


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3  # errors; below that it speaks of its own optimisations
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _feed(session: onnxruntime.InferenceSession, inputs: dict[str, Tensor]) -> list[Tensor]:
    outputs = session.run(None, {name: np.ascontiguousarray(tensor.numpy()) for name, tensor in inputs.items()})
    return [torch.from_numpy(output) for output in outputs]


def _named(name: str, layers: Sequence[KeysValues]) -> dict[str, Tensor]:
    """The names of `onnx_graphs`."""
    return {
        f"{name}.{number}.{part}": tensor
        for number, layer in enumerate(layers)
        for part, tensor in zip(("keys", "values"), layer, strict=True)
    }


def _pairs(tensors: Sequence[Tensor]) -> list[KeysValues]:
    return [KeysValues(keys, values) for keys, values in zip(tensors[::2], tensors[1::2], strict=True)]


def _flat(mask: Tensor | None, num_rows: int, length: int) -> Bool[Tensor, "B S"]:
    """A mask for attention, B 1 1 S, as the graphs take it; all True for none."""
    return _all(num_rows, length) if mask is None else mask[:, 0, 0]


def _all(num_rows: int, length: int) -> Bool[Tensor, "B S"]:
    return torch.ones(num_rows, length, dtype=torch.bool)
