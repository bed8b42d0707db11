# %% [markdown]
# # 11. 损失
#
# 训练需要一个数，说明模型错得多厉害，而且模型变好时它会平稳下降。对语言来说，这个数是*交叉熵*（cross-entropy）：正
# 确的词元让模型有多意外？这一章把它搭出来，手工求出它的梯度，并学会读懂它，因为损失是你今后看得最多的仪表。

# %%
import math

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# ## 意外程度
#
# 模型给正确词元的概率是 p，这个词元的损失就是 `-ln(p)`：十拿九稳又说对了，是 0；把真相当作不可能，就很大。单位叫
# *奈特*（nat）。

# %%
for p in (1.0, 0.9, 0.5, 0.1, 0.01, 1e-6):
    print(f"{p:8.6f}  {-math.log(p):.2f}")

# %% [markdown]
# 为什么取对数？整段文字的概率是各词元概率的乘积，对数把乘积变成和：一段文字的损失，就是各词元损失之和。而要让许多文
# 字的总和最小，只有一个办法：给每个词元它真正的概率。
#
# ## 从分数到损失
#
# 概率是分数的 softmax（第 4 章）。它的对数要*一步*算出来：`log(softmax(x)) = x - log(sum(exp(x)))`。分两步就会出事：

# %%
scores = torch.tensor([0.0, 800.0])
print(scores.softmax(dim=-1).log())
print(scores.log_softmax(dim=-1))

# %% [markdown]
# 第一种得到负无穷：损失变成无穷大，接着梯度变成 NaN，模型就死了。所以永远不要写 `softmax(...).log()`；交给
# `cross_entropy` 的应是*分数*，不是概率（做两次 softmax 是个不报错的错误：模型能训练，又慢又差）。


# %%
def log_softmax(scores):
    scores = scores - scores.amax(dim=-1, keepdim=True)
    return scores - scores.exp().sum(dim=-1, keepdim=True).log()


def cross_entropy(logits, targets):
    log_probabilities = log_softmax(logits)  # N V
    return -log_probabilities[torch.arange(len(targets)), targets]  # N


logits = torch.randn(6, 10)  # N V
targets = torch.tensor([3, 1, 4, 1, 5, 9])
torch.testing.assert_close(cross_entropy(logits, targets), F.cross_entropy(logits, targets, reduction="none"))
print(cross_entropy(logits, targets))

# %% [markdown]
# ## 梯度就是一个减法
#
# 每个分数该怎么变？求导之后全都约掉了：一个分数的梯度，等于**模型给出的概率，正确词元再减 1**。每个错误的词元，多占
# 了多少概率就往下压多少；正确的词元，缺多少就往上抬多少。语言模型所学的一切，都由此而来。

# %%
logits.requires_grad_()
cross_entropy(logits, targets).sum().backward()
by_hand = logits.detach().softmax(dim=-1) - F.one_hot(targets, 10)
torch.testing.assert_close(logits.grad, by_hand, rtol=0, atol=1e-12)
print(by_hand[0])

# %% [markdown]
# ## 先求和，再数数，最后只除一次
#
# 一个批次的损失，是对*目标*的平均：不是对位置（填充没有目标），也不是对行（第 10 章）。总和与个数一直分开放，到最后
# 才除，那么把批次拆开来算时就不会出错：

# %%
losses = cross_entropy(logits.detach(), targets)
whole = losses.mean()
parts = (losses[:1], losses[1:])
wrong = sum(part.mean() for part in parts) / len(parts)
right = sum(part.sum() for part in parts) / sum(map(len, parts))
print(f"whole {whole:.4f}   mean of means {wrong:.4f}   sum / count {right:.4f}")
assert torch.allclose(whole, right)

# %% [markdown]
# “平均的平均”是个有名的错误：多年来，流行的库在梯度累积时都因此得到略有偏差的结果。`chatzero lab accumulation` 会演
# 示它。
#
# ## 与库里的实现相同
#
# `linear_cross_entropy` 接过解码器的向量和词元表，自己一次几行地算分数：整个批次的分数会是最大的一个张量。表的最后
# 一行是 `<pad>`，不参与。

# %%
from chatzero.training.loss import linear_cross_entropy

hidden = torch.randn(6, 8, requires_grad=True)  # N D
table = torch.randn(11, 8, requires_grad=True)  # V D
theirs = linear_cross_entropy(hidden, table, targets)
mine = cross_entropy(hidden @ table[:-1].T, targets).sum()
torch.testing.assert_close(mine, theirs.sum_nats, rtol=0, atol=1e-12)
for tensor in (hidden, table):
    (expected,) = torch.autograd.grad(mine, tensor, retain_graph=True)
    (given,) = torch.autograd.grad(theirs.sum_nats, tensor, retain_graph=True)
    torch.testing.assert_close(given, expected, rtol=0, atol=1e-12)
print(theirs.num_targets, theirs.sum_nats.item() / theirs.num_targets)

