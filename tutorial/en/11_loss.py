# %% [markdown]
# # 11. The loss
#
# Training needs one number that says how wrong the model is, and falls smoothly when it gets better. For language
# it is *cross-entropy*: how surprised was the model by the right token? This chapter builds it, finds its gradient
# by hand, and learns to read it, because the loss is the instrument you will look at most.

# %%
import math

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# ## Surprise
#
# The model gives the right token a probability p. The loss of that token is `-ln(p)`: 0 when it was certain and
# right, large when it thought the truth impossible. The unit is called *nat*.

# %%
for p in (1.0, 0.9, 0.5, 0.1, 0.01, 1e-6):
    print(f"{p:8.6f}  {-math.log(p):.2f}")

# %% [markdown]
# Why the logarithm? The probability of a whole text is the product of its tokens' probabilities, and the logarithm
# turns the product into a sum: the loss of a text is the sum over its tokens. And to make the sum smallest over
# many texts, there is only one way: give each token the probability it really has.
#
# ## From scores to loss
#
# Probabilities are softmax of the scores (chapter 4). Its logarithm should be taken *in one step*:
# `log(softmax(x)) = x - log(sum(exp(x)))`. In two steps it breaks:

# %%
scores = torch.tensor([0.0, 800.0])
print(scores.softmax(dim=-1).log())
print(scores.log_softmax(dim=-1))

# %% [markdown]
# The first gives minus infinity: a loss of infinity, then a gradient of NaN, then a dead model. So never write
# `softmax(...).log()`; and hand `cross_entropy` the *scores*, not probabilities (softmax twice is a mistake without
# an error message: the model trains, slowly and badly).


# %%
def log_softmax(scores):
    scores = scores - scores.amax(dim=-1, keepdim=True)
    return scores - scores.exp().sum(dim=-1, keepdim=True).log()


def cross_entropy(logits, targets):
    log_probabilities = log_softmax(logits)  # N V
    return -log_probabilities[torch.arange(len(targets)), targets]  # N


logits = torch.randn(6, 10)  # N V
targets = torch.tensor([3, 1, 4, 1, 5, 9])
torch.testing.assert_close(cross_entropy(logits, targets), F.cross_entropy(logits, targets, reduction="none"))
print(cross_entropy(logits, targets))

# %% [markdown]
# ## The gradient is a subtraction
#
# What should each score do? Differentiate, and everything cancels: the gradient of a score is **the probability the
# model gave, minus 1 for the right token**. Every wrong token is pushed down by as much probability as it wrongly
# took, the right one up by what it lacked. That is all that ever teaches a language model anything.

# %%
logits.requires_grad_()
cross_entropy(logits, targets).sum().backward()
by_hand = logits.detach().softmax(dim=-1) - F.one_hot(targets, 10)
torch.testing.assert_close(logits.grad, by_hand, rtol=0, atol=1e-12)
print(by_hand[0])

# %% [markdown]
# ## Sum, then count, then divide once
#
# The loss of a batch is the mean over *targets*: not over places (padding carries none), and not over rows (chapter
# 10). Keep the sum and the count apart to the very end, and nothing can go wrong when a batch is split into parts:

# %%
losses = cross_entropy(logits.detach(), targets)
whole = losses.mean()
parts = (losses[:1], losses[1:])
wrong = sum(part.mean() for part in parts) / len(parts)
right = sum(part.sum() for part in parts) / sum(map(len, parts))
print(f"whole {whole:.4f}   mean of means {wrong:.4f}   sum / count {right:.4f}")
assert torch.allclose(whole, right)

# %% [markdown]
# The "mean of means" is a famous bug: for years, training with gradient accumulation in popular libraries gave
# slightly wrong results. `chatzero lab accumulation` shows it.
#
# ## Equal to the library's
#
# `linear_cross_entropy` takes the decoder's vectors and the token table, and makes the scores itself, a few rows at
# a time: the scores of a whole batch would be its largest tensor by far. The last row of the table is `<pad>`, and
# takes no part.

# %%
from chatzero.training.loss import linear_cross_entropy

hidden = torch.randn(6, 8, requires_grad=True)  # N D
table = torch.randn(11, 8, requires_grad=True)  # V D
theirs = linear_cross_entropy(hidden, table, targets)
mine = cross_entropy(hidden @ table[:-1].T, targets).sum()
torch.testing.assert_close(mine, theirs.sum_nats, rtol=0, atol=1e-12)
for tensor in (hidden, table):
    (expected,) = torch.autograd.grad(mine, tensor, retain_graph=True)
    (given,) = torch.autograd.grad(theirs.sum_nats, tensor, retain_graph=True)
    torch.testing.assert_close(given, expected, rtol=0, atol=1e-12)
print(theirs.num_targets, theirs.sum_nats.item() / theirs.num_targets)

