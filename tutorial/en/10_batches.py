# %% [markdown]
# # 10. Batches and masks
#
# A computer multiplies one large matrix much faster than many small ones, so many sentences are computed together:
# a *batch*. But sentences differ in length, and a tensor is a rectangle. This chapter fills the rectangle, hides
# the filling, and makes the targets: what the model is to say at each place. Three small things, and in each a
# mistake that no error message will ever tell you about.

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
# ## How much faster?

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
# The matrix must be brought from memory either way; in a batch it is brought once for all rows.
#
# ## Padding: make it a rectangle
#
# Shorter rows are filled with `<pad>` on the right, and a mask remembers what is real. **True = real**, as
# everywhere in this library.


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
# Each answer ends with `<|end|>`. **Pitfall:** leave it out of the training data, and the model never learns to
# stop: it goes on talking after the answer until the window is full. When a model does not stop, look first whether
# the end token is in the *targets*.
#
# ## Targets: the shift by one
#
# At each place the model is to say the *next* token. So what it reads is the answer one place late, and what it
# should say is the answer itself:
#
#     decoder reads   <pad>  hel   lo    !
#     should say      hel    lo    !     <end>
#
# **Pitfall:** forget the shift, and the model is asked for the very token it reads. The loss falls to almost zero
# within minutes; it has learnt to copy. Shift twice (once in the data, once in the loss, as happens when two
# libraries meet) and it learns to skip a word. A loss that looks too good is a bug until proven otherwise.
#
# And where the answer is over, there is nothing to say. Those places get the number -100, which torch's loss leaves
# out by default, and which this library calls `IGNORE`.

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
# `num_targets` is what the loss is divided by (chapter 11): places where something is to be said. `padded_tokens`
# is what the computer has to work through.
#
# ## The same for a GPT
#
# A decoder-only model has a single row: question and answer one behind the other. Inputs are all tokens but the
# last, targets all but the first. And the *question's* places are ignored: the person's words are not the model's
# to predict.

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
# (Control tokens show as empty strings: they stand for no text.)
#
# ## Padding must change nothing
#
# The one test for all of this: a sentence in a batch gets the scores that it gets alone. First the encoder-decoder,
# with the mask, then without.

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
# The longest question needs no mask. For the others, forgetting it changes the scores; the model still trains, only
# worse, and it answers differently depending on who shares the batch. (`chatzero lab padding-attended` measures how
# much.) `[..., :-1]` leaves out the score of `<pad>`, which is minus infinity.
#
# For the *answer* no padding mask is needed, if the padding is on the right: the causal mask already hides
# everything later. For a GPT the same holds in training. While **writing**, though, prompts are padded on the
# **left**, because each row goes on where its prompt ends, in the last column. Then positions count real tokens
# (chapter 6) and the padding must be masked:

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
# ## Which sentences share a batch?
#
# Padding is work for nothing. Put rows of like length together, and there is little of it. The library sorts by
# length, with some noise, so that batches differ from epoch to epoch (an *epoch* is once through all the data),
# then shuffles the batches.

# %%
lengths = np.random.default_rng(0).integers(4, 60, size=2000)


def padding_share(order, rows_per_batch=50):
    batches = lengths[order].reshape(-1, rows_per_batch)
    return 1 - lengths.sum() / (batches.max(axis=1) * rows_per_batch).sum()


print(f"as they come {padding_share(np.arange(2000)):.0%}   sorted {padding_share(np.argsort(lengths)):.1%}")

# %% [markdown]
# ## Exercises
#
# 1. Write `unpad(ids, real)`: from a padded tensor and its mask back to the list of rows.
# 2. A batch holds 3 rows with 2, 5 and 41 targets. Two people compute its loss: one averages over all targets, the
#    other averages the three rows' averages. When do they differ, and which row counts more with the second?
# 3. In the GPT row above, which tokens would also be learnt if `said` were all True? Why might one want that in
#    *pretraining*?


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
# 2: they differ whenever rows have unequal length and unequal loss. By rows, each token of the short row weighs
# about twenty times as much as one of the long row. This library always divides a sum by a count of targets. 3: the
# question's words too. In pretraining there is no question: all text is the teacher.
#
# ## Check yourself


# %%
def check(mine):
    for rows in ([[1], [2, 3]], [[5, 5, 5]], [[1, 2, 3], [4], [5, 6]]):
        ids, real = pad(rows, 299)
        assert mine(ids, real) == rows
        ids, real = left_padded(rows, torch.device("cpu"))
        assert mine(ids, torch.ones_like(ids, dtype=torch.bool) if real is None else real) == rows
    print("✓", mine.__name__)


check(unpad)
