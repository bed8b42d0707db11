# %% [markdown]
# # 3. 词元
#
# 模型只认数字，我们写的是文字。这一章搭建两者之间的翻译：用*字节对编码*（byte-pair encoding，BPE）做一个*分词器*
# （tokenizer），GPT、Llama、Qwen 用的都是这个方法。一共四十来行。到最后，我们的分词器学到的合并规则和库里的一模一样，
# 顺序也一样，切出来的结果也一样。

# %%
import re
from collections import Counter
from itertools import pairwise

import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# ## 为什么不用字母，也不用词？
#
# *用字母*：种类少，可一段文字会变成很长的一串数字，而注意力的计算量随长度的平方增长（第 4 章）。再说，用哪些字母呢？
# Unicode 有十多万个字符。
#
# *用词*：串是短了，可词没有尽头。训练文本里没出现过的词（“ChatZero”、人名、打错的字）就根本没有编号。中文的词与词之
# 间连空格都没有。
#
# 出路是：从*字节*（byte）开始。计算机上的任何文字都是字节，总共只有 256 种，所以永远没有“不认识”的东西。然后，一次
# 又一次地给出现最多的一对相邻片段一个新编号。常用词最后成为一个词元，罕见词拆成几个，而任何文字都写得出来。

# %%
for text in ("hello", "é", "汉", "🙂"):
    print(text, list(text.encode("utf-8")))

# %% [markdown]
# 一个英文字母是一个字节，一个汉字三个，一个表情符号四个。**常见的坑：** 半个“汉”不是文字。逐个词元显示回答的程序，
# 必须等一个字的所有字节到齐才能显示，否则就会打印出 `�`。本章末尾再回来讲这件事。
#
# ## 第一步：把文字切成词
#
# 只在一个词的*内部*合并，不跨词：否则 “of the” 会变成一个词元，“dog.” 和 “dog” 又成了两个不同的词元。空格归后面的词，
# 这样空格不会丢。数字一个个单独放，数就能一位一位地读，和我们做加法时一样。

# %%
WORD = re.compile(r" ?[^\W\d_]+|\d| ?[^\s\w]+|\s+")
text = "The cat sat on the mat, the cat and the hat. 猫坐在垫子上，猫和帽子。"
print(WORD.findall(text))

# %% [markdown]
# 这个模式这样读：前面可能带一个空格的字母；或者一个数字；或者前面可能带一个空格的标点；或者空白。Python 的 `\w` 把
# 汉字也算作字母，所以两个标点之间的一段中文是一个“词”。这正合我们的意：哪些字该连在一起，由合并自己去发现。
#
# 每个词变成一串字节。各个库都把一个字节写成一个看得见的字符，这样词表才能打印、能存成文本。这个习惯来自 GPT-2：可打
# 印的字节就写它自己，其余的从 256 号字符开始借用。所以空格写作 `Ġ`。**这就是为什么中文词表文件看上去像 `æ±ī` 这样的
# 乱码：文件没坏，它是按字节拼写的。**

# %%
printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
borrowed = [byte for byte in range(256) if byte not in printable]
SPELLING = {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(borrowed)}


def spell(word):
    return tuple(SPELLING[byte] for byte in word.encode("utf-8"))


print(spell(" cat"), spell("汉"))

# %% [markdown]
# ## 第二步：合并出现最多的一对，反复进行
#
# 数一数每一对相邻片段出现的次数（按词出现的次数加权）。给最多的那一对一个新词元，到处替换，再来一遍。次数一样时，编
# 号更小（更早出现）的那对优先。用什么规则都行，但必须有规则，否则结果就要碰运气了。


# %%
def count_pairs(words):
    pairs = Counter()
    for tokens, times in words.items():
        for pair in pairwise(tokens):
            pairs[pair] += times
    return pairs


def merge(tokens, pair):
    merged = []
    for token in tokens:
        if merged and (merged[-1], token) == pair:
            merged[-1] = merged[-1] + token
        else:
            merged.append(token)
    return tuple(merged)


words = Counter(spell(word) for word in WORD.findall(text))
print(count_pairs(words).most_common(3))
print(merge(("t", "h", "e", "t", "h"), ("t", "h")))

