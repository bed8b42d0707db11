# %% [markdown]
# # 8. 解码器层与交叉注意力
#
# 编码器负责读：每个词元可以看所有词元。解码器负责写，一次写一个词元。它有两个依据：自己已经写出来的，以及编码器对问
# 题的理解。所以它的一层有两个注意力，这一章的重点是第二个。

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
# `memory` 是这一行对编码器输出的叫法：问题的每个词元一个向量（S 表示 source，源）。`x` 代表目前写出的回答（T 表示
# target，目标）。两个长度互不相干。
#
# ## 谁问，谁答
#
# 在*交叉注意力*（cross-attention）里，**查询来自解码器，键和值来自 memory**。“我正要写动词，问题里哪个词和它有关？”
# 权重表是 T 乘 S：回答的每个词元一行，问题的每个词元一列。

# %%
from chatzero.blocks.tap import listening

cross_attention = MultiHeadAttention(num_heads, d_model)
shapes = {}
with listening(cross_attention, lambda name, tensor: shapes.update({name: tuple(tensor.shape)})):
    found = cross_attention(x, memory)
print(shapes)
print(tuple(found.shape))

# %% [markdown]
# `listening` 是本库的办法，让你不改动模型就能看见运行中的内部：q 是 (B, H, T, K)，k 和 v 是 (B, H, S, K)，分数是
# (B, H, T, S)；结果的长度是*提问方*的 T。
#
# **常见的坑：写反了。** `cross_attention(memory, x)` 照样能跑，得到 (B, S, D)。如果 S 恰好等于 T（玩具例子里常这样），
# 什么都看不出来。所以测试用的大小要两两不同，就像这里：2、7、4、16。
#
# 这里没有因果掩码：写回答的第一个字之前，整个问题就已经知道了。但问题里的填充必须遮住。

# %%
real = torch.tensor([[True] * 7, [True] * 5 + [False] * 2])  # B S
memory_mask = padding_mask(real)  # B 1 1 S
changed = memory.clone()
changed[1, 5:] = 1000.0
same = cross_attention(x, changed, memory_mask) - cross_attention(x, memory, memory_mask)
print(tuple(memory_mask.shape), same.abs().max())

# %% [markdown]
# 掩码的形状 (B, 1, 1, S) 是说：对每个句子、所有的头、所有的查询，哪些键可以看。那些 1 会被广播（第 2 章）。填充处放
# 上 1000 也毫无影响：测试掩码就该这样测。
#
# ## 一层
#
# 三个子层，各有第 7 章的捷径和归一化：对回答本身的带掩码自注意力，对 memory 的交叉注意力，前馈网络。


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
# ## 为什么训练能并行，写字不能
#
# 训练时，整个正确答案是已知的。所有位置*同时*计算，因果掩码保证位置 i 只看见写字时能看见的东西。这一点值得写成一个
# 永远不跳过的测试：改动后面的词元，前面的什么都不许变。

# %%
for place in range(target_len):
    other = x.clone()
    other[:, place] += 1.0
    moved = (mine(other, memory, mask) - mine(x, memory, mask)).abs().amax(dim=(0, 2)) > 0
    print(place, moved.tolist())
    assert moved.tolist() == [position >= place for position in range(target_len)]

# %% [markdown]
# 打印出来的第 `place` 行，就是从外部测出来的因果掩码。没有掩码（`attn_mask=None`）时，每一行都会全是 True：每个位置
# 都能看到它要猜的那个词。训练损失会漂亮地下降，模型却毫无用处：写字的时候，没有未来可抄。
# `chatzero lab no-causal-mask` 会为你训练一个这样的模型。
#
# ## 不必算两遍的东西
#
# 写字时 memory 不会变，所以交叉注意力要用的键和值只算一次，存起来：`keys_values`。（已经写出的回答的键和值也会存起
# 来，第 13 章叫它 KV 缓存。）

# %%
kept = mine.cross_attention.keys_values(memory)
print(tuple(kept.keys.shape))
torch.testing.assert_close(mine.cross_attention(x, kept), mine.cross_attention(x, memory), rtol=0, atol=1e-12)

# %% [markdown]
# ## 练习
#
# 1. 打乱 `memory` 的词元顺序，这一层的输出变吗？这说明位置必须加在哪里？
# 2. 写出 `decode_stepwise(layer, x, memory)`：依次对前 1、2、……、T 个词元计算输出，每次只留最后一个向量，证明它等于
#    带因果掩码一次算完的结果。
# 3. 解码器层比编码器层多多少参数？

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
# 第 1 题：什么都不变。交叉注意力同样看不见顺序，所以编码器必须事先把位置放进 memory（它的输入里就有）。第 3 题：多
# 一个注意力和一个归一化。
#
# ## 检查自己


# %%
def check(mine):
    layer = DecoderLayer(8, 2, 24).eval()
    for length in (1, 5):
        x, memory = torch.randn(3, length, 8), torch.randn(3, 6, 8)
        wanted = layer(x, memory, causal_mask(length))
        torch.testing.assert_close(mine(layer, x, memory), wanted, rtol=0, atol=1e-12)
    print("✓", mine.__name__)


check(decode_stepwise)
