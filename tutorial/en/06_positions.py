# %% [markdown]
# # 6. Positions
#
# "The dog bit the man" and "the man bit the dog" hold the same words. Can attention tell them apart? This chapter
# shows that it cannot, and gives it three ways to know where a token stands: a fixed pattern of waves (2017), a
# learnt table (GPT-2), and rotation (Llama, Qwen and most models today).

# %%
import matplotlib.pyplot as plt
import torch

from chatzero.blocks.attention import MultiHeadAttention

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# ## Attention is blind to order
#
# Shuffle the tokens, and the outputs are shuffled in the same way: nothing else changes. Each token gets the very
# same answer as before.

# %%
seq_len, d_model = 6, 16
x = torch.randn(1, seq_len, d_model)  # B T D
block = MultiHeadAttention(4, d_model)
order = torch.randperm(seq_len)
print(order)
torch.testing.assert_close(block(x[:, order]), block(x)[:, order], rtol=0, atol=1e-12)

# %% [markdown]
# To attention, a sentence is a bag of words. (A causal mask tells it a little: position i sees i + 1 tokens.) So
# the position must be put *into the vector*.
#
# ## Waves: the sinusoidal table
#
# Why not add the position itself: 0, 1, 2, ...? It grows without end and drowns the token's own numbers. Waves stay
# between -1 and 1. One wave alone repeats; many waves of different length together give each position a pattern of
# its own, as hour, minute and second hands together give each moment its own picture:
#
#     angle(p, i) = p * 10000^(-2i / d_model)        i = 0, 1, ..., d_model / 2 - 1
#     row p       = [sin(angle(p, 0)), sin(angle(p, 1)), ... | cos(angle(p, 0)), cos(angle(p, 1)), ...]


# %%
def sinusoidal(max_seq_len, d_model):
    positions = torch.arange(max_seq_len)[:, None]  # T 1
    frequencies = 10000.0 ** (-torch.arange(0, d_model, 2) / d_model)  # D/2
    angles = positions * frequencies  # T D/2
    return torch.cat([angles.sin(), angles.cos()], dim=-1)  # T D


from chatzero.blocks.positions import sinusoidal_table

table = sinusoidal(100, 64)
torch.testing.assert_close(table, sinusoidal_table(100, 64), rtol=0, atol=1e-12)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2))
left.imshow(table.T.numpy(), aspect="auto", cmap="RdBu")
left.set_xlabel("position")
left.set_ylabel("dimension")
right.plot((table @ table[50]).numpy())
right.set_xlabel("position")
right.set_ylabel("dot product with position 50")
plt.show()

# %% [markdown]
# `T 1` times `D/2` gives `T D/2`: broadcasting (chapter 2), this time wanted. The paper interleaves sines and
# cosines; here all sines come first. That is the same up to the order of the dimensions, and the matrices behind it
# are learnt, so it makes no difference to the model. **It makes all the difference when you load weights trained
# with the other order.**
#
# On the left, fast waves in the top rows and slow ones below. On the right, why it works: the dot product of two
# rows is largest at equal positions and falls with distance. And attention is made of dot products.
#
# The table is *added* to the token vectors. Does that not spoil them? In many dimensions two random directions are
# nearly at right angles, so the sum keeps both, and the linear layers learn to read one or the other. But the sizes
# must match, which is why the Transformer multiplies its token vectors by `sqrt(d_model)` first (chapter 9).

# %%
where = torch.arange(seq_len)
with_positions = x + table[where, :d_model]
shuffled = x[:, order] + table[where, :d_model]
print((block(shuffled) - block(with_positions)[:, order]).abs().max())
assert not torch.allclose(block(shuffled), block(with_positions)[:, order])

# %% [markdown]
# Now the order matters: "dog bites man" is no longer "man bites dog".
#
# ## A learnt table
#
# Even simpler: a table with a row for each position, random at first, trained like the token embedding. It works as
# well. Its price: position 513 of a table of 512 rows does not exist, and a row that was seldom trained is noise.
# The library calls it `LearnedPositions`; it is one line, `table[positions]`.
#
# ## Rotation
#
# What matters in language is mostly *how far apart* two words are, not their absolute place. Rotary positions (Su
# et al. 2021) get exactly that. Take the query and key vectors two numbers at a time, think of each pair as an
# arrow in a plane, and turn it by an angle proportional to its position. The dot product of two arrows depends only
# on the angle *between* them, thus only on the difference of positions.


