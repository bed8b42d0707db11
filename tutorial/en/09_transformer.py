# %% [markdown]
# # 9. The whole Transformer
#
# All the pieces are there. This chapter puts them together into the model of the 2017 paper, in about thirty lines;
# checks it against the library's; and trains it for a minute on a small task, so that you see it learn.
#
#     source ids -> embedding * sqrt(d_model) + positions -> encoder layers -> memory
#     target ids -> embedding * sqrt(d_model) + positions -> decoder layers (look at memory) -> scores of the next token

# %%
import math

import matplotlib.pyplot as plt
import torch
from torch import nn

from chatzero.blocks.masks import causal_mask, padding_mask
from chatzero.blocks.positions import sinusoidal_table
from chatzero.blocks.transformer_layer import DecoderLayer, EncoderLayer

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

# %% [markdown]
# ## The model
#
# Three decisions of the paper are easy to overlook.
#
# - **`* math.sqrt(d_model)`.** The token table starts with small numbers, about `1/sqrt(d_model)`, because the same
#   table also scores the output. Multiplied, a token's numbers are as large as those of its position (chapter 6);
#   otherwise the waves would drown the words.
# - **One table for three jobs** (tied embeddings): source, target and output. A token's score is the dot product of
#   the decoder's last vector with that token's row: how well does what I want to say agree with this word? It saves
#   two more tables of that size.
# - **The decoder starts from `<pad>`.** Before the first word there is nothing to read, but something must go in.
#   This library uses `<pad>`, whose row is zero, so that the decoder knows only its position. Other models have a
#   special "begin" token; mixing the two up makes the first word wrong, and then all others.


# %%
class MyTransformer(nn.Module):
    def __init__(self, vocab_size, d_model, num_heads, num_layers, dim_feedforward, max_seq_len, dropout=0.1):
        super().__init__()
        self.d_model = d_model
        self.table = nn.Parameter(torch.randn(vocab_size, d_model) / math.sqrt(d_model))
        self.table.data[-1] = 0.0
        self.register_buffer("positions", sinusoidal_table(max_seq_len, d_model))
        sizes = (d_model, num_heads, dim_feedforward, dropout)
        self.encoder_layers = nn.ModuleList(EncoderLayer(*sizes) for _ in range(num_layers))
        self.decoder_layers = nn.ModuleList(DecoderLayer(*sizes) for _ in range(num_layers))
        self.dropout = nn.Dropout(dropout)

    def embed(self, token_ids):
        vectors = self.table[token_ids] * math.sqrt(self.d_model)  # B T D
        return self.dropout(vectors + self.positions[: token_ids.shape[1]])

    def encode(self, source_ids, source_mask):
        x = self.embed(source_ids)
        for layer in self.encoder_layers:
            x = layer(x, padding_mask(source_mask))
        return x  # B S D

    def forward(self, source_ids, decoder_ids, source_mask):
        memory = self.encode(source_ids, source_mask)
        x = self.embed(decoder_ids)
        for layer in self.decoder_layers:
            x = layer(x, memory, causal_mask(decoder_ids.shape[1]), padding_mask(source_mask))
        logits = x @ self.table.T  # B T V
        logits[..., -1] = float("-inf")
        return logits


# %% [markdown]
# *Logits* are the scores of every token of the vocabulary as the next one; softmax makes them probabilities. The
# last token is `<pad>`, and minus infinity means that it is never said.
#
# `register_buffer` puts the wave table into the model without making it a parameter: it moves to the GPU together
# with the model, and is not trained. **Pitfall:** a tensor that is merely stored as an attribute stays behind on
# the CPU, and a plain Python list of layers in place of `nn.ModuleList` is invisible to the optimizer: those layers
# are never trained.
#
# ## Equal to the library's

# %%
from chatzero.models.build import build
from chatzero.models.config import TransformerConfig
from chatzero.models.size import parameters

config = TransformerConfig(
    vocab_size=40,
    d_model=32,
    num_heads=4,
    num_encoder_layers=2,
    num_decoder_layers=2,
    dim_feedforward=96,
    max_seq_len=16,
)
theirs = build(config, torch.Generator().manual_seed(1)).eval()
mine = MyTransformer(40, 32, 4, 2, 96, 16).eval()
mine.table.data.copy_(theirs.embedding.weight)
mine.encoder_layers.load_state_dict(theirs.encoder.layers.state_dict())
mine.decoder_layers.load_state_dict(theirs.decoder.layers.state_dict())