# %% [markdown]
# ## 标签平滑
#
# 要让一个词元的概率等于 1，它的分数得是无穷大。*标签平滑*（label smoothing）要求低一点：正确词元 0.9，剩下的 0.1 均
# 摊给所有词元。模型因此不至于过分自信，2017 年对翻译有帮助。要知道后果：平滑过的损失*到不了 0*，所以不要拿它和没平
# 滑的比。本库报告的始终是没平滑的（`plain_nats`）。

# %%
smoothing = 0.1
smoothed = linear_cross_entropy(hidden, table, targets, label_smoothing=smoothing)
expected = F.cross_entropy(hidden @ table[:-1].T, targets, label_smoothing=smoothing, reduction="sum")
torch.testing.assert_close(smoothed.sum_nats, expected, rtol=0, atol=1e-12)
torch.testing.assert_close(smoothed.plain_nats, theirs.plain_nats, rtol=0, atol=1e-12)

share = torch.linspace(0.5, 0.9999, 200)
figure, axes = plt.subplots(figsize=(6, 3))
for amount in (0.0, 0.1):
    others = (1 - share) / 9
    wanted = (1 - amount) + amount / 10
    loss = -(wanted * share.log() + 9 * amount / 10 * others.log())
    axes.plot(share.numpy(), loss.numpy(), label=f"smoothing {amount}")
axes.set_xlabel("probability of the right token")
axes.set_ylabel("loss")
axes.legend()
plt.show()

# %% [markdown]
# 有了平滑，最低点在 1 之前：太确定反而要受罚。
#
# ## 读懂这个数
#
# 每个词元损失 L 奈特，有三种换算：
#
# - `exp(L)`，*困惑度*（perplexity）：相当于在这么多个同样可能的词元里挑。一开始它等于词表大小。
# - `L / ln(2)`：每个词元多少比特。
# - 每*字节*多少比特（bits per byte）：再除以一个词元的字节数。只有它能跨分词器比较：词元越大，个数越少，每个也越难
#   猜。

# %%
from chatzero.training.evaluate import bits_per_byte

for vocab_size in (300, 4096, 50257):
    print(f"{vocab_size:6}  ln {math.log(vocab_size):.2f}  perplexity {math.exp(math.log(vocab_size)):.0f}")
L, bytes_per_token = 1.2, 3.3
print(f"perplexity {math.exp(L):.2f}  bits per byte {bits_per_byte(L, bytes_per_token):.3f}")
assert math.isclose(bits_per_byte(L, bytes_per_token), L / math.log(2) / bytes_per_token)

# %% [markdown]
# 曲线该是什么样：从 `ln(vocab_size)` 附近开始；先降得快（学会哪些词元常见），然后变慢。出现 NaN：某一步太大（第 12
# 章），或者除以了零。停在初始值不动：梯度传不到，或者目标做错了。一上来就接近零：模型看见了答案。训练损失降，留出数
# 据（held-out）的损失升：它在死记硬背（第 15 章）。
#
# ## 练习
#
# 1. 如果模型总是给 V 个词元同样的概率，损失是多少？用上面的代码证明。
# 2. 写出 `loss_of_batch(logits, targets)`：logits 形状 (B, T, V)，targets 形状 (B, T)，没有目标的位置是 -100，返回
#    总和与个数。
# 3. 平滑为 0.1、共 10 个词元时，平滑损失最低能到多少？

# %%
for V in (2, 10, 4096):
    torch.testing.assert_close(cross_entropy(torch.zeros(1, V), torch.tensor([1])), torch.tensor([math.log(V)]))


def loss_of_batch(logits, targets):
    wanted = targets != -100
    return cross_entropy(logits[wanted], targets[wanted]).sum(), int(wanted.sum())


best = torch.full((10,), 0.01)
best[0] = 0.91
lowest = -(best * best.log()).sum()
free = torch.zeros(1, 10, requires_grad=True)
optimizer = torch.optim.SGD([free], lr=1.0)
for _ in range(3000):
    optimizer.zero_grad()
    F.cross_entropy(free, torch.tensor([0]), label_smoothing=0.1).backward()
    optimizer.step()
reached = F.cross_entropy(free.detach(), torch.tensor([0]), label_smoothing=0.1)
print(f"{lowest:.4f} {reached:.4f}")
torch.testing.assert_close(reached, lowest, rtol=0, atol=1e-4)

# %% [markdown]
# 第 3 题：模型恰好说出平滑后的目标时损失最低，这时它就等于这个目标的熵。
#
# ## 检查自己


# %%
def check(mine):
    for shape in ((1, 1), (2, 3), (4, 5)):
        logits, targets = torch.randn(*shape, 7), torch.randint(0, 7, shape)
        targets[0, 0] = 0
        targets[:, 1:] = torch.where(torch.rand(shape)[:, 1:] < 0.4, -100, targets[:, 1:])
        total, count = mine(logits, targets)
        expected = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
        torch.testing.assert_close(total, expected, rtol=0, atol=1e-12)
        assert count == int((targets != -100).sum())
    print("✓", mine.__name__)


check(loss_of_batch)
