# %% [markdown]
# # 15. 评估
#
# “它会说话了！”不是测量。模型有多好，好在哪里，你有多大把握？这一章用三种办法测量你的模型，给它配上基线，再看看人有
# 多容易骗自己。

# %%
import math
import unicodedata
from itertools import islice
from pathlib import Path

import matplotlib.pyplot as plt
import torch

from chatzero.checkpoint.bundle import load_bundle
from chatzero.curriculum.generate import held_out_items, training_conversations
from chatzero.curriculum.registry import skills_of

MODEL = Path("runs/quickstart-transformer")
bundle = load_bundle(MODEL)
model, tokenizer = bundle.model, bundle.tokenizer
SKILLS = skills_of("core")

# %% [markdown]
# ## 留出损失
#
# 在从未训练过的数据上算损失，关掉 dropout，不算梯度（第 7、11 章）。它便宜、平滑，是掌舵训练的合适指标。

# %%
from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.loader import Loader
from chatzero.training.evaluate import held_out_loss
from chatzero.training.objective import batch_loss

per_cell = 10  # quick: 1
items = held_out_items(SKILLS, 20_170_612, per_cell)
conversations = [item.conversation for item in items]
window = model.config.max_seq_len
if model.config.arch == "gpt":
    rows = lm_rows(conversations, tokenizer, window)
else:
    rows = seq2seq_rows(conversations, tokenizer, window, every_turn=False)
batches = list(Loader(rows, batch_tokens=4096, seed=1, pad_id=tokenizer.pad_id).in_order())


def my_held_out_loss(model, batches):
    model.eval()
    nats = count = 0
    with torch.no_grad():
        for batch in batches:
            loss = batch_loss(model, batch)
            nats, count = nats + loss.plain_nats.item(), count + loss.num_targets
    return nats / count


loss = my_held_out_loss(model, batches)
assert math.isclose(loss, held_out_loss(model, batches), rel_tol=1e-9)
print(f"{loss:.3f} nats per token, perplexity {math.exp(loss):.2f}, untrained {math.log(model.config.vocab_size):.2f}")

# %% [markdown]
# 可这样一个数对人意味着什么？损失漂亮的模型，算术可能一道都不对：全部意义都在一个数字上，而它只占十个词元里的一个。
#
# ## 答对多少
#
# 那就提问，让模型像平时那样逐个词元自己回答，再数答对的。什么叫“对”？规则必须在看结果之前写定：这里是，双方*规范化*
# （全角半角统一，去掉大小写、空格和标点）之后，回答里含有某个可接受的字符串。


# %%
def normalise(text):
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not c.isspace() and not unicodedata.category(c).startswith("P"))


from chatzero.text import matching

for text in ("Tuesday!", "ＡＢＣ　１２３", "答案是：星期二。"):
    assert normalise(text) == matching.normalise(text)
    print(text, "->", normalise(text))

# %%
from chatzero.evaluation.answer import greedy_answers
from chatzero.evaluation.questions import skill_questions
from chatzero.evaluation.scoreboard import score

each = 20  # quick: 1
questions = skill_questions(SKILLS, 7, each)
answers = greedy_answers(model, tokenizer, [question.conversation for question in questions])
board = score(questions, answers)
right = [question.is_right(answer) for question, answer in zip(questions, answers, strict=True)]
assert sum(right) == board.right
print(f"{board.right} / {board.total} = {board.share():.1%}")

names = [skill.name for skill in SKILLS]
figure, axes = plt.subplots(figsize=(7, 8))
for i, lang in enumerate(("en", "zh")):
    shares = [board.share(lang=lang, skill=name) for name in names]
    axes.barh([place + 0.4 * i for place in range(len(names))], shares, height=0.4, label=lang)
axes.set_yticks(range(len(names)), names)
axes.invert_yaxis()
axes.set_xlabel("share right")
axes.legend()
plt.show()

# %% [markdown]
# 一定要读答错的题，没有哪个数字比它更有信息量。

# %%
wrong = [answered for answered in board.answered if not answered.right]
for answered in wrong[:6]:
    print(answered.question.skill, "|", answered.question.conversation.messages[-1].content, "->", answered.answer)

# %% [markdown]
# ## 有多大把握？
#
# 问 20 题对 19 题，模型就是 95 % 吗？换 20 题可能只对 17 题。问 n 题，真实正确率为 p 时，测得的正确率一般会上下浮动
# `sqrt(p (1 - p) / n)`。两个模型的差距明显大于它，才算真有差别。


