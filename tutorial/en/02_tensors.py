# %% [markdown]
# # 2. Tensors and shapes
#
# A neural network is arithmetic on tables of numbers. This chapter is about those tables: what shape they have, how
# two of them are multiplied, and how a program finds out which way to change them. At the end you have written a
# small neural network, and checked it against the one in this library.
#
# Run each cell in turn (in VS Code or Jupyter: Shift+Enter), and look at what it prints before you read on.

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# `manual_seed` makes the random numbers the same each time, so that you see what this page shows. `float64` is a
# number with 15 digits. Training uses shorter ones (`float32`, 7 digits), because they are faster; in this book we
# compare our own code with the library's, and with 15 digits a difference is a mistake and not a rounding error.
#
# ## A tensor has a shape
#
# A *tensor* is a block of numbers. Its *shape* says how many there are in each direction.

# %%
number = torch.tensor(3.0)
vector = torch.tensor([1.0, 2.0, 3.0])
matrix = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
sentences = torch.randn(4, 6, 8)  # B T D
for tensor in (number, vector, matrix, sentences):
    print(tensor.dim(), tuple(tensor.shape), tensor.numel())

# %% [markdown]
# The last one is the shape you will meet on every page from here on. Read it as: 4 sentences in a *batch* (B), each
# of 6 *tokens* (T: pieces of text, chapter 3), and for each token a *vector* of 8 numbers (D). The comment
# `# B T D` is how this project writes it; all its letters are listed in `chatzero/shapes.py`.
#
# The most useful habit in this whole field: **before you run a line, say aloud what shape comes out.** If you are
# wrong, you have found the thing to learn.

# %%
print(tuple(sentences[0].shape))  # T D
print(tuple(sentences[:, -1].shape))  # B D
print(tuple(sentences[0, 2].shape))  # D
print(tuple(sentences.mean(dim=-1).shape))  # B T
print(tuple(sentences.mean(dim=-1, keepdim=True).shape))  # B T 1

# %% [markdown]
# An index removes a direction; `:` keeps it. `dim=-1` means the last direction, and the one you name is the one
# that disappears. `keepdim=True` leaves it there with size 1. That matters in the next cell.
#
# ## Broadcasting: a friend that says nothing
#
# When two shapes differ, torch lines them up *from the right* and repeats whatever has size 1 (or is missing).

# %%
centred = sentences - sentences.mean(dim=-1, keepdim=True)  # B T D minus B T 1
print(centred.mean(dim=-1).abs().max())

targets = torch.tensor([1.0, 2.0, 3.0])  # 3
guesses = torch.tensor([[1.0], [2.0], [3.0]])  # 3 1
wrong = guesses - targets
print(tuple(wrong.shape), wrong.square().mean())
right = guesses.squeeze(-1) - targets
print(tuple(right.shape), right.square().mean())

# %% [markdown]
# **Pitfall.** The guesses are perfect, and yet the first error is not zero: a column of 3 minus a row of 3 became a
# table of 3 by 3, every guess against every target. No error, no warning, and a model trained on it learns to say
# the average. When a loss refuses to fall, print the shapes that go into it.
#
# ## Multiplying: a question asked of every row
#
# The matrix product `x @ w` takes each row of `x` and each column of `w`, multiplies them number by number and adds
# up. So the last size of `x` must be the first of `w`; that size is used up.

# %%
x = torch.randn(2, 3)
w = torch.randn(3, 5)
by_hand = torch.zeros(2, 5)
for i in range(2):
    for j in range(5):
        for k in range(3):
            by_hand[i, j] += x[i, k] * w[k, j]
assert torch.allclose(by_hand, x @ w)
print(tuple(by_hand.shape), tuple((sentences @ torch.randn(8, 32)).shape))

# %% [markdown]
# Further directions on the left, as in `sentences`, are simply carried along: every token of every sentence is
# multiplied by the same matrix.
#
# A *linear layer* is that product plus one number per column, the *bias*. torch keeps its matrix the other way
# round, one row per output, hence the `.T`.

# %%
layer = nn.Linear(8, 32)
print(tuple(layer.weight.shape), tuple(layer.bias.shape))
wide = sentences @ layer.weight.T + layer.bias  # B T 32
assert torch.allclose(wide, layer(sentences))

# %% [markdown]
# ## A first neural network
#
# Two linear layers one after the other would be no better than one: the product of two matrices is again a matrix.
# Something in between must bend the line. The simplest bend is `relu`: what is below zero becomes zero. With it,
# this is the *feed-forward block* that every Transformer layer contains: widen, bend, narrow again.


# %%
def feed_forward(x, up, down):
    wide = x @ up.weight.T + up.bias  # B T F
    bent = wide.clamp(min=0.0)
    return bent @ down.weight.T + down.bias  # B T D


up, down = nn.Linear(8, 32), nn.Linear(32, 8)
print(tuple(feed_forward(sentences, up, down).shape))

# %% [markdown]
# And here is the library's. We give it our weights, feed both the same sentences, and compare.

# %%
from chatzero.blocks.feed_forward import FeedForward

