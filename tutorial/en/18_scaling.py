# %% [markdown]
# # 18. Scaling up
#
# Your model has a few million parameters; the famous ones have a thousand to a hundred thousand times more. Nothing
# in the formulas changes. What changes is arithmetic: memory, time, data. This chapter does that arithmetic
# *before* you rent anything, and checks each rule of thumb against a measurement.

# %%
import time

import matplotlib.pyplot as plt
import torch

from chatzero.models.build import build
from chatzero.models.size import cache_bytes, flops_per_token, parameters
from chatzero.models.sizes import SIZES, sized

# %% [markdown]
# ## How many parameters?
#
# A layer has four attention matrices of `d_model²` and a feed-forward part; together about `12 d_model²` (chapters
# 5 and 7). Depth multiplies it, the token table comes on top.

# %%
VOCAB_SIZE = 4096
for name, (depth, d_model) in SIZES.items():
    config = sized("gpt", name, VOCAB_SIZE, 256)
    body = parameters(config, embedding=False)
    rule = 12 * depth * d_model**2
    print(f"{name:7} {parameters(config) / 1e6:6.1f} M   body {body / 1e6:6.1f} M   rule {rule / 1e6:6.1f} M")
config = sized("gpt", "nano", VOCAB_SIZE, 256)
assert parameters(config) == sum(p.numel() for p in build(config, torch.Generator()).parameters())

# %% [markdown]
# ## How much arithmetic?
#
# Each parameter takes part in one multiplication and one addition per token: 2 FLOPs forward. Backward costs twice
# as much. So **training costs 6 FLOPs per parameter and token**, plus the attention table, which grows with the
# length.

# %%
for name in ("nano", "small", "base"):
    for seq_len in (256, 4096):
        config = sized("gpt", name, VOCAB_SIZE, seq_len)
        exact = flops_per_token(config, seq_len)
        print(
            f"{name:6} seq_len {seq_len:5}   {exact / 1e6:8.1f} MFLOP   6 N: {exact / (6 * parameters(config)):.2f} x"
        )

# %% [markdown]
# The last column is the truth divided by the rule: near 1 for short texts, far above it for small models on long
# texts, where attention's square takes over.
#
# ## How long?
#
#     seconds = 6 * parameters * tokens / (FLOP/s of the machine * share of it that you reach)
#
# Measure both factors here; `GPU` below stands for one that really reaches 400 tera-FLOP a second. The *share* is
# called MFU (model FLOPs utilisation); half is good on a GPU.

# %%
side, repeats = 1024, 8
a, b = torch.randn(2, side, side)
a @ b
started = time.perf_counter()
for _ in range(repeats):
    a @ b
peak = 2 * side**3 * repeats / (time.perf_counter() - started)

from chatzero.data.batch import LMBatch
from chatzero.training.objective import batch_loss

batch = LMBatch(torch.randint(5, 4000, (32, 64)), torch.randint(5, 4000, (32, 64)))
rates = {}
for name in ("nano", "micro", "tiny"):
    config = sized("gpt", name, VOCAB_SIZE, 64)
    model = build(config, torch.Generator().manual_seed(0))
    times = []
    for _ in range(3):
        started = time.perf_counter()
        loss = batch_loss(model, batch)
        (loss.sum_nats / loss.num_targets).backward()
        times.append(time.perf_counter() - started)
    rates[name] = batch.padded_tokens / min(times)
    share = rates[name] * flops_per_token(config, 64) / peak
    print(f"{name:6} {rates[name]:8.0f} tokens/s   {share:.0%} of {peak / 1e9:.0f} GFLOP/s")

# %% [markdown]
# ## How much data?
#
# A rule from measuring many runs (Hoffmann et al. 2022, "Chinchilla"): for a given amount of arithmetic, a model
# does best with about **20 tokens per parameter**. Time then grows with the *square* of the size, for ten times the
# parameters want ten times the tokens. (Models that many people will use are trained far longer than that, because
# a smaller model is cheaper ever after.)

# %%
for name, rate in rates.items():
    config = sized("gpt", name, VOCAB_SIZE, 64)
    tokens = 20 * parameters(config)
    print(f"{name:6} {tokens / 1e6:7.0f} M tokens, {tokens / rate / 3600:7.1f} hours here")

GPU = 400e12
for billions in (0.1, 1, 7, 70):
    flops = 6 * 20 * (billions * 1e9) ** 2
    print(f"{billions:5} G parameters: {flops:.1e} FLOP, {flops / GPU / 86400:10.1f} days at {GPU:.0e} FLOP/s")

# %% [markdown]
# ## How much memory?
#
# In training each parameter costs 16 bytes in float32: weight, gradient, and Adam's two means (chapter 12). On top
# come the *activations*, everything the forward pass keeps for the backward pass; they grow with batch size times
# length. **Out of memory?** In this order: smaller micro-batches with accumulation (same result, chapter 11),
# shorter texts, a smaller model.
#
# While answering, a parameter costs 2 bytes in bfloat16, and each token of each conversation its keys and values:

