"""The multiplication table from 0 to 12.

The facts are few and none follows from the others, so each is learnt; held out is the fact in a phrasing that it was
not seen in.
"""

from random import Random

from chatzero.curriculum.checkers import ends_in_number
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "multiplication"
LARGEST = 12

_ASK = Phrasings(
    en=(
        "[What is|What's|Whats] {a} [x|×|*] {b}?",
        "[What is|What's] {a}[x|×|*]{b}?",
        "{a}[x|×|*]{b}=?",
        "{a}[x|×|*]{b}[|?]",
        "{a} [x|×|*] {b} = ?",
        "What is {a} times {b}?",
        "How much is {a} times {b}?",
        "[Calculate|Compute|Work out] {a} [x|×|*|times] {b}.",
        "Multiply {a} by {b}.",
        "Multiply {a} and {b}.",
        "What is the product of {a} and {b}?",
        "What is {a} multiplied by {b}?",
        "{a} times {b} [is|equals|makes] [what|how much]?",
        "{a} times {b}",
        "Solve {a} [x|×|*] {b}.",
        "[Can|Could] you multiply {a} by {b}?",
    ),
    zh=(
        "{a}[×|x|*|乘]{b}[等于|是]多少？",
        "{a} [×|x|*|乘] {b} 等于多少？",
        "{a}[×|x|*]{b}=？",
        "{a}[×|x|*]{b}[|？]",
        "{a} [×|x|*] {b} = ？",
        "{a}[×|乘]{b}等于几？",
        "{a}乘以{b}[等于|是|得]多少？",
        "{a}乘{b}",
        "[算一下|算算|算一算|计算|计算一下]{a}[×|乘|乘以]{b}。",
        "{a}和{b}的[积|乘积]是多少？",
        "{a}与{b}相乘[得|等于|是]多少？",
        "{a}个{b}[是|等于]多少？",
        "计算{a}与{b}的积。",
        "{a}的{b}倍是多少？",
        "{a}[×|乘]{b}的[结果|答案]是[多少|什么]？",
    ),
)


def draw(rng: Random, lang: Lang) -> Item:
    a, b = rng.randint(0, LARGEST), rng.randint(0, LARGEST)
    if 0 in (a, b) and rng.random() < 0.7:  # a seventh of the table is zeros, which need little practice
        a, b = rng.randint(1, LARGEST), rng.randint(1, LARGEST)
    question, phrasing = _ASK.draw(rng, lang, a=a, b=b)
    key = f"{min(a, b)}*{max(a, b)} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, f"{a}×{b}={a * b}"),
        accept=(str(a * b),),
        key=key,
        held_out=unseen(NAME, key),
    )


skill = Skill(name=NAME, draw=draw, check=ends_in_number, weight=0.8)
