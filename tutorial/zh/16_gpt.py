# %% [markdown]
# # 16. 从编码器-解码器到 GPT
#
# 2017 年的 Transformer 有两叠层，GPT、Llama、Qwen 只有一叠。这一章一步步完成这个变化，手写出如今的那种层，然后让两
# 个模型用同样的数据、同样的预算学习。

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

from chatzero.blocks.attention import attend
from chatzero.blocks.masks import causal_mask
from chatzero.blocks.positions import RotaryPositions, rotate

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
batch_size, seq_len, d_model, num_heads, num_kv_heads, dim_feedforward = 2, 6, 32, 4, 2, 96
head_dim = d_model // num_heads
x = torch.randn(batch_size, seq_len, d_model)  # B T D

# %% [markdown]
# ## 两叠变一叠
#
# 把问题放在回答前面，排成一行，让*没有交叉注意力*的解码器在因果掩码下读它。问题的词元取代了 memory：回答通过自注意
# 力看到它们。
#
# 失去的是：问题里的词元再也看不到自己后面的内容。得到的是：只有一种层；纯文本拿来就能学，每个词元都是目标；多轮对话
# 只是更长的一行；追加下一轮时，前面的缓存仍然有效（编码器则要全部重读）。
#
# ## 五个现代零件
#
# **RMSNorm** 除以均方根，不减平均值，也没有偏置：计算少，实际效果一样好。


# %%
def rms_norm(x, weight, eps=1e-6):
    return x / (x.square().mean(dim=-1, keepdim=True) + eps).sqrt() * weight


from chatzero.blocks.norm import RMSNorm

norm = RMSNorm(d_model)
torch.testing.assert_close(rms_norm(5 * x + 1, norm.weight), norm(5 * x + 1), rtol=0, atol=1e-12)

# %% [markdown]
# **SwiGLU**：前馈网络里多一个矩阵，做成一道*门*（gate），决定每个内部的数放行多少。`silu(z) = z * sigmoid(z)` 是平
# 滑的 relu。

# %%
from chatzero.blocks.feed_forward import GatedFeedForward

gated = GatedFeedForward(d_model, dim_feedforward)
gate = x @ gated.gate.weight.T  # B T F
by_hand = (gate * gate.sigmoid() * (x @ gated.up.weight.T)) @ gated.down.weight.T
torch.testing.assert_close(by_hand, gated(x), rtol=0, atol=1e-12)

# %% [markdown]
# **分组的头**（grouped-query attention）：四个查询头共用两个键值头。写字时缓存里只存键和值，于是只有一半大。写成代
# 码，就是让每个键头为它那一组重复。

# %%
q = torch.randn(batch_size, num_heads, seq_len, head_dim)  # B H T K
k, v = torch.randn(2, batch_size, num_kv_heads, seq_len, head_dim)  # each B G T K
group = num_heads // num_kv_heads
repeated, _ = attend(q, k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1))
torch.testing.assert_close(repeated, attend(q, k, v)[0], rtol=0, atol=1e-12)

# %% [markdown]
# **常见的坑：** `repeat_interleave` 得到的头是 0 0 1 1，`repeat` 得到 0 1 0 1。形状一样，只有一种与训练时的权重相符。
#
# **旋转位置编码**见第 6 章。**QK-norm** 给每个查询和键各加一个 RMSNorm（逐头，在旋转之前），这样训练下去分数不会无
# 限增大。
#
# ## 一层
#
# Pre-norm（第 7 章），没有偏置，默认没有 dropout：


# %%
class MyGPTLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, num_kv_heads * head_dim, bias=False)
        self.v_proj = nn.Linear(d_model, num_kv_heads * head_dim, bias=False)
        self.out_proj = nn.Linear(d_model, d_model, bias=False)
        self.q_norm, self.k_norm = RMSNorm(head_dim), RMSNorm(head_dim)
        self.norm1, self.norm2 = RMSNorm(d_model), RMSNorm(d_model)
        self.feed_forward = GatedFeedForward(d_model, dim_feedforward)

    def attention(self, x, rotation, mask):
        def split(x):
            return x.view(*x.shape[:2], -1, head_dim)  # B T H K

        q = rotate(self.q_norm(split(self.q_proj(x))).transpose(1, 2), rotation)
        k = rotate(self.k_norm(split(self.k_proj(x))).transpose(1, 2), rotation)
        v = split(self.v_proj(x)).transpose(1, 2)
        mixed, _ = attend(q, k, v, mask)  # B H T K
        return self.out_proj(mixed.transpose(1, 2).flatten(2))

    def forward(self, x, rotation, mask):
        x = x + self.attention(self.norm1(x), rotation, mask)
        return x + self.feed_forward(self.norm2(x))


# %%
from chatzero.blocks.transformer_layer import GPTLayer


def copy_weights(mine, theirs):
    for name in ("q_proj", "k_proj", "v_proj", "out_proj", "q_norm", "k_norm"):
        getattr(mine, name).load_state_dict(getattr(theirs.self_attention, name).state_dict())
    mine.feed_forward.load_state_dict(theirs.feed_forward.state_dict())
    mine.norm1.load_state_dict(theirs.self_attention_residual.norm.state_dict())
    mine.norm2.load_state_dict(theirs.feed_forward_residual.norm.state_dict())
    return mine


