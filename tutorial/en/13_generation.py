# %% [markdown]
# # 13. Generation
#
# A model gives each token of the vocabulary a score. This chapter turns scores into text: choose a token, append
# it, ask again. How one chooses decides whether the text is dull, lively or mad. And one trick makes it fast: never
# compute twice what was computed before.
#
# From here on we use *your* model: the one that `python start.py quickstart` trained (chapter 1). If yours is
# elsewhere, write its folder here.

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
# `model.training` is False: `load_bundle` has called `eval()`, so dropout is off (chapter 7).
#
# ## What the model says next


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
# `prefill` reads the whole prompt at once and gives the scores of the first token of the answer. The `state` is
# what the model remembers; more of that below.
#
# ## Greedy: always the likeliest


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
# The answer ends when the model says `<|end|>`. That works because `<|end|>` was in the targets (chapter 10).
#
# ## The KV cache
#
# To say token 50, attention needs the keys and values of the 49 before. They do not change: the causal mask forbids
# earlier tokens to see later ones. So keep them. A step then computes one query, one key and one value, and looks
# back at what is kept. Here is the trick on a single block:

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
# No mask in the steps: the newest token may see everything there is. **Pitfalls of every cache:** positions must go
# on counting (the new token is not at position 0); two conversations must not share one; and what is cached must
# not depend on what comes later.
#
# How much does it save? Without the cache, token n costs a pass over n tokens.

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
# The gain grows with the length: the text written so far is passed through the model once instead of once per
# token.
#
# ## Temperature
#
# Greedy text is safe and always the same. To have variety, *draw* a token with its probability. Dividing the scores
# by a *temperature* first makes the choice bolder or more careful: below 1 the likely become likelier, above 1 the
# differences shrink.


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
# ## Cutting off the tail
#
# Each of thousands of unlikely tokens has next to no probability, but together they have some; once in a while one
# is drawn, and the sentence is derailed. So rule them out before drawing. Three ways:
#
# - **top-k**: keep the k best. Simple; too many when the model is sure, too few when it is not.
# - **top-p** (nucleus): keep the smallest set of best tokens that together reach probability p. It adapts.
#   *Pitfall:* the token that crosses p must be kept, and never fewer than one.
# - **min-p**: keep what has at least p times the probability of the best.
#
# "Ruled out" means a score of minus infinity.

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
# `better` is the probability of all better tokens together: a token goes out when its betters already reach p. The
# best one always stays, even for p = 0: hence the line with `out[..., 0]`.
#
# Now draw, and compare. A fixed seed makes a draw repeatable, which you want when you hunt a bug.


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
# Arithmetic has one right answer, so temperature can only hurt it. A joke has many. `chatzero lab temperature`
# measures both.
#
# ## Repetition
#
# A small model, asked greedily, sometimes falls into a loop: having said "very" twice, "very" is the likeliest next
# word. Remedies: lower the scores of what was already said (`repetition_penalty`, `frequency_penalty`), or forbid a
# run of n tokens to occur twice (`no_repeat_ngram_size`). **All of them also forbid right answers**: in "3 + 3 =
# 6", or a list of equal prices, repeating is correct. This library by default only blocks runs of 24 tokens.
# (`chatzero lab repetition`: how much a penalty repeats less, and what it does to right answers.)


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
# Why the two cases? Multiplying a negative score by 1.3 lowers it, dividing a positive one lowers it; the other way
# round it would *reward* repetition.
#
# ## Text that arrives in pieces
#
# `stream` gives the answer as it is written, in whole characters (chapter 3), and holds back what may be the
# beginning of a stop string:

# %%
from chatzero.generation.generate import stream

for piece in stream(model, tokenizer, ask("你好"), GenerationOptions(max_tokens=30)):
    print(repr(piece.text), piece.finish_reason)

# %% [markdown]
# The reason at the end is `stop` (the model was done) or `length` (it was cut off).
#
# ## Exercises
#
# 1. Which tokens does top-p keep if p = 0? And if one token has probability 0.95 and p = 0.9?
# 2. Write `draw(probabilities, number)`: the token that the number from [0, 1) picks, by adding up probabilities
#    until they pass it. Compare frequencies of 10,000 draws with the probabilities.
# 3. Write `no_repeat(logits, said, n)` for one row: rule out every token that would complete a run of n tokens that
#    `said` already holds.

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
# 1: just the best one, both times.
#
# ## Check yourself


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