# %%
def spread(p, n):
    return math.sqrt(p * (1 - p) / n)


generator = torch.Generator().manual_seed(0)
for n in (20, 200, 3000):
    measured = (torch.rand(2000, n, generator=generator) < 0.95).float().mean(dim=1)
    print(n, f"formula {spread(0.95, n):.4f}, simulated {measured.std().item():.4f}")
p = board.share()
print(f"{p:.1%} ± {2 * spread(p, board.total):.1%}")

# %% [markdown]
# ## 和什么比？
#
# “答对 90 %”可能很了不起，也可能毫不稀奇。旁边应当放两个基线：同一个模型*没训练时*的成绩（这套题会不会白送分？），
# 以及*查表*：在训练数据里找最像的问题，照抄它的答案。模型比查表多出来的部分，才是它真正理解的。

# %%
from chatzero.evaluation.baseline import nearest_answers
from chatzero.models.build import build

how_many = 4000  # quick: 100
known = list(islice(training_conversations(SKILLS, 1), how_many))
some = questions[:: max(1, len(questions) // 200)]
looked_up = score(some, nearest_answers([q.conversation for q in some], known))
blank = build(model.config, torch.Generator().manual_seed(0)).eval()
untrained = score(some, greedy_answers(blank, tokenizer, [q.conversation for q in some], max_tokens=12))
print(f"model {board.share():.1%}   look-up {looked_up.share():.1%}   untrained {untrained.share():.1%}")

# %% [markdown]
# ## 人怎么骗自己
#
# - **泄漏**（leakage）。测试题出现在训练数据里，测的就是记忆。这里每道题有一个*键*（运算数、名字、措辞），同一个键
#   不会出现在两边。要检查，不要想当然：
# - **在测试集上调参。** 二十次训练里用测试集挑最好的，测试集就成了训练的一部分。要留一份只看一次的。
# - **平均数会掩盖问题。** 总体 95 %，可能是英文 100 % 而中文 90 %，也可能有一项是零。要看每一格。
# - **事后改规则**，好让自己的模型分数高些。

# %%
from chatzero.curriculum.generate import training_items

training_keys = {(item.skill, item.lang, item.key) for item in islice(training_items(SKILLS, 1), 2000)}
held_out_keys = {(item.skill, item.lang, item.key) for item in items}
print(len(training_keys), len(held_out_keys), len(training_keys & held_out_keys))
assert not training_keys & held_out_keys

# %% [markdown]
# ## 翻译
#
# 翻译没有唯一的正确答案。*BLEU* 数一数一到四个词的连续片段有多少也出现在参考译文里，*chrF* 用字符来数。
# `chatzero translate --reference` 会打印两者，并附上说明计算方法的签名；没有签名，BLEU 值彼此不能比较。
#
# ## 练习
#
# 1. 要让 p = 0.95 时的浮动小于一个百分点，需要多少道题？
# 2. 写出 `accepts(answer, accept)`：双方规范化之后，可接受的字符串是否有一个在回答里？对于 “112” 里的 “12”，这条规
#    则会出什么错？
# 3. 两个模型回答同样的 500 题，只有 A 对的 30 题，只有 B 对的 15 题。A 更好吗？（如果两者一样好，这 45 题每题都像抛
#    硬币。）

# %%
needed = next(n for n in range(1, 10_000) if spread(0.95, n) < 0.01)
print(needed)


def accepts(answer, accept):
    return any(normalise(wanted) in normalise(answer) for wanted in accept if normalise(wanted))


assert accepts("It is 112.", ["12"])

chance = sum(math.comb(45, k) for k in range(30, 46)) / 2**45
print(f"{2 * chance:.3f}")
assert 2 * chance < 0.05

# %% [markdown]
# 第 2 题：它会算对。在要紧的地方，内置技能有各自更严格的判定。第 3 题：如果两者一样好，这么悬殊的结果很难碰巧出现；
# A 多半更好。
#
# ## 检查自己


# %%
def check(mine):
    cases = [("Tuesday.", ["tuesday"]), ("It's Monday", ["Tuesday"]), ("是 ４２！", ["42"]), ("", ["a"]), ("a", ["."])]
    for answer, accept in cases:
        assert mine(answer, accept) == matching.accepts(answer, accept), (answer, accept)
    print("✓", mine.__name__)


check(accepts)
