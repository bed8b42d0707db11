# %% [markdown]
# # 5. Many heads
#
# One attention gives each token one mixture of the others. But a token has several questions at once: which word do
# I belong to, what came just before me, who is the subject? So a Transformer runs several attentions side by side,
# called *heads*, each on its own slice of the vector. This chapter builds the block around the formula of chapter
# 4, and the one line of it that most people get wrong at first.

# %%
import math

import torch
from torch import nn

from chatzero.blocks.attention import attend

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# From here on `attend` comes from the library: chapter 4 has shown that it is what we wrote.
#
# ## Where queries, keys and values come from
#
# In chapter 4 we made them up. In a model they are made from the token's own vector by three linear layers (chapter
# 2), whose matrices are learnt: `q_proj`, `k_proj`, `v_proj`. The same vector, seen from three sides: what I ask,
# what I offer to be found by, what I tell.

# %%
batch_size, seq_len, d_model, num_heads = 2, 5, 12, 3
head_dim = d_model // num_heads
x = torch.randn(batch_size, seq_len, d_model)  # B T D

q_proj, k_proj, v_proj, out_proj = (nn.Linear(d_model, d_model) for _ in range(4))
q = q_proj(x)  # B T D
print(tuple(q.shape), head_dim)

# %% [markdown]
# Three heads of width 4 share a vector of width 12. `d_model` must be a multiple of `num_heads`: 12 cannot be cut
# into 5 equal slices (the library says so, and offers the nearest sizes that work).
#
# ## Splitting into heads
#
# The first head takes numbers 0 to 3 of each token's vector, the second 4 to 7, the third 8 to 11. Cutting the last
# direction in two is what `view` does well: the numbers stay where they are.

# %%
cut = q.view(batch_size, seq_len, num_heads, head_dim)  # B T H K
assert torch.equal(cut[0, 2, 1], q[0, 2, 4:8])
print(tuple(cut.shape))

# %% [markdown]
# But `attend` multiplies the *last two* directions: it wants (tokens, width), so that tokens meet tokens. In `cut`
# the last two are (heads, width): heads would attend to heads, within one token. So tokens and heads must change
# places: `transpose(1, 2)`.


# %%
def split(x, num_heads):
    batch_size, seq_len, width = x.shape
    return x.view(batch_size, seq_len, num_heads, width // num_heads).transpose(1, 2)  # B H T K


print(tuple(split(q, num_heads).shape))

# %% [markdown]
# ## The three wrong ways
#
# **1. `view` straight to (B, H, T, K).** The shape is right, everything runs, and it is wrong: `view` only re-cuts
# the row of numbers, so "head 0" gets all of token 0, all of token 1 and part of the next, not a slice of every
# token.

# %%
number_of_token = torch.arange(seq_len).view(1, seq_len, 1).expand(1, seq_len, d_model).contiguous()
print(split(number_of_token, num_heads)[0, 0])
print(number_of_token.view(1, num_heads, seq_len, head_dim)[0, 0])

# %% [markdown]
# In the first table row t belongs to token t, as it should. In the second, "head 0" holds token 0 three times, then
# token 1, and no other token at all: the last token can never see the first. Nothing complains; the model only
# stays stupid. A trick to remember: fill a tensor with the token's number, as here, and see where it goes.
#
# **2. `transpose(0, 1)`.** It swaps batch and tokens: sentences attend to each other's words. It even runs, when
# the sizes happen to allow it.
#
# **3. `view` on the way back.** After attention the result is (B, H, T, K), and each token must get its heads side
# by side again: first `transpose(1, 2)` to (B, T, H, K), then join the last two. But a transposed tensor is walked
# through in jumps (chapter 2), which `view` refuses. So: `.contiguous().view(...)`, or `.flatten(start_dim=2)`,
# which copies by itself. Without the transpose, `flatten` would happily mix up tokens and heads.

# %%
mixed, _ = attend(split(q, num_heads), split(k_proj(x), num_heads), split(v_proj(x), num_heads))  # B H T K
turned = mixed.transpose(1, 2)  # B T H K
try:
    turned.view(batch_size, seq_len, d_model)
except RuntimeError as error:
    print(error)
joined = turned.flatten(start_dim=2)  # B T D
assert torch.equal(joined, turned.contiguous().view(batch_size, seq_len, d_model))
assert torch.equal(joined[0, 2, 4:8], mixed[0, 1, 2])
print(tuple(joined.shape))

# %% [markdown]
# ## The whole block
#
# One more linear layer at the end, `out_proj`: until here each head has its own slice, and nothing has combined
# what they found.


# %%
class MyMultiHeadAttention(nn.Module):
    def __init__(self, num_heads, d_model):
        super().__init__()
        self.num_heads = num_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, query, key_value=None, attn_mask=None):
        key_value = query if key_value is None else key_value
        q = split(self.q_proj(query), self.num_heads)  # B H T K
        k = split(self.k_proj(key_value), self.num_heads)  # B H S K
        v = split(self.v_proj(key_value), self.num_heads)  # B H S K
        mixed, _ = attend(q, k, v, attn_mask)  # B H T K
        return self.out_proj(mixed.transpose(1, 2).flatten(start_dim=2))  # B T D


