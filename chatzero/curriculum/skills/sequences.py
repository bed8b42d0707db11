"""The next number of a sequence with a constant step, up or down; the answer finds the step and takes it.

Held out: the pair of starting number and step.
"""

from random import Random

from chatzero.curriculum.checkers import ends_in_number
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "sequences"
STEPS = (1, 2, 3, 4, 5, 10)
LARGEST_START = 20

_ASK = Phrasings(
    en=(
        "What comes next: {terms}?",
        "What comes next: {terms}, ...?",
        "What is the next number: {terms}?",
        "What is the next number in [the|this] sequence {terms}?",
        "Which number comes next: {terms}?",
        "{terms}, what comes next?",
        "{terms}, ?",
        "{terms}, ...",
        "{terms}, __",
        "Continue: {terms}, ...",
        "Continue the [sequence|pattern]: {terms}.",
        "Find the next number: {terms}.",
        "What number follows {terms}?",
        "Next number: {terms}",
        "The sequence is {terms}. What is next?",
    ),
    zh=(
        "{terms}，下一个数是[什么|多少|几]？",
        "{terms}，接下来是[什么|多少|几]？",
        "{terms}，后面一个数是[什么|多少|几]？",
        "{terms}，？",
        "{terms}，……",
        "{terms}，（ ）",
        "找规律：{terms}，（ ）",
        "找规律填数：{terms}，__",
        "按规律，{terms}后面是[什么|多少|几]？",
        "下一个数是[什么|多少|几]：{terms}？",
        "数列{terms}的下一个数是[什么|多少|几]？",
        "接着写一个数：{terms}。",
        "{terms}，下一个是[什么|多少|几]？",
    ),
)
_SEPARATORS: dict[Lang, tuple[str, ...]] = {"en": (", ", ", ", " ", ","), "zh": ("，", "、", " ", ", ")}


def draw(rng: Random, lang: Lang) -> Item:
    start, step, length = rng.randint(0, LARGEST_START), rng.choice(STEPS), rng.randint(3, 5)
    terms = [start + step * i for i in range(length + 1)]
    falling = rng.random() < 0.35
    if falling:
        terms.reverse()
    *shown, following = terms
    question, _ = _ASK.draw(rng, lang, terms=rng.choice(_SEPARATORS[lang]).join(map(str, shown)))
    sign = "-" if falling else "+"
    step_found = f"{shown[-2]}-{shown[-1]}={step}" if falling else f"{shown[-1]}-{shown[-2]}={step}"
    step_taken = f"{shown[-1]}{sign}{step}={following}"
    answer = f"{step_found}, so {step_taken}." if lang == "en" else f"{step_found}，所以{step_taken}。"
    key = f"{start}{sign}{step}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, answer),
        accept=(str(following),),
        key=key,
        held_out=unseen(NAME, key),
    )


skill = Skill(name=NAME, draw=draw, check=ends_in_number, weight=1.5)