source_ids = torch.randint(0, 39, (3, 7))  # B S
decoder_ids = torch.randint(0, 39, (3, 5))  # B T
source_mask = torch.arange(7) < torch.tensor([[7], [4], [6]])  # B S
wanted = theirs(source_ids, decoder_ids, source_mask)
torch.testing.assert_close(mine(source_ids, decoder_ids, source_mask), wanted, rtol=0, atol=1e-11)
print(tuple(wanted.shape), parameters(config))
assert parameters(config) == sum(p.numel() for p in mine.parameters())

# %% [markdown]
# Twelve digits, every score. You have written a Transformer.
#
# ## An untrained model is exactly as bad as guessing
#
# Before training, all tokens are about equally likely: each gets `1/vocab_size`, and the loss, minus the logarithm
# of the probability of the right token, is about `ln(vocab_size)`. **Know this number before you start a run.** A
# first loss far above it means that something is wrong with the starting weights; one far below it, that the model
# sees the answer.

# %%
from chatzero.models.config import GPTConfig

gpt_config = GPTConfig(
    vocab_size=40, d_model=32, num_heads=4, num_kv_heads=2, num_layers=2, dim_feedforward=96, max_seq_len=64
)
gpt = build(gpt_config, torch.Generator().manual_seed(1)).eval()
source_ids, decoder_ids = torch.randint(0, 39, (64, 7)), torch.randint(0, 39, (64, 16))
targets = torch.randint(0, 39, (64 * 16,))
for model, inputs in (
    (mine, (source_ids, decoder_ids, torch.ones_like(source_ids, dtype=torch.bool))),
    (gpt, (decoder_ids,)),
):
    loss = nn.functional.cross_entropy(model(*inputs).flatten(0, 1), targets)
    print(f"{type(model).__name__:14} {loss.item():.2f}   ln(39) = {math.log(39):.2f}")

# %% [markdown]
# The GPT (chapter 16) starts on the spot. The Transformer starts somewhat above: its scores are not all equal, they
# are spread out with a variance of about one, and a random preference is worse than none. With the table shared, it
# even prefers at first to repeat the token it has just read. That is its honest start value; learn to know the one
# of your model.
#
# ## Let it learn something
#
# The task: read a row of digits, write it backwards. It needs attention (which digit comes next?), positions
# (backwards!) and cross-attention (the digits stand in the source). The data is endless, so what is learnt is the
# rule and not the examples. Ids 0 to 9 are the digits, 10 is "end", 11 is `<pad>`.
#
# What the decoder reads is the answer, one place late: from `<pad>` and the first three digits it must say the
# first four. This *shift by one* is chapter 10.

# %%
END, PAD = 10, 11


def examples(how_many, generator):
    length = int(torch.randint(3, 8, (1,), generator=generator))
    source_ids = torch.randint(0, 10, (how_many, length), generator=generator)  # B S
    targets = torch.cat([source_ids.flip(1), torch.full((how_many, 1), END)], dim=1)  # B S+1
    decoder_ids = torch.cat([torch.full((how_many, 1), PAD), targets[:, :-1]], dim=1)
    return source_ids, decoder_ids, targets


generator = torch.Generator().manual_seed(0)
for tensor in examples(2, generator):
    print(tensor)

# %%
torch.set_default_dtype(torch.float32)
steps = 1200  # quick: 30
torch.manual_seed(0)
model = MyTransformer(vocab_size=12, d_model=64, num_heads=4, num_layers=1, dim_feedforward=192, max_seq_len=16)
model.train()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, betas=(0.9, 0.98))
losses = []
for step in range(steps):
    for group in optimizer.param_groups:
        group["lr"] = 2e-3 * min(1.0, (step + 1) / 100) * (1 - step / steps)
    source_ids, decoder_ids, targets = examples(64, generator)
    logits = model(source_ids, decoder_ids, torch.ones_like(source_ids, dtype=torch.bool))
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(f"first {losses[0]:.2f}, ln(11) {math.log(11):.2f}, last {sum(losses[-20:]) / 20:.3f}")

figure, axes = plt.subplots(figsize=(6, 3))
axes.plot(losses)
axes.axhline(math.log(11), linestyle=":", color="gray")
axes.set_xlabel("step")
axes.set_ylabel("loss")
plt.show()

