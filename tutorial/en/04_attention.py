# %% [markdown]
# # 4. Attention by hand
#
# In "the cat drank its milk", what is "its"? To understand a word, look at other words. *Attention* is how a model
# does that: each token asks a question of all the others, and takes home a mixture of their answers, most from
# those that fit best. It is one line of mathematics, from the paper "Attention Is All You Need" (Vaswani et al.
# 2017, equation 1):
#
#     Attention(Q, K, V) = softmax(Q Kᵀ / sqrt(head_dim)) V
#
# We build it from nothing, one symbol at a time.

# %%
import math

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# ## One question
#
# Every token offers two vectors. Its *key* says "this is what I am about", its *value* is "this is what I have to
# tell". Whoever wants to know something has a *query*: "this is what I am looking for". Let us make three tokens
# with keys of two numbers: the first stands for "is an animal", the second for "is a drink".

# %%
tokens = ["cat", "drank", "milk"]
keys = torch.tensor([[3.0, 0.0], [0.0, 1.0], [0.0, 3.0]])  # S K
values = torch.tensor([[10.0, 0.0], [0.0, 10.0], [5.0, 5.0]])  # S K
query = torch.tensor([2.0, 0.0])  # K

scores = keys @ query  # S
print(scores)

# %% [markdown]
# The query looks for an animal. The dot product (chapter 2) with each key is the *score*: how well does this key
# fit my question? "cat" wins.
#
# Scores can be anything, also negative. *Softmax* turns them into shares: all positive, together 1.

# %%
weights = scores.exp() / scores.exp().sum()
print(weights, weights.sum())
answer = weights @ values  # K
print(answer)

# %% [markdown]
# The answer is almost the value of "cat", with a trace of the others. That soft mixture, in place of a hard choice
# of the best, is what makes attention learnable: when a score changes a little, the answer changes a little, so
# there is a gradient (chapter 2).
#
# ## Every token asks at once
#
# Now each token has a query of its own. Put them in the rows of a matrix `q`. Then `q @ k.T` holds every query
# against every key: row i, column j says how well token j answers the question of token i.

# %%
seq_len, head_dim = 5, 8
q, k, v = torch.randn(3, seq_len, head_dim)  # each T K
scores = q @ k.T  # T S
weights = scores.softmax(dim=-1)  # T S
mixed = weights @ v  # T K
for name in ("q", "scores", "weights", "mixed"):
    print(f"{name:8}", tuple(globals()[name].shape))

# %% [markdown]
# **Pitfall: `softmax(dim=-1)`.** The shares of *one query* must add up to 1, and a query is a row. With `dim=0` the
# columns would add up to 1; nothing complains, because the table is square.

# %%
print(weights.sum(dim=-1))
print(scores.softmax(dim=0).sum(dim=-1))

# %% [markdown]
# The table has T × T places: twice the text, four times the work. That is the price of letting everyone look at
# everyone, and the reason why long texts are expensive.
#
# ## Why divide by sqrt(head_dim)?
#
# A dot product adds up `head_dim` products. The more you add, the further the sum strays from zero: with random
# vectors its variance is `head_dim`, so its typical size is `sqrt(head_dim)`. Large scores make softmax put
# everything on one token. Then the mixture is a hard choice again, and the gradient is gone. Measure it:

# %%
print("head_dim  std(scores)  largest weight  gradient | after dividing")
for width in (4, 16, 64, 256):
    row = []
    for divisor in (1.0, math.sqrt(width)):
        a = torch.randn(2000, width)
        s = torch.einsum("nk,nsk->ns", a, torch.randn(2000, 10, width)) / divisor
        s.requires_grad_()
        w = s.softmax(dim=-1)
        (gradient,) = torch.autograd.grad(w[:, 0].sum(), s)
        row += [s.std().item(), w.amax(dim=-1).mean().item(), gradient.abs().mean().item()]
    print(f"{width:8}  " + "  ".join(f"{number:8.4f}" for number in row))

# %% [markdown]
# Left of the middle, without dividing: the wider the head, the larger the scores, and the smaller the gradient that
# is left to learn from. Right: divided, everything stays the same at any width. (`chatzero lab no-scale` trains a
# model both ways and says how much it really matters at that size.)
#
# ## Who may look at whom: the mask
#
# A model that writes must not see the word it is about to write. So token i may look at itself and to the left,
# never to the right: the *causal mask*. In this library, and in torch's `scaled_dot_product_attention`,
# **True means "may look"**. In `torch.nn.MultiheadAttention` True means the opposite, "hidden". Take the wrong one,
# and the model sees only the future: ask of every mask what its True means.

# %%
may_look = torch.ones(seq_len, seq_len, dtype=torch.bool).tril()
print(may_look.int())
masked = (q @ k.T / math.sqrt(head_dim)).masked_fill(~may_look, float("-inf"))
weights = masked.softmax(dim=-1)
print(weights.round(decimals=2))

