# %% [markdown]
# # 13. 生成
#
# 模型给词表里的每个词元一个分数。这一章把分数变成文字：选一个词元，接上去，再问。怎么选，决定了文字是呆板、生动还是
# 疯癫。还有一个让它变快的窍门：算过的绝不再算。
#
# 从这里开始用*你的*模型，也就是 `python start.py quickstart` 训练出来的那个（第 1 章）。如果它在别处，就把文件夹写
# 在这里。

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import torch

from chatzero.checkpoint.bundle import load_bundle
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation

MODEL = Path("runs/quickstart-transformer")
bundle = load_bundle(MODEL)
model, tokenizer = bundle.model, bundle.tokenizer
print(type(model).__name__, sum(p.numel() for p in model.parameters()), model.training)

# %% [markdown]
# `model.training` 是 False：`load_bundle` 已经调用了 `eval()`，dropout 是关的（第 7 章）。
#
# ## 模型接下来想说什么


# %%
def ask(words):
    return render_prompt(Conversation.of(words), tokenizer)


prompt_ids = ask("Who are you?")
logits, state = model.prefill(torch.tensor([prompt_ids]))  # B V
probabilities = logits[0].softmax(dim=-1)
likeliest = probabilities.topk(5)
for probability, token in zip(likeliest.values.tolist(), likeliest.indices.tolist(), strict=True):
    print(f"{probability:.3f}  {tokenizer.decode([token])!r}")

# %% [markdown]
# `prefill` 一次读完整个提示，给出回答第一个词元的分数。`state` 是模型记住的东西，下面细说。
#
# ## 贪心：总选最可能的


# %%
@torch.no_grad()
def greedy(prompt_ids, max_tokens=40):
    logits, state = model.prefill(torch.tensor([prompt_ids]))
    said = []
    while len(said) < max_tokens:
        token = logits.argmax(dim=-1)  # B
        said.append(int(token))
        if said[-1] == tokenizer.end_id:
            break
        logits = model.decode_step(token, state)
    return said


for words in ("Who are you?", "你是谁？", "What is 3 + 4?", "星期一后面是星期几？"):
    print(words, "->", tokenizer.decode(greedy(ask(words))))

# %%
from chatzero.generation.decode import decode
from chatzero.generation.options import GenerationOptions

plain = GenerationOptions(max_tokens=40, no_repeat_ngram_size=0)
for words in ("Who are you?", "你好", "What is 3 + 4?"):
    assert greedy(ask(words)) == list(decode(model, ask(words), plain, {tokenizer.end_id}))

# %% [markdown]
# 模型说出 `<|end|>`，回答就结束。这行得通，是因为 `<|end|>` 在训练目标里（第 10 章）。
#
# ## KV 缓存
#
# 要说第 50 个词元，注意力需要前 49 个的键和值。它们不会变：因果掩码不许前面的词元看后面的。所以把它们存起来。这样每
# 一步只算一个查询、一个键、一个值，再回头看存下来的那些。先在单个模块上看这个窍门：

# %%
from chatzero.blocks.attention import MultiHeadAttention, attend
from chatzero.blocks.cache import LayerCache
from chatzero.blocks.masks import causal_mask

torch.manual_seed(0)
block = MultiHeadAttention(4, 32).double().eval()
x = torch.randn(1, 6, 32, dtype=torch.float64)  # B T D
whole = block(x, None, causal_mask(6))

kept_keys, kept_values, by_hand = [], [], []
for t in range(6):
    token = x[:, t : t + 1]  # B 1 D
    k, v = block.keys_values(token)  # B H 1 K
    kept_keys.append(k)
    kept_values.append(v)
    q = block.q_proj(token).view(1, 1, 4, 8).transpose(1, 2)  # B H 1 K
    mixed, _ = attend(q, torch.cat(kept_keys, dim=2), torch.cat(kept_values, dim=2))
    by_hand.append(block.out_proj(mixed.transpose(1, 2).flatten(2)))
torch.testing.assert_close(torch.cat(by_hand, dim=1), whole, rtol=0, atol=1e-12)

cache = LayerCache()
cached = torch.cat([block(x[:, t : t + 1], cache=cache) for t in range(6)], dim=1)
torch.testing.assert_close(cached, whole, rtol=0, atol=1e-12)

# %% [markdown]
# 逐步计算时不用掩码：最新的词元可以看见已有的一切。**缓存的常见坑：** 位置要接着数（新词元不在第 0 位）；两段对话不
# 能共用一份缓存；缓存的内容不能依赖后面才出现的东西。
#
# 能省多少？没有缓存时，第 n 个词元要把 n 个词元全过一遍。

