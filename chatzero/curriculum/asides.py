"""Statements as people type them, and short unrelated exchanges that may stand between being told and being asked.

Not here: questions (`phrasing`), and the hand-written small talk (`handwritten`).
"""

from random import Random

from chatzero.curriculum.skill import Lang

_NO_FINAL_MARK_SHARE = 0.3
_LOWER_CASE_SHARE = 0.12

_ASIDES: dict[Lang, tuple[tuple[str, str], ...]] = {
    "en": (
        ("It is raining today.", "Then take an umbrella with you."),
        ("The weather is nice.", "Yes, enjoy the sunshine!"),
        ("I am waiting for a friend.", "Your friend will be here soon."),
        ("I went for a walk.", "That sounds nice!"),
        ("I am going out soon.", "Have a good time!"),
        ("Let me think.", "Take your time."),
        ("Look at the time!", "Time flies."),
        ("That is good to know.", "I am glad it helps."),
        ("I want a cup of tea.", "Enjoy your tea!"),
        ("Let us talk about something else.", "All right, what about?"),
        ("I just had dinner.", "I hope it was tasty!"),
        ("I am learning a lot.", "Well done, keep going!"),
        ("Today is a busy day.", "Remember to take breaks."),
        ("It is very cold outside.", "Put on a warm coat."),
        ("I will ask you something.", "Please go ahead."),
        ("I am at home now.", "Make yourself comfortable."),
    ),
    "zh": (
        ("今天下雨了。", "出门记得带伞。"),
        ("我刚散步回来。", "散步真不错！"),
        ("我在等朋友。", "朋友很快就到。"),
        ("我今天过得很好。", "听你这么说真高兴！"),
        ("我马上要出门。", "祝你一路顺利！"),
        ("让我想一想。", "好的，不着急。"),
        ("我在家里。", "在家里真舒服。"),
        ("我想喝杯茶。", "喝杯茶歇一歇吧。"),
        ("我在学做饭。", "学会了可以天天吃好的！"),
        ("我们聊点别的吧。", "好啊，聊什么呢？"),
        ("我刚吃完晚饭。", "希望饭菜很可口！"),
        ("我学到了很多。", "真棒，继续加油！"),
        ("今天真忙。", "记得休息一下。"),
        ("外面很冷。", "多穿点衣服。"),
        ("我要问你一件事。", "你说吧。"),
    ),
}


def typed(rng: Random, lang: Lang, statement: str) -> str:
    """The statement as someone might type it: now and then without its final mark, or its first capital."""
    if rng.random() < _NO_FINAL_MARK_SHARE:
        statement = statement.rstrip(".。!！?？")
    if lang == "en" and rng.random() < _LOWER_CASE_SHARE:
        statement = _lower_first(statement)
    return statement


def in_one_turn(rng: Random, lang: Lang, told: str, question: str) -> str:
    """A statement and a question that follows from it, typed in one go; the question must come undressed."""
    question = typed(rng, lang, question)
    told = typed(rng, lang, told)
    if told.endswith((".", "!", "。", "！")):
        return f"{told} {question}" if lang == "en" else told + question
    if lang == "zh":
        return f"{told}，{question}"
    return f"{told}, {_lower_first(question)}"


def draw_asides(rng: Random, lang: Lang, count: int) -> list[str]:
    """The contents of 2 x `count` turns, user and assistant by turns."""
    turns: list[str] = []
    for said, answer in rng.sample(_ASIDES[lang], count):
        turns += (typed(rng, lang, said), answer)
    return turns


def _lower_first(text: str) -> str:
    """Without its first capital, unless that is the word "I"."""
    return text if text[:2] in ("I ", "I'") else text[:1].lower() + text[1:]
