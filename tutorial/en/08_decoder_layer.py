# %% [markdown]
# # 8. The decoder layer and cross-attention
#
# The encoder reads: every token may look at every other. The decoder writes, a token at a time. It has two sources:
# what it has written so far, and what the encoder understood of the question. So its layer has two attentions, and
# this chapter is about the second one.

# %%
import torch
from torch import nn

from chatzero.blocks.attention import MultiHeadAttention
from chatzero.blocks.feed_forward import FeedForward
from chatzero.blocks.masks import causal_mask, padding_mask
from chatzero.blocks.norm import LayerNorm

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
batch_size, source_len, target_len, d_model, num_heads = 2, 7, 4, 16, 4
memory = torch.randn(batch_size, source_len, d_model)  # B S D
x = torch.randn(batch_size, target_len, d_model)  # B T D

# %% [markdown]
# `memory` is the field's word for the encoder's output: one vector for each token of the question (S = source). `x`
# stands for the answer so far (T = target). The two lengths have nothing to do with each other.
#
# ## Who asks, who answers
#
# In *cross-attention* the **queries come from the decoder, keys and values from the memory**. "I am about to write
# the verb; which word of the question is it about?" The table of weights is T by S: a row for each token of the
# answer, a column for each token of the question.

# %%
from chatzero.blocks.tap import listening

cross_attention = MultiHeadAttention(num_heads, d_model)
shapes = {}
with listening(cross_attention, lambda name, tensor: shapes.update({name: tuple(tensor.shape)})):
    found = cross_attention(x, memory)
print(shapes)
print(tuple(found.shape))

# %% [markdown]
# `listening` is how this library lets you look inside a running model without changing it: q is (B, H, T, K), k and
# v are (B, H, S, K), the scores (B, H, T, S); the result has the length of the *questioner*, T.
#
# **Pitfall: the two swapped.** `cross_attention(memory, x)` runs without complaint and gives (B, S, D). If S
# happens to equal T, as in a toy example, nothing shows. Choose test sizes that are all different, as here: 2, 7,
# 4, 16.
#
# No causal mask here: the whole question is known before the first word of the answer is written. But the padding
# of the question must be hidden.

# %%
real = torch.tensor([[True] * 7, [True] * 5 + [False] * 2])  # B S
memory_mask = padding_mask(real)  # B 1 1 S
changed = memory.clone()
changed[1, 5:] = 1000.0
same = cross_attention(x, changed, memory_mask) - cross_attention(x, memory, memory_mask)
print(tuple(memory_mask.shape), same.abs().max())

# %% [markdown]
# The mask's shape (B, 1, 1, S) says: for each sentence, for all heads, for all queries, which keys may be seen. The
# ones are broadcast (chapter 2). Numbers of 1000 at the padding change nothing at all: that is how to test a mask.
#
# ## The layer
#
# Three sub-layers, each with shortcut and norm as in chapter 7: masked self-attention over the answer,
# cross-attention to the memory, feed-forward.


# %%
class MyDecoderLayer(nn.Module):
    def __init__(self, d_model, num_heads, dim_feedforward, dropout=0.1):
        super().__init__()
        self.self_attention = MultiHeadAttention(num_heads, d_model)
        self.cross_attention = MultiHeadAttention(num_heads, d_model)
        self.feed_forward = FeedForward(d_model, dim_feedforward)
        self.norm1, self.norm2, self.norm3 = (LayerNorm(d_model) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, memory, attn_mask=None, memory_mask=None):
        x = self.norm1(x + self.dropout(self.self_attention(x, None, attn_mask)))
        x = self.norm2(x + self.dropout(self.cross_attention(x, memory, memory_mask)))
        x = self.norm3(x + self.dropout(self.feed_forward(x)))
        return x


mine = MyDecoderLayer(d_model, num_heads, 48).eval()
mask = causal_mask(target_len)  # 1 1 T T
print(tuple(mine(x, memory, mask, memory_mask).shape))

