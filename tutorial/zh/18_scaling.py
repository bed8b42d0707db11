# %% [markdown]
# # 18. 做大
#
# 你的模型有几百万参数，有名的那些是它的一千倍到十万倍。公式一个也不变，变的是算账：内存、时间、数据。这一章在你租机
# 器*之前*就把账算清楚，每条经验法则都用测量来核对。

# %%
import time

import matplotlib.pyplot as plt
import torch

from chatzero.models.build import build
from chatzero.models.size import cache_bytes, flops_per_token, parameters
from chatzero.models.sizes import SIZES, sized

# %% [markdown]
# ## 多少参数？
#
# 一层有四个 `d_model²` 的注意力矩阵和一个前馈网络，合起来大约 `12 d_model²`（第 5、7 章）。乘上层数，再加词元表。

# %%
VOCAB_SIZE = 4096
for name, (depth, d_model) in SIZES.items():
    config = sized("gpt", name, VOCAB_SIZE, 256)
    body = parameters(config, embedding=False)
    rule = 12 * depth * d_model**2
    print(f"{name:7} {parameters(config) / 1e6:6.1f} M   body {body / 1e6:6.1f} M   rule {rule / 1e6:6.1f} M")
config = sized("gpt", "nano", VOCAB_SIZE, 256)
assert parameters(config) == sum(p.numel() for p in build(config, torch.Generator()).parameters())

# %% [markdown]
# ## 多少运算？
#
# 每个参数对每个词元参与一次乘法和一次加法：前向 2 FLOP。反向是前向的两倍。所以**训练每个参数、每个词元要 6 FLOP**，
# 再加上随长度增长的注意力表。

# %%
for name in ("nano", "small", "base"):
    for seq_len in (256, 4096):
        config = sized("gpt", name, VOCAB_SIZE, seq_len)
        exact = flops_per_token(config, seq_len)
        print(
            f"{name:6} seq_len {seq_len:5}   {exact / 1e6:8.1f} MFLOP   6 N: {exact / (6 * parameters(config)):.2f} x"
        )

# %% [markdown]
# 最后一列是真实值除以法则：文字短时接近 1；小模型配长文本时远大于 1，注意力的平方项占了上风。
#
# ## 要多久？
#
#     秒数 = 6 * 参数个数 * 词元个数 / (机器每秒的 FLOP * 你实际用到的份额)
#
# 两个因子都在这里量；下面的 `GPU` 代表一块实际能跑到每秒 400 万亿 FLOP 的显卡。这个*份额*叫 MFU（model FLOPs
# utilisation），在 GPU 上能到一半就不错。

# %%
side, repeats = 1024, 8
a, b = torch.randn(2, side, side)
a @ b
started = time.perf_counter()
for _ in range(repeats):
    a @ b
peak = 2 * side**3 * repeats / (time.perf_counter() - started)

from chatzero.data.batch import LMBatch
from chatzero.training.objective import batch_loss

batch = LMBatch(torch.randint(5, 4000, (32, 64)), torch.randint(5, 4000, (32, 64)))
rates = {}
for name in ("nano", "micro", "tiny"):
    config = sized("gpt", name, VOCAB_SIZE, 64)
    model = build(config, torch.Generator().manual_seed(0))
    times = []
    for _ in range(3):
        started = time.perf_counter()
        loss = batch_loss(model, batch)
        (loss.sum_nats / loss.num_targets).backward()
        times.append(time.perf_counter() - started)
    rates[name] = batch.padded_tokens / min(times)
    share = rates[name] * flops_per_token(config, 64) / peak
    print(f"{name:6} {rates[name]:8.0f} tokens/s   {share:.0%} of {peak / 1e9:.0f} GFLOP/s")

# %% [markdown]
# ## 多少数据？
#
# 一条从大量训练里量出来的法则（Hoffmann 等，2022，“Chinchilla”）：运算量一定时，**每个参数约 20 个词元**效果最好。
# 于是时间随大小的*平方*增长：十倍的参数，要十倍的词元。（要给很多人用的模型会训练得久得多，因为小一点的模型往后一直
# 省钱。）

# %%
for name, rate in rates.items():
    config = sized("gpt", name, VOCAB_SIZE, 64)
    tokens = 20 * parameters(config)
    print(f"{name:6} {tokens / 1e6:7.0f} M tokens, {tokens / rate / 3600:7.1f} hours here")

GPU = 400e12
for billions in (0.1, 1, 7, 70):
    flops = 6 * 20 * (billions * 1e9) ** 2
    print(f"{billions:5} G parameters: {flops:.1e} FLOP, {flops / GPU / 86400:10.1f} days at {GPU:.0e} FLOP/s")

# %% [markdown]
# ## 多少内存？
#
# 训练时，float32 下每个参数 16 字节：权重、梯度，加上 Adam 的两个平均（第 12 章）。此外还有*激活值*（activation），
# 即前向过程为反向过程留着的一切，它随批次大小乘长度增长。**内存不足？** 按这个顺序来：更小的小批加梯度累积（结果相
# 同，第 11 章）、更短的文本、更小的模型。
#
# 回答时，bfloat16 下每个参数 2 字节，每段对话的每个词元还要存键和值：

