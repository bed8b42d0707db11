"""GPT: the decoder-only model. Text goes in at the left, and at each position the next token is scored.

The shape is that of Qwen3 (QK-norm, then RoPE; no biases; tied embeddings), or by its config that of GPT-2 (learned
positions, LayerNorm, GELU, biases), so that exports are exact.
"""

from typing import final

import torch
from torch import nn

from chatzero.blocks.cache import KVCache, RemembersLayers
from chatzero.blocks.embedding import TokenEmbedding
from chatzero.blocks.masks import causal_mask, padding_mask
from chatzero.blocks.norm import norm_of
from chatzero.blocks.positions import LearnedPositions, RotaryPositions, count_positions
from chatzero.blocks.tap import Tap
from chatzero.blocks.transformer_layer import GPTLayer
from chatzero.models.config import GPTConfig
from chatzero.models.context import check_left_padded, check_window
from chatzero.models.decode_state import GPTState, RunningGPT
from chatzero.models.interface import DecodeState, LanguageModel, RunningState
from chatzero.shapes import Bool, Float, Int, Tensor


@final
class GPT(LanguageModel):
    """Embed; `num_layers` layers under a causal mask; norm; score every token of the vocabulary."""

    config: GPTConfig

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = TokenEmbedding(config.vocab_size, config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.rotary: RotaryPositions | None = None
        self.positions: LearnedPositions | None = None
        if config.positions == "rotary":
            self.rotary = RotaryPositions(config.head_dim, config.max_seq_len, config.rope_theta)
        else:
            self.positions = LearnedPositions(config.max_seq_len, config.d_model)
        self.layers = nn.ModuleList(
            GPTLayer(
                config.d_model,
                config.num_heads,
                config.num_kv_heads,
                config.dim_feedforward,
                config.dropout,
                config.qk_norm,
                config.norm_eps,
                config.attention_dropout,
                config.norm,
                config.activation,
                config.bias,
            )
            for _ in range(config.num_layers)
        )
        self.norm = norm_of(config.norm, config.d_model, config.norm_eps)
        self.output = None if config.tie_embeddings else TokenEmbedding(config.vocab_size, config.d_model)
        self.tap_embedded, self.tap_hidden, self.tap_logits = Tap(), Tap(), Tap()

    def forward(
        self,
        token_ids: Int[Tensor, "B T"],
        attn_mask: Bool[Tensor, "#B 1 T T"] | None = None,
        positions: Int[Tensor, "#B T"] | None = None,
    ) -> Float[Tensor, "B T V"]:
        """The score of every token as the next one, after each position."""
        return self.logits(self.hidden(token_ids, attn_mask, positions))

    def hidden(
        self,
        token_ids: Int[Tensor, "B T"],
        attn_mask: Bool[Tensor, "#B 1 T T"] | None = None,
        positions: Int[Tensor, "#B T"] | None = None,
    ) -> Float[Tensor, "B T D"]:
        """The vector of each position after the last layer. `attn_mask` None is causal; `positions` None is 0, 1, 2...

        Rows padded on the right need no mask: nothing real attends to what comes later.
        """
        seq_len = token_ids.shape[1]
        if positions is None:
            check_window(seq_len, self.config.max_seq_len)
            positions = torch.arange(seq_len, device=token_ids.device)
        if attn_mask is None:
            return self.run(token_ids, positions, causal_mask(seq_len, token_ids.device), is_causal=True)
        return self.run(token_ids, positions, attn_mask)

    def logits(self, hidden: Float[Tensor, "*B D"]) -> Float[Tensor, "*B V"]:
        """The score of every token after each vector; that of `<pad>` is -inf."""
        return self.tap_logits(self._output_table.logits(hidden))

    @property
    def output_weight(self) -> Float[Tensor, "V D"]:
        """The table whose rows score the tokens; the last row is that of `<pad>`."""
        return self._output_table.weight

    @property
    def _output_table(self) -> TokenEmbedding:
        return self.embedding if self.output is None else self.output

    @torch.no_grad()
    def prefill(
        self, prompt_ids: Int[Tensor, "B S"], prompt_mask: Bool[Tensor, "B S"] | None = None
    ) -> tuple[Float[Tensor, "B V"], GPTState]:
        """See `LanguageModel.prefill`. Positions count real tokens only, and nobody attends to padding."""
        return self._read(prompt_ids, prompt_mask, KVCache(self.config.num_layers))

    @torch.no_grad()
    def prefill_rest(
        self,
        held: Float[Tensor, "layers 2 B G P K"],
        prompt_ids: Int[Tensor, "B S"],
        prompt_mask: Bool[Tensor, "B S"] | None = None,
    ) -> tuple[Float[Tensor, "B V"], GPTState]:
        """See `ResumesPrompts.prefill_rest`."""
        cache = KVCache(self.config.num_layers)
        for layer, (keys, values) in zip(cache.layers, held, strict=True):
            layer.append(keys, values)
        return self._read(prompt_ids, prompt_mask, cache)

    def held_row(self, state: RunningState, row: int) -> Float[Tensor, "layers 2 G S K"]:
        """See `ResumesPrompts.held_row`."""
        assert isinstance(state, RunningGPT)
        return state.cache.row(row)

    def _read(
        self, prompt_ids: Int[Tensor, "B S"], prompt_mask: Bool[Tensor, "B S"] | None, cache: KVCache
    ) -> tuple[Float[Tensor, "B V"], GPTState]:
        """Read the columns of the prompts that `cache` does not hold."""
        seq_len = prompt_ids.shape[1]
        start = cache.length
        check_window(seq_len, self.config.max_seq_len)
        attn_mask = causal_mask(seq_len, prompt_ids.device)
        positions = torch.arange(seq_len, device=prompt_ids.device)[None]
        padded = check_left_padded(prompt_mask)
        if padded is not None:
            attn_mask = attn_mask & padding_mask(padded)
            positions = count_positions(padded)
        hidden = self.run(
            prompt_ids[:, start:],
            positions[:, start:],
            attn_mask[:, :, start:],
            is_causal=padded is None and start == 0,
            cache=cache,
        )
        return self.logits(hidden[:, -1]), GPTState(cache, padded, positions[:, -1:] + 1)

    @torch.no_grad()
    def decode_step(self, token_ids: Int[Tensor, "B"], state: DecodeState) -> Float[Tensor, "B V"]:
        """See `LanguageModel.decode_step`."""
        assert isinstance(state, GPTState | RunningGPT)
        check_window(state.length + 1, self.config.max_seq_len)
        positions, attn_mask = state.step(token_ids.device)
        hidden = self.run(token_ids[:, None], positions, attn_mask, cache=state.cache)
        return self.logits(hidden[:, -1])

    def open_batch(self) -> RunningGPT:
        """See `LanguageModel.open_batch`."""
        return RunningGPT(self.config.num_layers)

    def run(
        self,
        token_ids: Int[Tensor, "B T"],
        positions: Int[Tensor, "*#B T"],
        attn_mask: Bool[Tensor, "#B 1 #T _"] | None,
        is_causal: bool = False,
        cache: RemembersLayers | None = None,
    ) -> Float[Tensor, "B T D"]:
        """All layers: what `hidden`, `prefill` and `decode_step` share, and what an ONNX graph is traced from."""
        rotation = None if self.rotary is None else self.rotary(positions)
        x = self.embedding(token_ids)
        if self.positions is not None:
            x = x + self.positions(positions).to(x.dtype)
        x = self.tap_embedded(self.dropout(x))
        for i, layer in enumerate(self.layers):
            x = layer(x, rotation, attn_mask, is_causal, None if cache is None else cache.layers[i])
        return self.tap_hidden(self.norm(x))
