# %% [markdown]
# # 2. 张量与形状
#
# 神经网络就是对一张张数表做算术。这一章讲这些数表：它们是什么形状，两张表怎么相乘，程序又怎么知道该把哪个数往哪个方
# 向改。读完这一章，你会亲手写出一个小神经网络，并且和本库里的实现逐位对上。
#
# 请按顺序运行每个单元（在 VS Code 或 Jupyter 里按 Shift+Enter），先看它打印了什么，再往下读。

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# `manual_seed` 让每次产生的随机数都一样，这样你看到的和本页显示的一致。`float64` 是有 15 位有效数字的浮点数。训练时
# 用更短的（`float32`，7 位），因为快；而本书要拿自己写的代码和库里的比，用 15 位数字时，只要有差别就是写错了，不会
# 是舍入误差。
#
# ## 张量有形状
#
# *张量*（tensor）是一块排列整齐的数。它的*形状*（shape）说明每个方向上各有多少个数。

# %%
number = torch.tensor(3.0)
vector = torch.tensor([1.0, 2.0, 3.0])
matrix = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
sentences = torch.randn(4, 6, 8)  # B T D
for tensor in (number, vector, matrix, sentences):
    print(tensor.dim(), tuple(tensor.shape), tensor.numel())

# %% [markdown]
# 最后一个形状从这里开始每一页都会见到。这样读它：一个*批次*（batch，B）里有 4 个句子，每句 6 个*词元*（token，T，即
# 文字的小片段，见第 3 章），每个词元用 8 个数组成的*向量*（vector，D）表示。本项目把它写成注释 `# B T D`，所有字母
# 的含义列在 `chatzero/shapes.py` 里。
#
# 这一行里最有用的习惯是：**运行一行代码之前，先说出结果是什么形状。** 说错了，就找到了该学的东西。

# %%
print(tuple(sentences[0].shape))  # T D
print(tuple(sentences[:, -1].shape))  # B D
print(tuple(sentences[0, 2].shape))  # D
print(tuple(sentences.mean(dim=-1).shape))  # B T
print(tuple(sentences.mean(dim=-1, keepdim=True).shape))  # B T 1

# %% [markdown]
# 写一个下标，就少一个方向；写 `:` 则保留。`dim=-1` 指最后一个方向，你点名哪个方向，哪个方向就消失。`keepdim=True`
# 把它留下，大小变成 1。下一个单元就会用到。
#
# ## 广播：一个不吭声的朋友
#
# 两个形状不同时，torch 把它们*从右边对齐*，大小为 1 的（或缺少的）方向自动重复，这叫*广播*（broadcasting）。

# %%
centred = sentences - sentences.mean(dim=-1, keepdim=True)  # B T D minus B T 1
print(centred.mean(dim=-1).abs().max())

targets = torch.tensor([1.0, 2.0, 3.0])  # 3
guesses = torch.tensor([[1.0], [2.0], [3.0]])  # 3 1
wrong = guesses - targets
print(tuple(wrong.shape), wrong.square().mean())
right = guesses.squeeze(-1) - targets
print(tuple(right.shape), right.square().mean())

# %% [markdown]
# **常见的坑。** 猜得全对，第一个误差却不是零：一列 3 个数减一行 3 个数，变成了 3 乘 3 的表，每个猜测都和每个目标比
# 了一遍。没有报错，也没有警告，用它训练出来的模型只会说平均值。损失死活不降的时候，先把算损失用到的形状打印出来。
#
# ## 相乘：对每一行提同一组问题
#
# 矩阵乘法 `x @ w` 取 `x` 的每一行和 `w` 的每一列，对应的数相乘再加起来。所以 `x` 最后一个方向的大小必须等于 `w` 第
# 一个方向的大小，这个大小在结果里就消掉了。

# %%
x = torch.randn(2, 3)
w = torch.randn(3, 5)
by_hand = torch.zeros(2, 5)
for i in range(2):
    for j in range(5):
        for k in range(3):
            by_hand[i, j] += x[i, k] * w[k, j]
assert torch.allclose(by_hand, x @ w)
print(tuple(by_hand.shape), tuple((sentences @ torch.randn(8, 32)).shape))

# %% [markdown]
# 左边多出来的方向（比如 `sentences`）原样保留：每句话里的每个词元都乘同一个矩阵。
#
# *线性层*（linear layer）就是这个乘积，再给每一列加上一个数，叫*偏置*（bias）。torch 存的矩阵是转过来的，每个输出占
# 一行，所以要写 `.T`。

# %%
layer = nn.Linear(8, 32)
print(tuple(layer.weight.shape), tuple(layer.bias.shape))
wide = sentences @ layer.weight.T + layer.bias  # B T 32
assert torch.allclose(wide, layer(sentences))

# %% [markdown]
# ## 第一个神经网络
#
# 两个线性层直接相接，并不比一个强：两个矩阵的乘积还是一个矩阵。中间必须有东西把直线“折”一下。最简单的折法是 `relu`：
# 小于零的一律变成零。加上它，就得到了每个 Transformer 层里都有的*前馈网络*（feed-forward）：先变宽，折一下，再变窄。


# %%
def feed_forward(x, up, down):
    wide = x @ up.weight.T + up.bias  # B T F
    bent = wide.clamp(min=0.0)
    return bent @ down.weight.T + down.bias  # B T D


up, down = nn.Linear(8, 32), nn.Linear(32, 8)
print(tuple(feed_forward(sentences, up, down).shape))

# %% [markdown]
# 下面是库里的实现。把我们的权重交给它，喂进同样的句子，比较结果。