# %%
import time

length = 120  # quick: 12
started = time.perf_counter()
logits, state = model.prefill(torch.tensor([prompt_ids]))
for _ in range(length):
    logits = model.decode_step(torch.tensor([5]), state)
with_cache = time.perf_counter() - started

started = time.perf_counter()
with torch.no_grad():
    for n in range(1, length + 1):
        ids = torch.full((1, n), 5)
        model.hidden(torch.tensor([prompt_ids]), ids) if model.config.arch == "transformer" else model.hidden(ids)
without = time.perf_counter() - started
print(f"{length / with_cache:.0f} tokens/s with the cache, {length / without:.0f} without")

# %% [markdown]
# 文字越长，省得越多：已经写出的部分只通过模型一次，而不是每写一个词元就全过一遍。
#
# ## 温度
#
# 贪心写出的文字稳妥，而且每次都一样。想要变化，就按概率*抽*一个词元。先把分数除以*温度*（temperature），选择就会更
# 大胆或更谨慎：小于 1，可能的更可能；大于 1，差距缩小。


# %%
def temperature(logits, value):
    return logits / value


figure, axes = plt.subplots(figsize=(7, 3))
first = model.prefill(torch.tensor([ask("Tell me something.")]))[0][0]
best = first.topk(12).indices
for i, value in enumerate((0.5, 1.0, 2.0)):
    shares = temperature(first, value).softmax(dim=-1)[best]
    axes.bar([place + i * 0.27 for place in range(12)], shares.tolist(), width=0.27, label=f"temperature {value}")
axes.set_xlabel("the 12 likeliest tokens")
axes.set_ylabel("probability")
axes.legend()
plt.show()

# %% [markdown]
# ## 切掉尾巴
#
# 成千上万个不太可能的词元，每个的概率几乎为零，加起来却有一些；偶尔抽中一个，句子就脱轨了。所以抽之前先把它们排除。
# 三种办法：
#
# - **top-k**：只留最好的 k 个。简单；但模型有把握时留得太多，没把握时又太少。
# - **top-p**（nucleus）：从最好的开始，留下概率合计刚好达到 p 的最小集合。它会自适应。*常见的坑：*跨过 p 的那个词元
#   也要留，而且至少留一个。
# - **min-p**：留下概率不低于最好者 p 倍的。
#
# “排除”就是把分数设为负无穷。

# %%
OUT = float("-inf")


def top_k(logits, k):
    kept = logits.topk(k).indices
    return torch.full_like(logits, OUT).scatter(-1, kept, logits.gather(-1, kept))


def top_p(logits, p):
    ordered, order = logits.sort(dim=-1, descending=True, stable=True)
    shares = ordered.softmax(dim=-1)
    better = shares.cumsum(dim=-1) - shares
    out = better >= p
    out[..., 0] = False
    return torch.full_like(logits, OUT).scatter(-1, order, ordered.masked_fill(out, OUT))


def min_p(logits, p):
    probabilities = logits.softmax(dim=-1)
    return logits.masked_fill(probabilities < p * probabilities.amax(dim=-1, keepdim=True), OUT)


from chatzero.generation import sampling

logits = torch.randn(50, 100, dtype=torch.float64) * 3  # B V
assert torch.equal(top_k(logits, 5), sampling.top_k(logits, 5))
assert torch.equal(top_p(logits, 0.9), sampling.top_p(logits, 0.9))
assert torch.equal(min_p(logits, 0.1), sampling.min_p(logits, 0.1))
print((top_p(logits, 0.9) > OUT).sum(dim=-1)[:10])

# %% [markdown]
# `better` 是所有更好的词元的概率之和：比它好的已经达到 p，它就出局。最好的那个总会留下，p = 0 时也一样，
# `out[..., 0]` 那一行就是为此。
#
# 现在抽一抽，比一比。固定随机种子，抽的结果就能重现，查错时你会需要它。


# %%
def sample(prompt_ids, value, p=1.0, seed=0, max_tokens=40):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        logits, state = model.prefill(torch.tensor([prompt_ids]))
        said = []
        while len(said) < max_tokens:
            probabilities = top_p(temperature(logits, value), p).softmax(dim=-1)
            token = torch.multinomial(probabilities, 1, generator=generator)[:, 0]
            said.append(int(token))
            if said[-1] == tokenizer.end_id:
                break
            logits = model.decode_step(token, state)
    return tokenizer.decode(said)


