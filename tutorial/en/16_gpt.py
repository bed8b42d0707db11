# %% [markdown]
# # 16. From encoder-decoder to GPT
#
# The Transformer of 2017 has two stacks. GPT, Llama and Qwen have one. This chapter makes the change step by step,
# builds the modern layer by hand, and then lets both models learn from the same data with the same budget.

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

from chatzero.blocks.attention import attend
from chatzero.blocks.masks import causal_mask
from chatzero.blocks.positions import RotaryPositions, rotate

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
batch_size, seq_len, d_model, num_heads, num_kv_heads, dim_feedforward = 2, 6, 32, 4, 2, 96
head_dim = d_model // num_heads
x = torch.randn(batch_size, seq_len, d_model)  # B T D

# %% [markdown]
# ## One stack instead of two
#
# Put the question in front of the answer, in a single row, and let a decoder *without cross-attention* read it
# under a causal mask. The question's tokens take the place of the memory: the answer sees them by self-attention.
#
# What is lost: a token of the question can no longer see what comes after it. What is gained: one kind of layer;
# plain text can be learnt from as it is, every token of it a target; a chat of many turns is simply a longer row;
# and the cache of a conversation stays valid when the next turn is appended (an encoder must read everything
# again).
#
# ## Five modern parts
#
# **RMSNorm** divides by the root of the mean square, without subtracting the mean and without a bias: less work, as
# good in practice.


# %%
def rms_norm(x, weight, eps=1e-6):
    return x / (x.square().mean(dim=-1, keepdim=True) + eps).sqrt() * weight


from chatzero.blocks.norm import RMSNorm

norm = RMSNorm(d_model)
torch.testing.assert_close(rms_norm(5 * x + 1, norm.weight), norm(5 * x + 1), rtol=0, atol=1e-12)

# %% [markdown]
# **SwiGLU**: in the feed-forward block a second matrix makes a *gate* that decides how much of each inner number
# passes. `silu(z) = z * sigmoid(z)` is a smooth relu.

# %%
from chatzero.blocks.feed_forward import GatedFeedForward

gated = GatedFeedForward(d_model, dim_feedforward)
gate = x @ gated.gate.weight.T  # B T F
by_hand = (gate * gate.sigmoid() * (x @ gated.up.weight.T)) @ gated.down.weight.T
torch.testing.assert_close(by_hand, gated(x), rtol=0, atol=1e-12)

# %% [markdown]
# **Grouped heads**: four query heads share two key/value heads. While writing, the cache holds keys and values
# only, so it is half as large. In code, each key head is repeated for its group.

# %%
q = torch.randn(batch_size, num_heads, seq_len, head_dim)  # B H T K
k, v = torch.randn(2, batch_size, num_kv_heads, seq_len, head_dim)  # each B G T K
group = num_heads // num_kv_heads
repeated, _ = attend(q, k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1))
torch.testing.assert_close(repeated, attend(q, k, v)[0], rtol=0, atol=1e-12)

# %% [markdown]
# **Pitfall:** `repeat_interleave` gives heads 0 0 1 1; `repeat` gives 0 1 0 1. Both have the same shape, and only
# one is what the weights were trained for.
#
# **Rotary positions** are chapter 6. **QK-norm** puts an RMSNorm on each query and key (per head, before rotation),
# so that scores cannot grow without bound as training goes on.
#
# ## The layer
#
# Pre-norm (chapter 7), no biases, no dropout by default:


# %%
class MyGPTLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, num_kv_heads * head_dim, bias=False)
        self.v_proj = nn.Linear(d_model, num_kv_heads * head_dim, bias=False)
        self.out_proj = nn.Linear(d_model, d_model, bias=False)
        self.q_norm, self.k_norm = RMSNorm(head_dim), RMSNorm(head_dim)
        self.norm1, self.norm2 = RMSNorm(d_model), RMSNorm(d_model)
        self.feed_forward = GatedFeedForward(d_model, dim_feedforward)

    def attention(self, x, rotation, mask):
        def split(x):
            return x.view(*x.shape[:2], -1, head_dim)  # B T H K

        q = rotate(self.q_norm(split(self.q_proj(x))).transpose(1, 2), rotation)
        k = rotate(self.k_norm(split(self.k_proj(x))).transpose(1, 2), rotation)
        v = split(self.v_proj(x)).transpose(1, 2)
        mixed, _ = attend(q, k, v, mask)  # B H T K
        return self.out_proj(mixed.transpose(1, 2).flatten(2))

    def forward(self, x, rotation, mask):
        x = x + self.attention(self.norm1(x), rotation, mask)
        return x + self.feed_forward(self.norm2(x))


# %%
from chatzero.blocks.transformer_layer import GPTLayer


def copy_weights(mine, theirs):
    for name in ("q_proj", "k_proj", "v_proj", "out_proj", "q_norm", "k_norm"):
        getattr(mine, name).load_state_dict(getattr(theirs.self_attention, name).state_dict())
    mine.feed_forward.load_state_dict(theirs.feed_forward.state_dict())
    mine.norm1.load_state_dict(theirs.self_attention_residual.norm.state_dict())
    mine.norm2.load_state_dict(theirs.feed_forward_residual.norm.state_dict())
    return mine


