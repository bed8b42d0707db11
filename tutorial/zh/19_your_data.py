# %% [markdown]
# # 19. 你自己的数据
#
# 到此为止用的都是为本项目准备的数据。词是你的，模型才是你的。最后这一章从一个现实中常见的、带着毛病的文件出发，清洗，
# 训练，提问。然后，你只需要换掉一样东西：那个文件。

# %%
import json
from pathlib import Path

from chatzero.data.front_door import read_conversations
from chatzero.data.prepare import prepare, survey

folder = Path("runs/book-own-data")
folder.mkdir(parents=True, exist_ok=True)

# %% [markdown]
# ## 一个现实中的文件
#
# 每行一个 JSON 对象（*jsonl*）。常见的写法都认得：`messages`、`prompt` 与 `response`、`instruction` 与 `output`。下
# 面是一家小店的文件，里面有常见的各种意外。

# %%
GOODS = {"tea": 12, "coffee": 18, "juice": 15, "milk": 9, "cake": 25, "bread": 8, "soup": 16, "rice": 6}
NAMES = {"tea": "茶", "coffee": "咖啡", "juice": "果汁", "milk": "牛奶", "cake": "蛋糕", "bread": "面包"}
NAMES |= {"soup": "汤", "rice": "米饭"}
ASK_EN = ("How much is the {}?", "What does the {} cost?", "Price of the {}, please.", "The {}: how much?")
ASK_ZH = ("{}多少钱？", "请问{}怎么卖？", "一份{}要多少钱？", "{}什么价格？")
rows = []
for name, price in GOODS.items():
    for question in ASK_EN:
        answer = f"The {name} is {price} yuan."
        rows.append(
            {"messages": [{"role": "user", "content": question.format(name)}, {"role": "assistant", "content": answer}]}
        )
    for question in ASK_ZH:
        rows.append({"prompt": question.format(NAMES[name]), "response": f"{NAMES[name]}{price}元。"})
lines = [json.dumps(row, ensure_ascii=False) for row in rows]
lines += [lines[0], '{"prompt": "half a line', '{"prompt": "no answer"}', '{"prompt": "cafÃ©?", "response": "yes"}']
lines.append(json.dumps({"prompt": "How much is the tea?", "response": "Tea is 99 yuan."}))
file = folder / "shop.jsonl"
file.write_text("\n".join(lines) + "\n", encoding="utf-8")
print(len(lines))
print(lines[0])
print(lines[4])

# %% [markdown]
# ## 训练之前先看
#
# 数据里有什么，模型就学什么，包括错误。`survey` 就是 `chatzero data check shop.jsonl` 打印的内容：什么都不会悄悄丢
# 掉，每一行用不了的都会报出行号。

# %%
corpus = read_conversations([str(file)])
seen = survey(corpus)
print(seen.conversations, dict(seen.languages), dict(seen.problems))
for row in seen.report.quarantine:
    print(row.origin.line, row.reason)
for finding in seen.findings:
    print(finding.origin.line, finding.kind, finding.detail)

# %% [markdown]
# 一条条看：
#
# - 断成半行的、没有回答的，都被放到一边；
# - *重复*（duplicate）的分量加倍；万一其中一份落进留出集，测出来的就是假的（`chatzero lab leakage` 给你看差多少）；
# - *乱码*（mojibake，`é` 变成 `Ã©`）是用错编码读出来的，模型会学着写它；
# - *答案冲突*（conflicting answers）最糟：茶有两个价。怎么训练也不可能两个都对。这种情况只报告不删；哪个价对，只有
#   你知道。
#
# 需要多少数据？几百行好数据能改变模型*怎么*说话；事实则要多次出现，而且换着说法。一百行干净的，胜过一千行脏的。

# %%
prepared = prepare(corpus, held_out_share=0.15)
print(len(prepared.training), len(prepared.held_out), len(prepared.quarantine))
questions = {c.messages[0].content for c in prepared.training} & {c.messages[0].content for c in prepared.held_out}
assert not questions
for conversation in prepared.held_out[:3]:
    print(conversation.messages[0].content, "->", conversation.messages[1].content)

# %% [markdown]
# 划分是按*问题*来的：留出的说法绝不参与训练。所以留出集考的是：模型学会的是价格，还是只记住了那句话。
#
# ## 配方
#
# 在终端里，下面这些只是一个文件、一条命令：
#
#     python start.py train recipes/my-chats.toml
#
# 在 Python 里写同样的配方。`builtin` 会掺入本项目的数据；不掺的话，模型就只知道你这些行。光靠价目表学不会说话，真正
# 使用时请保留混合。

# %%
from chatzero.pipeline.materials import gather
from chatzero.pipeline.recipe import parse_recipe
from chatzero.training.report import EvalReport
from chatzero.training.run import run

steps = 150  # quick: 3


