"""The baseline of many: a GPT-2 in plain PyTorch, with the settings and the loop that nanoGPT trains with.

Written anew from its published settings (github.com/karpathy/nanoGPT, `config/train_shakespeare_char.py` and the notes
on CPUs in its README): learned positions, LayerNorm first and without bias, GELU, tied output, weights drawn with 0.02,
AdamW on every parameter, blocks of text from random places. One token is one target: nothing is padded.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class PlainSettings:
    """The defaults are nanoGPT's for Tiny Shakespeare on a CPU."""

    vocab_size: int
    num_layers: int = 4
    num_heads: int = 4
    d_model: int = 128
    context: int = 64
    batch_size: int = 12
    steps: int = 2000
    learning_rate: float = 1e-3
    last_learning_rate: float = 1e-4
    warmup_steps: int = 100
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.99)
    grad_clip: float = 1.0


class PlainLayer(nn.Module):
    """Attention and a feed-forward four times as wide, each behind a norm and beside a shortcut."""

    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.norm_1, self.norm_2 = (nn.LayerNorm(d_model, bias=False) for _ in range(2))
        self.qkv, self.out = nn.Linear(d_model, 3 * d_model, bias=False), nn.Linear(d_model, d_model, bias=False)
        self.up, self.down = nn.Linear(d_model, 4 * d_model, bias=False), nn.Linear(4 * d_model, d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        batch_size, length, d_model = x.shape
        heads = self.qkv(self.norm_1(x)).view(batch_size, length, 3, self.num_heads, d_model // self.num_heads)
        q, k, v = heads.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(x.shape))
        out: Tensor = x + self.down(F.gelu(self.up(self.norm_2(x))))
        return out


class PlainGPT(nn.Module):
    """Token ids (B, T) to logits (B, T, V)."""

    def __init__(self, settings: PlainSettings) -> None:
        super().__init__()
        d_model = settings.d_model
        self.tokens = nn.Embedding(settings.vocab_size, d_model)
        self.positions = nn.Embedding(settings.context, d_model)
        self.layers = nn.ModuleList(PlainLayer(d_model, settings.num_heads) for _ in range(settings.num_layers))
        self.norm = nn.LayerNorm(d_model, bias=False)
        for name, weight in self.named_parameters():
            if weight.dim() > 1:
                writes_to_the_stream = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(weight, std=0.02 / (math.sqrt(2 * settings.num_layers) if writes_to_the_stream else 1))

    def forward(self, ids: Tensor) -> Tensor:
        x = self.tokens(ids) + self.positions(torch.arange(ids.shape[1], device=ids.device))
        for layer in self.layers:
            x = layer(x)
        logits: Tensor = self.norm(x) @ self.tokens.weight.T
        return logits


def plain_training(
    model: PlainGPT, ids: Tensor, settings: PlainSettings, seed: int, dtype: torch.dtype
) -> Iterator[int]:
    """Train on a text's ids, one step after another, without end; gives the targets of each step.

    `steps` of the settings is where the learning rate reaches its last value; it stays there.
    """
    device = next(model.parameters()).device
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": settings.weight_decay}, {"params": vectors, "weight_decay": 0.0}],
        lr=settings.learning_rate,
        betas=settings.betas,
        fused=device.type == "cuda",
    )
    chance = torch.Generator().manual_seed(seed)
    offsets = torch.arange(settings.context + 1)
    step = 0
    model.train()
    while True:
        for group in optimizer.param_groups:
            group["lr"] = _learning_rate(step, settings)
        starts = torch.randint(len(ids) - settings.context, (settings.batch_size, 1), generator=chance)
        block = ids[starts + offsets].to(device)
        with torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
            logits = model(block[:, :-1])
            loss = F.cross_entropy(logits.flatten(0, 1), block[:, 1:].flatten())
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(model.parameters(), settings.grad_clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        yield block[:, 1:].numel()


def _learning_rate(step: int, settings: PlainSettings) -> float:
    """Up along a line, then down along half a cosine."""
    if step < settings.warmup_steps:
        return settings.learning_rate * (step + 1) / (settings.warmup_steps + 1)
    done = min(1.0, (step - settings.warmup_steps) / max(1, settings.steps - settings.warmup_steps))
    fall = 0.5 * (1.0 + math.cos(math.pi * done))
    return settings.last_learning_rate + fall * (settings.learning_rate - settings.last_learning_rate)
