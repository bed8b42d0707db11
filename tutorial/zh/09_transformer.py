# %% [markdown]
# # 9. 完整的 Transformer
#
# 零件都齐了。这一章用三十来行把它们装成 2017 年论文里的那个模型，和库里的对比，再拿一个小任务训练一分钟，让你亲眼看
# 见它学会。
#
#     源编号   -> 嵌入 * sqrt(d_model) + 位置 -> 编码器各层 -> memory
#     目标编号 -> 嵌入 * sqrt(d_model) + 位置 -> 解码器各层（看 memory） -> 下一个词元的分数

# %%
import math

import matplotlib.pyplot as plt
import torch
from torch import nn

from chatzero.blocks.masks import causal_mask, padding_mask
from chatzero.blocks.positions import sinusoidal_table
from chatzero.blocks.transformer_layer import DecoderLayer, EncoderLayer

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# ## 模型
#
# 论文里有三个决定容易被忽略。
#
# - **`* math.sqrt(d_model)`。** 词元表一开始的数很小，大约是 `1/sqrt(d_model)`，因为同一张表还要给输出打分。乘上去
#   之后，词元的数才和位置的数（第 6 章）一样大；否则波会把词淹没。
# - **一张表三个用途**（tied embeddings，共享嵌入）：源、目标、输出。一个词元的分数，是解码器最后的向量与该词元那一
#   行的点积：我想说的和这个词有多一致？这样省下了另外两张同样大的表。
# - **解码器从 `<pad>` 开始。** 第一个词之前没有东西可读，但总得喂点什么。本库用 `<pad>`，它那一行是零，解码器就只知
#   道自己的位置。别的模型有专门的“开始”符；两者弄混，第一个词就错，后面就全错了。


# %%
class MyTransformer(nn.Module):
    def __init__(self, vocab_size, d_model, num_heads, num_layers, dim_feedforward, max_seq_len, dropout=0.1):
        super().__init__()
        self.d_model = d_model
        self.table = nn.Parameter(torch.randn(vocab_size, d_model) / math.sqrt(d_model))
        self.table.data[-1] = 0.0
        self.register_buffer("positions", sinusoidal_table(max_seq_len, d_model))
        sizes = (d_model, num_heads, dim_feedforward, dropout)
        self.encoder_layers = nn.ModuleList(EncoderLayer(*sizes) for _ in range(num_layers))
        self.decoder_layers = nn.ModuleList(DecoderLayer(*sizes) for _ in range(num_layers))
        self.dropout = nn.Dropout(dropout)

    def embed(self, token_ids):
        vectors = self.table[token_ids] * math.sqrt(self.d_model)  # B T D
        return self.dropout(vectors + self.positions[: token_ids.shape[1]])

    def encode(self, source_ids, source_mask):
        x = self.embed(source_ids)
        for layer in self.encoder_layers:
            x = layer(x, padding_mask(source_mask))
        return x  # B S D

    def forward(self, source_ids, decoder_ids, source_mask):
        memory = self.encode(source_ids, source_mask)
        x = self.embed(decoder_ids)
        for layer in self.decoder_layers:
            x = layer(x, memory, causal_mask(decoder_ids.shape[1]), padding_mask(source_mask))
        logits = x @ self.table.T  # B T V
        logits[..., -1] = float("-inf")
        return logits


# %% [markdown]
# *Logits* 是词表中每个词元作为下一个词的分数，经 softmax 变成概率。最后一个词元是 `<pad>`，负无穷表示永远不说它。
#
# `register_buffer` 把波表放进模型，但不作为参数：它会跟着模型一起搬到 GPU，却不参与训练。**常见的坑：** 只当普通属
# 性存的张量会被留在 CPU 上；用普通的 Python 列表代替 `nn.ModuleList`，优化器就看不见那些层，它们永远得不到训练。
#
# ## 与库里的实现相同

# %%
from chatzero.models.build import build
from chatzero.models.config import TransformerConfig
from chatzero.models.size import parameters

config = TransformerConfig(
    vocab_size=40,
    d_model=32,
    num_heads=4,
    num_encoder_layers=2,
    num_decoder_layers=2,
    dim_feedforward=96,
    max_seq_len=16,
)
theirs = build(config, torch.Generator().manual_seed(1)).eval()
mine = MyTransformer(40, 32, 4, 2, 96, 16).eval()
mine.table.data.copy_(theirs.embedding.weight)
mine.encoder_layers.load_state_dict(theirs.encoder.layers.state_dict())
mine.decoder_layers.load_state_dict(theirs.decoder.layers.state_dict())