mine = MyMultiHeadAttention(num_heads, d_model)
for name, parameter in mine.named_parameters():
    print(f"{name:18}", tuple(parameter.shape))

# %% [markdown]
# `key_value=None` means that the tokens look at each other: *self-attention*. With another tensor there, the
# queries come from one text and the keys and values from another: *cross-attention* (chapter 8). It is the same
# block.
#
# Now the comparison: our weights into the library's block, the same input, 12 digits.

# %%
from chatzero.blocks.attention import MultiHeadAttention
from chatzero.blocks.masks import causal_mask

theirs = MultiHeadAttention(num_heads, d_model)
theirs.load_state_dict(mine.state_dict())
mask = causal_mask(seq_len)
memory = torch.randn(batch_size, 7, d_model)  # B S D
torch.testing.assert_close(mine(x), theirs(x), rtol=0, atol=1e-12)
torch.testing.assert_close(mine(x, None, mask), theirs(x, None, mask), rtol=0, atol=1e-12)
torch.testing.assert_close(mine(x, memory), theirs(x, memory), rtol=0, atol=1e-12)

pytorch = nn.MultiheadAttention(d_model, num_heads, batch_first=True)
with torch.no_grad():
    pytorch.in_proj_weight.copy_(torch.cat([mine.q_proj.weight, mine.k_proj.weight, mine.v_proj.weight]))
    pytorch.in_proj_bias.copy_(torch.cat([mine.q_proj.bias, mine.k_proj.bias, mine.v_proj.bias]))
    pytorch.out_proj.load_state_dict(mine.out_proj.state_dict())
hidden, _ = pytorch(x, x, x, attn_mask=~mask[0, 0])
torch.testing.assert_close(mine(x, None, mask), hidden, rtol=0, atol=1e-12)

# %% [markdown]
# Two things to see in the comparison with `torch.nn`: it needs `batch_first=True` (its default is tokens first, a
# classic source of silently wrong results), and its mask has the other polarity, hence the `~`.
#
# ## What do heads cost?
#
# Nothing: the matrices are `d_model` by `d_model` for any number of heads. More heads means more questions, each
# with less room. Width 32 to 128 per head is usual. Does eight beat one? Do not believe it, measure it: chapter 12
# does.
#
# *Grouped* heads (Ainslie et al. 2023) let several query heads share one key and value head, so that less must be
# remembered while writing; see chapter 16.

# %%
for heads in (1, 2, 3, 6, 12):
    print(heads, sum(p.numel() for p in MyMultiHeadAttention(heads, d_model).parameters()))

# %% [markdown]
# ## Exercises
#
# 1. Write `one_head_at_a_time(block, x)`: the same result as `mine(x)`, with a loop over heads, plain slices such
#    as `[..., 4:8]`, and `torch.cat`; no `view`, no `transpose` of heads.
# 2. Give a formula for the number of parameters of the block, biases counted.
# 3. Take the causal mask and the wrong split (`view` straight to B H T K). Change the *first* token: which
#    positions notice?


# %%
def one_head_at_a_time(block, x):
    q, k, v = block.q_proj(x), block.k_proj(x), block.v_proj(x)  # B T D
    head_dim = x.shape[-1] // block.num_heads
    found = []
    for head in range(block.num_heads):
        part = slice(head * head_dim, (head + 1) * head_dim)
        scores = q[..., part] @ k[..., part].mT / math.sqrt(head_dim)  # B T T
        found.append(scores.softmax(dim=-1) @ v[..., part])
    return block.out_proj(torch.cat(found, dim=-1))


assert 4 * (d_model**2 + d_model) == sum(p.numel() for p in mine.parameters())


def wrong(x):
    def view(x):
        return x.view(x.shape[0], num_heads, x.shape[1], head_dim)

    mixed, _ = attend(view(mine.q_proj(x)), view(mine.k_proj(x)), view(mine.v_proj(x)), mask)
    return mine.out_proj(mixed.reshape(x.shape))


other = x.clone()
other[:, 0] = 0.0
for run in (lambda x: mine(x, None, mask), wrong):
    changed = (run(x) - run(other)).abs().amax(dim=(0, 2)) > 1e-12
    print(changed.tolist())

# %% [markdown]
# In the right version every position may look at the first token, and all notice. In the wrong one only two do: the
# rest of the sentence cannot hear its beginning. (`chatzero lab wrong-transpose` trains a model with a mistake of
# this family.)
#
# ## Check yourself


# %%
def check(mine):
    for heads, width in ((1, 4), (2, 8), (3, 12)):
        block = MultiHeadAttention(heads, width)
        x = torch.randn(2, 6, width)
        torch.testing.assert_close(mine(block, x), block(x), rtol=0, atol=1e-12)
    print("✓", mine.__name__)


check(one_head_at_a_time)