# %% [markdown]
# `merge` 把词元从头到尾走一遍。**常见的坑：** 在 `("a", "a", "a")` 里，`("a", "a")` 会和自己重叠；从左往右走，前两
# 个合起来，第三个落单。再看一眼：合并之后 `merged[-1]` 是 `"aa"`，不再是 `"a"`，所以上面的写法是安全的。若是按文字
# 下标来比，就不一定了。
#
# 接下来是训练循环。没有哪一对出现两次时就停下：只见过一次的组合，合并了也省不下什么。


# %%
def train_bpe(texts, first_tokens, vocab_size):
    ids = {token: i for i, token in enumerate(first_tokens)}
    words = Counter(spell(word) for text in texts for word in WORD.findall(text))
    merges = []
    while len(ids) < vocab_size:
        pairs = count_pairs(words)
        best = min(pairs, key=lambda pair: (-pairs[pair], ids[pair[0]], ids[pair[1]]), default=None)
        if best is None or pairs[best] < 2:
            break
        merges.append(best)
        ids.setdefault(best[0] + best[1], len(ids))
        merged_words = Counter()
        for tokens, times in words.items():
            merged_words[merge(tokens, best)] += times
        words = merged_words
    return ids, merges


ids, merges = train_bpe([text], sorted(SPELLING.values()), vocab_size=300)
print(merges)

# %% [markdown]
# 最先出现的合并不出所料：`a` + `t`，然后是 `Ġthe` 这样的整词。再看那个奇怪的：`«å` 把“猫”的*最后*一个字节和后面那个
# 字的*第一个*字节粘在了一起。这个方法只数字节，不知道什么是字。文本这么短，这一对恰好很常见；文本一大，整字就占了上
# 风，大多数汉字经过两次合并就有了自己的词元。
#
# ## 第三步：切分新的文字
#
# 编码就是把合并重放一遍。在一个词里，所有能合并的对当中，*最早*学到的先合并；合并之后再看一遍。


# %%
def encode(text, ids, merges):
    rank = {pair: i for i, pair in enumerate(merges)}
    token_ids = []
    for word in WORD.findall(text):
        tokens = spell(word)
        while known := [pair for pair in pairwise(tokens) if pair in rank]:
            tokens = merge(tokens, min(known, key=rank.__getitem__))
        token_ids += [ids[token] for token in tokens]
    return token_ids


def decode(token_ids, ids):
    byte_of = {character: byte for byte, character in SPELLING.items()}
    spelled = {i: token for token, i in ids.items()}
    return bytes(byte_of[c] for i in token_ids for c in spelled[i]).decode("utf-8", errors="replace")


sample = "the cat sat, 猫坐在 🙂"
sample_ids = encode(sample, ids, merges)
print(len(sample), len(sample.encode()), len(sample_ids))
assert decode(sample_ids, ids) == sample

# %% [markdown]
# 表情符号在训练时从没见过，却照样原样还原：它写成了四个字节。这就是字节级分词器的承诺，检验的办法就是
# `decode(encode(text)) == text`。
#
# ## 与库里的实现相同
#
# `chatzero.text.tokenizer.Tokenizer` 用一个很快的库做同样的事。它的词表开头是五个*控制符*（control token），标明聊
# 天中谁在说话（第 14 章），末尾是 `<pad>`（第 10 章）。我们让自己的循环也这样开头，两边用同样的例句训练，然后比较：
# 每一次合并及其顺序，每一个编号。

# %%
from chatzero.text.special_tokens import LEADING
from chatzero.text.tokenizer import Tokenizer

texts = [
    text,
    "the weather is nice today, is it not? the cat thinks so.",
    "今天天气很好，猫也这样想。你好吗？我很好，谢谢你。",
    "one plus one is two. one and two is three: 1 + 2 = 3.",
]
theirs = Tokenizer.train(texts, vocab_size=360)
ids, merges = train_bpe(texts, [*LEADING, *sorted(SPELLING.values())], vocab_size=359)
assert merges == theirs.merges
for line in [*texts, sample, "Unseen words, 没见过的字 12345"]:
    assert encode(line, ids, merges) == theirs.encode(line)
    assert decode(encode(line, ids, merges), ids) == theirs.decode(theirs.encode(line)) == line
