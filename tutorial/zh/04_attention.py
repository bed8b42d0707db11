# %% [markdown]
# # 4. 手写注意力
#
# “猫喝了它的牛奶”，“它”指谁？要理解一个词，就得去看别的词。*注意力*（attention）就是模型的做法：每个词元向其他所有
# 词元提一个问题，再把它们的回答按合适的程度混合起来带回家。写成数学只有一行，出自论文 “Attention Is All You Need”
# （Vaswani 等，2017，式 1）：
#
#     Attention(Q, K, V) = softmax(Q Kᵀ / sqrt(head_dim)) V
#
# 我们从零开始，一个符号一个符号地把它搭出来。

# %%
import math

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# ## 一次提问
#
# 每个词元都拿出两个向量。*键*（key）说“我是关于什么的”，*值*（value）是“我要告诉你的内容”。想打听事情的一方有一个
# *查询*（query）：“我在找什么”。我们造三个词元，键各有两个数：第一个数表示“是动物”，第二个数表示“是饮料”。

# %%
tokens = ["cat", "drank", "milk"]
keys = torch.tensor([[3.0, 0.0], [0.0, 1.0], [0.0, 3.0]])  # S K
values = torch.tensor([[10.0, 0.0], [0.0, 10.0], [5.0, 5.0]])  # S K
query = torch.tensor([2.0, 0.0])  # K

scores = keys @ query  # S
print(scores)

# %% [markdown]
# 这个查询在找动物。它和每个键的点积（第 2 章）就是*分数*（score）：这个键和我的问题有多合适？“cat” 胜出。
#
# 分数可以是任意数，也可以是负的。*softmax* 把它们变成份额：全是正数，加起来等于 1。

# %%
weights = scores.exp() / scores.exp().sum()
print(weights, weights.sum())
answer = weights @ values  # K
print(answer)

# %% [markdown]
# 答案几乎就是 “cat” 的值，带一点点别的。不是硬挑出最好的一个，而是软软地混合，这正是注意力能学会的原因：分数变一点，
# 答案就变一点，于是有梯度（第 2 章）。
#
# ## 所有词元同时提问
#
# 现在每个词元都有自己的查询，把它们作为行放进矩阵 `q`。那么 `q @ k.T` 就是每个查询对每个键：第 i 行第 j 列表示，词
# 元 j 在多大程度上能回答词元 i 的问题。

# %%
seq_len, head_dim = 5, 8
q, k, v = torch.randn(3, seq_len, head_dim)  # each T K
scores = q @ k.T  # T S
weights = scores.softmax(dim=-1)  # T S
mixed = weights @ v  # T K
for name in ("q", "scores", "weights", "mixed"):
    print(f"{name:8}", tuple(globals()[name].shape))

# %% [markdown]
# **常见的坑：`softmax(dim=-1)`。** 要加起来等于 1 的，是*同一个查询*的各份额，而一个查询是一行。写成 `dim=0`，加起
# 来等于 1 的就成了列；表是方的，谁也不会报错。

# %%
print(weights.sum(dim=-1))
print(scores.softmax(dim=0).sum(dim=-1))

# %% [markdown]
# 这张表有 T × T 个格子：文字长一倍，计算量是四倍。这就是让所有词元互相看见的代价，也是长文本贵的原因。
#
# ## 为什么除以 sqrt(head_dim)？
#
# 点积是 `head_dim` 个乘积之和。加得越多，和离零越远：对随机向量，它的方差是 `head_dim`，所以大小一般是
# `sqrt(head_dim)`。分数一大，softmax 就把份额全给了一个词元，混合又变回硬选择，梯度也就没了。量一量：

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
# 前一半是不除的：头越宽，分数越大，能用来学习的梯度越小。后一半是除过的：不管多宽都一样。（`chatzero lab no-scale`
# 两种都训练一遍，告诉你在那个规模下到底有多要紧。）
#
# ## 谁能看谁：掩码
#
# 会写字的模型，不能看见自己正要写的那个词。所以词元 i 只能看自己和左边，不能看右边，这叫*因果掩码*（causal mask）。
# 在本库和 torch 的 `scaled_dot_product_attention` 里，**True 表示“可以看”**；而在 `torch.nn.MultiheadAttention` 里
# True 恰好相反，表示“遮住”。弄反了，模型就只看得见未来。拿到任何掩码，先问它的 True 是什么意思。

# %%
may_look = torch.ones(seq_len, seq_len, dtype=torch.bool).tril()
print(may_look.int())
masked = (q @ k.T / math.sqrt(head_dim)).masked_fill(~may_look, float("-inf"))
weights = masked.softmax(dim=-1)
print(weights.round(decimals=2))

# %% [markdown]
# 被禁止的分数在 softmax *之前*变成负无穷，`exp` 之后恰好是 0，其余的仍然加起来等于 1。**常见的坑：** 在 softmax
# *之后*才把权重改成 0，这一行加起来就不到 1 了，而且被遮住的词元早已在分母里插了话。
#
# **常见的坑：NaN。** 一整行全被禁止时（例如全是填充的一行，见第 10 章），结果是 0 / 0。

# %%
print(torch.full((3,), float("-inf")).softmax(dim=-1))
print(torch.full((3,), -1e30).softmax(dim=-1))

# %% [markdown]
# NaN 会传染：任何数和它相加都是 NaN，更新一次参数之后，整个模型的权重就全是 NaN 了。所以本库用一个很大的负数代替负
# 无穷，并让什么都不许看的那一行得到零。
#
# ## 完整的公式


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
# 六行。`transpose(-2, -1)` 只调换最后两个方向，别的不动，所以同一段代码也能处理一个批次（B）里有多个头（H）的句子，
# 库里要的正是这个形状。和它比一比，也和 torch 自带的算子比一比。

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
# 再看看它的样子。行是提问的，列是回答的；右上角是空的，因为谁也不看未来。

# %%
figure, axes = plt.subplots(1, 4, figsize=(11, 2.8), sharey=True)
for head, place in enumerate(axes):
    place.imshow(my_weights[0, head].numpy(), vmin=0, vmax=1, cmap="Blues")
    place.set_title(f"head {head}")
    place.set_xlabel("key")
axes[0].set_ylabel("query")
plt.show()

# %% [markdown]
# 等你有了自己训练的模型，这样的图就有内容了：`chatzero look 模型 "你的文字"` 会画出来。
#
# ## 练习
#
# 1. 如果所有的键都相同，权重是什么？答案又是什么？
# 2. 在做注意力之前把 `k` 乘以 100，权重会怎样？为什么这对学习不利？
# 3. 写出 `attend_slowly(q, k, v, may_look)`：只有一个头，输入形状 (T, K)，用循环遍历查询和键，不用矩阵乘法。
# 4. 证明因果模型不能作弊：改动最后一个词元的 `k` 和 `v`，输出的哪几行会变？


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
# 第 1 题：权重都相等，答案就是简单平均。第 2 题：一个权重接近 1，其余接近 0，成了硬选择，梯度几乎为零。第 4 题：只
# 有最后一行变，因为只有那个位置能看见最后一个词元。
#
# ## 检查自己


# %%
def check(mine):
    for length in (1, 3, 6):
        q, k, v = torch.randn(3, length, 4)
        may_look = torch.ones(length, length, dtype=torch.bool).tril()
        wanted = attention.attend(q[None, None], k[None, None], v[None, None], may_look[None, None])[0][0, 0]
        torch.testing.assert_close(mine(q, k, v, may_look), wanted, rtol=0, atol=1e-12)
    print("✓", mine.__name__)


check(attend_slowly)