for value, p in ((0.3, 1.0), (0.8, 0.9), (1.0, 1.0), (2.0, 1.0)):
    for seed in (0, 1):
        print(f"temperature {value}, top-p {p}: {sample(ask('Tell me a joke.'), value, p, seed)!r}")

# %% [markdown]
# 算术只有一个正确答案，升温只会坏事；笑话却有很多种。`chatzero lab temperature` 把两者都量给你看。
#
# ## 重复
#
# 小模型贪心地答，有时会陷入循环：说了两次“很”，下一个最可能的还是“很”。补救办法：压低已经说过的词元的分数
# （`repetition_penalty`、`frequency_penalty`），或者禁止同样的 n 个词元出现第二次（`no_repeat_ngram_size`）。
# **它们也会误伤正确答案**：“3 + 3 = 6”、一列相同的价格，重复才是对的。本库默认只阻止 24 个词元的长重复。
# （`chatzero lab repetition`：惩罚能少重复多少，又把正确答案怎么样了。）


# %%
def repetition_penalty(logits, said, penalty):
    logits = logits.clone()
    for row, token_ids in zip(logits, said, strict=True):
        for token in set(token_ids):
            row[token] = row[token] / penalty if row[token] > 0 else row[token] * penalty
    return logits


said = [[1, 2, 2], [], *[[7]] * 48]
wanted = sampling.repetition_penalty(logits, said, 1.3)
torch.testing.assert_close(repetition_penalty(logits, said, 1.3), wanted, rtol=0, atol=1e-12)

# %% [markdown]
# 为什么分两种情况？负分乘以 1.3 会更低，正分除以 1.3 会更低；反过来做，就成了*奖励*重复。
#
# ## 一段一段到达的文字
#
# `stream` 边写边给出回答，只给完整的字（第 3 章），可能是停止串开头的部分会先扣住不发：

# %%
from chatzero.generation.generate import stream

for piece in stream(model, tokenizer, ask("你好"), GenerationOptions(max_tokens=30)):
    print(repr(piece.text), piece.finish_reason)

# %% [markdown]
# 末尾的原因是 `stop`（模型说完了）或 `length`（被截断了）。
#
# ## 练习
#
# 1. p = 0 时 top-p 留下哪些词元？如果有个词元概率是 0.95，而 p = 0.9 呢？
# 2. 写出 `draw(probabilities, number)`：给定 [0, 1) 里的一个数，把概率逐个相加，直到超过它，选中那个词元。抽 10000
#    次，比较频率与概率。
# 3. 写出只处理一行的 `no_repeat(logits, said, n)`：凡是会凑成 `said` 里已有的 n 连词元的，都排除掉。

# %%
assert ((top_p(logits, 0.0) > OUT).sum(dim=-1) == 1).all()
sure = torch.tensor([[0.95, 0.03, 0.02]]).log()
assert (top_p(sure, 0.9) > OUT).tolist() == [[True, False, False]]


def draw(probabilities, number):
    total = 0.0
    for token, probability in enumerate(probabilities):
        total += probability
        if number < total:
            return token
    return len(probabilities) - 1


numbers = torch.rand(10000, generator=torch.Generator().manual_seed(0)).tolist()
drawn = [draw([0.5, 0.2, 0.3], number) for number in numbers]
print([drawn.count(token) / len(drawn) for token in range(3)])


def no_repeat(logits, said, n):
    logits = logits.clone()
    tail = said[len(said) - n + 1 :]
    for i in range(len(said) - n + 1):
        if said[i : i + n - 1] == tail:
            logits[said[i + n - 1]] = OUT
    return logits


row = no_repeat(torch.zeros(10), [1, 2, 3, 1, 2], 3)
assert [token for token in range(10) if row[token] == OUT] == [3]

# %% [markdown]
# 第 1 题：两次都只留最好的那一个。
#
# ## 检查自己


# %%
def check(mine):
    generator = torch.Generator().manual_seed(1)
    for n in (1, 2, 3, 4):
        for length in (0, 1, 5, 30):
            said = torch.randint(0, 3, (length,), generator=generator).tolist()
            wanted = sampling.no_repeat_ngram(torch.zeros(1, 5), [said], n)[0]
            assert torch.equal(mine(torch.zeros(5), said, n), wanted), (said, n)
    print("✓", mine.__name__)


check(no_repeat)
