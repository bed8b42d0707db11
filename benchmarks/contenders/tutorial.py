"""The plain tutorial code: attention by hand with masked scores, padded batches, float32."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.contenders.contender import Contender, causal, looping, plain_steps, read_by_decoder
from benchmarks.task import Task
from chatzero.data.batch import Batch, Seq2SeqBatch


class HandMadeAttention(nn.Module):
    """Scores, a mask filled in, softmax, values."""

    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.q, self.k, self.v, self.out = (nn.Linear(d_model, d_model) for _ in range(4))

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        q, k, v = (
            proj(y).view(y.shape[0], y.shape[1], self.num_heads, -1).transpose(1, 2)
            for proj, y in ((self.q, x), (self.k, memory), (self.v, memory))
        )
        scores = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).masked_fill(~mask, float("-inf"))
        mixed: Tensor = self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(x.shape))
        return mixed


class HandMadeLayer(nn.Module):
    """Post-norm, as in 2017; with cross-attention where there is a memory."""

    def __init__(self, d_model: int, num_heads: int, dim_feedforward: int, cross: bool) -> None:
        super().__init__()
        self.attention = HandMadeAttention(d_model, num_heads)
        self.cross = HandMadeAttention(d_model, num_heads) if cross else None
        self.up, self.down = nn.Linear(d_model, dim_feedforward), nn.Linear(dim_feedforward, d_model)
        self.norms = nn.ModuleList(nn.LayerNorm(d_model) for _ in range(3 if cross else 2))

    def forward(self, x: Tensor, mask: Tensor, memory: Tensor, memory_mask: Tensor) -> Tensor:
        x = self.norms[0](x + self.attention(x, x, mask))
        if self.cross is not None:
            x = self.norms[1](x + self.cross(x, memory, memory_mask))
        out: Tensor = self.norms[-1](x + self.down(F.relu(self.up(x))))
        return out


class Embedded(nn.Module):
    """Token and learned position vectors, and the output tied to the former."""

    def __init__(self, vocab_size: int, d_model: int, max_seq_len: int) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocab_size, d_model), nn.Embedding(max_seq_len, d_model)
        nn.init.normal_(self.tokens.weight, std=d_model**-0.5)

    def embed(self, ids: Tensor) -> Tensor:
        vectors: Tensor = self.tokens(ids) + self.positions(torch.arange(ids.shape[1], device=ids.device))
        return vectors

    def score(self, hidden: Tensor) -> Tensor:
        return hidden @ self.tokens.weight.T


class TutorialModel(Embedded):
    """Encoder-decoder, or decoder-only where there is no encoder layer."""

    def __init__(self, task: Task) -> None:
        config = task.config
        super().__init__(config.vocab_size, config.d_model, task.max_seq_len)
        encoders, decoders = task.layers()
        self.encoder, self.decoder = (
            nn.ModuleList(
                HandMadeLayer(config.d_model, config.num_heads, task.plain_width, cross) for _ in range(layers)
            )
            for layers, cross in ((encoders, False), (decoders, encoders > 0))
        )

    def forward(self, batch: Batch) -> Tensor:
        ids = read_by_decoder(batch)
        memory = memory_mask = torch.empty(0)
        if isinstance(batch, Seq2SeqBatch):
            memory, memory_mask = self.embed(batch.source_ids), batch.source_mask[:, None, None]
            for layer in self.encoder:
                memory = layer(memory, memory_mask, memory, memory_mask)
        x, mask = self.embed(ids), causal(ids.shape[1], ids.device)
        for layer in self.decoder:
            x = layer(x, mask, memory, memory_mask)
        return self.score(x)


def tutorial(task: Task) -> Contender:
    model = TutorialModel(task)
    return looping("plain tutorial code", model, torch.float32, plain_steps(model, task, torch.float32))
