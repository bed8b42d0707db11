# %% [markdown]
# # 17. 提供服务
#
# 先是一个人和你的模型聊，然后一下来了三十个。一个答完再答下一个，最后那位就要等前面所有人。这一章先量一量批处理能换
# 来什么，再用几行代码搭出*连续批处理*（continuous batching），最后看看别的程序从哪扇门进来：由 OpenAI 推广开的那套
# API。

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
# ## 一起答，还是一个个答
#
# 解码一步，要把模型的*全部*权重读一遍，才算出一个词元。不管这一步是为一个人还是三十个人，权重只读一次。所以平均到每
# 个人，批处理便宜得多。

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
# 回答是一样的：批次里的一行，和它单独算时相同（第 10 章）。（两个词元几乎打平时，求和的最后一位数字可能让结果偏向另
# 一边：加的顺序不同，舍入就不同。）
#
# ## 连续批处理
#
# 可是人们不会同时到，回答也有长有短。固定的批次要等最长的那个答完，新来的要等整批结束。办法是：*每个词元之前*都重新
# 决定谁在里面。说完的离开，等着的加入：


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
# 为此，模型只需要提供 `open_batch`、`join`、`select`；缓存里每一行有自己的长度，掩码遮住它末尾之后的东西。
#
# 库里的 `Engine` 就是这个循环，放在单独一个线程里，加上排队、限额、取消和公平。模型归这个线程所有，别人都不碰。

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
# ## 门：API
#
#     python start.py serve runs/quickstart-transformer        # http://127.0.0.1:8000
#
# 它说的是 OpenAI API，凡是能和 ChatGPT 对话的程序，都能和你的模型对话，只要换个地址：
#
#     curl http://127.0.0.1:8000/v1/chat/completions -H "Content-Type: application/json" \
#       -d '{"model": "quickstart-transformer", "messages": [{"role": "user", "content": "你好"}], "stream": true}'
#
# 别人能访问时要记住：
#
# - 默认只接受本机访问。对外开放（`--host 0.0.0.0`）之前，先设好 `--api-key`。
# - 每次请求都带着整段对话，服务器什么也不记。所以它可以随时重启。
# - 对长度和等待的限制，保护大家不受某个贪心客户端的影响。
# - `/metrics` 报告它的状况：请求数、词元数、等待数。
#
# 其余见 [docs/serving.zh-CN.md](../../docs/serving.zh-CN.md)。
#
# ## 练习
#
# 1. 为什么批处理对*解码*的提速，远大于对读长提示的提速？
# 2. 写出 `turns_needed(lengths, places)`：这些长度的回答一开始就都在等，先来先服务，连续批处理需要多少轮？
# 3. 客户端在回答到一半时关掉了浏览器。引擎该做什么，什么时候做？


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
# 第 1 题：读提示本身就是一批词元，权重只为它们读一次。第 3 题：在下一个词元之前就去掉那一行，把位置让给等着的人。
#
# ## 检查自己


# %%
def check(mine):
    assert mine([], 4) == 0
    assert mine([3], 1) == 3
    assert mine([2, 3, 4], 1) == 9
    assert mine([2, 3, 4], 3) == 4
    assert mine([4, 1, 3], 2) == 4
    print("✓", mine.__name__)


check(turns_needed)
