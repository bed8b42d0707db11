# %% [markdown]
# # 19. Your own data
#
# Everything so far used data made for this project. The model becomes yours when the words are. This last chapter
# takes a file as one really finds it, with mistakes in it, cleans it, trains on it and asks. Then change one thing:
# the file.

# %%
import json
from pathlib import Path

from chatzero.data.front_door import read_conversations
from chatzero.data.prepare import prepare, survey

folder = Path("runs/book-own-data")
folder.mkdir(parents=True, exist_ok=True)

# %% [markdown]
# ## A file as one finds it
#
# One JSON object a line (*jsonl*). The usual shapes are all recognised: `messages`, `prompt` and `response`,
# `instruction` and `output`. Here is a small shop's file, with the usual accidents in it.

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
# ## Look before you train
#
# A model learns what is there, mistakes included. `survey` is what `chatzero data check shop.jsonl` prints: nothing
# is lost in silence; each row that cannot be used is named with its line.

# %%
corpus = read_conversations([str(file)])
seen = survey(corpus)
print(seen.conversations, dict(seen.languages), dict(seen.problems))
for row in seen.report.quarantine:
    print(row.origin.line, row.reason)
for finding in seen.findings:
    print(finding.origin.line, finding.kind, finding.detail)

# %% [markdown]
# Read them one by one:
#
# - a line cut in half and a row without an answer are set aside;
# - a *duplicate* weighs twice, and if one copy lands in the held-out part, the measurement lies
#   (`chatzero lab leakage` shows by how much);
# - *mojibake* (`Ã©` for `é`) is text read with the wrong encoding; the model would learn to write it;
# - *conflicting answers* are the worst: two prices for the tea. No training can make both true. This finding is
#   only reported; which price is right, you alone know.
#
# How much data do you need? Some hundred good rows change *how* a model talks; facts must occur often, in many
# wordings. A hundred clean rows beat a thousand dirty ones.

# %%
prepared = prepare(corpus, held_out_share=0.15)
print(len(prepared.training), len(prepared.held_out), len(prepared.quarantine))
questions = {c.messages[0].content for c in prepared.training} & {c.messages[0].content for c in prepared.held_out}
assert not questions
for conversation in prepared.held_out[:3]:
    print(conversation.messages[0].content, "->", conversation.messages[1].content)

# %% [markdown]
# The split is by *question*: a wording that is held out is never trained on. So the held-out part asks whether the
# model has learnt the price or only the sentence.
#
# ## A recipe
#
# In the terminal all that follows is one file and one command:
#
#     python start.py train recipes/my-chats.toml
#
# The same recipe from Python. `builtin` mixes the project's own data in; without it the model knows nothing but
# your rows. A price list is not much of a language: for real use keep the mix.

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
# ## Ask

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
# Look at the last question. There is no sofa in the shop, and the model names a price all the same, in perfect
# form: nothing in its data ever said "we do not have that". **A model does not know what it does not know**; if it
# is to say so, the data must show it how, for many different things.
#
# ## From here
#
# You have built every part of a ChatGPT, and trained, measured and served one. What to do next:
#
# - your own data, in `recipes/my-chats.toml`; look at it with `chatzero data check`;
# - a larger size and more minutes (`chatzero doctor` predicts both);
# - `chatzero look` and `chatzero lab`: the inside of your model, and what breaks it;
# - `chatzero export`: your model in `transformers`, llama.cpp or CTranslate2;
# - a new block of your own: CONTRIBUTING.md says how one proves that it is right.
#
# ## Exercises
#
# 1. Add rows that answer questions about ten goods the shop does not have. Does the model say so for a thing you
#    did *not* list? Measure it.
# 2. Write `conflicts(conversations)`: the questions that have more than one answer.
# 3. Write `to_jsonl(pairs)`: question-answer pairs as lines of `messages`, that `read_conversations` reads back.

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
# 1: whether ten are enough, the two lines printed above tell. The model has to find out what the ten have in
# common; with more of them it does so more surely.
#
# ## Check yourself


# %%
def check(mine):
    pairs = [("hi", "hello"), ("你好", "你好！"), ('a "quoted" word', "line one\nline two")]
    path = folder / "check.jsonl"
    path.write_text(mine(pairs), encoding="utf-8")
    read = read_conversations([str(path)]).conversations
    assert [tuple(m.content for m in c.messages) for c in read] == pairs
    print("✓", mine.__name__)


check(to_jsonl)