theirs = FeedForward(d_model=8, dim_feedforward=32)
theirs.up.load_state_dict(up.state_dict())
theirs.down.load_state_dict(down.state_dict())
torch.testing.assert_close(feed_forward(sentences, up, down), theirs(sentences), rtol=0, atol=1e-12)

# %% [markdown]
# ## How a network learns: which way is down?
#
# The numbers in `weight` and `bias` are the *parameters*. They begin random. Learning means: measure how wrong the
# output is (one number, the *loss*), find out for each parameter whether the loss rises or falls when the parameter
# grows a little (the *gradient*), and move it a small step the other way. The size of the step is the
# *learning rate*.
#
# The gradient needs no guessing. For `loss = (a * x + b - y)²` school calculus gives it, and `backward()` does the
# same for any chain of steps, millions of parameters at once.

# %%
inputs = torch.linspace(-1, 1, 20)
outputs = 3 * inputs - 1
a = torch.tensor(0.0, requires_grad=True)
b = torch.tensor(0.0, requires_grad=True)

error = a * inputs + b - outputs
loss = error.square().mean()
loss.backward()
by_hand = (2 * error * inputs).mean()
print(a.grad, by_hand.detach())
assert torch.allclose(a.grad, by_hand)

# %% [markdown]
# Now the loop. Three lines matter, and each has a classic mistake attached:
#
# - `backward()` *adds* to `.grad`. Without the reset to `None`, every step also carries all earlier gradients.
# - The update stands inside `no_grad()`: changing the parameter is not part of the formula that is being
#   differentiated.
# - `losses.append(loss.item())`: keep the number, not the tensor. A tensor keeps its whole history alive, and
#   memory grows until the program dies.

# %%
learning_rate = 0.5
losses = []
for _ in range(40):
    loss = (a * inputs + b - outputs).square().mean()
    a.grad = b.grad = None
    loss.backward()
    with torch.no_grad():
        a -= learning_rate * a.grad
        b -= learning_rate * b.grad
    losses.append(loss.item())
print(f"a = {a.item():.4f}, b = {b.item():.4f}, loss = {losses[-1]:.2e}")

figure, axes = plt.subplots(figsize=(6, 3))
axes.semilogy(losses)
axes.set_xlabel("step")
axes.set_ylabel("loss")
plt.show()

# %% [markdown]
# `a` and `b` have found 3 and -1. ChatGPT is trained by this very loop; only the formula is longer.
#
# ## Three ways to rearrange, and when each is wrong
#
# `view` and `reshape` *re-cut* the same numbers in the same order. `transpose` *turns* directions. They are not the
# same, even when the resulting shapes agree, and mixing them up is the most common bug in hand-written attention
# (chapter 5).

# %%
table = torch.arange(6).view(2, 3)
print(table)
print(table.view(3, 2))
print(table.transpose(0, 1))

# %% [markdown]
# A transposed tensor is not copied; torch only remembers to walk through the same memory in another order. `view`
# cannot re-cut such a tensor, and says so. `contiguous()` makes the copy that puts the numbers in order; `reshape`
# and `flatten` make it when they must.

# %%
turned = table.transpose(0, 1)
print(table.stride(), turned.stride(), turned.is_contiguous())
try:
    turned.view(6)
except RuntimeError as error:
    print(error)
print(turned.contiguous().view(6), turned.flatten())

# %% [markdown]
# ## Exercises
#
# 1. Write `softmax(scores)`: turn any scores into positive numbers that add up to 1 along the last direction, by
#    `exp(score) / sum of exp`. It must survive a score of 1000 (`exp(1000)` is infinite). Hint: subtracting the
#    same number from all scores changes nothing.
# 2. `sentences` has shape (4, 6, 8). What shape has `sentences @ sentences.transpose(1, 2)`, and what does the
#    number at `[b, i, j]` say?
# 3. How many parameters does `FeedForward(d_model, dim_feedforward)` have? Write a function.
#
# Try first; then read on.


# %%
def softmax(scores):
    powers = (scores - scores.amax(dim=-1, keepdim=True)).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


similarity = sentences @ sentences.transpose(1, 2)
assert similarity.shape == (4, 6, 6)  # B T T
assert torch.allclose(similarity[1, 2, 3], (sentences[1, 2] * sentences[1, 3]).sum())


def count_parameters(d_model, dim_feedforward):
    return 2 * d_model * dim_feedforward + dim_feedforward + d_model


assert count_parameters(8, 32) == sum(p.numel() for p in theirs.parameters())

# %% [markdown]
# The answer to 2: for each sentence, how well the vector of token i agrees with that of token j. It is a
# *dot product*: large when two vectors point the same way, zero when they have nothing in common, negative when
# they oppose each other. Together with softmax it is already most of attention.
#
# ## Check yourself
#
# Put your own function in the place of `softmax` and run the cell.


# %%
def check(mine):
    for scores in (torch.randn(7), torch.randn(2, 3, 5), torch.tensor([1000.0, 0.0]), torch.tensor([-1000.0, -1000.0])):
        torch.testing.assert_close(mine(scores), scores.softmax(dim=-1), rtol=0, atol=1e-12)
    print("✓", mine.__name__)


check(softmax)