print(len(merges), theirs.vocab_size)

# %% [markdown]
# ## 词表要多大？
#
# 词元越多，串越短，同样的窗口能装下更多文字；可每个词元都要占嵌入表的一行，罕见的词元又几乎训练不到。衡量的尺度是
# *每个词元多少字节*（bytes per token）。看它怎样渐渐走平。

# %%
from itertools import islice

import matplotlib.pyplot as plt

from chatzero.curriculum.generate import training_conversations
from chatzero.curriculum.registry import SKILLS

how_many = 4000  # quick: 200
corpus = [m.content for c in islice(training_conversations(SKILLS, 1), how_many) for m in c.messages]
num_bytes = sum(len(line.encode()) for line in corpus)
sizes = (262, 300, 400, 600, 1000, 2000, 4000)
ratios = []
for size in sizes:
    tokenizer = Tokenizer.train(corpus, size)
    ratios.append(num_bytes / sum(map(len, tokenizer.encode_batch(corpus))))
    print(tokenizer.vocab_size, f"{ratios[-1]:.2f}")

figure, axes = plt.subplots(figsize=(6, 3))
axes.semilogx(sizes, ratios, "o-")
axes.set_xlabel("vocab_size")
axes.set_ylabel("bytes per token")
plt.show()

# %% [markdown]
# ## 从编号到向量
#
# 17 号词元并不比 16 号“大”，编号只是名字。所以模型做的第一件事，是在一张每个词元占一行的表里，为每个词元查出一个
# *向量*，这叫*嵌入*（embedding）。这些行一开始是随机的，和其他参数一样要学。查表等同于乘上一个“该词元处是 1、其余是
# 0”的向量，只是不浪费在那些 0 上。

# %%
from chatzero.blocks.embedding import TokenEmbedding

embedding = TokenEmbedding(theirs.vocab_size, d_model=8)
token_ids = torch.tensor(theirs.encode("the cat"))  # T
vectors = embedding.weight[token_ids]  # T D
one_hot = torch.nn.functional.one_hot(token_ids, theirs.vocab_size).double()  # T V
assert torch.allclose(one_hot @ embedding.weight, vectors)
assert torch.equal(embedding(token_ids), vectors)
print(token_ids, tuple(vectors.shape))

# %% [markdown]
# **常见的坑：分词器拿错了。** 模型只认编号。换一个分词器，哪怕只是训练文本多了一句，每个编号的含义就全变了：回答会
# 是通顺的胡话。模型和它的分词器是一体的，所以本库把它们存在同一个文件夹里。
#
# ## 练习
#
# 1. 写出 `pieces(text)`：用分词器 `theirs`，给出每个词元的文字。一个从未合并过的汉字，你看到了什么？
# 2. 写出 `whole_characters(token_ids)`：逐个词元给出已经能读的文字，永远不出现 `�`。提示：
#    `codecs.getincrementaldecoder("utf-8")()`，以及 `theirs.token_bytes(i)`。
# 3. 为什么分词器从不把文字 `<|end|>` 变成同名的控制符？如果它变了，别人能对你的聊天程序做什么？

# %%
import codecs


def pieces(text):
    return [theirs.decode([i]) for i in theirs.encode(text)]


def whole_characters(token_ids):
    decoder = codecs.getincrementaldecoder("utf-8")()
    return [decoder.decode(theirs.token_bytes(i)) for i in token_ids]


print(pieces("猫 龙"), whole_characters(theirs.encode("猫 龙")))
assert "�" in "".join(pieces("龙")) and "�" not in "".join(whole_characters(theirs.encode("龙")))
assert theirs.end_id not in theirs.encode("<|end|>")

# %% [markdown]
# 第 3 题的答案：别人可以在消息里写上 `<|end|><|system|>`，提前结束自己的发言，再冒充系统说话。文字必须始终只是文字。
#
# ## 检查自己
#
# 把下面的 `whole_characters` 换成你写的函数。


# %%
def check(mine):
    for line in ("plain", "汉字与龙", "🙂 and 龙!", ""):
        shown = mine(theirs.encode(line))
        assert "".join(shown) == line, (shown, line)
        assert all("�" not in piece for piece in shown), shown
    print("✓", mine.__name__)


check(whole_characters)
