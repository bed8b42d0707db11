# %% [markdown]
# # 12. 训练循环与它的旋钮
#
# 取一个批次，算损失，算梯度，走一步，重复：第 2 章已经讲完了，就这些。剩下的问题是*步子多大*，以及训练为什么会有这
# 样那样的表现。这一章手写优化器、学习率计划和整个循环，与库里的对照，然后把每个旋钮都拧一遍，让你看到的曲线都来自真
# 实的训练。

# %%
import copy
import math
import time

import matplotlib.pyplot as plt
import torch

from chatzero.data.batch import Seq2SeqBatch
from chatzero.models.build import build
from chatzero.models.config import TransformerConfig
from chatzero.training.config import TrainConfig
from chatzero.training.evaluate import held_out_loss
from chatzero.training.objective import batch_loss
from chatzero.training.optimizer import build_optimizers
from chatzero.training.schedule import learning_rate_share
from chatzero.training.state import TrainState
from chatzero.training.step import train_step

# %% [markdown]
# 任务还是第 9 章的倒写数字。这次用固定的训练集，外加一份从不参与训练的*留出集*（held-out set），这样就能看出“学会规
# 律”和“死记硬背”的区别。

# %%
END, PAD, VOCAB_SIZE = 10, 11, 12


def reversing(how_many, generator):
    source_ids = torch.randint(0, 10, (how_many, 6), generator=generator)  # B S
    targets = torch.cat([source_ids.flip(1), torch.full((how_many, 1), END)], dim=1)  # B T
    decoder_ids = torch.cat([torch.full((how_many, 1), PAD), targets[:, :-1]], dim=1)
    return Seq2SeqBatch(source_ids, torch.ones_like(source_ids, dtype=torch.bool), decoder_ids, targets)


generator = torch.Generator().manual_seed(0)
training, held_out = reversing(4000, generator), reversing(300, generator)


def new_model(d_model=64, layers=1, dropout=0.0, num_heads=4, norm_order="post"):
    config = TransformerConfig(
        vocab_size=VOCAB_SIZE,
        d_model=d_model,
        num_heads=num_heads,
        num_encoder_layers=layers,
        num_decoder_layers=layers,
        dim_feedforward=3 * d_model,
        dropout=dropout,
        max_seq_len=16,
        norm_order=norm_order,
    )
    return build(config, torch.Generator().manual_seed(1))


# %% [markdown]
# ## 优化器：手写 Adam
#
# 第 2 章的简单步子对所有参数用同一个学习率。可梯度的大小能差几千倍：罕见词元的那一行几乎得不到梯度。*Adam*（Kingma
# 和 Ba，2015）为每个参数保留两个滑动平均：梯度的平均（`m`：往哪边走，噪声被平均掉）和梯度平方的平均（`v`：通常有多
# 大），然后走 `m / sqrt(v)`：不管尺度如何，步子都大约是一个学习率。
#
# - 两个平均都从 0 开始，所以一开始偏小；除以 `1 - beta^step` 修正。
# - *权重衰减*（weight decay）把每个权重往零拉一点点。在 AdamW 里它与梯度分开，而且这里只有矩阵衰减，归一化、偏置和
#   词元表都不衰减。
# - `eps` 只是防止除以零。
#
# 代价：每个参数多存两个数。连同权重和梯度，每个参数 16 字节，内存里放得下多大的模型由此决定（第 18 章）。


# %%
class MyAdamW:
    def __init__(self, parameters, learning_rate, beta1=0.9, beta2=0.98, eps=1e-9, weight_decay=0.05):
        self.parameters = list(parameters)
        self.settings = (learning_rate, beta1, beta2, eps, weight_decay)
        self.m = [torch.zeros_like(p) for p in self.parameters]
        self.v = [torch.zeros_like(p) for p in self.parameters]
        self.steps = 0

    @torch.no_grad()
    def step(self):
        learning_rate, beta1, beta2, eps, weight_decay = self.settings
        self.steps += 1
        for p, m, v in zip(self.parameters, self.m, self.v, strict=True):
            m.mul_(beta1).add_((1 - beta1) * p.grad)
            v.mul_(beta2).add_((1 - beta2) * p.grad**2)
            unbiased_m = m / (1 - beta1**self.steps)
            unbiased_v = v / (1 - beta2**self.steps)
            p.mul_(1 - learning_rate * weight_decay)
            p.sub_(learning_rate * unbiased_m / (unbiased_v.sqrt() + eps))


mine = torch.randn(5, 3, dtype=torch.float64).requires_grad_()
theirs = mine.detach().clone().requires_grad_()
my_optimizer = MyAdamW([mine], 0.01)
their_optimizer = torch.optim.AdamW([theirs], lr=0.01, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.05)
for _ in range(10):
    for p in (mine, theirs):
        p.grad = None
        (p.sin() ** 2).sum().backward()
    my_optimizer.step()
    their_optimizer.step()
torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-12)

# %% [markdown]
# ## 学习率随时间变化
#
# 它不是常数。先*预热*（warm-up）：最初几步，`v` 只由很少几个梯度算出，`m / sqrt(v)` 对每个参数几乎都是正负 1，迈满
# 步会把模型甩得老远。然后慢慢下降，这里沿半个余弦：先用大步走近，再用小步站稳。


