"""Taking a number below 100 from one that is not smaller. The answer shows its columns, then the difference.

Held out: pairs of numbers. Not here: results below zero.
"""

from random import Random

from chatzero.curriculum.checkers import ends_in_number
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "subtraction"

_ASK = Phrasings(
    en=(
        "[What is|What's|Whats] [{a} - {b}|{a}-{b}]?",
        "{a}-{b}=?",
        "{a} - {b} = ?",
        "{a}-{b}[|?]",
        "{a} - {b}[|?]",
        "How much is [{a} - {b}|{a}-{b}|{a} minus {b}]?",
        "What is {a} minus {b}?",
        "[Calculate|Compute|Work out] [{a} - {b}|{a}-{b}].",
        "Subtract {b} from {a}.",
        "Take {b} away from {a}.",
        "What is {b} less than {a}?",
        "What is the difference between {a} and {b}?",
        "{a} minus {b} [is|equals|makes] [what|how much]?",
        "{a} minus {b}",
        "{a} take away {b}",
        "What does {a} - {b} [equal|make|come to]?",
        "Solve [{a}-{b}|{a} - {b}].",
        "What is left if you take {b} from {a}?",
        "[Can|Could] you subtract {b} from {a}?",
    ),
    zh=(
        "[{a}-{b}|{a} - {b}][等于|是]多少？",
        "{a}-{b}=？",
        "{a} - {b} = ？",
        "{a}-{b}[|？]",
        "{a} - {b}[|？]",
        "[{a}减{b}|{a} 减 {b} ][等于|是]多少？",
        "[{a}减{b}|{a} 减 {b} ]等于几？",
        "{a}减去{b}[等于|是|得|还剩]多少？",
        "[算一下|算算|算一算|计算|计算一下][{a}-{b}|{a}减{b}]。",
        "{a}与{b}的差是多少？",
        "{a}和{b}相差多少？",
        "从{a}里[减去|拿走]{b}，[还剩|剩下]多少？",
        "计算{a}与{b}的差。",
        "{a}比{b}多多少？",
        "{a}减{b}",
        "[{a}-{b}|{a}减{b}]得[多少|几]？",
        "[{a}-{b}|{a}减{b}]的[结果|答案]是[多少|什么]？",
        "[你会算|会算|能算出][{a}-{b}|{a}减{b}]吗？",
    ),
)


def _operands(rng: Random) -> tuple[int, int]:
    """A quarter are facts of the first twenty, a fifth take one digit from two, the rest two digits from two.

    An eighth of all leave less than ten: there the tens are gone, and the result is the ones alone.
    """
    size = rng.random()
    if size < 0.25:
        b = rng.randrange(10)
        return b + rng.randrange(10), b
    if size > 0.875:
        b = rng.randrange(10, 90)
        return b + rng.randrange(10), b
    a, b = rng.randrange(10, 100), rng.randrange(10 if size < 0.45 else 100)
    return max(a, b), min(a, b)


def show_difference(a: int, b: int, lang: Lang) -> str:
    """12-7=5; with more digits the difference again, its ones (with ten borrowed if need be), its tens, the result."""
    if b < 10 and a - b < 10 and (a < 10 or a % 10 < b):
        return f"{a}-{b}={a - b}"
    borrowed = a % 10 < b % 10
    over, tens = a % 10 + 10 * borrowed, a // 10 - borrowed
    ones_shown = f"{over}-{b % 10}={over - b % 10}"
    tens_shown = ([f"{a // 10}-1={tens}"] if borrowed else []) + [f"{tens}-{b // 10}={tens - b // 10}"]
    if lang == "en":
        return f"{a}-{b}: ones {ones_shown}, tens {', '.join(tens_shown)}, so {a - b}."
    return f"{a}-{b}：个位{ones_shown}，十位{'，'.join(tens_shown)}，得{a - b}。"


def draw(rng: Random, lang: Lang) -> Item:
    a, b = _operands(rng)
    question, _ = _ASK.draw(rng, lang, a=a, b=b)
    key = f"{a}-{b}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, show_difference(a, b, lang)),
        accept=(str(a - b),),
        key=key,
        held_out=unseen(NAME, key),
    )


skill = Skill(name=NAME, draw=draw, check=ends_in_number, weight=2.6)
