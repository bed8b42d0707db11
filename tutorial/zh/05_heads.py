# %% [markdown]
# # 5. 多个头
#
# 一次注意力，只给每个词元一份对其他词元的混合。可一个词元同时有好几个问题：我修饰哪个词？我前面紧挨着什么？主语是谁？
# 所以 Transformer 并排做好几个注意力，叫做*头*（head），每个头用向量里属于自己的一段。这一章搭建第 4 章公式外面的那
# 个模块，其中有一行，多数人第一次都会写错。

# %%
import math

import torch
from torch import nn

from chatzero.blocks.attention import attend

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# 从这里开始，`attend` 直接用库里的：第 4 章已经证明它就是我们写的那个。
#
# ## 查询、键、值从哪里来
#
# 第 4 章里它们是编的。在模型里，它们由词元自己的向量经过三个线性层（第 2 章）得到，三个矩阵都是学出来的：`q_proj`、
# `k_proj`、`v_proj`。同一个向量从三个方面看：我要问什么，我凭什么被找到，我能告诉别人什么。

# %%
batch_size, seq_len, d_model, num_heads = 2, 5, 12, 3
head_dim = d_model // num_heads
x = torch.randn(batch_size, seq_len, d_model)  # B T D

q_proj, k_proj, v_proj, out_proj = (nn.Linear(d_model, d_model) for _ in range(4))
q = q_proj(x)  # B T D
print(tuple(q.shape), head_dim)

# %% [markdown]
# 宽 12 的向量分给三个宽 4 的头。`d_model` 必须是 `num_heads` 的倍数：12 切不成相等的 5 段（库会报错，并给出最近的可
# 用大小）。
#
# ## 切分成头
#
# 每个词元的向量里，第 0 到 3 个数归第一个头，4 到 7 归第二个，8 到 11 归第三个。把最后一个方向切成两个，正是 `view`
# 擅长的：数都留在原地。

# %%
cut = q.view(batch_size, seq_len, num_heads, head_dim)  # B T H K
assert torch.equal(cut[0, 2, 1], q[0, 2, 4:8])
print(tuple(cut.shape))

# %% [markdown]
# 可是 `attend` 乘的是*最后两个*方向：它要的是（词元，宽度），让词元和词元相遇。而 `cut` 的最后两个方向是（头，宽度），
# 那样就成了同一个词元里头和头互相注意。所以词元和头要换位置：`transpose(1, 2)`。


# %%
def split(x, num_heads):
    batch_size, seq_len, width = x.shape
    return x.view(batch_size, seq_len, num_heads, width // num_heads).transpose(1, 2)  # B H T K


print(tuple(split(q, num_heads).shape))

# %% [markdown]
# ## 三种错误写法
#
# **1. 直接 `view` 成 (B, H, T, K)。** 形状对，程序能跑，结果是错的：`view` 只是把那一长串数重新切开，于是“第 0 个头”
# 得到的是词元 0 的全部、词元 1 的全部，再加下一个的一部分，而不是每个词元各取一段。

# %%
number_of_token = torch.arange(seq_len).view(1, seq_len, 1).expand(1, seq_len, d_model).contiguous()
print(split(number_of_token, num_heads)[0, 0])
print(number_of_token.view(1, num_heads, seq_len, head_dim)[0, 0])

# %% [markdown]
# 第一张表里，第 t 行属于词元 t，这才对。第二张表里，“第 0 个头”里三行都是词元 0，接着是词元 1，别的词元一个也没有：
# 最后一个词元永远看不到第一个。没有任何报错，模型只是一直很笨。记住这一招：像这里一样，用词元的编号填满一个张量，看
# 它跑到哪里去了。
#
# **2. `transpose(0, 1)`。** 这换的是批次和词元：一句话会去注意别的句子里的词。大小碰巧合适时，它照样能跑。
#
# **3. 回来的路上用 `view`。** 做完注意力，结果是 (B, H, T, K)，每个词元要把各个头重新并排拼起来：先
# `transpose(1, 2)` 成 (B, T, H, K)，再把最后两个方向合并。可是转置过的张量在内存里是跳着读的（第 2 章），`view` 不
# 答应。所以要写 `.contiguous().view(...)`，或者用会自己复制的 `.flatten(start_dim=2)`。要是忘了转置，`flatten` 会不
# 声不响地把词元和头混在一起。

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
# ## 完整的模块
#
# 最后还有一个线性层 `out_proj`：到此为止，每个头只在自己的那一段里，还没有谁把它们找到的东西汇总起来。


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
# `key_value=None` 表示词元彼此互看，叫*自注意力*（self-attention）。给它另一个张量，查询来自一段文字，键和值来自另
# 一段，就是*交叉注意力*（cross-attention，第 8 章）。模块是同一个。
#
# 现在来比较：把我们的权重放进库里的模块，输入相同，比到小数点后 12 位。

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
# 和 `torch.nn` 比较时留意两点：它要写 `batch_first=True`（默认是词元在前，这是结果悄悄出错的经典来源）；它的掩码含
# 义相反，所以要加 `~`。
#
# ## 多几个头要多花多少？
#
# 不花：无论几个头，矩阵都是 `d_model` 乘 `d_model`。头多，就是问题多，每个问题的空间小。通常每个头宽 32 到 128。八
# 个头比一个头好吗？别信，去量：第 12 章就量了。
#
# *分组*的头（Ainslie 等，2023）让几个查询头共用一个键值头，写字时要记住的东西就少了，见第 16 章。

# %%
for heads in (1, 2, 3, 6, 12):
    print(heads, sum(p.numel() for p in MyMultiHeadAttention(heads, d_model).parameters()))

# %% [markdown]
# ## 练习
#
# 1. 写出 `one_head_at_a_time(block, x)`：结果与 `mine(x)` 相同，但用循环逐个头来算，用 `[..., 4:8]` 这样的普通切片
#    和 `torch.cat`，不用 `view`，也不转置头。
# 2. 写出这个模块参数个数的公式，偏置也算。
# 3. 用因果掩码，配上错误的切分（直接 `view` 成 B H T K）。改动*第一个*词元，哪些位置会察觉？


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
# 正确的版本里，每个位置都可以看第一个词元，于是全都察觉到了。错误的版本里只有两个位置察觉：句子的其余部分听不见开头。
# （`chatzero lab wrong-transpose` 会训练一个犯了这类错误的模型。）
#
# ## 检查自己


# %%
def check(mine):
    for heads, width in ((1, 4), (2, 8), (3, 12)):
        block = MultiHeadAttention(heads, width)
        x = torch.randn(2, 6, width)
        torch.testing.assert_close(mine(block, x), block(x), rtol=0, atol=1e-12)
    print("✓", mine.__name__)


check(one_head_at_a_time)