# %%
for name in ("tiny", "base"):
    config = sized("gpt", name, VOCAB_SIZE, 2048)
    weights = parameters(config) / 2**20
    cache = cache_bytes(config, batch_size=32, seq_len=2048, bytes_per_value=2) / 2**20
    print(f"{name:5} training {16 * weights:5.0f} MiB + activations")
    print(f"{name:5} answering {2 * weights:4.0f} MiB + cache {cache:5.0f} MiB")

# %% [markdown]
# ## Shorter numbers
#
# `bfloat16` has the range of float32 and only 3 digits. Products may be computed in it; sums of many and the
# weights themselves stay in float32, or small updates vanish:

# %%
weight = torch.tensor(1.0, dtype=torch.bfloat16)
print(weight + 0.001, torch.tensor(1.0) + 0.001)
counter = torch.tensor(0.0, dtype=torch.bfloat16)
for _ in range(1000):
    counter += 1
print(counter)
assert counter == 256

# %% [markdown]
# Counting to a thousand in bfloat16 ends at 256: there the next representable number is 258, and 1 more is rounded
# away. (That is why the loss of chapter 11 adds up in float32.)
#
# ## Many machines
#
# Data parallel training gives each GPU the whole model and a part of the batch; the gradients are summed. If sum
# and count are kept apart (chapter 11), the result is that of one machine:

# %%
model = build(sized("gpt", "nano", VOCAB_SIZE, 64), torch.Generator().manual_seed(0)).double()
small = batch.rows(slice(0, 8))


def gradients(part, divisor):
    model.zero_grad()
    (batch_loss(model, part).sum_nats / divisor).backward()
    return [p.grad.clone() for p in model.parameters()]


one = gradients(small, small.num_targets)
workers = [gradients(part, small.num_targets) for part in small.split(4)]
for whole, parts in zip(one, zip(*workers, strict=True), strict=True):
    torch.testing.assert_close(whole, sum(parts), rtol=0, atol=1e-12)

# %% [markdown]
# Nothing else is changed by more machines, except that the batch grows, and with it the best learning rate (chapter
# 12): tune again.
#
# ## What it buys
#
# More arithmetic lowers the loss along a curve so regular that it is called a *scaling law*: with each factor of
# ten the loss falls by about the same share. See it in small: the same task, four widths.

# %%
from chatzero.lab.bench import Bench
from chatzero.lab.pitfall import Scale

steps = 150  # quick: 2
batch_tokens = 2048  # quick: 256
conversations = 4000  # quick: 300
bench = Bench(Scale(steps, batch_tokens, conversations, questions=5))
sizes, losses = [], []
for d_model in (32, 64, 128, 256):
    model = bench.model(d_model=d_model, dim_feedforward=3 * d_model)
    sizes.append(parameters(model.config, embedding=False))
    losses.append(bench.train(model).curve[-1][1])
    print(f"d_model {d_model:4} body {sizes[-1]:9,}   held-out loss {losses[-1]:.3f}")
figure, axes = plt.subplots(figsize=(5, 3))
axes.loglog(sizes, losses, "o-")
axes.set_xlabel("parameters without the table")
axes.set_ylabel("held-out loss")
plt.show()

# %% [markdown]
# ## Exercises
#
# 1. Write `days(parameters, tokens, flops_per_s, share)`: how many days does training take?
# 2. Your GPU has 24 GiB. Which size in `SIZES` is the largest whose training state (16 bytes per parameter) fits in
#    half of it?
# 3. From which `seq_len` on does the attention table cost more than the matrices, for a layer with `12 d_model²`
#    parameters? (The table costs `4 d_model * seq_len` FLOPs per token and layer.)


# %%
def days(parameters, tokens, flops_per_s, share):
    return 6 * parameters * tokens / (flops_per_s * share) / 86400


print(f"{days(1e9, 20e9, 1e15, 0.4):.1f}")
fitting = [name for name in SIZES if 16 * parameters(sized("gpt", name, VOCAB_SIZE, 256)) < 12 * 2**30]
assert fitting[-1] == "base"


def crossing(d_model):
    return 2 * 12 * d_model**2 / (4 * d_model)


assert crossing(256) == 6 * 256

# %% [markdown]
# 3: at `seq_len = 6 d_model`. A wide model can afford long texts; a narrow one is soon all attention.
#
# ## Check yourself


# %%
def check(mine):
    assert abs(mine(1e9, 20e9, 1e15, 0.4) - 3.4722) < 1e-3
    assert abs(mine(2e9, 40e9, 1e15, 0.4) / mine(1e9, 20e9, 1e15, 0.4) - 4) < 1e-9
    assert abs(mine(1e9, 20e9, 1e15, 0.2) / mine(1e9, 20e9, 1e15, 0.4) - 2) < 1e-9
    print("✓", mine.__name__)


check(days)
