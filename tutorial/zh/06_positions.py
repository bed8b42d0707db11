# %% [markdown]
# # 6. 位置
#
# “狗咬人”和“人咬狗”用的是同样的字。注意力分得清吗？这一章证明它分不清，然后用三种办法让它知道词元站在哪里：固定的波
# （2017）、学出来的表（GPT-2）、旋转（Llama、Qwen 和如今的大多数模型）。

# %%
import matplotlib.pyplot as plt
import torch

from chatzero.blocks.attention import MultiHeadAttention

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# ## 注意力看不见顺序
#
# 把词元打乱，输出也以同样的方式打乱，此外什么都没变：每个词元得到的答案和原来一模一样。

# %%
seq_len, d_model = 6, 16
x = torch.randn(1, seq_len, d_model)  # B T D
block = MultiHeadAttention(4, d_model)
order = torch.randperm(seq_len)
print(order)
torch.testing.assert_close(block(x[:, order]), block(x)[:, order], rtol=0, atol=1e-12)

# %% [markdown]
# 在注意力眼里，句子就是一袋词。（因果掩码会透露一点点：位置 i 能看见 i + 1 个词元。）所以必须把位置*放进向量里*。
#
# ## 波：正弦位置表
#
# 为什么不直接加上位置 0、1、2……？因为它无限增大，会把词元自己的数淹没。波始终在 -1 和 1 之间。单独一个波会重复；许
# 多长短不同的波合在一起，每个位置就有了自己独特的样子，就像时针、分针、秒针合起来，每个时刻的表盘都不同：
#
#     angle(p, i) = p * 10000^(-2i / d_model)        i = 0, 1, ..., d_model / 2 - 1
#     第 p 行     = [sin(angle(p, 0)), sin(angle(p, 1)), ... | cos(angle(p, 0)), cos(angle(p, 1)), ...]


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
# `T 1` 乘 `D/2` 得到 `T D/2`：这就是广播（第 2 章），这回是我们想要的。论文把正弦和余弦交错排列；这里先排所有正弦。
# 两者只差维度的顺序，后面的矩阵又是学出来的，所以对模型没有区别。**但加载用另一种顺序训练出来的权重时，区别就是天壤
# 之别。**
#
# 左图：上面几行是快波，下面是慢波。右图说明它为什么管用：两行的点积在位置相同时最大，随距离变小。而注意力正是由点积
# 组成的。
#
# 这张表是*加*到词元向量上的。不会把它们弄坏吗？维度很多时，两个随机方向几乎成直角，相加之后两者都还在，线性层会学会
# 读其中一个或另一个。不过大小要相称，所以 Transformer 先把词元向量乘以 `sqrt(d_model)`（第 9 章）。

# %%
where = torch.arange(seq_len)
with_positions = x + table[where, :d_model]
shuffled = x[:, order] + table[where, :d_model]
print((block(shuffled) - block(with_positions)[:, order]).abs().max())
assert not torch.allclose(block(shuffled), block(with_positions)[:, order])

# %% [markdown]
# 现在顺序有用了：“狗咬人”不再是“人咬狗”。
#
# ## 学出来的表
#
# 更简单的办法：每个位置一行的表，一开始随机，和词元嵌入一样训练。效果也不差。代价是：512 行的表没有第 513 个位置；
# 很少训练到的行就是噪声。库里叫 `LearnedPositions`，只有一行代码：`table[positions]`。
#
# ## 旋转
#
# 在语言里，要紧的多半是两个词*相隔多远*，而不是各自的绝对位置。旋转位置编码（rotary，Su 等，2021）恰好做到这一点。
# 把查询和键的向量两个数两个数地取，每一对看成平面上的一支箭，按位置成比例地转一个角度。两支箭的点积只取决于它们
# *之间*的夹角，也就只取决于位置之差。


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
# 不管两者站在哪里，距离为 2 时分数都一样；距离为 1 时是另一个数。第 i 个数和第 i + K/2 个配成一对（“对半”排法，
# Llama 和 Qwen 用的）。也有代码把相邻的配成一对（0 和 1，2 和 3）：同一个想法，换了顺序，所以同样
# **不能混用两边的权重**。
#
# 还有三点。*值*不转：位置决定往哪里看，不决定说什么。它不往向量上加东西，所以每一层都要重新转。它发生在头*里面*，所
# 以 `head_dim` 必须是偶数。

# %%
from chatzero.blocks import positions as library

heads = torch.randn(2, 4, seq_len, 8)  # B H T K
rotation = library.RotaryPositions(head_dim=8, max_seq_len=64)(where)
torch.testing.assert_close(rotate(heads, where), library.rotate(heads, rotation), rtol=0, atol=1e-12)

# %% [markdown]
# 库里把余弦和正弦只算一次，供各层共用，打包成 `Rotation` 传下去。角度总是用 float64 来算，即使模型跑在 float32 上。
# 在几个位置上，用 float32 算的角度会差多少弧度？

# %%
frequencies = 10000.0 ** (-torch.arange(32) / 32)
for position in (100, 10_000, 1_000_000):
    short = torch.tensor(float(position), dtype=torch.float32) * frequencies.float()
    print(position, f"{(short.double() - position * frequencies).abs().max():.0e}")

# %% [markdown]
# ## 位置与填充
#
# **常见的坑。** 长短不同的文字放在同一个批次里时，短的要用 `<pad>` 填满（第 10 章）。如果填在左边（生成时就是这样），
# 第一个真正的词元就不在第 0 列。它的位置仍然必须是 0，否则模型看到的短文都是错位的。所以位置只数真正的词元：

# %%
real = torch.tensor([[False, False, True, True, True], [True, True, True, True, True]])
counted = (real.long().cumsum(dim=-1) - 1).clamp(min=0)
print(counted)
assert torch.equal(counted, library.count_positions(real))

# %% [markdown]
# ## 练习
#
# 1. `d_model=64` 的正弦表里，最长的波有多长？也就是说，最慢的那一对过多少个位置才转完一圈？
# 2. 证明旋转从不改变向量的长度。这为什么是好事？
# 3. 写出 `distance_table(q, k, n)`：一张 n × n 的表，是所有位置 p 和 s 上 `rotate(q, p)` 与 `rotate(k, s)` 的分数。
#    检查每条对角线上的数是否都相同。

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
# 第 2 题：向量的长短留给模型自己用；如果位置会改变长短，有的位置就会天生比别的位置“嗓门大”。
#
# ## 检查自己


# %%
def check(mine):
    q, k = torch.randn(2, 8)
    table = mine(q, k, 9)
    turn = library.RotaryPositions(8, 9)(torch.arange(9))
    wanted = library.rotate(q.expand(1, 1, 9, 8), turn) @ library.rotate(k.expand(1, 1, 9, 8), turn).mT
    torch.testing.assert_close(table, wanted[0, 0], rtol=0, atol=1e-12)
    print("✓", mine.__name__)


check(distance_table)
