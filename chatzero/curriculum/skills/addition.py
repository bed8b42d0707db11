"""Adding two numbers below 100, written in digits. With two digits the answer shows its columns, then the sum.

Held out: unordered pairs of numbers, so that 38+47 is new only where 47+38 is. Not here: sums in words
(`arithmetic_words`) and in stories (`word_problems`).
"""

from random import Random

from chatzero.curriculum.checkers import ends_in_number
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "addition"

_ASK = Phrasings(
    en=(
        "[What is|What's|Whats] [{a} + {b}|{a}+{b}]?",
        "{a}+{b}=?",
        "{a} + {b} = ?",
        "{a}+{b}[|?]",
        "{a} + {b}[|?]",
        "[How much is|How much's] [{a} + {b}|{a}+{b}|{a} plus {b}]?",
        "What is {a} plus {b}?",
        "[Calculate|Compute|Work out] [{a} + {b}|{a}+{b}].",
        "Add {a} and {b}.",
        "Add {b} to {a}.",
        "What is the sum of {a} and {b}?",
        "Find the sum of {a} and {b}.",
        "{a} plus {b} [is|equals|makes] [what|how much]?",
        "{a} plus {b}",
        "What does {a} + {b} [equal|make|come to]?",
        "Solve [{a}+{b}|{a} + {b}].",
        "How much do {a} and {b} make together?",
        "What do you get if you add {a} and {b}?",
        "[Can|Could] you add {a} and {b}?",
    ),
    zh=(
        "[{a}+{b}|{a} + {b}][等于|是]多少？",
        "{a}+{b}=？",
        "{a} + {b} = ？",
        "{a}+{b}[|？]",
        "{a} + {b}[|？]",
        "[{a}加{b}|{a} 加 {b} ][等于|是]多少？",
        "[{a}加{b}|{a} 加 {b} ]等于几？",
        "{a}加上{b}[等于|是|得]多少？",
        "[算一下|算算|算一算|计算|计算一下][{a}+{b}|{a}加{b}]。",
        "{a}和{b}的和是多少？",
        "{a}与{b}相加[得|等于|是]多少？",
        "计算{a}与{b}的和。",
        "把{a}和{b}加起来[是|等于]多少？",
        "{a}再加{b}是多少？",
        "{a}加{b}",
        "[{a}+{b}|{a}加{b}]得[多少|几]？",
        "[{a}+{b}|{a}加{b}]的[结果|答案]是[多少|什么]？",
        "[你会算|会算|能算出][{a}+{b}|{a}加{b}]吗？",
    ),
)


def _operands(rng: Random) -> tuple[int, int]:
    """A quarter below 10, a fifth with one such number, the rest of two digits each."""
    size = rng.random()
    a = rng.randrange(10) if size < 0.25 else rng.randrange(10, 100)
    b = rng.randrange(10) if size < 0.45 else rng.randrange(10, 100)
    return (a, b) if rng.random() < 0.5 else (b, a)


def show_sum(a: int, b: int, lang: Lang) -> str:
    """3+4=7; with more digits the sum again, its ones, its tens, the carry, and the result.

    Only sums of two digits occur, and each digit stands at a fixed distance from where it is needed.
    """
    if a < 10 and b < 10:
        return f"{a}+{b}={a + b}"
    ones, tens = a % 10 + b % 10, a // 10 + b // 10
    ones_shown = f"{a % 10}+{b % 10}={ones}"
    tens_shown = [f"{a // 10}+{b // 10}={tens}"] + ([f"{tens}+1={tens + 1}"] if ones > 9 else [])
    if lang == "en":
        return f"{a}+{b}: ones {ones_shown}, tens {', '.join(tens_shown)}, so {a + b}."
    return f"{a}+{b}：个位{ones_shown}，十位{'，'.join(tens_shown)}，得{a + b}。"


def draw(rng: Random, lang: Lang) -> Item:
    a, b = _operands(rng)
    question, _ = _ASK.draw(rng, lang, a=a, b=b)
    key = f"{min(a, b)}+{max(a, b)}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, show_sum(a, b, lang)),
        accept=(str(a + b),),
        key=key,
        held_out=unseen(NAME, key),
    )


skill = Skill(name=NAME, draw=draw, check=ends_in_number, weight=1.9)
