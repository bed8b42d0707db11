# %% [markdown]
# # 10. 批次与掩码
#
# 计算机乘一个大矩阵，比乘许多小矩阵快得多，所以把许多句子放在一起算，叫一个*批次*（batch）。可是句子有长有短，张量
# 却是方方正正的。这一章先把矩形填满，再把填充遮住，然后做出目标：模型在每个位置该说什么。三件小事，每一件都有一个永
# 远不会报错的错误。

# %%
import time

import numpy as np
import torch

from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.text.tokenizer import Tokenizer

torch.manual_seed(0)
pairs = [("hi", "hello!"), ("how are you today?", "I am fine, thank you."), ("1+1", "2"), ("你好", "你好！")]
tokenizer = Tokenizer.train([text for pair in pairs * 3 for text in pair], 300)
print(tokenizer.vocab_size, tokenizer.pad_id, tokenizer.end_id)

# %% [markdown]
# ## 快多少？

# %%
matrix = torch.randn(256, 256)
rows = torch.randn(512, 256)
started = time.perf_counter()
for _ in range(20):
    together = rows @ matrix
middle = time.perf_counter()
for _ in range(20):
    apart = torch.cat([row[None] @ matrix for row in rows])
ended = time.perf_counter()
torch.testing.assert_close(together, apart, rtol=1e-4, atol=1e-4)
print(f"{(ended - middle) / (middle - started):.0f} x")

# %% [markdown]
# 矩阵反正都要从内存里搬来；放在一个批次里，所有行只搬一次。
#
# ## 填充：凑成矩形
#
# 短的行在右边用 `<pad>` 填满，再用一个掩码记住哪些是真的。**True 表示真的**，本库处处如此。


# %%
def pad(rows, pad_id):
    width = max(map(len, rows))
    ids = torch.tensor([[*row, *[pad_id] * (width - len(row))] for row in rows])  # B S
    real = torch.tensor([[True] * len(row) + [False] * (width - len(row)) for row in rows])
    return ids, real


sources = [tokenizer.encode(question) for question, _ in pairs]
answers = [[*tokenizer.encode(answer), tokenizer.end_id] for _, answer in pairs]
source_ids, source_mask = pad(sources, tokenizer.pad_id)
print(source_ids)
print(source_mask.int())

# %% [markdown]
# 每个回答都以 `<|end|>` 结尾。**常见的坑：** 训练数据里漏了它，模型就永远学不会停：答完了还继续说，直到窗口写满。模
# 型停不下来时，先看看结束符在不在*目标*里。
#
# ## 目标：错开一位
#
# 在每个位置上，模型要说出*下一个*词元。所以它读到的是晚一位的答案，该说的是答案本身：
#
#     解码器读    <pad>  hel   lo    !
#     应当说      hel    lo    !     <end>
#
# **常见的坑：** 忘了错开，就成了让模型说出它正在读的词元。几分钟之内损失就降到几乎为零，它学会的是照抄。错开两次
# （数据里一次，损失里又一次，两个库拼在一起用时常这样），它学会的是跳着说。损失好得不像话，在证明清白之前都当作程序
# 有错。
#
# 答案结束之后，就没有什么可说的了。这些位置填上 -100，torch 的损失函数默认会跳过它，本库叫它 `IGNORE`。

# %%
IGNORE = -100


def make_targets(answers, pad_id):
    answer_ids, real = pad(answers, pad_id)  # B T
    decoder_ids = torch.full_like(answer_ids, pad_id)
    decoder_ids[:, 1:] = answer_ids[:, :-1]
    targets = torch.where(real, answer_ids, IGNORE)
    return decoder_ids, targets


decoder_ids, targets = make_targets(answers, tokenizer.pad_id)
print(decoder_ids[0])
print(targets[0])

# %%
from chatzero.data.batch import lm_batch, seq2seq_batch

answer_ids, answer_mask = pad(answers, tokenizer.pad_id)
theirs = seq2seq_batch(
    source_ids.numpy(), source_mask.numpy(), answer_ids.numpy(), answer_mask.numpy(), tokenizer.pad_id
)
assert torch.equal(theirs.source_ids, source_ids)
assert torch.equal(theirs.decoder_ids, decoder_ids)
assert torch.equal(theirs.targets, targets)
print(theirs.num_targets, theirs.padded_tokens)

# %% [markdown]
# `num_targets` 是损失要除以的数（第 11 章）：有话要说的位置有多少。`padded_tokens` 是计算机实际要算的位置数。
#
# ## GPT 也一样
#
# 只有解码器的模型只有一行：问题和回答首尾相接。输入是除最后一个以外的所有词元，目标是除第一个以外的所有词元。*问题*
# 所在的位置不算损失：人说的话不归模型预测。

# %%
row = [tokenizer.user_id, *sources[0], tokenizer.end_id, tokenizer.assistant_id, *answers[0]]
said = [False] * (len(sources[0]) + 3) + [True] * len(answers[0])
inputs = row[:-1]
wanted = [token if trained else IGNORE for token, trained in zip(row, said, strict=True)][1:]
batch = lm_batch(np.array([row]), np.array([said]))
assert batch.token_ids[0].tolist() == inputs and batch.targets[0].tolist() == wanted
for token, target in zip(inputs, wanted, strict=True):
    print(
        f"{token:4} {tokenizer.decode([token])!r:10} -> {'' if target == IGNORE else repr(tokenizer.decode([target]))}"
    )