source_ids = torch.randint(0, 39, (3, 7))  # B S
decoder_ids = torch.randint(0, 39, (3, 5))  # B T
source_mask = torch.arange(7) < torch.tensor([[7], [4], [6]])  # B S
wanted = theirs(source_ids, decoder_ids, source_mask)
torch.testing.assert_close(mine(source_ids, decoder_ids, source_mask), wanted, rtol=0, atol=1e-11)
print(tuple(wanted.shape), parameters(config))
assert parameters(config) == sum(p.numel() for p in mine.parameters())

# %% [markdown]
# 每一个分数，十多位数字，全都一致。你写出了一个 Transformer。
#
# ## 没训练过的模型，和瞎猜一样差
#
# 训练之前，所有词元的可能性差不多：每个是 `1/vocab_size`，而损失（正确词元概率的负对数）大约是 `ln(vocab_size)`。
# **开始训练之前就要心里有这个数。** 第一步的损失远高于它，说明初始权重有问题；远低于它，说明模型偷看了答案。

# %%
from chatzero.models.config import GPTConfig

gpt_config = GPTConfig(
    vocab_size=40, d_model=32, num_heads=4, num_kv_heads=2, num_layers=2, dim_feedforward=96, max_seq_len=64
)
gpt = build(gpt_config, torch.Generator().manual_seed(1)).eval()
source_ids, decoder_ids = torch.randint(0, 39, (64, 7)), torch.randint(0, 39, (64, 16))
targets = torch.randint(0, 39, (64 * 16,))
for model, inputs in (
    (mine, (source_ids, decoder_ids, torch.ones_like(source_ids, dtype=torch.bool))),
    (gpt, (decoder_ids,)),
):
    loss = nn.functional.cross_entropy(model(*inputs).flatten(0, 1), targets)
    print(f"{type(model).__name__:14} {loss.item():.2f}   ln(39) = {math.log(39):.2f}")

# %% [markdown]
# GPT（第 16 章）正好从这个数开始。Transformer 要高一些：它的分数并不全相等，方差大约是一，而随便偏向谁，总不如不偏
# 不倚。又因为共享同一张表，它一开始还偏爱重复刚读到的词元。这就是它真实的起点；你要认得自己模型的起点。
#
# ## 让它学点东西
#
# 任务：读一串数字，倒着写出来。它需要注意力（下一个该是哪个数字？）、位置（倒着！）和交叉注意力（数字在源里）。数据
# 取之不尽，所以它学到的是规律，而不是例子。编号 0 到 9 是数字，10 是“结束”，11 是 `<pad>`。
#
# 解码器读的是答案，但晚一位：读到 `<pad>` 和前三个数字，要说出前四个。这个*错开一位*（shift）是第 10 章的内容。

# %%
END, PAD = 10, 11


def examples(how_many, generator):
    length = int(torch.randint(3, 8, (1,), generator=generator))
    source_ids = torch.randint(0, 10, (how_many, length), generator=generator)  # B S
    targets = torch.cat([source_ids.flip(1), torch.full((how_many, 1), END)], dim=1)  # B S+1
    decoder_ids = torch.cat([torch.full((how_many, 1), PAD), targets[:, :-1]], dim=1)
    return source_ids, decoder_ids, targets


generator = torch.Generator().manual_seed(0)
for tensor in examples(2, generator):
    print(tensor)

# %%
torch.set_default_dtype(torch.float32)
steps = 1200  # quick: 30
torch.manual_seed(0)
model = MyTransformer(vocab_size=12, d_model=64, num_heads=4, num_layers=1, dim_feedforward=192, max_seq_len=16)
model.train()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, betas=(0.9, 0.98))
losses = []
for step in range(steps):
    for group in optimizer.param_groups:
        group["lr"] = 2e-3 * min(1.0, (step + 1) / 100) * (1 - step / steps)
    source_ids, decoder_ids, targets = examples(64, generator)
    logits = model(source_ids, decoder_ids, torch.ones_like(source_ids, dtype=torch.bool))
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(f"first {losses[0]:.2f}, ln(11) {math.log(11):.2f}, last {sum(losses[-20:]) / 20:.3f}")

figure, axes = plt.subplots(figsize=(6, 3))
axes.plot(losses)
axes.axhline(math.log(11), linestyle=":", color="gray")
axes.set_xlabel("step")
axes.set_ylabel("loss")
plt.show()

