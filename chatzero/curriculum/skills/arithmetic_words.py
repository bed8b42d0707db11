"""Plus, minus and times with small numbers in words: "three plus four", 三加四等于几; the answer in words too,
after the sum in digits, which the other skills practise.

Held out: a sum in a phrasing that it was not seen in. Not here: larger numbers, which are written in digits
(`addition`, `subtraction`, `multiplication`).
"""

from random import Random

from chatzero.curriculum.number_words import in_words, last_spoken
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "arithmetic_words"

_ASK = {
    "plus": Phrasings(
        en=(
            "What is {a} plus {b}?",
            "[How much is|How much's] {a} plus {b}?",
            "What's {a} and {b} together?",
            "{a} plus {b} [is|equals|makes] what?",
            "{a} plus {b}",
            "Add {a} and {b}.",
            "What do {a} and {b} make?",
            "What is the sum of {a} and {b}?",
            "[Calculate|Work out] {a} plus {b}.",
            "What does {a} plus {b} [make|equal]?",
        ),
        zh=(
            "{a}加{b}[等于|是][几|多少]？",
            "{a}加上{b}[等于|是][几|多少]？",
            "{a}和{b}加起来是[几|多少]？",
            "[算一下|算算|算一算|计算]{a}加{b}。",
            "{a}加{b}",
            "{a}与{b}的和是[几|多少]？",
            "{a}再加{b}是[几|多少]？",
            "{a}加{b}得[几|多少]？",
            "{a}加{b}的答案是[几|多少]？",
            "说说{a}加{b}等于[几|多少]。",
        ),
    ),
    "minus": Phrasings(
        en=(
            "What is {a} minus {b}?",
            "[How much is|How much's] {a} minus {b}?",
            "What is {a} take away {b}?",
            "{a} minus {b} [is|equals|makes] what?",
            "{a} minus {b}",
            "Subtract {b} from {a}.",
            "Take {b} away from {a}.",
            "What is left if you take {b} from {a}?",
            "[Calculate|Work out] {a} minus {b}.",
            "What does {a} minus {b} [make|equal]?",
        ),
        zh=(
            "{a}减{b}[等于|是][几|多少]？",
            "{a}减去{b}[等于|是|还剩][几|多少]？",
            "从{a}里拿走{b}还剩[几|多少]？",
            "[算一下|算算|算一算|计算]{a}减{b}。",
            "{a}减{b}",
            "{a}与{b}的差是[几|多少]？",
            "{a}比{b}多[几|多少]？",
            "{a}减{b}得[几|多少]？",
            "{a}减{b}的答案是[几|多少]？",
            "说说{a}减{b}等于[几|多少]。",
        ),
    ),
    "times": Phrasings(
        en=(
            "What is {a} times {b}?",
            "[How much is|How much's] {a} times {b}?",
            "{a} times {b} [is|equals|makes] what?",
            "{a} times {b}",
            "Multiply {a} by {b}.",
            "What is the product of {a} and {b}?",
            "[Calculate|Work out] {a} times {b}.",
            "What does {a} times {b} [make|equal]?",
        ),
        zh=(
            "{a}乘{b}[等于|是][几|多少]？",
            "{a}乘以{b}[等于|是][几|多少]？",
            "{a}和{b}的积是[几|多少]？",
            "[算一下|算算|算一算|计算]{a}乘{b}。",
            "{a}乘{b}",
            "{a}乘{b}得[几|多少]？",
            "{a}乘{b}的答案是[几|多少]？",
            "说说{a}乘{b}等于[几|多少]。",
        ),
    ),
}
_SIGN = {"plus": "+", "minus": "-", "times": "×"}


def _draw_sum(rng: Random) -> tuple[str, int, int, int]:
    """(operation, a, b, result): to ten plus ten and back, and the table up to five times five."""
    which = rng.random()
    if which < 0.2:
        a, b = rng.randint(1, 5), rng.randint(1, 5)
        return "times", a, b, a * b
    a, b = rng.randint(0, 10), rng.randint(0, 10)
    return ("plus", a, b, a + b) if which < 0.65 else ("minus", a + b, b, a)


def draw(rng: Random, lang: Lang) -> Item:
    operation, a, b, result = _draw_sum(rng)
    question, phrasing = _ASK[operation].draw(rng, lang, a=in_words(a, lang), b=in_words(b, lang))
    said = in_words(result, lang)
    working = f"{a}{_SIGN[operation]}{b}={result}"
    key = f"{a} {operation} {b} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(
            question, f"{working}, so {said}." if lang == "en" else f"{working}，等于{said}。"
        ),
        accept=(said,),
        key=key,
        held_out=unseen(NAME, key),
    )


def check(answer: str, item: Item) -> bool:
    """Is the last number said the true one?"""
    return last_spoken(answer) == last_spoken(item.accept[0])


skill = Skill(name=NAME, draw=draw, check=check, weight=1.1)