# %%
def share_of_peak(progress, warmup=0.05, floor=0.01):
    if progress < warmup:
        return progress / warmup
    rest = (progress - warmup) / (1 - warmup)
    return floor + (1 - floor) * (1 + math.cos(math.pi * rest)) / 2


for i in range(101):
    wanted = learning_rate_share(i / 100, schedule="cosine", warmup=0.05, floor=0.01)
    assert math.isclose(share_of_peak(i / 100), wanted, abs_tol=1e-12)

# %% [markdown]
# ## 裁剪
#
# 偶尔有个批次，梯度比平时长十倍。把所有参数的梯度看成一个长向量，如果它比 1 长，就缩短到 1：方向不变，大小无害。这
# 叫*梯度裁剪*（gradient clipping）。


# %%
def clip(parameters, longest=1.0):
    length = torch.sqrt(sum(p.grad.square().sum() for p in parameters))
    if length > longest:
        for p in parameters:
            p.grad *= longest / length
    return length


# %% [markdown]
# ## 循环
#
# 六行。顺序很要紧：`backward` 之前清梯度，之后、`step` 之前裁剪。下面让我们的循环和库里的 `train_step` 从同样的权重
# 出发，三步之后必须仍然一致。

# %%
model = new_model().double()
other = copy.deepcopy(model)
matrices = [m.weight for m in model.modules() if isinstance(m, torch.nn.Linear)]
ids = {id(p) for p in matrices}
rest = [p for p in model.parameters() if id(p) not in ids]
batch = training.rows(slice(0, 64))

for step in range(3):
    rate = 2e-3 * share_of_peak((step + 0.5) / 3)
    if step == 0:
        optimizers = [MyAdamW(matrices, rate), MyAdamW(rest, rate, weight_decay=0.0)]
    for optimizer in optimizers:
        optimizer.settings = (rate, *optimizer.settings[1:])
    model.zero_grad()
    loss = batch_loss(model, batch)
    (loss.sum_nats / loss.num_targets).backward()
    clip([*model.parameters()])
    for optimizer in optimizers:
        optimizer.step()

config = TrainConfig(steps=3, learning_rate=2e-3, precision="float32", device="cpu")
state = TrainState(other, build_optimizers(other, config))
for step in range(3):
    report = train_step(state, batch, (step + 0.5) / 3, config, torch.float32)
    print(report.step, f"loss {report.loss:.3f}  gradient {report.grad_norm:.2f}  rate {report.learning_rate:.1e}")
for a, b in zip(model.parameters(), other.parameters(), strict=True):
    torch.testing.assert_close(a, b, rtol=0, atol=1e-9)

# %% [markdown]
# ## 拧一遍旋钮
#
# 从这里起用库里的循环。`train` 做一次训练，隔一阵看一眼留出损失；除了要试的那个旋钮，其余一律不变，随机种子也不变。

# %%
steps = 250  # quick: 4
torch.set_default_dtype(torch.float32)


