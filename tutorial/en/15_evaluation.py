# %% [markdown]
# # 15. Evaluation
#
# "It talks!" is not a measurement. How good is a model, at what, and how sure are you? This chapter measures yours
# three ways, puts a baseline beside it, and shows how easily one fools oneself.

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
# ## Held-out loss
#
# The loss on data that was never trained on, with dropout off and no gradients (chapters 7 and 11). It is cheap,
# smooth, and the right number to steer a training run by.

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
# But what does such a number mean to a person? A model can have a fine loss and still get every sum wrong: a single
# digit carries all the meaning and is only one token in ten.
#
# ## Right answers
#
# So ask questions, let the model answer by itself, token by token as in life, and count the right ones. What is
# "right"? The rule must be written down before looking: here, the answer contains an accepted string, after both
# have been *normalised* (same width of characters, no capitals, spaces or punctuation).


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
# Always read wrong answers; no number tells you as much.

# %%
wrong = [answered for answered in board.answered if not answered.right]
for answered in wrong[:6]:
    print(answered.question.skill, "|", answered.question.conversation.messages[-1].content, "->", answered.answer)

# %% [markdown]
# ## How sure?
#
# Ask 20 questions, get 19 right: is the model at 95 %? Ask 20 others and it may be 17. For n questions and a true
# share p, the usual spread of the measured share is `sqrt(p (1 - p) / n)`. Two models differ only when their
# difference is clearly larger than that.


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
# ## Compared with what?
#
# "90 % right" may be wonderful or trivial. Two baselines belong beside it: the same model *untrained* (does the
# test give points for nothing?), and *look-up*: find the most similar question in the training data and give its
# answer. What a model scores beyond look-up is what it has understood.

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
# ## How one fools oneself
#
# - **Leakage.** A test question that stands in the training data measures memory. Here each question has a *key*
#   (the operands, the name, the wording), and no key is on both sides. Check it, do not assume it:
# - **Tuning on the test.** Choose the best of twenty runs by the test set, and the test set is part of the
#   training. Keep one that is looked at once.
# - **The mean hides.** 95 % overall may be 100 % in English and 90 % in Chinese, or one skill at zero. Look at the
#   cells.
# - **Changing the rule afterwards**, so that one's own model does better.

# %%
from chatzero.curriculum.generate import training_items

training_keys = {(item.skill, item.lang, item.key) for item in islice(training_items(SKILLS, 1), 2000)}
held_out_keys = {(item.skill, item.lang, item.key) for item in items}
print(len(training_keys), len(held_out_keys), len(training_keys & held_out_keys))
assert not training_keys & held_out_keys

# %% [markdown]
# ## Translation
#
# For translation there is no single right answer. *BLEU* counts how many runs of one to four words also occur in a
# reference translation; *chrF* does so with characters. `chatzero translate --reference` prints both, with the
# signature that says how they were counted; without it, a BLEU number cannot be compared with any other.
#
# ## Exercises
#
# 1. How many questions do you need so that the spread at p = 0.95 is below one percentage point?
# 2. Write `accepts(answer, accept)`: is one of the accepted strings in the answer, both normalised? What does this
#    rule get wrong about "12" in "112"?
# 3. Two models answer the same 500 questions; A alone is right on 30, B alone on 15. Is A better? (If they were
#    equal, each of the 45 would be a coin toss.)

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
# 2: it accepts it. The built-in skills have stricter checkers of their own where this matters. 3: if they were
# equal, so lopsided a result would be a rare accident; A is probably better.
#
# ## Check yourself


# %%
def check(mine):
    cases = [("Tuesday.", ["tuesday"]), ("It's Monday", ["Tuesday"]), ("是 ４２！", ["42"]), ("", ["a"]), ("a", ["."])]
    for answer, accept in cases:
        assert mine(answer, accept) == matching.accepts(answer, accept), (answer, accept)
    print("✓", mine.__name__)


check(accepts)