# %%
for name in ("tiny", "base"):
    config = sized("gpt", name, VOCAB_SIZE, 2048)
    weights = parameters(config) / 2**20
    cache = cache_bytes(config, batch_size=32, seq_len=2048, bytes_per_value=2) / 2**20
    print(f"{name:5} training {16 * weights:5.0f} MiB + activations")
    print(f"{name:5} answering {2 * weights:4.0f} MiB + cache {cache:5.0f} MiB")

# %% [markdown]
# ## 更短的数
#
# `bfloat16` 的范围和 float32 一样，却只有 3 位有效数字。乘积可以用它算；许多数的求和，以及权重本身，要留在 float32，
# 否则小的更新就消失了：

# %%
weight = torch.tensor(1.0, dtype=torch.bfloat16)
print(weight + 0.001, torch.tensor(1.0) + 0.001)
counter = torch.tensor(0.0, dtype=torch.bfloat16)
for _ in range(1000):
    counter += 1
print(counter)
assert counter == 256

# %% [markdown]
# 用 bfloat16 数到一千，会停在 256：再往上可表示的下一个数是 258，多出来的 1 被舍掉了。（所以第 11 章的损失用
# float32 求和。）
#
# ## 许多台机器
#
# *数据并行*（data parallel）训练给每块 GPU 整个模型和批次的一部分，再把梯度加起来。只要总和与个数分开放（第 11 章），
# 结果就和一台机器一样：

# %%
model = build(sized("gpt", "nano", VOCAB_SIZE, 64), torch.Generator().manual_seed(0)).double()
small = batch.rows(slice(0, 8))


def gradients(part, divisor):
    model.zero_grad()
    (batch_loss(model, part).sum_nats / divisor).backward()
    return [p.grad.clone() for p in model.parameters()]


one = gradients(small, small.num_targets)
workers = [gradients(part, small.num_targets) for part in small.split(4)]
for whole, parts in zip(one, zip(*workers, strict=True), strict=True):
    torch.testing.assert_close(whole, sum(parts), rtol=0, atol=1e-12)

# %% [markdown]
# 机器多了，别的都不变，只是批次变大，最佳学习率也跟着变（第 12 章）：要重新调。
#
# ## 换来什么
#
# 运算越多，损失越低，曲线规整得被称为*缩放定律*（scaling law）：每多十倍，损失下降的比例差不多。看个缩小版：同一个
# 任务，四种宽度。

# %%
from chatzero.lab.bench import Bench
from chatzero.lab.pitfall import Scale

steps = 150  # quick: 2
batch_tokens = 2048  # quick: 256
conversations = 4000  # quick: 300
bench = Bench(Scale(steps, batch_tokens, conversations, questions=5))
sizes, losses = [], []
for d_model in (32, 64, 128, 256):
    model = bench.model(d_model=d_model, dim_feedforward=3 * d_model)
    sizes.append(parameters(model.config, embedding=False))
    losses.append(bench.train(model).curve[-1][1])
    print(f"d_model {d_model:4} body {sizes[-1]:9,}   held-out loss {losses[-1]:.3f}")
figure, axes = plt.subplots(figsize=(5, 3))
axes.loglog(sizes, losses, "o-")
axes.set_xlabel("parameters without the table")
axes.set_ylabel("held-out loss")
plt.show()

# %% [markdown]
# ## 练习
#
# 1. 写出 `days(parameters, tokens, flops_per_s, share)`：训练要多少天？
# 2. 你的 GPU 有 24 GiB。`SIZES` 里最大的、训练状态（每参数 16 字节）装得进一半显存的是哪个？
# 3. 一层有 `12 d_model²` 个参数时，`seq_len` 从多少起，注意力表比各矩阵还贵？（每层每个词元，注意力表要
#    `4 d_model * seq_len` FLOP。）


# %%
def days(parameters, tokens, flops_per_s, share):
    return 6 * parameters * tokens / (flops_per_s * share) / 86400


print(f"{days(1e9, 20e9, 1e15, 0.4):.1f}")
fitting = [name for name in SIZES if 16 * parameters(sized("gpt", name, VOCAB_SIZE, 256)) < 12 * 2**30]
assert fitting[-1] == "base"


def crossing(d_model):
    return 2 * 12 * d_model**2 / (4 * d_model)


assert crossing(256) == 6 * 256

# %% [markdown]
# 第 3 题：`seq_len = 6 d_model`。宽的模型用得起长文本；窄的模型很快就全耗在注意力上了。
#
# ## 检查自己


# %%
def check(mine):
    assert abs(mine(1e9, 20e9, 1e15, 0.4) - 3.4722) < 1e-3
    assert abs(mine(2e9, 40e9, 1e15, 0.4) / mine(1e9, 20e9, 1e15, 0.4) - 4) < 1e-9
    assert abs(mine(1e9, 20e9, 1e15, 0.2) / mine(1e9, 20e9, 1e15, 0.4) - 2) < 1e-9
    print("✓", mine.__name__)


check(days)