# %% [markdown]
# The loop is that of chapter 2; `Adam` in place of the plain step, and a learning rate that rises and falls, are
# chapter 12.
#
# Now let it write. While writing, the decoder reads its own words: start with `<pad>`, take the likeliest next
# token, append it, repeat until "end".


# %%
@torch.no_grad()
def write(model, digits, max_len=12):
    model.eval()
    source_ids = torch.tensor([digits])
    decoder_ids = torch.tensor([[PAD]])
    while decoder_ids.shape[1] <= max_len:
        logits = model(source_ids, decoder_ids, torch.ones_like(source_ids, dtype=torch.bool))
        token = logits[0, -1].argmax()
        if token == END:
            break
        decoder_ids = torch.cat([decoder_ids, token.view(1, 1)], dim=1)
    return decoder_ids[0, 1:].tolist()


for digits in ([1, 2, 3], [3, 1, 4, 1, 5], [9, 9, 8, 8, 7, 7, 6]):
    print(digits, write(model, digits))

tests = [torch.randint(0, 10, (5,), generator=generator).tolist() for _ in range(100)]
right = sum(write(model, digits) == digits[::-1] for digits in tests)
print(f"{right} / {len(tests)}")

# %% [markdown]
# And where does it look? These are the weights of its cross-attention, averaged over the heads, while it writes 7 6
# 5 4 3 backwards.

# %%
from chatzero.blocks.tap import listening

heard = {}
digits = [7, 6, 5, 4, 3]
decoder_ids = torch.tensor([[PAD, *digits[::-1]]])
with torch.no_grad(), listening(model, lambda name, tensor: heard.update({name: tensor})):
    model(torch.tensor([digits]), decoder_ids, torch.ones(1, 5, dtype=torch.bool))
weights = heard["decoder_layers.0.cross_attention.weights"][0].mean(dim=0)  # T S

figure, axes = plt.subplots(figsize=(4, 4))
axes.imshow(weights.numpy(), cmap="Blues", vmin=0)
axes.set_xticks(range(5), digits)
axes.set_yticks(range(6), [*digits[::-1], "end"])
axes.set_xlabel("source")
axes.set_ylabel("written now")
plt.show()

# %% [markdown]
# Nobody told it where to look. The dark squares run from the upper right to the lower left: the first thing written
# looks at the last digit of the source, and so on back to the first. The model has found the rule by itself.
#
# ## Exercises
#
# 1. Give the model rows of 10 digits; it has only seen 3 to 7. What happens, and why?
# 2. Write `count(config)`: the number of parameters of this Transformer, by arithmetic alone, with the results of
#    chapters 2, 5, 7 and 8.
# 3. Feed `source_ids` with padding on the right and rubbish in it. Show that the scores do not change.

# %%
long = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
print(write(model, long))


def count(config):
    d, f = config.d_model, config.dim_feedforward
    attention = 4 * (d * d + d)
    feed_forward = 2 * d * f + f + d
    norm = 2 * d
    encoder_layer = attention + feed_forward + 2 * norm
    decoder_layer = 2 * attention + feed_forward + 3 * norm
    layers = config.num_encoder_layers * encoder_layer + config.num_decoder_layers * decoder_layer
    return layers + config.vocab_size * d


assert count(config) == parameters(config)

model.eval()
clean = torch.tensor([[1, 2, 3]])
padded = torch.tensor([[1, 2, 3, 8, 8]])
start = torch.tensor([[PAD, 3]])
alone = model(clean, start, torch.ones(1, 3, dtype=torch.bool))
filled = model(padded, start, torch.tensor([[True, True, True, False, False]]))
torch.testing.assert_close(filled, alone)

# %% [markdown]
# 1: it usually fails. It never saw positions 8 to 10 in training; a rule learnt on short rows does not carry over
# to long ones by itself. The same holds for large models beyond the length they were trained on.
#
# ## Check yourself


# %%
def check(mine):
    for sizes in ((12, 8, 1, 2, 16), (300, 64, 3, 1, 128)):
        vocab_size, d_model, encoders, decoders, dim_feedforward = sizes
        config = TransformerConfig(
            vocab_size=vocab_size,
            d_model=d_model,
            num_heads=2,
            num_encoder_layers=encoders,
            num_decoder_layers=decoders,
            dim_feedforward=dim_feedforward,
            max_seq_len=8,
        )
        wanted = sum(p.numel() for p in build(config, torch.Generator()).parameters())
        assert mine(config) == wanted, (mine(config), wanted)
    print("✓", mine.__name__)


check(count)
