# %% [markdown]
# # 7. The encoder layer
#
# Attention (chapter 5) lets tokens exchange what they know. The feed-forward block (chapter 2) lets each think
# about it on its own. A layer is one after the other, and two modest additions that make it possible to stack many
# layers: the *residual connection* and the *norm*. This chapter shows what breaks without them.

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

from chatzero.blocks.attention import MultiHeadAttention
from chatzero.blocks.feed_forward import FeedForward

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
batch_size, seq_len, d_model, num_heads, dim_feedforward = 2, 5, 16, 4, 48
x = torch.randn(batch_size, seq_len, d_model)  # B T D

# %% [markdown]
# ## The norm
#
# *LayerNorm* takes each token's vector by itself, shifts it so that its numbers average 0, and scales it so that
# their spread is 1. Then two learnt vectors, `weight` and `bias`, let the model choose another spread and average
# if it wants them.


# %%
def layer_norm(x, weight, bias, eps=1e-5):
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)  # B T 1
    return centred / (variance + eps).sqrt() * weight + bias


from chatzero.blocks.norm import LayerNorm

norm = LayerNorm(d_model)
torch.testing.assert_close(layer_norm(100 * x + 7, norm.weight, norm.bias), norm(100 * x + 7), rtol=0, atol=1e-12)
print(norm(100 * x + 7).mean(dim=-1)[0], norm(100 * x + 7).std(dim=-1, correction=0)[0])

# %% [markdown]
# `eps` keeps a vector of equal numbers from dividing by zero. `dim=-1` says "over the vector of one token":
# **not over the batch**, so a sentence is treated the same whoever shares its batch, and not over the tokens, so
# padding cannot leak into the text. (`std(correction=0)` divides by n; torch's default divides by n - 1, a
# difference that has cost people whole afternoons of comparing.)
#
# ## The residual connection
#
# A sub-layer does not replace its input, it adds to it: `x + sublayer(x)`. The vector of a token becomes a stream
# that runs through the whole model, and each block writes its contribution into it. To see what that is worth,
# stack 30 feed-forward blocks, and look at the gradient that reaches the first.


# %%
def gradient_by_depth(residual, depth=30):
    torch.manual_seed(0)
    blocks = [FeedForward(d_model, dim_feedforward) for _ in range(depth)]
    hidden = x
    for block in blocks:
        hidden = hidden + block(hidden) if residual else block(hidden)
    hidden.square().mean().backward()
    return [block.up.weight.grad.norm().item() for block in blocks]


with_residual, without = gradient_by_depth(True), gradient_by_depth(False)
print(f"{with_residual[0]:.1e} {without[0]:.1e}")

figure, axes = plt.subplots(figsize=(6, 3))
axes.semilogy([max(g, 1e-60) for g in with_residual], label="x + block(x)")
axes.semilogy([max(g, 1e-60) for g in without], label="block(x)")
axes.set_xlabel("block")
axes.set_ylabel("gradient")
axes.legend()
plt.show()

# %% [markdown]
# Without the shortcut the gradient shrinks by a factor at each block, and what reaches the first is nothing: it
# cannot learn. (Its growth in the other direction, explosion, is why there is a norm.) With the shortcut, the
# gradient has a road straight through.
#
# ## Before or after?
#
# The paper puts the norm *after* the sum ("post-norm"); most models today put it *before* the sub-layer
# ("pre-norm", Xiong et al. 2020):
#
#     post:   x = norm(x + sublayer(x))
#     pre:    x = x + sublayer(norm(x))         and one more norm after the last layer
#
# In pre-norm the stream itself is never rescaled, so the road for the gradient is quite straight and deep models
# train without a careful warm-up (chapter 12). In post-norm every layer brings the stream back to size. This
# library's `Transformer` is post-norm, as in the paper, its `GPT` pre-norm. (`chatzero lab post-norm` trains both deep,
# with warm-up and without.)
#
# ## Dropout, and the most forgotten line
#
# *Dropout* sets a random tenth of the numbers to zero while training, and enlarges the others so that the sum stays
# the same. A model that cannot rely on any single number learns less by heart. But only while training!

# %%
dropout = nn.Dropout(0.1)
ones = torch.ones(10)
dropout.train()
print(dropout(ones))
dropout.eval()
print(dropout(ones))

# %% [markdown]
# **Pitfall.** `model.train()` switches dropout on, `model.eval()` off. Forget `eval()`, and the finished model
# answers with a tenth of its numbers missing, and differently each time. Nothing complains. The other direction
# hurts as well: evaluate in the middle of training, forget to go back to `train()`, and the rest of the run has no
# dropout. (`torch.no_grad()` is something else: it saves memory, and leaves dropout on. `chatzero lab forgot-eval`
# measures the harm.)
#
# ## The layer


# %%
class MyEncoderLayer(nn.Module):
    def __init__(self, d_model, num_heads, dim_feedforward, dropout=0.1):
        super().__init__()
        self.self_attention = MultiHeadAttention(num_heads, d_model)
        self.feed_forward = FeedForward(d_model, dim_feedforward)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, attn_mask=None):
        x = self.norm1(x + self.dropout(self.self_attention(x, None, attn_mask)))  # B T D
        x = self.norm2(x + self.dropout(self.feed_forward(x)))  # B T D
        return x