def train_on(lines, name):
    file = folder / f"{name}.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    tables = {
        "stage": "sft",
        "model": {"arch": "gpt", "size": "nano", "max_seq_len": 64},
        "tokenizer": {"vocab_size": 400},
        "data": {"files": [str(file)], "heldout": 0.15},
        "train": {
            "steps": steps,
            "batch_tokens": 1024,
            "optimizer": "muon",
            "precision": "float32",
            "eval_every": max(1, steps // 6),
            "device": "cpu",
        },
    }
    recipe = parse_recipe(tables, folder / f"{name}.toml")
    materials, split = gather(recipe, folder / name, print)
    settings = recipe.model_dump(mode="json")
    for event in run(folder / name, materials, recipe.train, settings, resume="never"):
        if isinstance(event, EvalReport):
            print(event.step, f"{event.loss:.3f}")
    return split


clean = lines[: len(rows)]
split = train_on(clean, "clean")

# %% [markdown]
# ## 提问

# %%
from chatzero.checkpoint.bundle import load_bundle
from chatzero.evaluation.answer import greedy_answers
from chatzero.text.conversation import Conversation


def answers_of(name, conversations):
    bundle = load_bundle(folder / name)
    return greedy_answers(bundle.model, bundle.tokenizer, conversations, max_tokens=24)


def share_right(conversations):
    said = answers_of("clean", [Conversation(c.messages[:-1]) for c in conversations])
    right = [answer == c.messages[-1].content for answer, c in zip(said, conversations, strict=True)]
    return sum(right) / len(right)


print(f"trained on {share_right(split.training):.0%}, held out {share_right(split.held_out):.0%}")
asked = ["How much is the cake?", "咖啡多少钱？", "How much is the sofa?"]
for words, answer in zip(asked, answers_of("clean", [Conversation.of(words) for words in asked]), strict=True):
    print(words, "->", answer)

# %% [markdown]
# 看最后一个问题。店里没有沙发，模型却照样报了个价，句子还很工整：数据里从来没有教过它说“我们没有”。
# **模型不知道自己不知道什么**；要它承认没有，数据就得示范，而且要示范许多不同的东西。
#
# ## 接下来
#
# ChatGPT 的每个部分你都亲手搭过了，还训练、测量并对外提供了一个。接下来可以做：
#
# - 用你自己的数据，见 `recipes/my-chats.toml`；先用 `chatzero data check` 看一遍；
# - 更大的模型，更长的时间（`chatzero doctor` 会预测）；
# - `chatzero look` 和 `chatzero lab`：看你模型的内部，以及它怎样会坏；
# - `chatzero export`：把模型带到 `transformers`、llama.cpp 或 CTranslate2；
# - 写一个你自己的模块：CONTRIBUTING.md 讲怎样证明它是对的。
#
# ## 练习
#
# 1. 加一些行，回答关于十种店里没有的东西的问题。对你*没有*列出的东西，模型会说没有吗？量一量。
# 2. 写出 `conflicts(conversations)`：有不止一种答案的问题。
# 3. 写出 `to_jsonl(pairs)`：把问答对写成 `messages` 的若干行，能被 `read_conversations` 读回来。

# %%
UNKNOWN = ("sofa", "bike", "lamp", "phone", "shoe", "chair", "ring", "car", "book", "hat")
added = []
for name in UNKNOWN:
    for question in ASK_EN:
        added.append({"prompt": question.format(name), "response": f"We do not have a {name}."})
train_on([*clean, *(json.dumps(row) for row in added)], "honest")
never_listed = [Conversation.of(ASK_EN[0].format(name)) for name in ("table", "clock", "pen", "boat", "dress")]
for name in ("clean", "honest"):
    said = answers_of(name, never_listed)
    print(name, sum("do not have" in answer for answer in said), "/", len(said), said[0])


def conflicts(conversations):
    answers = {}
    for conversation in conversations:
        question, answer = (message.content for message in conversation.messages[:2])
        answers.setdefault(question, set()).add(answer)
    return [question for question, found in answers.items() if len(found) > 1]


assert conflicts(corpus.conversations) == ["How much is the tea?"]


def to_jsonl(pairs):
    lines = []
    for question, answer in pairs:
        messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        lines.append(json.dumps({"messages": messages}, ensure_ascii=False))
    return "\n".join(lines) + "\n"


# %% [markdown]
# 第 1 题：十种够不够，看上面打印的两行。模型得自己找出这十种的共同点；给得越多，它越有把握。
#
# ## 检查自己


# %%
def check(mine):
    pairs = [("hi", "hello"), ("你好", "你好！"), ('a "quoted" word', "line one\nline two")]
    path = folder / "check.jsonl"
    path.write_text(mine(pairs), encoding="utf-8")
    read = read_conversations([str(path)]).conversations
    assert [tuple(m.content for m in c.messages) for c in read] == pairs
    print("✓", mine.__name__)


check(to_jsonl)
