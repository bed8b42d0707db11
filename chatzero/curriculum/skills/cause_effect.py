"""A situation, and the sensible thing to do or what happens next.

Held out: combinations of a wording of a situation and a phrasing of the question; each wording is taught with other
phrasings, for common sense cannot be guessed.
"""

from random import Random

from chatzero.curriculum.mentions import mentions_only
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.situations import ADVICE, EFFECTS
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "cause_effect"
ADVICE_SHARE = 0.65

_WHAT_TO_DO = Phrasings(
    en=(
        "[{told}. What|{told}, what] should I do?",
        "{told}. What is the right thing to do?",
        "What should I do if {told_small}?",
        "If {told_small}, what should I do?",
        "{told}. What do you suggest?",
        "{told}. [Any advice|Any ideas|Any tips]?",
        "{told}. What is a good idea [now|]?",
        "{told}. What now?",
        "{told}. What would you do?",
        "{told}, [so what|what] do I do [now|]?",
        "What should one do if {told_small}?",
        "{told}. Can you give me some advice?",
    ),
    zh=(
        "{told}，[我该怎么办|该怎么办|怎么办]？",
        "{told}，[我应该做什么|应该做什么|该做什么]？",
        "{told}，有什么建议？",
        "{told}。我该怎么做？",
        "如果{told}，应该怎么办？",
        "{told}的话，该怎么做？",
        "{told}，能给我一点建议吗？",
        "{told}，你说我该干什么？",
        "{told}，你会怎么做？",
        "{told}，接下来做什么好？",
        "{told}，[做点什么好呢|适合做什么]？",
        "{told}，所以[应该|最好]做什么？",
    ),
)
_WHAT_HAPPENS = Phrasings(
    en=(
        "What happens if {told_small}?",
        "What will happen if {told_small}?",
        "What happens when {told_small}?",
        "If {told_small}, what [happens|will happen]?",
        "When {told_small}, what happens?",
        "{told}. What [will happen|happens next|happens then]?",
        "{told}. What is the result?",
        "{told}. And then?",
        "What is the result if {told_small}?",
        "Suppose {told_small}. What happens?",
        "What will be the result when {told_small}?",
        "Say what happens if {told_small}.",
    ),
    zh=(
        "{told}会怎么样？",
        "{told}会发生什么？",
        "如果{told}，会怎么样？",
        "如果{told}，会发生什么[事|]？",
        "要是{told}，结果会怎样？",
        "{told}，然后会怎样？",
        "{told}，结果是什么？",
        "{told}的话会怎么样？",
        "{told}，接下来会发生什么？",
        "{told}会有什么结果？",
        "假如{told}，会发生什么？",
        "说说{told}会怎么样。",
    ),
)


def _small(told: str) -> str:
    return told if told.startswith("I ") else told[0].lower() + told[1:]


def draw(rng: Random, lang: Lang) -> Item:
    table, ask = (ADVICE, _WHAT_TO_DO) if rng.random() < ADVICE_SHARE else (EFFECTS, _WHAT_HAPPENS)
    situation = rng.choice(table[lang])
    told = rng.choice(situation.wordings)
    question, phrasing = ask.draw(rng, lang, told=told[0].upper() + told[1:], told_small=_small(told))
    key = f"{told} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, situation.answer),
        accept=situation.accept,
        key=key,
        held_out=unseen(NAME, key),
    )


check = mentions_only(
    accepted
    for table in (ADVICE, EFFECTS)
    for lang in table
    for situation in table[lang]
    for accepted in situation.accept
)

skill = Skill(name=NAME, draw=draw, check=check, weight=1.2)