# %%
from chatzero.blocks.transformer_layer import DecoderLayer

theirs = DecoderLayer(d_model, num_heads, 48).eval()
for name in ("self_attention", "cross_attention", "feed_forward"):
    getattr(theirs, name).load_state_dict(getattr(mine, name).state_dict())
for name, norm in (("self_attention", mine.norm1), ("cross_attention", mine.norm2), ("feed_forward", mine.norm3)):
    getattr(theirs, f"{name}_residual").norm.load_state_dict(norm.state_dict())
torch.testing.assert_close(mine(x, memory, mask, memory_mask), theirs(x, memory, mask, memory_mask), rtol=0, atol=1e-12)

# %% [markdown]
# ## Why training is parallel and writing is not
#
# While training, the whole right answer is known. All its positions are computed *at once*; the causal mask makes
# sure that position i sees only what it would see when writing. That is worth a test that is never skipped: change
# a later token, and nothing earlier may move.

# %%
for place in range(target_len):
    other = x.clone()
    other[:, place] += 1.0
    moved = (mine(other, memory, mask) - mine(x, memory, mask)).abs().amax(dim=(0, 2)) > 0
    print(place, moved.tolist())
    assert moved.tolist() == [position >= place for position in range(target_len)]

# %% [markdown]
# Row `place` of this print is the causal mask, found from outside. Without the mask (`attn_mask=None`), every row
# would be all True: each position would be shown the very word it is to guess. The training loss would fall
# wonderfully, and the model would be useless: while writing there is no future to copy from.
# `chatzero lab no-causal-mask` trains one for you.
#
# ## What need not be computed twice
#
# While writing, the memory never changes. So its keys and values for cross-attention are computed once and kept:
# `keys_values`. (Those of the answer so far are kept as well; chapter 13 calls it the KV cache.)

# %%
kept = mine.cross_attention.keys_values(memory)
print(tuple(kept.keys.shape))
torch.testing.assert_close(mine.cross_attention(x, kept), mine.cross_attention(x, memory), rtol=0, atol=1e-12)

# %% [markdown]
# ## Exercises
#
# 1. Shuffle the tokens of `memory`. Does the output of the layer change? What does that say about where positions
#    must be added?
# 2. Write `decode_stepwise(layer, x, memory)`: compute the output for the first 1, 2, ..., T tokens one prefix at a
#    time, keep the last vector of each, and show that it equals one pass with the causal mask.
# 3. How many more parameters has a decoder layer than an encoder layer?

# %%
order = torch.randperm(source_len)
torch.testing.assert_close(mine(x, memory[:, order], mask), mine(x, memory, mask), rtol=0, atol=1e-12)


def decode_stepwise(layer, x, memory):
    last = [layer(x[:, : i + 1], memory, causal_mask(i + 1))[:, -1] for i in range(x.shape[1])]
    return torch.stack(last, dim=1)  # B T D


torch.testing.assert_close(decode_stepwise(mine, x, memory), mine(x, memory, mask), rtol=0, atol=1e-12)

from chatzero.blocks.transformer_layer import EncoderLayer

more = sum(p.numel() for p in theirs.parameters()) - sum(
    p.numel() for p in EncoderLayer(d_model, num_heads, 48).parameters()
)
assert more == 4 * (d_model**2 + d_model) + 2 * d_model
print(more)

# %% [markdown]
# 1: nothing changes. Cross-attention, too, is blind to order; the encoder must already have put the positions into
# the memory (its input has them). 3: one attention and one norm.
#
# ## Check yourself


# %%
def check(mine):
    layer = DecoderLayer(8, 2, 24).eval()
    for length in (1, 5):
        x, memory = torch.randn(3, length, 8), torch.randn(3, 6, 8)
        wanted = layer(x, memory, causal_mask(length))
        torch.testing.assert_close(mine(layer, x, memory), wanted, rtol=0, atol=1e-12)
    print("✓", mine.__name__)


check(decode_stepwise)
