# %% [markdown]
# # 7. 编码器层
#
# 注意力（第 5 章）让词元交换各自知道的东西，前馈网络（第 2 章）让每个词元自己消化。把两者前后相接，再加两样不起眼的
# 东西，就是一层；正是这两样东西让许多层能够叠起来：*残差连接*（residual connection）和*归一化*（norm）。这一章让你
# 看看没有它们会坏在哪里。

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
# ## 归一化
#
# *LayerNorm* 对每个词元的向量单独处理：平移，使各数的平均为 0；缩放，使它们的离散程度为 1。然后用两个学出来的向量
# `weight` 和 `bias`，让模型想要别的离散程度和平均值时可以自己选。


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
# `eps` 防止一个各数都相等的向量除以零。`dim=-1` 的意思是“在一个词元的向量之内”：**不跨批次**，所以一句话的结果与谁
# 同批无关；也不跨词元，所以填充渗不进正文。（`std(correction=0)` 除以 n；torch 默认除以 n - 1。就这一点差别，让不少
# 人对了一下午的数。）
#
# ## 残差连接
#
# 子层不是替换它的输入，而是往上加：`x + sublayer(x)`。一个词元的向量就成了一条贯穿整个模型的河流，每个模块把自己的
# 贡献汇进去。为了看它值多少，叠 30 个前馈网络，看传到第一个的梯度有多大。


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
# 没有捷径时，每过一个模块，梯度就缩小若干倍，传到第一个时什么都不剩：它学不动。（反过来越来越大，叫爆炸，这就是要有
# 归一化的原因。）有了捷径，梯度就有一条直通的路。
#
# ## 放前面还是放后面？
#
# 论文把归一化放在相加*之后*（post-norm）；如今多数模型放在子层*之前*（pre-norm，Xiong 等，2020）：
#
#     post:   x = norm(x + sublayer(x))
#     pre:    x = x + sublayer(norm(x))         最后一层之后再加一个 norm
#
# pre-norm 里，主干从不被缩放，梯度的路很直，深的模型不必小心翼翼地预热（第 12 章）也能训练。post-norm 里，每一层都
# 把主干拉回原来的大小。本库的 `Transformer` 和论文一样用 post-norm，`GPT` 用 pre-norm。
# （`chatzero lab post-norm` 把两种都做深，有预热和没有预热各训练一遍。）
#
# ## Dropout，以及最常被忘记的一行
#
# *Dropout*（随机失活）在训练时随机把十分之一的数变成零，其余放大一点，使总和不变。模型没法依赖任何单独一个数，就不
# 容易死记硬背。但只在训练时这样！

# %%
dropout = nn.Dropout(0.1)
ones = torch.ones(10)
dropout.train()
print(dropout(ones))
dropout.eval()
print(dropout(ones))

# %% [markdown]
# **常见的坑。** `model.train()` 打开 dropout，`model.eval()` 关掉。忘了 `eval()`，训练好的模型就会缺着十分之一的数
# 来回答，而且每次都不一样，却没有任何报错。反过来也一样糟：训练中途评估了一下，忘了切回 `train()`，剩下的训练就没有
# dropout 了。（`torch.no_grad()` 是另一回事：它省内存，并不关 dropout。`chatzero lab forgot-eval` 会量出危害有多大。）
#
# ## 一层


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
# 输入和输出形状相同，所以层才能叠起来。现在和库里的比，也和 torch 的比。库里把“dropout、捷径、归一化”合起来叫
# `Residual`，所以参数名长一些。

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
# 这里的掩码是*填充掩码*（padding mask）：第二句只有三个真正的词元，谁也不许看另外两个。只比较真正的词元（`[real]`）：
# 填充处的内容从不使用，两边可以各放各的垃圾。
#
# 参数都在哪里？

# %%
for name, part in mine.named_children():
    print(f"{name:15}", sum(p.numel() for p in part.parameters()))

# %% [markdown]
# `dim_feedforward` 是 `d_model` 的三四倍时，前馈网络占一层的一半以上。注意力决定谁和谁汇合，而*知识*大多存在这里。
#
# ## 练习
#
# 1. 把 `MyEncoderLayer` 改成 pre-norm，和 `EncoderLayer(..., norm_order="pre")` 比较。
# 2. 两种各叠 24 层，权重随机，打印最后主干的大小（`std`）。pre-norm 模型最后一层之后的那个归一化是做什么用的？
# 3. 填充过的句子，结果必须和它单独算时一样。用第二句来证明。


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
# 第 2 题：post-norm 每层都以归一化结尾，所以大小是 1。pre-norm 每层都往上加，主干随深度变大，最后用一个归一化把它拉
# 回输出层习惯的大小。
#
# ## 检查自己
#
# 把 `MyPreNormLayer` 换成你写的 pre-norm 层，各部分的名字保持不变。


# %%
def check(kind):
    layer = kind(d_model, num_heads, dim_feedforward).eval()
    wanted = EncoderLayer(d_model, num_heads, dim_feedforward, norm_order="pre").eval()
    same_weights(layer, wanted)
    for attn_mask in (None, mask):
        torch.testing.assert_close(layer(x, attn_mask), wanted(x, attn_mask), rtol=0, atol=1e-12)
    print("✓", kind.__name__)


check(MyPreNormLayer)