# %% [markdown]
# ## Label smoothing
#
# To give a token the probability 1 its score would have to be infinite. Label smoothing asks for a little less: of
# the probability, 0.9 for the right token and 0.1 spread over all. The model stays modest, which helped translation
# in 2017. Two consequences to know: the smoothed loss *cannot reach 0*, so never compare it with one that is not
# smoothed. This library reports the plain one (`plain_nats`) always.

# %%
smoothing = 0.1
smoothed = linear_cross_entropy(hidden, table, targets, label_smoothing=smoothing)
expected = F.cross_entropy(hidden @ table[:-1].T, targets, label_smoothing=smoothing, reduction="sum")
torch.testing.assert_close(smoothed.sum_nats, expected, rtol=0, atol=1e-12)
torch.testing.assert_close(smoothed.plain_nats, theirs.plain_nats, rtol=0, atol=1e-12)

share = torch.linspace(0.5, 0.9999, 200)
figure, axes = plt.subplots(figsize=(6, 3))
for amount in (0.0, 0.1):
    others = (1 - share) / 9
    wanted = (1 - amount) + amount / 10
    loss = -(wanted * share.log() + 9 * amount / 10 * others.log())
    axes.plot(share.numpy(), loss.numpy(), label=f"smoothing {amount}")
axes.set_xlabel("probability of the right token")
axes.set_ylabel("loss")
axes.legend()
plt.show()

# %% [markdown]
# With smoothing, the lowest point lies before 1: more certainty costs.
#
# ## Reading the number
#
# Three translations of a loss L in nats per token:
#
# - `exp(L)`, *perplexity*: as unsure as if choosing among so many equally likely tokens. At the start it is the
#   vocabulary's size.
# - `L / ln(2)`: bits per token.
# - bits per *byte*: divided by the bytes in a token. The only one that compares across tokenizers: with larger
#   tokens there are fewer of them, each harder to guess.

# %%
from chatzero.training.evaluate import bits_per_byte

for vocab_size in (300, 4096, 50257):
    print(f"{vocab_size:6}  ln {math.log(vocab_size):.2f}  perplexity {math.exp(math.log(vocab_size)):.0f}")
L, bytes_per_token = 1.2, 3.3
print(f"perplexity {math.exp(L):.2f}  bits per byte {bits_per_byte(L, bytes_per_token):.3f}")
assert math.isclose(bits_per_byte(L, bytes_per_token), L / math.log(2) / bytes_per_token)

# %% [markdown]
# What to expect of a curve: it starts near `ln(vocab_size)`; falls fast at first (which tokens are frequent at
# all), then slowly. NaN: a step was too large (chapter 12) or a division by zero. Stuck at the start value: the
# gradient does not arrive, or the targets are wrong. Near zero at once: the model sees the answer. Falling in
# training, rising on held-out data: it learns by heart (chapter 15).
#
# ## Exercises
#
# 1. What is the loss of a model that always gives each of V tokens the same probability? Prove it with the code
#    above.
# 2. Write `loss_of_batch(logits, targets)` with logits (B, T, V), targets (B, T) and -100 at places without a
#    target: sum and count.
# 3. What is the lowest value the smoothed loss can have, with smoothing 0.1 and 10 tokens?

# %%
for V in (2, 10, 4096):
    torch.testing.assert_close(cross_entropy(torch.zeros(1, V), torch.tensor([1])), torch.tensor([math.log(V)]))


def loss_of_batch(logits, targets):
    wanted = targets != -100
    return cross_entropy(logits[wanted], targets[wanted]).sum(), int(wanted.sum())


best = torch.full((10,), 0.01)
best[0] = 0.91
lowest = -(best * best.log()).sum()
free = torch.zeros(1, 10, requires_grad=True)
optimizer = torch.optim.SGD([free], lr=1.0)
for _ in range(3000):
    optimizer.zero_grad()
    F.cross_entropy(free, torch.tensor([0]), label_smoothing=0.1).backward()
    optimizer.step()
reached = F.cross_entropy(free.detach(), torch.tensor([0]), label_smoothing=0.1)
print(f"{lowest:.4f} {reached:.4f}")
torch.testing.assert_close(reached, lowest, rtol=0, atol=1e-4)

# %% [markdown]
# 3: the loss is lowest when the model says exactly the smoothed target, and then it is that target's entropy.
#
# ## Check yourself


# %%
def check(mine):
    for shape in ((1, 1), (2, 3), (4, 5)):
        logits, targets = torch.randn(*shape, 7), torch.randint(0, 7, shape)
        targets[0, 0] = 0
        targets[:, 1:] = torch.where(torch.rand(shape)[:, 1:] < 0.4, -100, targets[:, 1:])
        total, count = mine(logits, targets)
        expected = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
        torch.testing.assert_close(total, expected, rtol=0, atol=1e-12)
        assert count == int((targets != -100).sum())
    print("✓", mine.__name__)


check(loss_of_batch)