# %% [markdown]
# （控制符显示为空串：它们不代表任何文字。）
#
# ## 填充不许改变任何结果
#
# 检验以上一切，只需一个测试：句子在批次里得到的分数，和它单独算时一样。先看编码器-解码器，带掩码；再看不带掩码。

# %%
torch.set_default_dtype(torch.float64)
config = TransformerConfig(
    vocab_size=tokenizer.vocab_size,
    d_model=32,
    num_heads=4,
    num_encoder_layers=2,
    num_decoder_layers=2,
    dim_feedforward=96,
    max_seq_len=64,
)
model = build(config, torch.Generator().manual_seed(0)).double().eval()
together = model(source_ids, decoder_ids, source_mask)
for i, source in enumerate(sources):
    length = len(answers[i])
    alone = model(torch.tensor([source]), decoder_ids[i : i + 1, :length])
    careless = model(source_ids, decoder_ids)[i, :length]
    difference = (together[i, :length, :-1] - alone[0, :, :-1]).abs().max()
    print(i, f"with mask {difference:.0e}   without {(careless[:, :-1] - alone[0, :, :-1]).abs().max():.0e}")
    assert difference < 1e-12

# %% [markdown]
# 最长的问题用不着掩码。对其他问题，忘了掩码分数就变了；模型照样能训练，只是差一些，而且回答会随同批的是谁而变。
# （`chatzero lab padding-attended` 会量出差多少。）`[..., :-1]` 去掉的是 `<pad>` 的分数，它是负无穷。
#
# 对*回答*来说，填充在右边就不需要填充掩码：因果掩码已经遮住了后面的一切。GPT 训练时也是如此。但在**生成**时，提示要
# 填充在**左边**，因为每一行都从提示的末尾、也就是最后一列接着写。这时位置只数真正的词元（第 6 章），填充必须遮住：

# %%
from chatzero.generation.decode import left_padded

gpt_config = GPTConfig(
    vocab_size=tokenizer.vocab_size,
    d_model=32,
    num_heads=4,
    num_kv_heads=2,
    num_layers=2,
    dim_feedforward=96,
    max_seq_len=64,
)
gpt = build(gpt_config, torch.Generator().manual_seed(0)).double().eval()
prompt_ids, prompt_mask = left_padded(sources, torch.device("cpu"))
print(prompt_mask.int())
together, _ = gpt.prefill(prompt_ids, prompt_mask)
for i, source in enumerate(sources):
    alone, _ = gpt.prefill(torch.tensor([source]))
    torch.testing.assert_close(together[i], alone[0], rtol=0, atol=1e-12)

# %% [markdown]
# ## 哪些句子放进同一批？
#
# 填充是白费的功夫。把长度相近的行放在一起，填充就少。本库按长度排序，排序时掺一点噪声，让各*轮*（epoch，把全部数据
# 过一遍）的批次有所不同，再把批次打乱。

# %%
lengths = np.random.default_rng(0).integers(4, 60, size=2000)


def padding_share(order, rows_per_batch=50):
    batches = lengths[order].reshape(-1, rows_per_batch)
    return 1 - lengths.sum() / (batches.max(axis=1) * rows_per_batch).sum()


print(f"as they come {padding_share(np.arange(2000)):.0%}   sorted {padding_share(np.argsort(lengths)):.1%}")

# %% [markdown]
# ## 练习
#
# 1. 写出 `unpad(ids, real)`：由填充过的张量和它的掩码，还原出各行的列表。
# 2. 一个批次有 3 行，分别有 2、5、41 个目标。两个人算它的损失：一个对所有目标取平均，另一个先算每行的平均，再对三个
#    数取平均。什么时候结果不同？后一种算法里，哪一行的分量变重了？
# 3. 上面那行 GPT 的数据，如果 `said` 全是 True，还会学哪些词元？为什么在*预训练*（pretraining）时人们正想要这样？


# %%
def unpad(ids, real):
    return [row[keep].tolist() for row, keep in zip(ids, real, strict=True)]


assert unpad(source_ids, source_mask) == sources
assert unpad(prompt_ids, prompt_mask) == sources

row_loss = torch.tensor([3.0, 1.0, 1.0])
counts = torch.tensor([2.0, 5.0, 41.0])
by_target = (row_loss * counts).sum() / counts.sum()
by_row = row_loss.mean()
print(f"{by_target:.3f} {by_row:.3f}")
assert by_row > by_target

# %% [markdown]
# 第 2 题：只要各行长度不等、损失也不等，结果就不同。按行平均时，短行里一个词元的分量大约是长行里的二十倍。本库始终
# 用总和除以目标个数。第 3 题：还会学问题里的词。预训练时没有什么问题，所有文字都是老师。
#
# ## 检查自己


# %%
def check(mine):
    for rows in ([[1], [2, 3]], [[5, 5, 5]], [[1, 2, 3], [4], [5, 6]]):
        ids, real = pad(rows, 299)
        assert mine(ids, real) == rows
        ids, real = left_padded(rows, torch.device("cpu"))
        assert mine(ids, torch.ones_like(ids, dtype=torch.bool) if real is None else real) == rows
    print("✓", mine.__name__)


check(unpad)