# %%
def rotate(x, positions, theta=10000.0):
    half = x.shape[-1] // 2
    frequencies = theta ** (-torch.arange(half) / half)  # K/2
    angles = positions[:, None] * frequencies  # T K/2
    a, b = x[..., :half], x[..., half:]
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


q, k = torch.randn(2, 8)  # each K
for p, s in ((3, 1), (13, 11), (103, 101), (3, 2)):
    turned_q = rotate(q[None], torch.tensor([p]))
    turned_k = rotate(k[None], torch.tensor([s]))
    print(p, s, f"{(turned_q * turned_k).sum():.6f}")

# %% [markdown]
# Wherever the two stand, the score at distance 2 is the same; at distance 1 it is another. Number i is paired with
# number i + K/2 ("half-split", as in Llama and Qwen). Other code pairs neighbours (0 with 1, 2 with 3): again the
# same idea in another order, and again **weights from one cannot be used with the other**.
#
# Three more things to know. The *values* are not turned: position decides where to look, not what is told. Nothing
# is added to the vectors, so rotation happens anew in every layer. And it lives *inside* the head, so `head_dim`
# must be even.

# %%
from chatzero.blocks import positions as library

heads = torch.randn(2, 4, seq_len, 8)  # B H T K
rotation = library.RotaryPositions(head_dim=8, max_seq_len=64)(where)
torch.testing.assert_close(rotate(heads, where), library.rotate(heads, rotation), rtol=0, atol=1e-12)

# %% [markdown]
# The library computes cosines and sines once, for all layers, and hands them down as a `Rotation`. The angles are
# made in float64 even when the model runs in float32. How far off would a float32 angle be, in radians, at some
# positions?

# %%
frequencies = 10000.0 ** (-torch.arange(32) / 32)
for position in (100, 10_000, 1_000_000):
    short = torch.tensor(float(position), dtype=torch.float32) * frequencies.float()
    print(position, f"{(short.double() - position * frequencies).abs().max():.0e}")

# %% [markdown]
# ## Positions and padding
#
# **Pitfall.** When texts of different length share a batch, some are filled up with `<pad>` (chapter 10). If the
# filling stands on the left, as it does while generating, the first real token is not in column 0. Its position
# must still be 0, or the model sees every short text shifted. So positions are counted over real tokens:

# %%
real = torch.tensor([[False, False, True, True, True], [True, True, True, True, True]])
counted = (real.long().cumsum(dim=-1) - 1).clamp(min=0)
print(counted)
assert torch.equal(counted, library.count_positions(real))

# %% [markdown]
# ## Exercises
#
# 1. How long is the longest wave of the sinusoidal table with `d_model=64`: after how many positions does its
#    slowest pair come full circle?
# 2. Show that rotation never changes the length of a vector. Why is that welcome?
# 3. Write `distance_table(q, k, n)`: an n × n table of the scores of `rotate(q, p)` with `rotate(k, s)` for all
#    positions p and s. Check that every diagonal is constant.

# %%
slowest = 10000.0 ** (-62 / 64)
print(f"{2 * torch.pi / slowest:.0f}")

torch.testing.assert_close(rotate(heads, where).norm(dim=-1), heads.norm(dim=-1), rtol=0, atol=1e-12)


def distance_table(q, k, n):
    every = torch.arange(n)
    return rotate(q.expand(n, -1), every) @ rotate(k.expand(n, -1), every).T


scores = distance_table(q, k, 20)
for distance in range(-19, 20):
    diagonal = scores.diagonal(distance)
    torch.testing.assert_close(diagonal, diagonal[0].expand_as(diagonal), rtol=0, atol=1e-12)

# %% [markdown]
# 2: the size of a vector is left for the model to use; a position that changed sizes would make some positions
# louder than others.
#
# ## Check yourself


# %%
def check(mine):
    q, k = torch.randn(2, 8)
    table = mine(q, k, 9)
    turn = library.RotaryPositions(8, 9)(torch.arange(9))
    wanted = library.rotate(q.expand(1, 1, 9, 8), turn) @ library.rotate(k.expand(1, 1, 9, 8), turn).mT
    torch.testing.assert_close(table, wanted[0, 0], rtol=0, atol=1e-12)
    print("✓", mine.__name__)


check(distance_table)
