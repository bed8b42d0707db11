# %% [markdown]
# # 12. The training loop and its knobs
#
# Take a batch, compute the loss, compute the gradient, make a step, repeat: that was chapter 2, and it is all. What
# remains is *how large* the step is, and why a training run behaves as it does. This chapter builds the optimizer,
# the schedule and the loop by hand, holds them against the library's, and then turns every knob once, so that the
# curves you see are from real runs.

# %%
import copy
import math
import time

import matplotlib.pyplot as plt
import torch

from chatzero.data.batch import Seq2SeqBatch
from chatzero.models.build import build
from chatzero.models.config import TransformerConfig
from chatzero.training.config import TrainConfig
from chatzero.training.evaluate import held_out_loss
from chatzero.training.objective import batch_loss
from chatzero.training.optimizer import build_optimizers
from chatzero.training.schedule import learning_rate_share
from chatzero.training.state import TrainState
from chatzero.training.step import train_step

# %% [markdown]
# The task is that of chapter 9, write digits backwards. This time with a fixed training set and a *held-out* set
# that is never trained on, so that we can see the difference between learning the rule and learning by heart.

# %%
END, PAD, VOCAB_SIZE = 10, 11, 12


def reversing(how_many, generator):
    source_ids = torch.randint(0, 10, (how_many, 6), generator=generator)  # B S
    targets = torch.cat([source_ids.flip(1), torch.full((how_many, 1), END)], dim=1)  # B T
    decoder_ids = torch.cat([torch.full((how_many, 1), PAD), targets[:, :-1]], dim=1)
    return Seq2SeqBatch(source_ids, torch.ones_like(source_ids, dtype=torch.bool), decoder_ids, targets)


generator = torch.Generator().manual_seed(0)
training, held_out = reversing(4000, generator), reversing(300, generator)


def new_model(d_model=64, layers=1, dropout=0.0, num_heads=4, norm_order="post"):
    config = TransformerConfig(
        vocab_size=VOCAB_SIZE,
        d_model=d_model,
        num_heads=num_heads,
        num_encoder_layers=layers,
        num_decoder_layers=layers,
        dim_feedforward=3 * d_model,
        dropout=dropout,
        max_seq_len=16,
        norm_order=norm_order,
    )
    return build(config, torch.Generator().manual_seed(1))


# %% [markdown]
# ## The optimizer: Adam, by hand
#
# The plain step of chapter 2 uses the same learning rate for every parameter. But gradients differ by factors of
# thousands: the row of a rare token sees almost none. *Adam* (Kingma and Ba 2015) keeps two running means for each
# parameter, of the gradient (`m`: which way, with the noise averaged out) and of its square (`v`: how large it
# usually is), and steps by `m / sqrt(v)`: about one learning rate, whatever the scale.
#
# - Both means start at 0, so at first they are too small; dividing by `1 - beta^step` corrects that.
# - *Weight decay* pulls every weight a little towards zero. In AdamW it is separate from the gradient, and here
#   only matrices decay: norms, biases and the token table do not.
# - `eps` only keeps from dividing by zero.
#
# The price: two extra numbers per parameter. With weight and gradient that is 16 bytes each, which decides what
# fits into memory (chapter 18).


# %%
class MyAdamW:
    def __init__(self, parameters, learning_rate, beta1=0.9, beta2=0.98, eps=1e-9, weight_decay=0.05):
        self.parameters = list(parameters)
        self.settings = (learning_rate, beta1, beta2, eps, weight_decay)
        self.m = [torch.zeros_like(p) for p in self.parameters]
        self.v = [torch.zeros_like(p) for p in self.parameters]
        self.steps = 0

    @torch.no_grad()
    def step(self):
        learning_rate, beta1, beta2, eps, weight_decay = self.settings
        self.steps += 1
        for p, m, v in zip(self.parameters, self.m, self.v, strict=True):
            m.mul_(beta1).add_((1 - beta1) * p.grad)
            v.mul_(beta2).add_((1 - beta2) * p.grad**2)
            unbiased_m = m / (1 - beta1**self.steps)
            unbiased_v = v / (1 - beta2**self.steps)
            p.mul_(1 - learning_rate * weight_decay)
            p.sub_(learning_rate * unbiased_m / (unbiased_v.sqrt() + eps))


mine = torch.randn(5, 3, dtype=torch.float64).requires_grad_()
theirs = mine.detach().clone().requires_grad_()
my_optimizer = MyAdamW([mine], 0.01)
their_optimizer = torch.optim.AdamW([theirs], lr=0.01, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.05)
for _ in range(10):
    for p in (mine, theirs):
        p.grad = None
        (p.sin() ** 2).sum().backward()
    my_optimizer.step()
    their_optimizer.step()
torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-12)

# %% [markdown]
# ## The learning rate over time
#
# Not constant. First a *warm-up*: in the first steps `v` is made of very few gradients, so `m / sqrt(v)` is nearly
# plus or minus 1 for every parameter, and full steps would throw the model far off. Then a slow fall, here along
# half a cosine: large steps to get near, small steps to settle.