theirs = GPTLayer(d_model, num_heads, num_kv_heads, dim_feedforward)
mine = copy_weights(MyGPTLayer(), theirs)
rotation = RotaryPositions(head_dim, 64)(torch.arange(seq_len))
mask = causal_mask(seq_len)
torch.testing.assert_close(mine(x, rotation, mask), theirs(x, rotation, mask), rtol=0, atol=1e-12)

# %% [markdown]
# ## The model
#
# Even simpler than chapter 9: embed, layers, norm, scores. No `sqrt(d_model)`, because nothing is added to the
# vectors.

# %%
from chatzero.models.build import build
from chatzero.models.config import GPTConfig

config = GPTConfig(
    vocab_size=50,
    d_model=d_model,
    num_heads=num_heads,
    num_kv_heads=num_kv_heads,
    num_layers=2,
    dim_feedforward=dim_feedforward,
    max_seq_len=64,
)
gpt = build(config, torch.Generator().manual_seed(0)).eval()
layers = [copy_weights(MyGPTLayer(), layer) for layer in gpt.layers]


def my_gpt(token_ids):
    rotation = RotaryPositions(head_dim, 64)(torch.arange(token_ids.shape[1]))
    x = gpt.embedding.weight[token_ids]  # B T D
    for layer in layers:
        x = layer(x, rotation, causal_mask(token_ids.shape[1]))
    logits = gpt.norm(x) @ gpt.embedding.weight.T  # B T V
    logits[..., -1] = float("-inf")
    return logits


token_ids = torch.randint(0, 49, (2, 9))
torch.testing.assert_close(my_gpt(token_ids), gpt(token_ids), rtol=0, atol=1e-12)
print(tuple(gpt(token_ids).shape))

# %% [markdown]
# ## Which is better?
#
# The same conversations, the same number of updates, about the same number of parameters. `Bench` is what the
# pitfall lab uses: lists of words to say again, to reverse and to translate, and questions that were never trained on.

# %%
import time

from chatzero.lab.bench import Bench
from chatzero.lab.pitfall import Scale

torch.set_default_dtype(torch.float32)
steps = 300  # quick: 2
batch_tokens = 2048  # quick: 256
conversations = 6000  # quick: 300
questions = 20  # quick: 1
figure, axes = plt.subplots(figsize=(6, 3))
for arch in ("transformer", "gpt"):
    bench = Bench(Scale(steps, batch_tokens, conversations, questions), arch)
    model = bench.model()
    started = time.perf_counter()
    trained = bench.train(model)
    seconds = time.perf_counter() - started
    right = bench.right(bench.answers(trained.model))
    size = sum(p.numel() for p in model.parameters())
    print(f"{arch:12} {size:,} parameters, {seconds:.0f} s, loss {trained.curve[-1][1]:.3f}, right {right:.0%}")
    axes.plot([step for step, _ in trained.curve], [loss for _, loss in trained.curve], label=arch)
axes.set_xlabel("step")
axes.set_ylabel("held-out loss")
axes.legend()
plt.show()

# %% [markdown]
# One run each is an anecdote, not a result: change the seed, the number of steps, the data, and look again (chapter
# 15 on how sure one can be). Over the full ten minutes the README's scoreboard has both side by side.
#
# ## Exercises
#
# 1. How many bytes of cache does one token cost in each, at 2 layers, in float32? Write
#    `cache_bytes_per_token(config)` for the GPT.
# 2. Show that in `my_gpt` the scores at place t depend on no later token.
# 3. Take away the causal mask from `MyGPTLayer`. What would training on plain text then teach?


# %%
def cache_bytes_per_token(config):
    return 2 * config.num_layers * config.num_kv_heads * config.head_dim * 4


from chatzero.models.size import cache_bytes

assert cache_bytes_per_token(config) == cache_bytes(config, batch_size=1, seq_len=1, bytes_per_value=4)
print(cache_bytes_per_token(config))

other = token_ids.clone()
other[:, 5:] = 1
assert torch.equal(my_gpt(other)[:, :5], my_gpt(token_ids)[:, :5])
assert not torch.equal(my_gpt(other)[:, 5:], my_gpt(token_ids)[:, 5:])

# %% [markdown]
# 3: to copy the next token, which it can see; nothing that helps in writing, where there is no next token yet.
#
# ## Check yourself


# %%
def check(mine):
    for heads, kv_heads, layers in ((4, 4, 1), (4, 1, 3), (8, 2, 6)):
        config = GPTConfig(
            vocab_size=50,
            d_model=64,
            num_heads=heads,
            num_kv_heads=kv_heads,
            num_layers=layers,
            dim_feedforward=96,
            max_seq_len=64,
        )
        assert mine(config) == cache_bytes(config, batch_size=1, seq_len=1, bytes_per_value=4)
    print("✓", mine.__name__)


check(cache_bytes_per_token)
