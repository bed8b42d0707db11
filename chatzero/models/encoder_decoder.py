"""The Transformer of 2017: an encoder reads the source, a decoder writes the target while looking at it.

Post-norm by default, and then no norm after the last layer, as in the paper (`torch.nn.Transformer` adds one).
"""

from typing import final

import torch
from torch import nn

from chatzero.blocks.attention import KeysValues
from chatzero.blocks.cache import KVCache, RemembersLayers
from chatzero.blocks.embedding import TokenEmbedding
from chatzero.blocks.masks import causal_mask, padding_mask
from chatzero.blocks.norm import LayerNorm
from chatzero.blocks.positions import LearnedPositions, RotaryPositions, SinusoidalPositions, count_positions
from chatzero.blocks.tap import Tap
from chatzero.blocks.transformer_layer import DecoderLayer, EncoderLayer
from chatzero.models.config import TransformerConfig
from chatzero.models.context import check_left_padded, check_window
from chatzero.models.decode_state import RunningTransformer, TransformerState
from chatzero.models.interface import DecodeState, LanguageModel
from chatzero.shapes import Bool, Float, Int, Tensor


class StackInput(nn.Module):
    """What enters a stack: token vectors, plus positions where these are added, normed by option, with dropout."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.positions: SinusoidalPositions | LearnedPositions | None = None
        if config.positions == "sinusoidal":
            self.positions = SinusoidalPositions(config.max_seq_len, config.d_model)
        elif config.positions == "learned":
            self.positions = LearnedPositions(config.max_seq_len, config.d_model)
        self.norm = LayerNorm(config.d_model) if config.embedding_norm else nn.Identity()
        self.dropout = nn.Dropout(config.dropout)
        self.tap_out = Tap()

    def forward(self, embedded: Float[Tensor, "B T D"], positions: Int[Tensor, "*#B T"]) -> Float[Tensor, "B T D"]:
        x = embedded if self.positions is None else embedded + self.positions(positions).to(embedded.dtype)
        return self.tap_out(self.dropout(self.norm(x)))


def stack_rotary(config: TransformerConfig) -> RotaryPositions | None:
    """What turns queries and keys in the self-attention of a stack; None where positions are added instead."""
    return RotaryPositions(config.head_dim, config.max_seq_len) if config.positions == "rotary" else None


class Encoder(nn.Module):
    """The stack that reads: embedded source -> memory."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.input = StackInput(config)
        self.rotary = stack_rotary(config)
        self.layers = nn.ModuleList(
            EncoderLayer(
                config.d_model,
                config.num_heads,
                config.dim_feedforward,
                config.dropout,
                config.activation,
                config.norm_order,
                config.attention_dropout,
            )
            for _ in range(config.num_encoder_layers)
        )
        self.norm = LayerNorm(config.d_model) if config.norm_order == "pre" else nn.Identity()

    def forward(
        self,
        embedded: Float[Tensor, "B S D"],
        positions: Int[Tensor, "*#B S"],
        attn_mask: Bool[Tensor, "#B 1 1 S"] | None,
    ) -> Float[Tensor, "B S D"]:
        x = self.input(embedded, positions)
        rotation = None if self.rotary is None else self.rotary(positions)
        for layer in self.layers:
            x = layer(x, attn_mask, rotation)
        memory: Tensor = self.norm(x)
        return memory


class Decoder(nn.Module):
    """The stack that writes: embedded target so far, and the memory -> a vector for each position."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.input = StackInput(config)
        self.rotary = stack_rotary(config)
        self.layers = nn.ModuleList(
            DecoderLayer(
                config.d_model,
                config.num_heads,
                config.dim_feedforward,
                config.dropout,
                config.activation,
                config.norm_order,
                config.attention_dropout,
            )
            for _ in range(config.num_decoder_layers)
        )
        self.norm = LayerNorm(config.d_model) if config.norm_order == "pre" else nn.Identity()

    def forward(
        self,
        embedded: Float[Tensor, "B T D"],
        memory: Float[Tensor, "B S D"] | list[KeysValues],
        positions: Int[Tensor, "*#B T"],
        attn_mask: Bool[Tensor, "#B 1 #T _"] | None,
        memory_mask: Bool[Tensor, "#B 1 1 S"] | None,
        cache: RemembersLayers | None = None,
    ) -> Float[Tensor, "B T D"]:
        """`attn_mask` is the causal mask; in a decoding step, which cached positions are real, or None when all are.

        `memory` may come projected for each layer.
        """
        x = self.input(embedded, positions)
        rotation = None if self.rotary is None else self.rotary(positions)
        for i, layer in enumerate(self.layers):
            x = layer(
                x,
                memory[i] if isinstance(memory, list) else memory,
                attn_mask,
                memory_mask,
                is_causal=attn_mask is not None and cache is None,
                rotation=rotation,
                cache=None if cache is None else cache.layers[i],
            )
        hidden: Tensor = self.norm(x)
        return hidden

    def project(self, memory: Float[Tensor, "B S D"]) -> list[KeysValues]:
        """The keys and values that each layer's cross-attention will read: the same at every decoding step."""
        return [layer.cross_attention.keys_values(memory) for layer in self.layers if isinstance(layer, DecoderLayer)]