def train(batch_size=64, learning_rate=2e-3, warmup=0.05, label_smoothing=0.0, rows=4000, **sizes):
    torch.manual_seed(0)
    model = new_model(**sizes)
    config = TrainConfig(
        steps=steps,
        learning_rate=learning_rate,
        warmup=warmup,
        label_smoothing=label_smoothing,
        precision="float32",
        device="cpu",
    )
    state = TrainState(model, build_optimizers(model, config))
    order = torch.Generator().manual_seed(0)
    curve, started = [], time.perf_counter()
    for step in range(steps):
        chosen = torch.randint(0, rows, (batch_size,), generator=order).tolist()
        report = train_step(state, training.rows(chosen), (step + 0.5) / steps, config, torch.float32)
        if (step + 1) % max(1, steps // 10) == 0:
            curve.append((step + 1, held_out_loss(model, [held_out]), report.loss))
    return curve, time.perf_counter() - started


KNOBS = {
    "learning_rate": (1e-4, 5e-4, 2e-3, 1e-2, 1e-1),
    "batch_size": (8, 64, 256),
    "warmup": (0.0, 0.05, 0.3),
    "d_model": (16, 64, 128),
    "layers": (1, 2, 4),
    "num_heads": (1, 4, 8),
    "dropout": (0.0, 0.1, 0.3),
    "label_smoothing": (0.0, 0.1, 0.3),
}
figure, places = plt.subplots(2, 4, figsize=(14, 6), sharey=True)
for (knob, settings), place in zip(KNOBS.items(), places.flat, strict=True):
    for setting in settings:
        curve, seconds = train(**{knob: setting})
        place.semilogy([step for step, _, _ in curve], [loss for _, loss, _ in curve], label=f"{setting:g}")
        print(f"{knob:15} {setting:<7g} held-out {curve[-1][1]:7.4f}   training {curve[-1][2]:7.4f}   {seconds:5.1f} s")
    place.set_title(knob)
    place.legend()
figure.supxlabel("step")
figure.supylabel("held-out loss")
figure.tight_layout()
plt.show()

# %% [markdown]
# 按这个顺序读表和曲线：
#
# - **learning_rate**（学习率）：决定成败的一个。太小，还没学到时间就用完了；太大，损失就停在 `ln(11)`，和瞎猜一样。
#   中间有大约十倍的范围可用。如果只调一样东西，就调它。
# - **batch_size**（批次大小）：批次大，梯度更稳，每步也更贵（看秒数）。要在*时间*相同的条件下比，不要在步数相同的条
#   件下比。
# - **warmup**（预热）：有多要紧，取决于深度、post-norm 还是 pre-norm、学习率。对这个每叠只有一层的模型，写这一页时
#   几乎没有差别；用四层再试试。
# - **d_model、layers**（宽度、深度）：容量更大，也更费时间。按*秒数*算，每次加倍还划算吗？深的 post-norm 模型起步慢，
#   第 7 章讲的归一化位置正是为此。试试 `norm_order="pre"`。
# - **num_heads**（头数）：不多花参数。人们说越多越好；写这一页时，在这个只有一个问题要问的任务上，一个头最好。以表
#   为准，别信传言。
# - **dropout、label_smoothing**：防止死记硬背的刹车。短期内要付代价，数据反复看很多遍时才可能有回报。下一个单元就造
#   出这种情况。（有 dropout 时，训练损失是缺着数测的，所以可能比留出损失还高。）

# %%
figure, places = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
for place, dropout in zip(places, (0.0, 0.3), strict=True):
    curve, _ = train(rows=100, dropout=dropout)
    place.plot([step for step, _, _ in curve], [loss for _, loss, _ in curve], label="held-out")
    place.plot([step for step, _, _ in curve], [loss for _, _, loss in curve], label="training")
    place.set_title(f"100 rows, dropout {dropout}")
    place.set_xlabel("step")
    place.legend()
    print(f"dropout {dropout}: held-out {curve[-1][1]:.3f}, training {curve[-1][2]:.3f}")
plt.show()

# %% [markdown]
# 只有 100 行数据、没有 dropout 时，训练损失几乎降到零，留出损失却居高不下：这一百行模型背下来了。这个差距叫*过拟合*
# （overfitting）。**只有留出损失才算数。** 有了 dropout，差距没了；留出损失因此变好了吗？看那两个数。差距消失不等于
# 模型变好，真正管用的是更多数据。
#
# ## 出问题的时候
#
# - **NaN。** 几乎总是某一步迈得太大：降低学习率，延长预热，做裁剪。本库遇到不是有限数的更新会拒绝执行，退回到好的状
#   态，用更小的步子继续。
# - **内存不足（out of memory）。** 把批次减半，每步做两次（`accumulate = 2`）：梯度相同，内存减半。本库会自动这样做。
# - **float16 不带缩放**会把小梯度变成零；`bfloat16` 的范围和 float32 一样大，不需要缩放。
# - **续训时没有优化器状态**：`m` 和 `v` 从零开始，损失会跳上去。所以检查点（checkpoint）里也存着它们。
#
# ## 练习
#
# 1. AdamW 的学习率是 0.001 时，一个权重从 0 走到 1，至少要多少步？
# 2. 写出 `accumulate(model, batch, parts)`：把批次分成 `parts` 个小批来算它的梯度。结果必须与整批一次算的相同，各小
#    批的目标个数不等时也一样。
# 3. 为什么 `zero_grad()` 必须在 `backward()` 之前，而不能在 `backward()` 与 `step()` 之间？用一句话说明。

# %%
w = torch.zeros(1, requires_grad=True)
optimizer = MyAdamW([w], 0.001, weight_decay=0.0)
while w.item() < 1:
    w.grad = torch.tensor([-5.0])
    optimizer.step()
print(optimizer.steps)
assert abs(optimizer.steps - 1000) <= 1


def accumulate(model, batch, parts):
    model.zero_grad()
    for micro_batch in batch.split(parts):
        (batch_loss(model, micro_batch).sum_nats / batch.num_targets).backward()
    return [p.grad.clone() for p in model.parameters()]


model = new_model().double()
uneven = training.rows(list(range(10)))
uneven.targets[0, 2:] = -100
for whole, split in zip(accumulate(model, uneven, 1), accumulate(model, uneven, 4), strict=True):
    torch.testing.assert_close(whole, split, rtol=0, atol=1e-12)

# %% [markdown]
# 第 1 题：大约一千步，不管梯度多大，因为每步大约就是一个学习率那么长。第 3 题：放在中间，就把这一步要用的梯度抹掉了。
#
# ## 检查自己


# %%
def check(mine):
    for parts in (1, 2, 3, 10):
        model = new_model(d_model=16).double()
        batch = training.rows(list(range(20, 30)))
        batch.targets[3, 1:] = -100
        loss = batch_loss(model, batch)
        (loss.sum_nats / loss.num_targets).backward()
        wanted = [p.grad.clone() for p in model.parameters()]
        for got, want in zip(mine(model, batch, parts), wanted, strict=True):
            torch.testing.assert_close(got, want, rtol=0, atol=1e-12)
    print("✓", mine.__name__)


check(accumulate)