# %% [markdown]
# 循环就是第 2 章的循环；用 `Adam` 代替普通的一步，学习率先升后降，见第 12 章。
#
# 现在让它写。写字的时候，解码器读的是自己说过的话：从 `<pad>` 开始，取最可能的下一个词元，接上去，重复，直到“结束”。


# %%
@torch.no_grad()
def write(model, digits, max_len=12):
    model.eval()
    source_ids = torch.tensor([digits])
    decoder_ids = torch.tensor([[PAD]])
    while decoder_ids.shape[1] <= max_len:
        logits = model(source_ids, decoder_ids, torch.ones_like(source_ids, dtype=torch.bool))
        token = logits[0, -1].argmax()
        if token == END:
            break
        decoder_ids = torch.cat([decoder_ids, token.view(1, 1)], dim=1)
    return decoder_ids[0, 1:].tolist()


for digits in ([1, 2, 3], [3, 1, 4, 1, 5], [9, 9, 8, 8, 7, 7, 6]):
    print(digits, write(model, digits))

tests = [torch.randint(0, 10, (5,), generator=generator).tolist() for _ in range(100)]
right = sum(write(model, digits) == digits[::-1] for digits in tests)
print(f"{right} / {len(tests)}")

# %% [markdown]
# 它往哪里看？下面是它倒着写 7 6 5 4 3 时，交叉注意力的权重（各头平均）。

# %%
from chatzero.blocks.tap import listening

heard = {}
digits = [7, 6, 5, 4, 3]
decoder_ids = torch.tensor([[PAD, *digits[::-1]]])
with torch.no_grad(), listening(model, lambda name, tensor: heard.update({name: tensor})):
    model(torch.tensor([digits]), decoder_ids, torch.ones(1, 5, dtype=torch.bool))
weights = heard["decoder_layers.0.cross_attention.weights"][0].mean(dim=0)  # T S

figure, axes = plt.subplots(figsize=(4, 4))
axes.imshow(weights.numpy(), cmap="Blues", vmin=0)
axes.set_xticks(range(5), digits)
axes.set_yticks(range(6), [*digits[::-1], "end"])
axes.set_xlabel("source")
axes.set_ylabel("written now")
plt.show()

# %% [markdown]
# 没有人告诉它该看哪里。深色的格子从右上走到左下：最先写的看着源里最后一个数字，依次往回，直到第一个。规律是模型自己
# 找到的。
#
# ## 练习
#
# 1. 给模型 10 个数字的串，它训练时只见过 3 到 7 个。会怎样？为什么？
# 2. 写出 `count(config)`：只用算术，根据第 2、5、7、8 章的结果，算出这个 Transformer 的参数个数。
# 3. 给 `source_ids` 右边加上填充，里面放垃圾，证明分数不变。

# %%
long = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
print(write(model, long))


def count(config):
    d, f = config.d_model, config.dim_feedforward
    attention = 4 * (d * d + d)
    feed_forward = 2 * d * f + f + d
    norm = 2 * d
    encoder_layer = attention + feed_forward + 2 * norm
    decoder_layer = 2 * attention + feed_forward + 3 * norm
    layers = config.num_encoder_layers * encoder_layer + config.num_decoder_layers * decoder_layer
    return layers + config.vocab_size * d


assert count(config) == parameters(config)

model.eval()
clean = torch.tensor([[1, 2, 3]])
padded = torch.tensor([[1, 2, 3, 8, 8]])
start = torch.tensor([[PAD, 3]])
alone = model(clean, start, torch.ones(1, 3, dtype=torch.bool))
filled = model(padded, start, torch.tensor([[True, True, True, False, False]]))
torch.testing.assert_close(filled, alone)

# %% [markdown]
# 第 1 题：一般会出错。训练时它从没见过第 8 到第 10 个位置；在短串上学到的规律，不会自动推广到长串。大模型超出训练长
# 度时也一样。
#
# ## 检查自己


# %%
def check(mine):
    for sizes in ((12, 8, 1, 2, 16), (300, 64, 3, 1, 128)):
        vocab_size, d_model, encoders, decoders, dim_feedforward = sizes
        config = TransformerConfig(
            vocab_size=vocab_size,
            d_model=d_model,
            num_heads=2,
            num_encoder_layers=encoders,
            num_decoder_layers=decoders,
            dim_feedforward=dim_feedforward,
            max_seq_len=8,
        )
        wanted = sum(p.numel() for p in build(config, torch.Generator()).parameters())
        assert mine(config) == wanted, (mine(config), wanted)
    print("✓", mine.__name__)


check(count)
