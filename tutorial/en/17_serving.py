# %% [markdown]
# # 17. Serving
#
# One person talks to your model, then thirty at once. Answering them one after the other makes the last wait for
# all. This chapter measures what a batch buys, builds *continuous batching* in a few lines, and shows the door
# through which other programs come in: the API that OpenAI made common.

# %%
import time
from pathlib import Path

import torch

from chatzero.checkpoint.bundle import load_bundle
from chatzero.generation.decode import decode, decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation

MODEL = Path("runs/quickstart-transformer")
bundle = load_bundle(MODEL)
model, tokenizer = bundle.model, bundle.tokenizer
questions = ["Who are you?", "你好", "What is 3 + 4?", "星期一后面是星期几？", "What color is snow?", "谢谢！"]
prompts = [render_prompt(Conversation.of(words), tokenizer) for words in questions * 5]
options = GenerationOptions(max_tokens=24)

# %% [markdown]
# ## Together or one by one
#
# A step of decoding reads *all* weights of the model to compute one token. Whether that token is for one person or
# for thirty: the weights are read once. That is why a batch is so much cheaper per person.

# %%
ends = {tokenizer.end_id}
started = time.perf_counter()
alone = [list(decode(model, prompt, options, ends)) for prompt in prompts]
middle = time.perf_counter()
together = decode_batch(model, prompts, options, ends)
ended = time.perf_counter()
tokens = sum(map(len, alone))
same = sum(a == b for a, b in zip(alone, together, strict=True))
print(f"one by one {tokens / (middle - started):.0f} tokens/s, together {tokens / (ended - middle):.0f} tokens/s")
print(f"{same} / {len(prompts)} answers equal")

# %% [markdown]
# The answers are the same: a row of a batch is what it would be alone (chapter 10). (Where two tokens are
# practically tied, the last digit of a sum can tip the balance: sums in another order round differently.)
#
# ## Continuous batching
#
# But people do not arrive together, and answers differ in length. A fixed batch waits for its longest answer, and
# newcomers wait for the whole batch. The remedy: decide anew *before every token* who is in. Whoever is done
# leaves, whoever waits joins:


# %%
@torch.no_grad()
def serve(prompts, places=8, max_tokens=24):
    waiting = list(range(len(prompts)))
    answers = [[] for _ in prompts]
    running = model.open_batch()
    rows, last, turns = [], [], 0
    while waiting or rows:
        while waiting and len(rows) < places:
            newcomer = waiting.pop(0)
            logits, state = model.prefill(torch.tensor([prompts[newcomer]]))
            running.join(state)
            rows.append(newcomer)
            last.append(int(logits[0].argmax()))
        for row, token in zip(rows, last, strict=True):
            answers[row].append(token)
        staying = [i for i, row in enumerate(rows) if last[i] not in ends and len(answers[row]) < max_tokens]
        if len(staying) < len(rows):
            running.select(torch.tensor(staying, dtype=torch.long))
            rows, last = [rows[i] for i in staying], [last[i] for i in staying]
        if rows:
            last = model.decode_step(torch.tensor(last), running).argmax(dim=-1).tolist()
        turns += 1
    return answers, turns


answers, turns = serve(prompts)
fixed = sum(max(map(len, alone[i : i + 8])) for i in range(0, len(alone), 8))
print(f"{turns} turns; batches of 8 that wait for their longest answer: {fixed}")
print(sum(a == b for a, b in zip(answers, alone, strict=True)), "/", len(prompts))

# %% [markdown]
# `open_batch`, `join` and `select` are all that a model must offer for it; each row has its own length in the
# cache, and a mask hides what lies behind its end.
#
# The library's `Engine` is this loop in a thread of its own, with a queue, limits, cancelling, and fairness. The
# thread owns the model; nobody else touches it.

# %%
import threading

from chatzero.serving.engine import Engine
from chatzero.serving.job import Job
from chatzero.serving.limits import EngineLimits

finished, texts = threading.Event(), [""] * len(prompts)
open_requests = set(range(len(prompts)))


def deliver(events):
    for receive, event in events:
        receive(event)


def receiver(i):
    def receive(event):
        texts[i] += event.text
        if event.finish_reason is not None:
            open_requests.discard(i)
            if not open_requests:
                finished.set()

    return receive


engine = Engine(model, tokenizer, EngineLimits(max_running=8), deliver)
engine.start()
engine.submit([(Job(tuple(prompt), options), receiver(i)) for i, prompt in enumerate(prompts)])
assert finished.wait(120)
engine.stop(5.0)
for words, text in zip(questions, texts, strict=False):
    print(words, "->", text)

# %% [markdown]
# ## The door: an API
#
#     python start.py serve runs/quickstart-transformer        # http://127.0.0.1:8000
#
# It speaks the OpenAI API, so every program that can talk to ChatGPT can talk to your model: only the address
# changes.
#
#     curl http://127.0.0.1:8000/v1/chat/completions -H "Content-Type: application/json" \
#       -d '{"model": "quickstart-transformer", "messages": [{"role": "user", "content": "你好"}], "stream": true}'
#
# What to keep in mind when others can reach it:
#
# - By default it listens to this machine alone. Before you open it (`--host 0.0.0.0`), set `--api-key`.
# - The whole conversation comes with each request; the server remembers nothing. That is what makes it easy to
#   restart.
# - Limits on length and waiting protect the others from one greedy client.
# - `/metrics` tells how it is doing: requests, tokens, waiting.
#
# [docs/serving.md](../../docs/serving.md) has the rest.
#
# ## Exercises
#
# 1. Why does batching speed up *decoding* much more than reading a long prompt?
# 2. Write `turns_needed(lengths, places)`: how many turns does continuous batching take for answers of these
#    lengths, all waiting from the beginning, first come first served?
# 3. A client closes its browser in the middle of an answer. What should the engine do, and when?


# %%
def turns_needed(lengths, places):
    waiting, running, turns = list(lengths), [], 0
    while waiting or running:
        while waiting and len(running) < places:
            running.append(waiting.pop(0))
        running = [left - 1 for left in running if left > 1]
        turns += 1
    return turns


assert turns_needed([len(answer) for answer in answers], 8) == turns
assert turns_needed([5, 1, 1, 1, 1], 2) == 5
print(turns_needed([10] * 30, 10), turns_needed([10] * 30, 1))

# %% [markdown]
# 1: reading a prompt is already a batch, of tokens; the weights are read once for all of them. 3: drop that row
# before the next token, so that its place is free for somebody who waits.
#
# ## Check yourself


# %%
def check(mine):
    assert mine([], 4) == 0
    assert mine([3], 1) == 3
    assert mine([2, 3, 4], 1) == 9
    assert mine([2, 3, 4], 3) == 4
    assert mine([4, 1, 3], 2) == 4
    print("✓", mine.__name__)


check(turns_needed)
