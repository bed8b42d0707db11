# %% [markdown]
# # 3. Tokens
#
# A model reads numbers, we write letters. This chapter builds the translator between the two: a *tokenizer* by
# byte-pair encoding (BPE), the method of GPT, Llama and Qwen. It is forty lines. At the end ours learns the same
# merges, in the same order, as the library's, and cuts text the same way.

# %%
import re
from collections import Counter
from itertools import pairwise

import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# ## Why not letters, why not words?
#
# *Letters*: few of them, but a text becomes a long row of numbers, and the work of attention grows with the square
# of that length (chapter 4). And which letters? Unicode has more than a hundred thousand.
#
# *Words*: short rows, but there is no end of them. A word that was not in the training text ("ChatZero", a name, a
# typing error) would have no number at all. Chinese does not even put spaces between them.
#
# The way out: begin with *bytes*. Any text on a computer is bytes, of which there are just 256, so nothing is ever
# unknown. Then give the most frequent pairs a number of their own, again and again. Frequent words end up as one
# token, rare ones as several, and every text can be written.

# %%
for text in ("hello", "é", "汉", "🙂"):
    print(text, list(text.encode("utf-8")))

# %% [markdown]
# An English letter is one byte, a Chinese character three, an emoji four. **Pitfall:** half of 汉 is not text. A
# program that shows an answer token by token must hold back a character until all its bytes are there; one that
# does not prints `�`. We come back to this at the end.
#
# ## Step 1: cut the text into words
#
# Pairs are merged only *inside* a word, never across: otherwise "of the" would become one token, and "dog." another
# than "dog". The space belongs to the word behind it, so that no space gets lost. Digits stand alone, so that a
# number is read digit by digit, as we do when we add.

# %%
WORD = re.compile(r" ?[^\W\d_]+|\d| ?[^\s\w]+|\s+")
text = "The cat sat on the mat, the cat and the hat. 猫坐在垫子上，猫和帽子。"
print(WORD.findall(text))

# %% [markdown]
# Read the pattern as: letters with perhaps a space before them; or one digit; or marks with perhaps a space before
# them; or blanks. Python's `\w` counts Chinese characters as letters, so a run of Chinese between two marks is one
# "word". That is what we want: the merges find out which characters belong together.
#
# Each word becomes a row of its bytes. Libraries write a byte as one visible character, so that a vocabulary can be
# printed and saved as text. The habit comes from GPT-2: printable bytes stand for themselves, the others get
# characters from number 256 on. So a space is written `Ġ`. **That is why a vocabulary file full of Chinese looks
# like `æ±ī`: it is not damaged, it is spelled in bytes.**

# %%
printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
borrowed = [byte for byte in range(256) if byte not in printable]
SPELLING = {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(borrowed)}


def spell(word):
    return tuple(SPELLING[byte] for byte in word.encode("utf-8"))


print(spell(" cat"), spell("汉"))

# %% [markdown]
# ## Step 2: merge the most frequent pair, again and again
#
# Count every pair of neighbours, weighted by how often its word occurs. Give the most frequent pair a new token,
# replace it everywhere, repeat. Between equally frequent pairs the one whose tokens are older wins; any rule would
# do, but there must be one, or the result would depend on chance.


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
# `merge` walks through the tokens once. **Pitfall:** in `("a", "a", "a")` the pair `("a", "a")` overlaps with
# itself; walking from the left, the first two are joined and the third is left alone. But look again: after the
# merge `merged[-1]` is `"aa"`, which is not `"a"`, so the code above is safe. Were the comparison by text position,
# it might not be.
#
# Now the training loop. It stops when no pair occurs twice: a merge seen once saves nothing.


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
# The first merges are what you would guess: `a` + `t`, then whole words such as `Ġthe`. Then look at the odd ones:
# `«å` glues the *last* byte of 猫 to the *first* byte of the character after it. The method counts bytes and knows
# nothing of characters. In so short a text that pair happens to be frequent; in a large one the characters win, and
# most get a token of their own after two merges.
#
# ## Step 3: cut new text
#
# Encoding replays the merges. Within a word, among all pairs that can be merged, the one learnt *first* is merged
# first; then look again.


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
# The emoji was never seen in training, and yet it comes back: it is written as four bytes. That is the promise of a
# byte-level tokenizer, and `decode(encode(text)) == text` is how to test it.
#
# ## Equal to the library's
#
# `chatzero.text.tokenizer.Tokenizer` does the same on a fast library. Its vocabulary begins with five
# *control tokens* that mark who speaks in a chat (chapter 14), and ends with `<pad>` (chapter 10). We give our loop
# the same beginning, train both on the book's own example sentences, and compare: every merge in order, and every
# id.

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
# ## How large a vocabulary?
#
# More tokens make shorter rows, so that the same window holds more text; but each token costs a row of the
# embedding table, and a rare one is hardly ever trained. The measure is *bytes per token*. Watch it level off.

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
# ## From a number to a vector
#
# Token 17 is not "more" than token 16; the number is only a name. So the first thing a model does is look up a
# *vector* for each token in a table with one row per token: the *embedding*. The rows begin random and are learnt
# like any other parameter. A lookup is the same as multiplying by a vector that is 1 at the token's place and 0
# elsewhere, but does not waste the zeros.

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
# **Pitfall: the wrong tokenizer.** A model knows only the numbers. Give it another tokenizer, even one trained on
# the same text with one more sentence, and every number means something else: the answers are fluent nonsense. A
# model and its tokenizer are one thing; that is why this library saves them in one folder.
#
# ## Exercises
#
# 1. Write `pieces(text)`: the text of each token, for the tokenizer `theirs`. What do you see for a Chinese
#    character that was never merged?
# 2. Write `whole_characters(token_ids)`: give the text token by token as it becomes readable, so that no `�` ever
#    shows. Hint: `codecs.getincrementaldecoder("utf-8")()`, and `theirs.token_bytes(i)`.
# 3. Why does the tokenizer never turn the text `<|end|>` into the control token of that name? What could a person
#    do to your chat if it did?

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
# The answer to 3: a person could write `<|end|><|system|>` into a message and so close their own turn and speak
# with the voice of the system. Text must stay text.
#
# ## Check yourself
#
# Put your own function in the place of `whole_characters`.


# %%
def check(mine):
    for line in ("plain", "汉字与龙", "🙂 and 龙!", ""):
        shown = mine(theirs.encode(line))
        assert "".join(shown) == line, (shown, line)
        assert all("�" not in piece for piece in shown), shown
    print("✓", mine.__name__)


check(whole_characters)