theirs = GPTLayer(d_model, num_heads, num_kv_heads, dim_feedforward)
mine = copy_weights(MyGPTLayer(), theirs)
rotation = RotaryPositions(head_dim, 64)(torch.arange(seq_len))
mask = causal_mask(seq_len)
torch.testing.assert_close(mine(x, rotation, mask), theirs(x, rotation, mask), rtol=0, atol=1e-12)

# %% [markdown]
# ## 模型
#
# 比第 9 章还简单：嵌入，各层，归一化，打分。不乘 `sqrt(d_model)`，因为没有东西要加到向量上。

# %%
from chatzero.models.build import build
from chatzero.models.config import GPTConfig

config = GPTConfig(
    vocab_size=50,
    d_model=d_model,
    num_heads=num_heads,
    num_kv_heads=num_kv_heads,
    num_layers=2,
    dim_feedforward=dim_feedforward,
    max_seq_len=64,
)
gpt = build(config, torch.Generator().manual_seed(0)).eval()
layers = [copy_weights(MyGPTLayer(), layer) for layer in gpt.layers]


def my_gpt(token_ids):
    rotation = RotaryPositions(head_dim, 64)(torch.arange(token_ids.shape[1]))
    x = gpt.embedding.weight[token_ids]  # B T D
    for layer in layers:
        x = layer(x, rotation, causal_mask(token_ids.shape[1]))
    logits = gpt.norm(x) @ gpt.embedding.weight.T  # B T V
    logits[..., -1] = float("-inf")
    return logits


token_ids = torch.randint(0, 49, (2, 9))
torch.testing.assert_close(my_gpt(token_ids), gpt(token_ids), rtol=0, atol=1e-12)
print(tuple(gpt(token_ids).shape))

# %% [markdown]
# ## 哪个更好？
#
# 同样的对话，同样的更新次数，参数个数也差不多。`Bench` 就是实验室（`chatzero lab`）用的那个：把一列词照说、倒说、翻译，
# 题目都没有训练过。

# %%
import time

from chatzero.lab.bench import Bench
from chatzero.lab.pitfall import Scale

torch.set_default_dtype(torch.float32)
steps = 300  # quick: 2
batch_tokens = 2048  # quick: 256
conversations = 6000  # quick: 300
questions = 20  # quick: 1
figure, axes = plt.subplots(figsize=(6, 3))
for arch in ("transformer", "gpt"):
    bench = Bench(Scale(steps, batch_tokens, conversations, questions), arch)
    model = bench.model()
    started = time.perf_counter()
    trained = bench.train(model)
    seconds = time.perf_counter() - started
    right = bench.right(bench.answers(trained.model))
    size = sum(p.numel() for p in model.parameters())
    print(f"{arch:12} {size:,} parameters, {seconds:.0f} s, loss {trained.curve[-1][1]:.3f}, right {right:.0%}")
    axes.plot([step for step, _ in trained.curve], [loss for _, loss in trained.curve], label=arch)
axes.set_xlabel("step")
axes.set_ylabel("held-out loss")
axes.legend()
plt.show()

# %% [markdown]
# 各跑一次只是个例，不算结论：换随机种子、步数、数据，再看看（有多大把握见第 15 章）。README 的成绩表里有完整十分钟
# 训练下两者的对照。
#
# ## 练习
#
# 1. float32、2 层时，一个词元在缓存里占多少字节？为 GPT 写出 `cache_bytes_per_token(config)`。
# 2. 证明在 `my_gpt` 里，位置 t 的分数不依赖任何后面的词元。
# 3. 如果去掉 `MyGPTLayer` 的因果掩码，用纯文本训练会教给它什么？


# %%
def cache_bytes_per_token(config):
    return 2 * config.num_layers * config.num_kv_heads * config.head_dim * 4


from chatzero.models.size import cache_bytes

assert cache_bytes_per_token(config) == cache_bytes(config, batch_size=1, seq_len=1, bytes_per_value=4)
print(cache_bytes_per_token(config))

other = token_ids.clone()
other[:, 5:] = 1
assert torch.equal(my_gpt(other)[:, :5], my_gpt(token_ids)[:, :5])
assert not torch.equal(my_gpt(other)[:, 5:], my_gpt(token_ids)[:, 5:])

# %% [markdown]
# 第 3 题：教它照抄下一个词元，因为它看得见；写字时还没有下一个词元，学到的毫无用处。
#
# ## 检查自己


# %%
def check(mine):
    for heads, kv_heads, layers in ((4, 4, 1), (4, 1, 3), (8, 2, 6)):
        config = GPTConfig(
            vocab_size=50,
            d_model=64,
            num_heads=heads,
            num_kv_heads=kv_heads,
            num_layers=layers,
            dim_feedforward=96,
            max_seq_len=64,
        )
        assert mine(config) == cache_bytes(config, batch_size=1, seq_len=1, bytes_per_value=4)
    print("✓", mine.__name__)


check(cache_bytes_per_token)