# %%
def share_of_peak(progress, warmup=0.05, floor=0.01):
    if progress < warmup:
        return progress / warmup
    rest = (progress - warmup) / (1 - warmup)
    return floor + (1 - floor) * (1 + math.cos(math.pi * rest)) / 2


for i in range(101):
    wanted = learning_rate_share(i / 100, schedule="cosine", warmup=0.05, floor=0.01)
    assert math.isclose(share_of_peak(i / 100), wanted, abs_tol=1e-12)

# %% [markdown]
# ## Clipping
#
# Now and then a batch gives a gradient ten times as long as usual. If the gradient, taken as one long vector over
# all parameters, is longer than 1, it is shortened to 1: same direction, harmless size.


# %%
def clip(parameters, longest=1.0):
    length = torch.sqrt(sum(p.grad.square().sum() for p in parameters))
    if length > longest:
        for p in parameters:
            p.grad *= longest / length
    return length


# %% [markdown]
# ## The loop
#
# Six lines. The order matters: gradients are cleared before `backward`, clipped after it and before `step`. Below,
# our loop and the library's `train_step` start from the same weights, and after three steps must still agree.

# %%
model = new_model().double()
other = copy.deepcopy(model)
matrices = [m.weight for m in model.modules() if isinstance(m, torch.nn.Linear)]
ids = {id(p) for p in matrices}
rest = [p for p in model.parameters() if id(p) not in ids]
batch = training.rows(slice(0, 64))

for step in range(3):
    rate = 2e-3 * share_of_peak((step + 0.5) / 3)
    if step == 0:
        optimizers = [MyAdamW(matrices, rate), MyAdamW(rest, rate, weight_decay=0.0)]
    for optimizer in optimizers:
        optimizer.settings = (rate, *optimizer.settings[1:])
    model.zero_grad()
    loss = batch_loss(model, batch)
    (loss.sum_nats / loss.num_targets).backward()
    clip([*model.parameters()])
    for optimizer in optimizers:
        optimizer.step()

config = TrainConfig(steps=3, learning_rate=2e-3, precision="float32", device="cpu")
state = TrainState(other, build_optimizers(other, config))
for step in range(3):
    report = train_step(state, batch, (step + 0.5) / 3, config, torch.float32)
    print(report.step, f"loss {report.loss:.3f}  gradient {report.grad_norm:.2f}  rate {report.learning_rate:.1e}")
for a, b in zip(model.parameters(), other.parameters(), strict=True):
    torch.testing.assert_close(a, b, rtol=0, atol=1e-9)

# %% [markdown]
# ## Turning the knobs
#
# From here on the library's loop. `train` makes one run and looks at the held-out loss now and then; everything but
# the one knob stays the same, the seed too.

# %%
steps = 250  # quick: 4
torch.set_default_dtype(torch.float32)