mine = MyEncoderLayer(d_model, num_heads, dim_feedforward).eval()
print(tuple(mine(x).shape))

# %% [markdown]
# What goes in has the shape of what comes out: that is why layers can be stacked. Now against the library's, and
# against torch's. The library calls "dropout, shortcut and norm" together `Residual`, so its parameters have longer
# names.

# %%
from chatzero.blocks.masks import padding_mask
from chatzero.blocks.transformer_layer import EncoderLayer

theirs = EncoderLayer(d_model, num_heads, dim_feedforward).eval()
theirs.self_attention.load_state_dict(mine.self_attention.state_dict())
theirs.feed_forward.load_state_dict(mine.feed_forward.state_dict())
theirs.self_attention_residual.norm.load_state_dict(mine.norm1.state_dict())
theirs.feed_forward_residual.norm.load_state_dict(mine.norm2.state_dict())

real = torch.tensor([[True] * 5, [True, True, True, False, False]])  # B S
mask = padding_mask(real)  # B 1 1 S
torch.testing.assert_close(mine(x), theirs(x), rtol=0, atol=1e-12)
torch.testing.assert_close(mine(x, mask), theirs(x, mask), rtol=0, atol=1e-12)

pytorch = nn.TransformerEncoderLayer(d_model, num_heads, dim_feedforward, batch_first=True).train()
for module in (pytorch.dropout, pytorch.dropout1, pytorch.dropout2, pytorch.self_attn):
    module.eval()
with torch.no_grad():
    attention = mine.self_attention
    pytorch.self_attn.in_proj_weight.copy_(
        torch.cat([attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight])
    )
    pytorch.self_attn.in_proj_bias.copy_(
        torch.cat([attention.q_proj.bias, attention.k_proj.bias, attention.v_proj.bias])
    )
pytorch.self_attn.out_proj.load_state_dict(attention.out_proj.state_dict())
pytorch.linear1.load_state_dict(mine.feed_forward.up.state_dict())
pytorch.linear2.load_state_dict(mine.feed_forward.down.state_dict())
pytorch.norm1.load_state_dict(mine.norm1.state_dict())
pytorch.norm2.load_state_dict(mine.norm2.state_dict())
torch.testing.assert_close(mine(x), pytorch(x), rtol=0, atol=1e-12)
torch.testing.assert_close(mine(x, mask)[real], pytorch(x, src_key_padding_mask=~real)[real], rtol=0, atol=1e-12)

# %% [markdown]
# The mask here is the *padding mask*: the second sentence has only three real tokens, and nobody may look at the
# other two. Compare only where the token is real (`[real]`): what stands at the padding is never used, and the two
# implementations may put different rubbish there.
#
# Where do the parameters sit?

# %%
for name, part in mine.named_children():
    print(f"{name:15}", sum(p.numel() for p in part.parameters()))

# %% [markdown]
# With `dim_feedforward` three or four times `d_model`, the feed-forward block holds more than half of a layer.
# Attention decides what comes together; most of what is *known* is stored here.
#
# ## Exercises
#
# 1. Turn `MyEncoderLayer` into a pre-norm layer, and compare it with `EncoderLayer(..., norm_order="pre")`.
# 2. Stack 24 layers of each kind with random weights and print the size (`std`) of the stream at the end. What is
#    the norm after the last layer of a pre-norm model for?
# 3. A padded sentence must come out as it would alone. Show it for the second sentence.


# %%
class MyPreNormLayer(MyEncoderLayer):
    def forward(self, x, attn_mask=None):
        x = x + self.dropout(self.self_attention(self.norm1(x), None, attn_mask))
        return x + self.dropout(self.feed_forward(self.norm2(x)))


def same_weights(mine, theirs):
    theirs.self_attention.load_state_dict(mine.self_attention.state_dict())
    theirs.feed_forward.load_state_dict(mine.feed_forward.state_dict())
    theirs.self_attention_residual.norm.load_state_dict(mine.norm1.state_dict())
    theirs.feed_forward_residual.norm.load_state_dict(mine.norm2.state_dict())


for kind in (MyEncoderLayer, MyPreNormLayer):
    hidden = x
    for _ in range(24):
        hidden = kind(d_model, num_heads, dim_feedforward).eval()(hidden)
    print(kind.__name__, f"{hidden.std():.2f}")

alone = mine(x[1:, :3])
torch.testing.assert_close(mine(x, mask)[1:, :3], alone, rtol=0, atol=1e-12)

# %% [markdown]
# 2: in post-norm each layer ends with a norm, so the size is 1. In pre-norm every layer adds something, the stream
# grows with depth, and one norm at the end brings it to the size that the output layer expects.
#
# ## Check yourself
#
# Put your own pre-norm layer in the place of `MyPreNormLayer`; keep the names of its parts.


# %%
def check(kind):
    layer = kind(d_model, num_heads, dim_feedforward).eval()
    wanted = EncoderLayer(d_model, num_heads, dim_feedforward, norm_order="pre").eval()
    same_weights(layer, wanted)
    for attn_mask in (None, mask):
        torch.testing.assert_close(layer(x, attn_mask), wanted(x, attn_mask), rtol=0, atol=1e-12)
    print("✓", kind.__name__)


check(MyPreNormLayer)