# %% [markdown]
# Forbidden scores become minus infinity *before* softmax, whose `exp` makes them exactly 0, and the rest still adds
# up to 1. **Pitfall:** setting weights to 0 *after* softmax leaves rows that add up to less than 1, and the hidden
# tokens have already had their say in the sum below the fraction line.
#
# **Pitfall: NaN.** A row in which everything is forbidden (a line of padding, chapter 10) is 0 / 0.

# %%
print(torch.full((3,), float("-inf")).softmax(dim=-1))
print(torch.full((3,), -1e30).softmax(dim=-1))

# %% [markdown]
# One NaN spreads: any sum with it is NaN, and after one update every weight of the model. The library therefore
# adds a very large negative number in the place of infinity, and gives zeros to a row that may see nothing.
#
# ## The whole formula


# %%
def attend(q, k, v, may_look=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # ... T S
    if may_look is not None:
        scores = scores + torch.where(may_look, 0.0, -1e30)
    weights = scores.softmax(dim=-1)
    if may_look is not None:
        weights = weights * may_look.any(dim=-1, keepdim=True)
    return weights @ v, weights  # ... T K, ... T S


# %% [markdown]
# Six lines. `transpose(-2, -1)` turns the last two directions and leaves any others alone, so the same code serves
# a batch (B) of sentences with several heads (H), which is what the library expects. We compare with it, and with
# torch's own kernel.

# %%
from chatzero.blocks import attention
from chatzero.blocks.masks import causal_mask

q, k, v = torch.randn(3, 2, 4, seq_len, head_dim)  # each B H T K
mask = causal_mask(seq_len)  # 1 1 T T
mine, my_weights = attend(q, k, v, mask)
theirs, their_weights = attention.attend(q, k, v, mask)
torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-12)
torch.testing.assert_close(my_weights, their_weights, rtol=0, atol=1e-12)
torch.testing.assert_close(mine, F.scaled_dot_product_attention(q, k, v, attn_mask=mask), rtol=0, atol=1e-12)
print(tuple(mine.shape), tuple(my_weights.shape))

# %% [markdown]
# And a look at it. Rows ask, columns answer; the upper right corner is empty, because nobody looks into the future.

# %%
figure, axes = plt.subplots(1, 4, figsize=(11, 2.8), sharey=True)
for head, place in enumerate(axes):
    place.imshow(my_weights[0, head].numpy(), vmin=0, vmax=1, cmap="Blues")
    place.set_title(f"head {head}")
    place.set_xlabel("key")
axes[0].set_ylabel("query")
plt.show()

# %% [markdown]
# With your own trained model such pictures mean something: `chatzero look MODEL "your text"` draws them.
#
# ## Exercises
#
# 1. What are the weights if all keys are equal? And the answer?
# 2. Multiply `k` by 100 before attention. What happens to the weights, and why is that bad for learning?
# 3. Write `attend_slowly(q, k, v, may_look)` for one head, inputs (T, K), with loops over queries and keys and no
#    matrix product.
# 4. Show that a causal model cannot cheat: change the last token's `k` and `v`; which rows of the output change?


# %%
def attend_slowly(q, k, v, may_look):
    mixed = torch.zeros_like(q)
    for i in range(len(q)):
        powers = {}
        for j in range(len(k)):
            if may_look[i, j]:
                powers[j] = math.exp(sum(float(a * b) for a, b in zip(q[i], k[j], strict=True)) / math.sqrt(q.shape[1]))
        for j, power in powers.items():
            mixed[i] += power / sum(powers.values()) * v[j]
    return mixed


mixed, weights = attend(q, k[:, :, :1].expand_as(k), v)
assert torch.allclose(weights, torch.full_like(weights, 1 / seq_len))
assert torch.allclose(mixed, v.mean(dim=-2, keepdim=True).expand_as(v))

_, sharp = attend(q, 100 * k, v)
for some in (my_weights, sharp):
    print(f"largest weight {some.amax(dim=-1).mean():.3f}")
assert sharp.amax(dim=-1).mean() > 0.95

k2, v2 = k.clone(), v.clone()
k2[:, :, -1], v2[:, :, -1] = 7.0, 7.0
changed = (attend(q, k2, v2, mask)[0] - mine).abs().amax(dim=(0, 1, 3)) > 0
print(changed)
assert changed.tolist() == [False] * (seq_len - 1) + [True]

# %% [markdown]
# 1: all weights equal, so the answer is the plain average. 2: one weight is nearly 1, the others 0: a hard choice,
# whose gradient is nearly zero. 4: only the last row, the one position that may see the last token.
#
# ## Check yourself


# %%
def check(mine):
    for length in (1, 3, 6):
        q, k, v = torch.randn(3, length, 4)
        may_look = torch.ones(length, length, dtype=torch.bool).tril()
        wanted = attention.attend(q[None, None], k[None, None], v[None, None], may_look[None, None])[0][0, 0]
        torch.testing.assert_close(mine(q, k, v, may_look), wanted, rtol=0, atol=1e-12)
    print("✓", mine.__name__)


check(attend_slowly)