# %%
from chatzero.blocks.feed_forward import FeedForward

theirs = FeedForward(d_model=8, dim_feedforward=32)
theirs.up.load_state_dict(up.state_dict())
theirs.down.load_state_dict(down.state_dict())
torch.testing.assert_close(feed_forward(sentences, up, down), theirs(sentences), rtol=0, atol=1e-12)

# %% [markdown]
# ## 网络怎么学：哪边是下坡？
#
# `weight` 和 `bias` 里的数叫*参数*（parameter），一开始是随机的。所谓学习就是：量一量输出错得多厉害（一个数，叫
# *损失*，loss）；对每个参数，弄清楚它增大一点点时损失是升还是降（*梯度*，gradient）；再让它朝相反的方向走一小步。步
# 子的大小叫*学习率*（learning rate）。
#
# 梯度不用猜。对 `loss = (a * x + b - y)²`，用学过的求导就能算出来；而 `backward()` 对任意一串运算都能做同样的事，一
# 次处理几百万个参数。

# %%
inputs = torch.linspace(-1, 1, 20)
outputs = 3 * inputs - 1
a = torch.tensor(0.0, requires_grad=True)
b = torch.tensor(0.0, requires_grad=True)

error = a * inputs + b - outputs
loss = error.square().mean()
loss.backward()
by_hand = (2 * error * inputs).mean()
print(a.grad, by_hand.detach())
assert torch.allclose(a.grad, by_hand)

# %% [markdown]
# 接下来是循环。有三行很关键，每一行都对应一个经典错误：
#
# - `backward()` 是往 `.grad` 上*累加*的。不清成 `None` 的话，每一步都会带着以前所有的梯度。
# - 更新参数要写在 `no_grad()` 里：改参数这个动作不属于要求导的式子。
# - `losses.append(loss.item())`：留下数字，不要留张量。张量会让整段计算历史一直占着内存，直到程序崩溃。

# %%
learning_rate = 0.5
losses = []
for _ in range(40):
    loss = (a * inputs + b - outputs).square().mean()
    a.grad = b.grad = None
    loss.backward()
    with torch.no_grad():
        a -= learning_rate * a.grad
        b -= learning_rate * b.grad
    losses.append(loss.item())
print(f"a = {a.item():.4f}, b = {b.item():.4f}, loss = {losses[-1]:.2e}")

figure, axes = plt.subplots(figsize=(6, 3))
axes.semilogy(losses)
axes.set_xlabel("step")
axes.set_ylabel("loss")
plt.show()

# %% [markdown]
# `a` 和 `b` 找到了 3 和 -1。ChatGPT 用的就是这个循环，只是式子更长。
#
# ## 三种重新排列，以及各自的误用
#
# `view` 和 `reshape` 是把同样的数按原来的顺序*重新切分*；`transpose` 是把方向*调换*。即使结果形状相同，它们也不是一
# 回事。手写注意力时最常见的错误就是把两者弄混（第 5 章）。

# %%
table = torch.arange(6).view(2, 3)
print(table)
print(table.view(3, 2))
print(table.transpose(0, 1))

# %% [markdown]
# 转置并不复制数据，torch 只是记下“换一种顺序去读同一块内存”。`view` 没法重新切分这样的张量，会报错。`contiguous()`
# 复制一份，把数按新顺序摆好；`reshape` 和 `flatten` 在必要时会自己复制。

# %%
turned = table.transpose(0, 1)
print(table.stride(), turned.stride(), turned.is_contiguous())
try:
    turned.view(6)
except RuntimeError as error:
    print(error)
print(turned.contiguous().view(6), turned.flatten())

# %% [markdown]
# ## 练习
#
# 1. 写出 `softmax(scores)`：用 `exp(分数) / 所有 exp 之和`，把任意一组分数变成正数，并且沿最后一个方向加起来等于 1。
#    分数是 1000 时也不能出错（`exp(1000)` 是无穷大）。提示：所有分数都减去同一个数，结果不变。
# 2. `sentences` 的形状是 (4, 6, 8)。`sentences @ sentences.transpose(1, 2)` 是什么形状？位置 `[b, i, j]` 上的数说明
#    什么？
# 3. `FeedForward(d_model, dim_feedforward)` 有多少个参数？写成一个函数。
#
# 先自己试，再往下看。


# %%
def softmax(scores):
    powers = (scores - scores.amax(dim=-1, keepdim=True)).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


similarity = sentences @ sentences.transpose(1, 2)
assert similarity.shape == (4, 6, 6)  # B T T
assert torch.allclose(similarity[1, 2, 3], (sentences[1, 2] * sentences[1, 3]).sum())


def count_parameters(d_model, dim_feedforward):
    return 2 * d_model * dim_feedforward + dim_feedforward + d_model


assert count_parameters(8, 32) == sum(p.numel() for p in theirs.parameters())

# %% [markdown]
# 第 2 题的答案：在每句话里，词元 i 的向量和词元 j 的向量有多一致。这叫*点积*（dot product）：方向相同就大，毫不相干
# 就是零，方向相反就是负数。它和 softmax 合在一起，注意力就完成了一大半。
#
# ## 检查自己
#
# 把下面的 `softmax` 换成你写的函数，运行这个单元。


# %%
def check(mine):
    for scores in (torch.randn(7), torch.randn(2, 3, 5), torch.tensor([1000.0, 0.0]), torch.tensor([-1000.0, -1000.0])):
        torch.testing.assert_close(mine(scores), scores.softmax(dim=-1), rtol=0, atol=1e-12)
    print("✓", mine.__name__)


check(softmax)