@final
class Transformer(LanguageModel):
    """Vaswani et al. 2017, figure 1. One token table serves source, target and output.

    The decoder starts from `<pad>`, whose vector is zero: at the first position it knows only where it stands.
    """

    config: TransformerConfig

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = TokenEmbedding(config.vocab_size, config.d_model, scaled=True)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.output = None if config.tie_embeddings else TokenEmbedding(config.vocab_size, config.d_model)
        self.tap_memory, self.tap_hidden, self.tap_logits = Tap(), Tap(), Tap()

    def forward(
        self,
        source_ids: Int[Tensor, "B S"],
        decoder_ids: Int[Tensor, "B T"],
        source_mask: Bool[Tensor, "B S"] | None = None,
    ) -> Float[Tensor, "B T V"]:
        """The score of every token as the next one, after each position of the target."""
        return self.logits(self.hidden(source_ids, decoder_ids, source_mask))

    def hidden(
        self,
        source_ids: Int[Tensor, "B S"],
        decoder_ids: Int[Tensor, "B T"],
        source_mask: Bool[Tensor, "B S"] | None = None,
    ) -> Float[Tensor, "B T D"]:
        """The vector of each target position after the last layer. `decoder_ids` begin with `<pad>`.

        `source_mask` is True at real tokens; a target padded on the right needs no mask.
        """
        seq_len = decoder_ids.shape[1]
        check_window(seq_len, self.config.max_seq_len)
        memory = self.encode(source_ids, source_mask)
        positions = torch.arange(seq_len, device=decoder_ids.device)
        memory_mask = None if source_mask is None else padding_mask(source_mask)
        attn_mask = causal_mask(seq_len, decoder_ids.device)
        hidden: Tensor = self.decoder(self.embedding(decoder_ids), memory, positions, attn_mask, memory_mask)
        return self.tap_hidden(hidden)

    def encode(
        self, source_ids: Int[Tensor, "B S"], source_mask: Bool[Tensor, "B S"] | None = None
    ) -> Float[Tensor, "B S D"]:
        """The memory: a vector for each source position. Positions count real tokens, wherever the padding is."""
        check_window(source_ids.shape[1], self.config.max_seq_len)
        if source_mask is None:
            positions, attn_mask = torch.arange(source_ids.shape[1], device=source_ids.device), None
        else:
            positions, attn_mask = count_positions(source_mask), padding_mask(source_mask)
        memory: Tensor = self.encoder(self.embedding(source_ids), positions, attn_mask)
        return self.tap_memory(memory)

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
    ) -> tuple[Float[Tensor, "B V"], TransformerState]:
        """See `LanguageModel.prefill`: the prompt is the source; the decoder takes its first step, from `<pad>`."""
        padded = check_left_padded(prompt_mask)
        memory = self.decoder.project(self.encode(prompt_ids, padded))
        memory_mask = None if padded is None else padding_mask(padded)
        state = TransformerState(KVCache(self.config.num_decoder_layers), memory, memory_mask)
        start = prompt_ids.new_full((prompt_ids.shape[0],), self.embedding.pad_id)
        return self.decode_step(start, state), state

    @torch.no_grad()
    def decode_step(self, token_ids: Int[Tensor, "B"], state: DecodeState) -> Float[Tensor, "B V"]:
        """See `LanguageModel.decode_step`."""
        assert isinstance(state, TransformerState | RunningTransformer)
        check_window(state.length + 1, self.config.max_seq_len)
        positions, attn_mask = state.step(token_ids.device)
        embedded = self.embedding(token_ids[:, None])
        hidden = self.decoder(embedded, state.memory, positions, attn_mask, state.memory_mask, state.cache)
        return self.logits(self.tap_hidden(hidden)[:, -1])

    def open_batch(self) -> RunningTransformer:
        """See `LanguageModel.open_batch`."""
        return RunningTransformer(self.config.num_decoder_layers)