def train(batch_size=64, learning_rate=2e-3, warmup=0.05, label_smoothing=0.0, rows=4000, **sizes):
    torch.manual_seed(0)
    model = new_model(**sizes)
    config = TrainConfig(
        steps=steps,
        learning_rate=learning_rate,
        warmup=warmup,
        label_smoothing=label_smoothing,
        precision="float32",
        device="cpu",
    )
    state = TrainState(model, build_optimizers(model, config))
    order = torch.Generator().manual_seed(0)
    curve, started = [], time.perf_counter()
    for step in range(steps):
        chosen = torch.randint(0, rows, (batch_size,), generator=order).tolist()
        report = train_step(state, training.rows(chosen), (step + 0.5) / steps, config, torch.float32)
        if (step + 1) % max(1, steps // 10) == 0:
            curve.append((step + 1, held_out_loss(model, [held_out]), report.loss))
    return curve, time.perf_counter() - started


KNOBS = {
    "learning_rate": (1e-4, 5e-4, 2e-3, 1e-2, 1e-1),
    "batch_size": (8, 64, 256),
    "warmup": (0.0, 0.05, 0.3),
    "d_model": (16, 64, 128),
    "layers": (1, 2, 4),
    "num_heads": (1, 4, 8),
    "dropout": (0.0, 0.1, 0.3),
    "label_smoothing": (0.0, 0.1, 0.3),
}
figure, places = plt.subplots(2, 4, figsize=(14, 6), sharey=True)
for (knob, settings), place in zip(KNOBS.items(), places.flat, strict=True):
    for setting in settings:
        curve, seconds = train(**{knob: setting})
        place.semilogy([step for step, _, _ in curve], [loss for _, loss, _ in curve], label=f"{setting:g}")
        print(f"{knob:15} {setting:<7g} held-out {curve[-1][1]:7.4f}   training {curve[-1][2]:7.4f}   {seconds:5.1f} s")
    place.set_title(knob)
    place.legend()
figure.supxlabel("step")
figure.supylabel("held-out loss")
figure.tight_layout()
plt.show()

# %% [markdown]
# Read the table and the curves in this order:
#
# - **learning_rate**: the one that decides. Too small, and the time runs out long before the model is there. Too
#   large, and it stays at `ln(11)`, which is what guessing gives. Between the two lies roughly a factor of ten that
#   works. When you tune one thing, tune this.
# - **batch_size**: a larger batch is a quieter gradient, at a higher price per step (look at the seconds). Compare
#   at equal *time*, not at equal steps.
# - **warmup**: how much it matters depends on depth, on post-norm or pre-norm, on the learning rate. For this
#   model, one layer in each stack, it made hardly a difference when this page was written; try it with four.
# - **d_model, layers**: more capacity, more seconds. Does each doubling still pay, in *seconds*? And deep post-norm
#   models start slowly: that is what the norm order of chapter 7 is about. Try `norm_order="pre"`.
# - **num_heads**: costs nothing in parameters. The folklore says that more are better; when this page was written,
#   one head did best on this task, which asks only one question. Believe the table, not the folklore.
# - **dropout, label_smoothing**: brakes against learning by heart. They cost in the short run, and can pay only
#   when the data is seen many times over. The next cell makes it so. (With dropout the training loss is measured
#   with numbers missing, so it may lie above the held-out one.)

# %%
figure, places = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
for place, dropout in zip(places, (0.0, 0.3), strict=True):
    curve, _ = train(rows=100, dropout=dropout)
    place.plot([step for step, _, _ in curve], [loss for _, loss, _ in curve], label="held-out")
    place.plot([step for step, _, _ in curve], [loss for _, _, loss in curve], label="training")
    place.set_title(f"100 rows, dropout {dropout}")
    place.set_xlabel("step")
    place.legend()
    print(f"dropout {dropout}: held-out {curve[-1][1]:.3f}, training {curve[-1][2]:.3f}")
plt.show()

# %% [markdown]
# With only 100 rows and no dropout, the training loss goes to almost nothing while the held-out loss stays high:
# the model knows the hundred by heart. That gap is *overfitting*. **The held-out loss is the only one that
# counts.** With dropout the gap is gone; is the held-out loss better for it? Look at the two numbers. A gap closed
# is not a model improved; what really helps is more data.
#
# ## When it goes wrong
#
# - **NaN.** Almost always a step that was too large: lower the learning rate, lengthen the warm-up, clip. The
#   library refuses an update that is not finite, goes back to a good state and continues with a smaller step.
# - **Out of memory.** Halve the batch and take two of them per step (`accumulate = 2`): the same gradient, half the
#   memory. The library does so by itself.
# - **Float16 without a scaler** loses small gradients to zero; `bfloat16` has the range of float32, and needs none.
# - **Resume without the optimizer's state**: `m` and `v` start from zero, the loss jumps. A checkpoint holds them
#   too.
#
# ## Exercises
#
# 1. With how many steps of AdamW, at learning rate 0.001, can a weight travel from 0 to 1, at the very least?
# 2. Write `accumulate(model, batch, parts)`: the gradient of the batch, computed in `parts` micro-batches. It must
#    equal the gradient in one piece, also when the parts have different numbers of targets.
# 3. Why must `zero_grad()` come before `backward()` and not between `backward()` and `step()`? Say it in one
#    sentence.

# %%
w = torch.zeros(1, requires_grad=True)
optimizer = MyAdamW([w], 0.001, weight_decay=0.0)
while w.item() < 1:
    w.grad = torch.tensor([-5.0])
    optimizer.step()
print(optimizer.steps)
assert abs(optimizer.steps - 1000) <= 1


def accumulate(model, batch, parts):
    model.zero_grad()
    for micro_batch in batch.split(parts):
        (batch_loss(model, micro_batch).sum_nats / batch.num_targets).backward()
    return [p.grad.clone() for p in model.parameters()]


model = new_model().double()
uneven = training.rows(list(range(10)))
uneven.targets[0, 2:] = -100
for whole, split in zip(accumulate(model, uneven, 1), accumulate(model, uneven, 4), strict=True):
    torch.testing.assert_close(whole, split, rtol=0, atol=1e-12)

# %% [markdown]
# 1: about a thousand, however large the gradient: a step is about one learning rate long. 3: between the two it
# would erase the gradient that the step is to use.
#
# ## Check yourself


# %%
def check(mine):
    for parts in (1, 2, 3, 10):
        model = new_model(d_model=16).double()
        batch = training.rows(list(range(20, 30)))
        batch.targets[3, 1:] = -100
        loss = batch_loss(model, batch)
        (loss.sum_nats / loss.num_targets).backward()
        wanted = [p.grad.clone() for p in model.parameters()]
        for got, want in zip(mine(model, batch, parts), wanted, strict=True):
            torch.testing.assert_close(got, want, rtol=0, atol=1e-12)
    print("✓", mine.__name__)


check(accumulate)
